import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from genome_ac_gan.popgen import ranks


def samples(seed, n=60, m=45, values=12):
    rng = np.random.default_rng(seed)
    return rng.integers(0, values, n), rng.integers(2, values + 2, m)


def plain(sample):
    return np.ones((1, len(sample)))


def compared(first, second):
    return ranks.on_one_grid(first, second, plain(first), plain(second))


@pytest.mark.parametrize("values", [3, 12, 10**6])
def test_unweighted_statistics_are_scipys_and_scikit_learns(values):
    first, second = samples(0, values=values)
    grid, a, b = compared(first, second)
    truth, scores = np.repeat([0, 1], [len(first), len(second)]), np.concatenate([first, second])
    assert ranks.smaller(a, b) == pytest.approx(roc_auc_score(truth, scores))
    assert ranks.kolmogorov_smirnov(a, b) == pytest.approx(stats.ks_2samp(first, second).statistic)
    for sample, mass in ((first, a), (second, b)):
        assert ranks.median(grid, mass) == pytest.approx(np.median(sample))
    z = (ranks.smaller(a, b)[0] - 0.5) / ranks.mann_whitney_deviation(grid, first, second)
    expected = stats.mannwhitneyu(
        second, first, method="asymptotic", use_continuity=False, alternative="greater"
    )
    assert stats.norm.sf(z) == pytest.approx(expected.pvalue)


def test_whole_weights_are_repeated_values():
    first, second = samples(1)
    rng = np.random.default_rng(2)
    w, v = rng.integers(0, 4, len(first)), rng.integers(0, 4, len(second))
    grid, a, b = ranks.on_one_grid(first, second, w[None], v[None])
    repeated, again = np.repeat(first, w), np.repeat(second, v)
    _, c, d = compared(repeated, again)
    for statistic in (ranks.smaller, ranks.kolmogorov_smirnov):
        assert statistic(a, b) == pytest.approx(statistic(c, d))
    assert ranks.median(grid, a) == pytest.approx(np.median(repeated))
    assert ranks.in_lowest_part(a, b, 0.05) == pytest.approx(ranks.in_lowest_part(c, d, 0.05))


def test_the_lowest_part_of_a_sample_is_that_part_of_itself_whatever_the_ties():
    for values in (1, 3, 1000):
        first, _ = samples(3, values=values)
        _, a, b = compared(first, first)
        assert ranks.in_lowest_part(a, b, 0.05) == pytest.approx(0.05)
    _, a, b = compared(np.zeros(10), np.arange(1, 101))
    assert ranks.in_lowest_part(a, b, 0.05) == pytest.approx(1)
    _, a, b = compared(np.array([1, 5, 6, 200]), np.arange(1, 101))
    assert ranks.in_lowest_part(a, b, 0.05) == pytest.approx(0.5)


def test_equal_values_have_no_deviation():
    assert ranks.mann_whitney_deviation(np.zeros(1), np.zeros(5), np.zeros(4)) == 0


def test_a_guess_has_the_false_positive_rate_on_average():
    rng, rates = np.random.default_rng(4), np.array([0.01, 0.05, 0.3])
    found = [
        ranks.true_positive_rates(
            rng.random(50), rng.random(30), np.ones((1, 50)), np.ones((1, 30)), rates
        )[0]
        for _ in range(4000)
    ]  # fmt: skip
    errors = np.std(found, axis=0) / np.sqrt(len(found))
    assert (np.abs(np.mean(found, axis=0) - rates) < 4 * errors).all()


def test_members_must_lie_strictly_above_the_threshold():
    others = np.arange(99.0)  # the j-th highest is 99 - j, at a false-positive rate of j / 100
    members = np.array([98.0, 98.5, 97.5, 10.0])
    rates = np.array([0, 0.01, 0.02, 0.015, 1])
    found = ranks.true_positive_rates(members, others, plain(members), plain(others), rates)
    assert found[0].tolist() == pytest.approx([0, 0.25, 0.75, 0.5, 1])
    tied = ranks.true_positive_rates(np.zeros(5), np.zeros(9), np.ones((1, 5)), np.ones((1, 9)), rates)
    assert tied[0, :2].tolist() == [0, 0]


def test_weights_shift_the_threshold_and_the_share():
    members, others = np.array([3.0, 1.0]), np.array([2.0, 0.0])
    weights = np.array([[1.0, 3.0]])
    found = ranks.true_positive_rates(members, others, weights, weights, np.array([1 / 6, 2 / 3]))
    assert found[0].tolist() == pytest.approx([0.25, 1])
