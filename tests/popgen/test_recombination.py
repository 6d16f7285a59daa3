"""Children of two haplotypes, against what their parents may pass on."""

import numpy as np
import pytest

from genome_ac_gan.popgen.recombination import recombined

CONTIG = np.array(["1"] * 6 + ["2"] * 4 + ["3"])


def mosaic(n, n_crossovers, contig=CONTIG, seed=0):
    """Return which parent each allele of n children is from."""
    shape = n, len(contig)
    first, second = np.zeros(shape, np.uint8), np.ones(shape, np.uint8)
    return recombined(first, second, contig, n_crossovers, np.random.default_rng(seed))


def test_a_child_changes_parents_once_in_each_contig():
    made = mosaic(500, 1)
    changes = np.diff(made.astype(int), axis=1) != 0
    assert (changes[:, :5].sum(axis=1) == 1).all()  # within contig 1
    assert (changes[:, 6:9].sum(axis=1) == 1).all()  # within contig 2
    between = changes[:, [5, 9]].mean(axis=0)  # contigs are passed on independently
    assert between == pytest.approx([0.5, 0.5], abs=4 * 0.5 / 500**0.5)


def test_either_parent_begins_and_every_gap_is_as_likely():
    made = mosaic(4000, 1)
    assert made[:, 0].mean() == pytest.approx(0.5, abs=4 * 0.5 / 4000**0.5)
    gaps = np.abs(np.diff(made[:, :6].astype(int), axis=1)).mean(axis=0)
    assert gaps == pytest.approx(np.full(5, 0.2), abs=4 * 0.4 / 4000**0.5)


def test_two_crossovers_in_one_gap_undo_each_other():
    changes = np.abs(np.diff(mosaic(4000, 2)[:, :6].astype(int), axis=1)).sum(axis=1)
    assert set(changes.tolist()) == {0, 2}
    assert (changes == 0).mean() == pytest.approx(0.2, abs=4 * 0.4 / 4000**0.5)


def test_where_parents_agree_so_does_the_child():
    rng = np.random.default_rng(1)
    first, second = rng.integers(2, size=(2, 30, len(CONTIG)), dtype=np.uint8)
    made = recombined(first, second, CONTIG, 3, rng)
    assert made.dtype == np.uint8
    assert ((made == first) | (made == second)).all()
    assert (made != first).any()
    assert (made != second).any()
