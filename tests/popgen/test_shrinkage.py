import numpy as np
import pytest

from genome_ac_gan.popgen.shrinkage import shrunk_frequencies


def drifted(rng, n_variants=4000):
    """Frequencies of two pairs of near relatives, far from each other; (4, n_variants)."""
    ancestral = rng.beta(1, 2, n_variants)

    def drift(p, fst):
        scale = (1 - fst) / fst
        return rng.beta(np.maximum(p * scale, 1e-9), np.maximum((1 - p) * scale, 1e-9))

    ancestors = [drift(ancestral, 0.1) for _ in range(2)]
    return np.array([drift(ancestors[k // 2], 0.004) for k in range(4)])


def test_predictions_are_nearer_to_the_truth_than_samples_and_most_so_in_the_smallest():
    rng = np.random.default_rng(1)
    truth, sizes = drifted(rng), np.array([40, 120, 120, 120])
    sampled = rng.binomial(sizes[:, None], truth) / sizes[:, None]
    error = ((sampled - truth) ** 2).mean(axis=1)
    left = ((shrunk_frequencies(sampled, sizes) - truth) ** 2).mean(axis=1) / error
    assert (left < 0.85).all()
    assert left.argmin() == 0
    assert left[0] < 0.45  # a brother's 120 haplotypes tell more than one's own 40


def test_no_linear_prediction_is_better():
    """Oracle: the regression of true on sampled deviations, which no linear prediction beats."""
    rng = np.random.default_rng(2)
    truth, sizes = drifted(rng, 60_000), np.array([50, 50, 100, 200])
    sampled = rng.binomial(sizes[:, None], truth) / sizes[:, None]
    mean = sizes @ sampled / sizes.sum()
    X = sampled - mean
    best = mean + (truth - mean) @ X.T @ np.linalg.pinv(X @ X.T, rcond=1e-8) @ X
    wanted, got = (((each - truth) ** 2).mean(axis=1) for each in (best, shrunk_frequencies(sampled, sizes)))
    assert got == pytest.approx(wanted, rel=0.02)


def test_large_samples_of_distant_populations_are_left_alone():
    rng = np.random.default_rng(3)
    truth, sizes = drifted(rng)[[0, 2]], np.array([2000, 2000])
    sampled = rng.binomial(sizes[:, None], truth) / sizes[:, None]
    assert np.abs(shrunk_frequencies(sampled, sizes) - sampled).mean() < 0.001


def test_samples_of_one_population_are_drawn_to_their_mean():
    rng = np.random.default_rng(4)
    truth, sizes = drifted(rng)[0], np.array([30, 60, 90])
    sampled = rng.binomial(sizes[:, None], truth[None]) / sizes[:, None]
    mean = sizes @ sampled / sizes.sum()
    apart = np.abs(shrunk_frequencies(sampled, sizes) - mean).mean()
    assert apart < 0.25 * np.abs(sampled - mean).mean()


def test_edges():
    assert shrunk_frequencies(np.array([[0.0, 0.3, 1.0]]), np.array([10.0])).tolist() == [[0, 0.3, 1]]
    same = np.array([[0.0, 0.5], [0.0, 0.5]])
    assert shrunk_frequencies(same, np.array([4.0, 8.0])) == pytest.approx(same)
    rng = np.random.default_rng(5)
    rare = rng.binomial(2, 0.02, (5, 300)) / 2
    shrunk = shrunk_frequencies(rare, np.array([2.0] * 5))
    assert (shrunk >= 0).all()
    assert (shrunk <= 1).all()
    assert (shrunk[:, (rare == 0).all(axis=0)] == 0).all()
    assert shrunk_frequencies(rare, np.array([1.0] * 5)).shape == rare.shape
