from itertools import combinations, product

import numpy as np
import pytest

from genome_ac_gan.popgen import triplets

CONTIG = np.repeat(["1", "2", "X"], [12, 2, 7])


def enumerated(x, chosen):
    """Return C of all eight combinations of alleles of each triplet, straight from the definition."""

    def frequency(variants, alleles):
        return np.mean([all(row[v] == a for v, a in zip(variants, alleles, strict=True)) for row in x])

    out = []
    for (i, j, k), (a, b, c) in product(chosen.tolist(), product((0, 1), repeat=3)):
        f_a, f_b, f_c = frequency([i], [a]), frequency([j], [b]), frequency([k], [c])
        f_ab, f_bc, f_ac = frequency([i, j], [a, b]), frequency([j, k], [b, c]), frequency([i, k], [a, c])
        f_abc = frequency([i, j, k], [a, b, c])
        out.append(f_abc - f_ab * f_c - f_bc * f_a - f_ac * f_b + 2 * f_a * f_b * f_c)
    return np.array(out).reshape(len(chosen), 8)


def test_moments_and_their_correlation_are_those_of_the_enumeration(monkeypatch):
    monkeypatch.setattr(triplets, "BLOCK", 7)
    rng = np.random.default_rng(0)
    x, y = rng.random((2, 40, 21)) < rng.random(21)
    x[:, 4] = 1  # one allele only
    x, y = x.astype(np.uint8), y.astype(np.uint8)
    chosen = triplets.random_triplets(CONTIG, 30, rng)
    real, other = enumerated(x, chosen), enumerated(y, chosen)
    found, of_y = (triplets.three_point(z, chosen, np.ones((1, 40))) for z in (x, y))
    assert found[0] == pytest.approx(real[:, 7])  # alleles 1, 1, 1
    assert (found[0][(chosen == 4).any(axis=1)] == 0).all()
    stacked = np.corrcoef(real.ravel(), other.ravel())[0, 1]
    assert triplets.correlation(found, of_y) == pytest.approx([stacked])


def test_weights_are_repeated_rows():
    rng = np.random.default_rng(1)
    x = rng.integers(0, 2, (25, 21), dtype=np.uint8)
    chosen = triplets.random_triplets(CONTIG, 50, rng)
    times = rng.integers(0, 4, (3, 25))
    expected = [
        triplets.three_point(np.repeat(x, each, axis=0), chosen, np.ones((1, each.sum())))[0]
        for each in times
    ]
    assert np.allclose(triplets.three_point(x, chosen, times.astype(float)), expected, atol=1e-6)


@pytest.mark.parametrize("gap", [0, 1, 2, 4, 5])
def test_gaps_lie_between_neighbours_on_one_contig(gap):
    everything = triplets.gap_triplets(CONTIG, gap, 100, np.random.default_rng(0))
    expected = [
        (i, j, k)
        for i, j, k in combinations(range(21), 3)
        if j - i == k - j == gap + 1 and CONTIG[i] == CONTIG[k]
    ]
    assert everything.tolist() == [list(each) for each in expected]
    assert everything.shape[1] == 3
    few = triplets.gap_triplets(CONTIG, gap, 3, np.random.default_rng(0))
    assert len(few) == min(3, len(expected))
    assert {tuple(row) for row in few.tolist()} <= set(expected)


def test_random_triplets_are_of_one_contig_and_each_as_likely():
    chosen = triplets.random_triplets(CONTIG, 20000, np.random.default_rng(0))
    every = [each for each in combinations(range(21), 3) if CONTIG[each[0]] == CONTIG[each[2]]]
    rows, times = np.unique(chosen, axis=0, return_counts=True)
    assert [tuple(row) for row in rows.tolist()] == every  # 220 + 35: contig 2 has too few variants
    expected = 20000 / len(every)
    assert np.abs(times - expected).max() < 5 * np.sqrt(expected)


def test_few_variants_have_no_triplets():
    rng = np.random.default_rng(0)
    for contig in (CONTIG[:0], CONTIG[:2], np.array(["1", "1", "2", "2"])):
        assert triplets.random_triplets(contig, 9, rng).shape == (0, 3)
        assert triplets.gap_triplets(contig, 1, 9, rng).shape == (0, 3)


def test_correlation_of_nothing_is_undefined():
    r = triplets.correlation(np.array([[0.0, 0], [1, 2]]), np.array([[1.0, 2], [-1, -2]]))
    assert np.isnan(r[0])
    assert r[1] == pytest.approx(-1)
