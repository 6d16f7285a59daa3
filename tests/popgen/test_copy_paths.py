"""Paths of copied haplotypes, against an enumeration of all of them for three donors and four sites."""

import itertools

import numpy as np
import pytest

from genome_ac_gan.popgen import copying
from genome_ac_gan.popgen.copy_paths import (
    completed,
    drawn,
    drawn_paths,
    expected_alleles,
    expected_choices,
    settled,
    shown,
)
from genome_ac_gan.popgen.copying import CopyingModel, log_likelihood
from genome_ac_gan.popgen.imputation import impute

WEIGHTS = {"uniform": None, "weighted": np.array([0.5, 0.2, 0.3])}
ROWS = np.array(list(itertools.product([0, 1], repeat=4)), dtype=np.uint8)
PARTS = np.array([[2, 0, 1, 2], [1, 2, 2, 0], [2, 2, 2, 2], [0, 2, 0, 0], [1, 1, 0, 1]], dtype=np.uint8)


@pytest.fixture(params=WEIGHTS)
def model(request):
    reference = np.array([[0, 1, 1, 0], [1, 1, 0, 0], [0, 0, 1, 1]], dtype=np.uint8)
    return CopyingModel(reference, np.array([0.3, 1.0, 0.05]), 0.08, WEIGHTS[request.param])


def histories(model):
    """Yield every way to copy: the donor at each site, the donors that were chosen, and its probability."""
    for first, *others in itertools.product(range(3), *[[None, 0, 1, 2]] * 3):  # None: go on
        donors, chosen, p = [first], [first], model.probabilities[first]
        for choice, switch in zip(others, model.switch, strict=True):
            p *= 1 - switch if choice is None else switch * model.probabilities[choice]
            donors.append(donors[-1] if choice is None else choice)
            chosen += [] if choice is None else [choice]
        yield donors, chosen, p


def seen(x, donors, model):
    """Return the probability of alleles, some unknown, given the donors."""
    copied = model.reference[donors, range(4)]
    match = np.where(x == copied, 1 - model.mismatch, model.mismatch)
    return np.where(x == 2, 1, match).prod()


def probability(x, model):
    return sum(p * seen(x, donors, model) for donors, _, p in histories(model))


def compatible(x):
    return ((x == ROWS) | (x == 2)).all(axis=1)


def test_likelihoods_sum_over_all_histories(model):
    expected = [probability(x, model) for x in np.concatenate([ROWS, PARTS])]
    assert np.exp(log_likelihood(np.concatenate([ROWS, PARTS]), model)) == pytest.approx(expected, rel=1e-5)
    assert sum(expected[:16]) == pytest.approx(1)


def test_expected_choices_are_those_of_all_histories(model):
    queries = np.concatenate([ROWS, PARTS])
    expected = np.zeros((len(queries), 3))
    for row, x in enumerate(queries):
        for donors, chosen, p in histories(model):
            expected[row] += p * seen(x, donors, model) * np.bincount(chosen, minlength=3)
        expected[row] /= probability(x, model)
    assert expected_choices(queries, model) == pytest.approx(expected, abs=1e-5)


def test_shares_of_choices_climb_to_the_weights_that_were_used(model):
    x = drawn(3000, model, np.random.default_rng(1))
    weights, before = np.array([0.2, 0.5, 0.3]), -np.inf
    for _ in range(30):
        trial = CopyingModel(model.reference, model.switch, model.mismatch, weights)
        likelihood = log_likelihood(x, trial).sum()
        assert likelihood >= before - 0.01
        weights, before = expected_choices(x, trial).sum(axis=0), likelihood
        weights /= weights.sum()
    assert weights == pytest.approx(model.probabilities, abs=0.05)


def test_expected_alleles_are_those_of_all_haplotypes(model, monkeypatch):
    monkeypatch.setattr(copying, "STATES", 6)  # batches of two
    p = np.array([probability(x, model) for x in ROWS])
    expected = [p[compatible(x)] @ ROWS[compatible(x)] / p[compatible(x)].sum() for x in PARTS]
    assert expected_alleles(PARTS, model) == pytest.approx(np.array(expected), abs=1e-5)


