import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import wasserstein_distance
from sklearn.decomposition import PCA

from genome_ac_gan.popgen import distance, structure


def random_rows(seed, n, n_variants, p=0.3):
    return (np.random.default_rng(seed).random((n, n_variants)) < p).astype(np.uint8)


def naive(x, y):
    return np.count_nonzero(x[:, None] != y[None], axis=2)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 12), st.integers(1, 12), st.integers(1, 30), st.integers(1, 8))
def test_tiled_neighbours_are_the_naive_ones(seed, n, m, n_variants, tile):
    x, y = random_rows(seed, n, n_variants), random_rows(seed + 1, m, n_variants)
    across, own = naive(x, y), naive(x, x).astype(float)
    np.fill_diagonal(own, np.inf)
    assert np.array_equal(distance.hamming(x, y), across)
    for found, full in ((distance.nearest(x, y, tile), across), (distance.nearest(x, tile=tile), own)):
        assert np.array_equal(found.distance, full.min(axis=1))
        second = np.sort(full, axis=1)[:, 1] if full.shape[1] > 1 else np.full(n, np.inf)
        assert np.array_equal(found.second, second)
    kept = across.astype(np.float32)
    assert np.array_equal(distance.nearest_in_matrix(kept, tile).second, distance.nearest(x, y).second)
    assert np.array_equal(distance.nearest_in_matrix(kept, tile).distance, across.min(axis=1))
    assert np.array_equal(kept, across)
    forward, backward = distance.nearest_both_ways(x, y, tile)
    assert np.array_equal(forward, across.min(axis=1))
    assert np.array_equal(backward, across.min(axis=0))


def test_wide_arrays_are_summed_in_blocks(monkeypatch):
    x, y = random_rows(0, 6, 50), random_rows(1, 5, 50)
    monkeypatch.setattr(distance, "BLOCK_COLUMNS", 7)
    assert np.array_equal(distance.hamming(x, y), naive(x, y))


def test_a_lonely_row_has_no_neighbour():
    with pytest.raises(ValueError, match="at least one other row"):
        distance.nearest(random_rows(0, 1, 5))


def test_verdicts_are_those_of_cdist():
    x, y = random_rows(0, 60, 12), random_rows(1, 60, 12)
    own_x, own_y = (np.round(12 * cdist(z, z, "hamming")) + np.diag(np.full(60, 99)) for z in (x, y))
    across = np.round(12 * cdist(x, y, "hamming"))
    verdicts = distance.nearest_neighbour_verdicts(x, y)
    for found, own, other in ((verdicts.truth, own_x, across), (verdicts.syn, own_y, across.T)):
        nearer, tie = other.min(1) > own.min(1), other.min(1) == own.min(1)
        assert tie.any()
        assert np.array_equal(found, nearer + 0.5 * tie)
    same = distance.verdicts_of_matrices(distance.within(x), distance.within(y), distance.hamming(x, y))
    assert np.array_equal(same.truth, verdicts.truth)
    assert np.array_equal(same.syn, verdicts.syn)


def test_exchangeable_sets_have_the_expected_accuracy():
    n, means = 8, []
    for seed in range(400):
        rows = random_rows(seed, 2 * n, 400, 0.5)
        verdicts = distance.nearest_neighbour_verdicts(rows[:n], rows[n:])
        means.append((verdicts.truth.mean() + verdicts.syn.mean()) / 2)
    error = np.std(means) / np.sqrt(len(means))
    assert abs(np.mean(means) - (n - 1) / (2 * n - 1)) < 4 * error
    assert abs(np.mean(means) - 0.5) > 4 * error


def test_copies_are_found():
    x = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0], [0, 0, 0]], np.uint8)
    assert distance.repeated(x).tolist() == [True, False, True, False]
    assert distance.found_in(x, x[1:2]).tolist() == [False, True, False, False]


@pytest.mark.parametrize("n_components", [2, 6])
@pytest.mark.parametrize("shape", [(50, 80), (300, 400), (120, 30)])
def test_axes_are_sklearns(shape, n_components):
    x, other = random_rows(0, *shape), random_rows(1, 9, shape[1])
    x[: shape[0] // 2, : shape[1] // 3] = 1
    x[: shape[0] // 4, shape[1] // 2 :] = 0
    oracle = PCA(n_components, svd_solver="full").fit(x.astype(float))
    fitted = structure.principal_axes(x, n_components)
    sign = np.sign((fitted.axes * oracle.components_).sum(axis=1))
    assert np.allclose(fitted.axes, oracle.components_ * sign[:, None], atol=1e-4)
    assert np.allclose(fitted.explained, oracle.explained_variance_ratio_, atol=1e-5)
    assert np.allclose(fitted.project(other), oracle.transform(other.astype(float)) * sign, atol=1e-3)
    coordinates = structure.principal_coordinates(distance.shared_ones(x), n_components)
    assert np.allclose(np.abs(coordinates), np.abs(oracle.transform(x.astype(float))), atol=1e-3)
    assert (np.take_along_axis(coordinates, np.abs(coordinates).argmax(axis=0)[None], axis=0) > 0).all()


@pytest.mark.parametrize("shape", [(20, 6), (400, 500), (400, 6)])
def test_identical_rows_stand_on_one_point(shape):
    x = np.ones(shape, np.uint8)
    assert (structure.principal_axes(x).project(x) == 0).all()
    assert (structure.principal_coordinates(distance.shared_ones(x)) == 0).all()


def test_assignment_is_scipys_and_symmetric():
    a, b = np.random.default_rng(0).normal(size=(2, 40, 2))
    cost = cdist(a, b)
    assert structure.assignment_cost(a, b) == pytest.approx(cost[linear_sum_assignment(cost)].sum())
    assert structure.assignment_cost(a, b) == pytest.approx(structure.assignment_cost(b, a))
    assert structure.assignment_cost(a, a[::-1]) == pytest.approx(0)
    with pytest.raises(ValueError, match="as many points"):
        structure.assignment_cost(a, b[1:])


def test_sliced_distances_are_scipys_along_each_line():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 30, 6)) * [9, 5, 3, 2, 1, 1]
    directions = structure.random_directions(6, 50, rng)
    assert np.linalg.norm(directions, axis=0) == pytest.approx(1)
    expected = [wasserstein_distance(a @ line, b @ line) for line in directions.T]
    assert structure.sliced_distance(a, b, directions) == pytest.approx(np.mean(expected))
    along = [wasserstein_distance(a[:, k], b[:, k]) for k in range(6)]
    assert structure.sliced_distance(a, b, np.eye(6)) == pytest.approx(np.mean(along))
    with pytest.raises(ValueError, match="as many points"):
        structure.sliced_distance(a, b[1:], directions)


def test_random_directions_favour_none():
    directions = structure.random_directions(3, 20000, np.random.default_rng(0))
    assert directions.mean(axis=1) == pytest.approx(np.zeros(3), abs=0.02)
    assert (directions**2).mean(axis=1) == pytest.approx(np.full(3, 1 / 3), abs=0.01)


def test_axes_beyond_the_rank_are_zero():
    x = np.array([[0], [1], [1]], np.uint8)
    fitted = structure.principal_axes(x)
    assert fitted.axes.tolist() == [[1], [0]]
    assert fitted.project(x) == pytest.approx(np.array([[-2 / 3, 0], [1 / 3, 0], [1 / 3, 0]]))
