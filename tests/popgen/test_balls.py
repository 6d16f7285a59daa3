"""Balls to the k-th neighbour, against loops and expectations."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genome_ac_gan.popgen.distance import hamming, within
from genome_ac_gan.popgen.manifold import manifold_verdicts


def by_loops(real, synthetic, k):
    """Return the four means row by row, as the papers define them."""
    far = [sorted(np.sum(a != b) for j, b in enumerate(real) if j != i)[k - 1] for i, a in enumerate(real)]
    far_synthetic = [
        sorted(np.sum(a != b) for j, b in enumerate(synthetic) if j != i)[k - 1]
        for i, a in enumerate(synthetic)
    ]
    inside = [[np.sum(a != s) <= radius for a, radius in zip(real, far, strict=True)] for s in synthetic]
    among = [
        [np.sum(r != s) <= radius for s, radius in zip(synthetic, far_synthetic, strict=True)] for r in real
    ]
    return (
        np.mean([any(row) for row in inside]), np.mean([sum(row) / k for row in inside]),
        np.mean([any(row) for row in among]), np.mean(np.any(inside, axis=0)),
    )  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(7, 14), m=st.integers(7, 14), n_variants=st.integers(1, 12))
def test_the_means_are_those_of_the_definitions_ties_included(seed, n, m, n_variants):
    rng = np.random.default_rng(seed)
    real, synthetic = (rng.integers(0, 2, (size, n_variants), dtype=np.uint8) for size in (n, m))
    found = manifold_verdicts(within(real), within(synthetic), hamming(real, synthetic), k=5)
    ours = found.precision.mean(), found.density.mean(), found.recall.mean(), found.coverage.mean()
    assert ours == pytest.approx(by_loops(real, synthetic, 5))


def points(rng, n):
    return rng.standard_normal((n, 3))


def apart(a, b):
    return np.linalg.norm(a[:, None] - b[None], axis=2)


def test_exchangeable_sets_have_density_one_and_the_coverage_of_the_formula():
    rng, n, k = np.random.default_rng(1), 60, 5
    means = []
    for _ in range(150):
        a, b = points(rng, n), points(rng, n)
        own = [apart(x, x) + np.diag(np.full(n, np.inf)) for x in (a, b)]
        found = manifold_verdicts(*own, apart(a, b), k)
        means.append((found.density.mean(), found.coverage.mean()))
    expected = 1 - comb(n - 1, k) / comb(2 * n - 1, k)  # not covered: the k nearest of all others are real
    assert np.mean(means, axis=0) == pytest.approx((1, expected), abs=0.012)


def test_in_a_small_set_the_last_neighbour_counts():
    real, synthetic = np.array([[0, 0], [1, 1]], np.uint8), np.array([[0, 1], [0, 1], [0, 1]], np.uint8)
    found = manifold_verdicts(within(real), within(synthetic), hamming(real, synthetic), k=5)
    assert found.precision.tolist() == [1, 1, 1]  # radius 2
    assert found.density.tolist() == [2, 2, 2]  # in both balls, each over one neighbour
    assert found.recall.tolist() == [0, 0]  # radius 0
    assert found.coverage.tolist() == [1, 1]
