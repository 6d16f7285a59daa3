import numpy as np
import pytest
from scipy.stats import sem

from genome_ac_gan.popgen import ld, pairs


@pytest.fixture
def x():
    rng = np.random.default_rng(3)
    x = (rng.random((75, 90)) < rng.random(90)).astype(np.uint8)
    x[:, 7] = 1  # one allele only
    x[:, 8] = x[:, 3]  # complete linkage
    return x


CONTIG = np.repeat(["1", "2", "3"], [30, 1, 59])
PLACE = np.concatenate([np.linspace(0, 40, 30), [9], np.repeat(np.arange(20), 3)[:59]])  # places that repeat


def by_enumeration(edges):
    i, j = np.triu_indices(90, 1)
    same = CONTIG[i] == CONTIG[j]
    i, j = i[same], j[same]
    where = np.searchsorted(edges, PLACE[j] - PLACE[i], side="right") - 1
    where[PLACE[j] - PLACE[i] == edges[-1]] = len(edges) - 2
    return i, j, where


def chosen(edges, most, seed=0):
    return pairs.random_pairs(CONTIG, PLACE, edges, most, np.random.default_rng(seed))


EDGES = np.array([0, 0.5, 1.2, 7, 8, 50, 60])


def test_every_pair_of_a_bin_is_there_when_there_are_few():
    i, j, where = by_enumeration(EDGES)
    found = chosen(EDGES, 10**6)
    assert found.n_pairs.tolist() == np.bincount(where, minlength=6).tolist()
    assert found.n_pairs[0] >= 19  # places at distance 0 count, a variant with itself does not
    for column, end in enumerate(found.ends):
        part = slice(end - found.n_pairs[column], end)
        expected = set(zip(i[where == column].tolist(), j[where == column].tolist(), strict=True))
        assert set(zip(found.first[part].tolist(), found.second[part].tolist(), strict=True)) == expected


def test_each_pair_of_a_bin_is_as_likely_and_none_comes_twice():
    i, j, where = by_enumeration(EDGES)
    of = where == 2
    times = np.zeros((90, 90), int)
    for seed in range(400):
        found = chosen(EDGES, 40, seed)
        assert found.n_pairs.max() == 40
        part = slice(found.ends[1], found.ends[2])
        assert len(set(zip(found.first[part].tolist(), found.second[part].tolist(), strict=True))) == 40
        times[found.first[part], found.second[part]] += 1
    expected = 400 * 40 / of.sum()
    assert times.sum() == 400 * 40
    assert np.abs(times[i[of], j[of]] - expected).max() < 5 * np.sqrt(expected)


def test_r2_of_pairs_is_that_of_the_tiles(x, monkeypatch):
    monkeypatch.setattr(pairs, "CHUNK", 100)
    found = chosen(EDGES, 10**6)
    expected = ld.r2_matrix(x)[found.first, found.second]
    assert np.allclose(pairs.pair_r2(x, found), expected, atol=1e-6)
    assert (pairs.pair_r2(x, found)[(found.first == 7) | (found.second == 7)] == 0).all()


@pytest.mark.parametrize("n", [1, 2, 63, 64, 65, 128])
def test_r2_does_not_depend_on_how_rows_fill_words(n):
    x = np.random.default_rng(n).integers(0, 2, (n, 90), dtype=np.uint8)
    found = chosen(EDGES, 10**6)
    assert np.allclose(pairs.pair_r2(x, found), ld.r2_matrix(x)[found.first, found.second], atol=1e-6)


def test_means_and_errors_are_those_of_each_bin(x):
    found = chosen(EDGES, 10**6)
    _, _, where = by_enumeration(EDGES)
    r2 = pairs.pair_r2(x, found)
    mean, error = pairs.mean_r2(x, found)
    bins = np.split(r2, found.ends[:-1])
    assert np.isnan(mean[-1])  # no pair is so far apart
    assert np.isnan(error[-1])
    for column in range(5):
        assert mean[column] == pytest.approx(bins[column].mean())
        assert error[column] == pytest.approx(sem(bins[column]))
    assert np.bincount(where, minlength=6)[-1] == 0


def test_random_pairs_estimate_the_mean_over_all(x):
    everything, _ = pairs.mean_r2(x, chosen(EDGES, 10**6))
    draws = [pairs.mean_r2(x, chosen(EDGES, 60, seed))[0] for seed in range(200)]
    error = np.std(draws, axis=0) / np.sqrt(200)
    assert (np.abs(np.mean(draws, axis=0) - everything)[:5] <= 4 * error[:5] + 1e-12).all()


def test_no_variant_has_no_pairs():
    none = pairs.random_pairs(CONTIG[:0], PLACE[:0], EDGES, 5, np.random.default_rng(0))
    assert none.n_pairs.tolist() == [0] * 6
    assert np.isnan(pairs.mean_r2(np.zeros((4, 0), np.uint8), none)[0]).all()
