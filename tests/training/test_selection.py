import numpy as np
import pytest

from genome_ac_gan.panel import split_by_person
from genome_ac_gan.simulate import embedded_panel
from genome_ac_gan.training.selection import (
    HeldOutScore,
    Score,
    Selection,
    likelihood_score,
    signs_of_collapse,
)


@pytest.fixture(scope="module")
def halves():
    panel = embedded_panel()
    return split_by_person(panel, 0.2, np.random.default_rng(0))


@pytest.fixture(scope="module")
def score(halves):
    return HeldOutScore(halves.train, halves.holdout, np.random.default_rng(1))


def test_training_rows_score_about_one_and_shuffled_sites_far_worse(halves, score):
    rng = np.random.default_rng(2)
    rows = score(halves.train, rng)
    shuffled = halves.train.haplotypes.copy()
    for column in shuffled.T:
        rng.shuffle(column)
    independent = score(halves.train._with(haplotypes=shuffled), rng)
    assert rows.value < 1.3
    assert independent.value > 2 * rows.value
    assert independent.components["linkage"] > rows.components["linkage"]


def test_a_score_is_the_mean_over_draws_from_the_samples(halves):
    """With one draw scores of the same samples differ several times as much."""
    people = halves.holdout[np.arange(0, halves.holdout.n_haplotypes, 4)]
    score = HeldOutScore(halves.train, people, np.random.default_rng(1))

    def spread():
        values = [score(halves.train, np.random.default_rng(seed)) for seed in range(12)]
        return {name: np.std([value.components[name] for value in values]) for name in ("pca", "truth")}

    many = spread()
    score._times = lambda: 1
    one = spread()
    assert many["pca"] < 0.5 * one["pca"]
    assert many["truth"] < 0.5 * one["truth"]


def test_labels_that_are_clearer_or_less_clear_than_those_of_real_people_cost(halves, score):
    rng, people = np.random.default_rng(3), halves.holdout

    def labels(rows):
        return score(rows, rng).components["labels"]

    sure = [row for row in range(people.n_haplotypes) if score.recognised.share(people[row : row + 1])]
    assert score.clear == pytest.approx(len(sure) / people.n_haplotypes)
    assert 0.5 < score.clear < 1
    clear = people.haplotypes.copy()
    for name in people.populations:
        own = np.flatnonzero(people.population == name)
        clear[own] = people.haplotypes[np.resize(np.intersect1d(own, sure), len(own))]
    assert labels(people._with(haplotypes=clear)) == pytest.approx(score.clear - 1)
    mixed = people._with(haplotypes=np.roll(people.haplotypes, people.n_haplotypes // 2, axis=0))
    assert labels(mixed) > 0.5
    assert labels(people) == 0


def test_collapse_is_said_in_words():
    warnings = signs_of_collapse({"truth": 0.1, "syn": 0.99, "duplicates": 0.4})
    assert any("identical" in warning for warning in warnings)
    assert any("crowd" in warning for warning in warnings)
    assert signs_of_collapse({"truth": 0.5, "syn": 0.5, "duplicates": 0.0}) == ()


def test_a_known_likelihood_is_its_own_score():
    assert likelihood_score(np.array([-3.0, -5.0])) == Score(4.0, {"log_likelihood": -4.0})


def test_selection_tells_the_best_and_judges_a_step_once():
    seen, values = [], iter([3.0, 1.0, 2.0])
    hook = Selection(
        lambda: Score(next(values), {}),
        every=10,
        on_score=lambda step, score, best: seen.append((step, best)),
    )
    assert not any(hook(step, {}) for step in range(1, 31))
    hook.judge(30)
    assert seen == [(10, True), (20, True), (30, False)]


def test_selection_ends_a_training_that_gets_no_better_for_long():
    values = iter([3.0, 1.0, 2.0, 0.5, 0.6, 0.7])
    hook = Selection(
        lambda: Score(next(values), {}), every=1, patience=2, on_score=lambda step, score, best: None
    )
    assert [hook(step, {}) for step in range(1, 7)] == [False] * 5 + [True]