def test_expected_alleles_agree_with_imputation_where_all_miss_the_same():
    rng = np.random.default_rng(3)
    reference, queries = (rng.random((n, 60)) < 0.4 for n in (9, 7))
    model = CopyingModel.of(
        reference.astype(np.uint8), rng.exponential(1e-4, 59), weights=np.arange(1, 10) / 45
    )
    queries = queries.astype(np.uint8)
    queries[:, rng.permutation(60)[:45]] = 2
    typed = np.flatnonzero(queries[0] != 2)
    faster = settled(shown(impute(queries[:, typed], model, typed), model.mismatch), queries)
    assert np.allclose(expected_alleles(queries, model), faster, atol=1e-5)


def test_completions_follow_the_conditional_probabilities(model):
    p, n = np.array([probability(x, model) for x in ROWS]), 8000
    for x in PARTS:
        rows = completed(np.tile(x, (n, 1)), model, np.arange(n))
        assert (rows == x)[:, x != 2].all()
        share = np.where(compatible(x), p, 0) / p[compatible(x)].sum()
        found = (rows[:, None] == ROWS).all(axis=2).mean(axis=0)
        assert (np.abs(found - share) <= 4.5 * np.sqrt(share * (1 - share) / n) + 1e-12).all()


def test_neither_batches_nor_threads_change_a_completion(model, monkeypatch):
    queries, seeds = np.tile(PARTS, (8, 1)), np.arange(40)
    whole = completed(queries, model, seeds, threads=1)
    monkeypatch.setattr(copying, "STATES", 9)
    assert np.array_equal(completed(queries, model, seeds, threads=3), whole)


def test_draws_follow_the_likelihood(model):
    n = 40_000
    rows = drawn(n, model, np.random.default_rng(2))
    p = np.array([probability(x, model) for x in ROWS])
    found = (rows[:, None] == ROWS).all(axis=2).mean(axis=0)
    assert (np.abs(found - p) <= 4.5 * np.sqrt(p * (1 - p) / n)).all()


def pieces(donor, place):
    """Return the length of every piece of a path, from its first to its last site."""
    first = np.concatenate([[0], np.flatnonzero(np.diff(donor)) + 1])
    last = np.append(first[1:] - 1, len(donor) - 1)
    return place[last] - place[first]


@pytest.mark.parametrize("weights", [None, np.array([0.9, 0.05, 0.05])], ids=["uniform", "weighted"])
def test_no_piece_is_longer_than_allowed(weights):
    rng = np.random.default_rng(4)
    place = np.cumsum(rng.exponential(0.01, 300))
    model = CopyingModel(np.eye(3, 300, dtype=np.uint8), np.full(299, 0.002), 1e-9, weights)
    free = np.array(list(drawn_paths(50, model, rng)))
    assert max(pieces(donor, place).max() for donor in free.T) > 1
    bound = np.array(list(drawn_paths(50, model, rng, place=place, longest=0.1)))
    longest = np.array([pieces(donor, place).max() for donor in bound.T])
    assert (longest <= 0.1).all()
    assert longest.max() > 0.09


def test_a_forced_choice_is_by_the_weights_of_the_others():
    weights = np.array([0.6, 0.1, 0.3])
    model = CopyingModel(np.zeros((3, 2), np.uint8), np.zeros(1), 0.1, weights)
    paths = drawn_paths(60_000, model, np.random.default_rng(5), place=np.array([0.0, 1.0]), longest=0.5)
    before, after = paths
    for donor in range(3):
        share = np.bincount(after[before == donor], minlength=3) / (before == donor).sum()
        others = np.where(np.arange(3) == donor, 0, weights) / (1 - weights[donor])
        assert share == pytest.approx(others, abs=0.03)
        assert share[donor] == 0
