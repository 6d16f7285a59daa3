import numpy as np
import pytest

from genome_ac_gan.panel import split_by_person
from genome_ac_gan.simulate import embedded_panel
from genome_ac_gan.training.selection import HeldOutScore, Score, Selection


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


def test_collapse_is_said_in_words():
    collapsed = Score(9.0, {"truth": 0.1, "syn": 0.99, "duplicates": 0.4})
    assert any("identical" in warning for warning in collapsed.warnings)
    assert any("crowd" in warning for warning in collapsed.warnings)
    assert Score(1.0, {"truth": 0.5, "syn": 0.5, "duplicates": 0.0}).warnings == []


def test_selection_tells_the_best_and_judges_a_step_once(halves, score):
    seen = []
    values = iter([3.0, 1.0, 2.0])

    class Fake:
        def counts(self):
            return {}

        def __call__(self, samples, rng):
            return Score(next(values), {"truth": 0.5, "syn": 0.5, "duplicates": 0.0})

    hook = Selection(
        Fake(), lambda counts: halves.train, every=10, rng=np.random.default_rng(0),
        on_score=lambda step, score, best: seen.append((step, best)),
    )  # fmt: skip
    for step in range(1, 31):
        hook(step, {})
    hook.judge(30)
    assert seen == [(10, True), (20, True), (30, False)]
