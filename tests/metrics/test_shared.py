"""What metrics share: distances of whole panels, pools, and what is remembered."""

import gc
from dataclasses import replace
from weakref import ref

import numpy as np
import pytest

from genome_ac_gan.metrics import evaluate_with_anchors, shared
from genome_ac_gan.popgen.distance import hamming


def test_distances_are_those_of_the_rows_both_ways(comparison):
    train, synthetic = comparison.train, comparison.synthetic
    expected = hamming(train.haplotypes, synthetic.haplotypes)
    assert np.array_equal(shared.distances(train, synthetic), expected)
    assert np.array_equal(shared.distances(synthetic, train), expected.T)
    assert shared.distances(synthetic, train).base is shared.distances(train, synthetic)
    assert not np.diag(shared.distances(train, train)).any()


def test_nobody_can_change_what_is_shared(comparison):
    for first, second in ((comparison.train, comparison.train), (comparison.train, comparison.holdout)):
        with pytest.raises(ValueError, match="read-only"):
            shared.distances(first, second)[0, 0] = 1


def test_own_distances_are_a_copy_without_oneself(comparison):
    rows = np.array([5, 2, 9])
    part = shared.own_distances(comparison.holdout, rows)
    whole = hamming(comparison.holdout.haplotypes)
    assert np.isinf(np.diag(part)).all()
    assert part[0, 1] == whole[5, 2]
    assert np.array_equal(shared.own_distances(comparison.holdout, slice(3, 6))[0, 1:], whole[3, 4:6])
    assert not np.isinf(shared.distances(comparison.holdout, comparison.holdout)).any()


def test_a_value_is_made_once_until_it_is_forgotten(comparison):
    panel, calls = comparison.holdout[:], []

    def make():
        calls.append(1)
        return len(calls)

    assert [shared.remembered(panel, "x", make) for _ in range(3)] == [1, 1, 1]
    assert shared.remembered(panel, "y", make) == 2
    before = shared.distances(comparison.train, panel)
    shared.forget(panel)
    assert shared.remembered(panel, "x", make) == 3
    assert shared.distances(comparison.train, panel) is not before


def test_a_value_of_a_pair_is_made_once_for_that_order_of_the_two(comparison):
    first, second = comparison.holdout[:], comparison.train
    made = [shared.remembered_pair(first, second, "x", lambda made=made: made) for made in (1, 2)]
    assert made == [1, 1]
    assert shared.remembered_pair(second, first, "x", lambda: 3) == 3
    assert shared.remembered_pair(first, first, "x", lambda: 4) == 4
    shared.forget(first)
    assert shared.remembered_pair(first, second, "x", lambda: 5) == 5
    assert shared.remembered_pair(second, first, "x", lambda: 6) == 6


def test_what_is_remembered_does_not_keep_a_panel_alive(comparison):
    panel = comparison.synthetic[:]
    shared.distances(comparison.train, panel)
    shared.distances(panel, panel)
    gone = ref(panel)
    del panel
    gc.collect()
    assert gone() is None


def test_pools_cut_only_large_panels_in_proportion_and_always_alike(comparison):
    assert shared.pooled(comparison) is comparison
    cut = shared.pooled(comparison, 200)
    assert cut.holdout is comparison.holdout
    assert {name: panel.n_haplotypes for name, panel in cut.panels.items()} == {
        "train": 200, "holdout": 200, "synthetic": 200,
    }  # fmt: skip
    assert cut.train.counts == {"AFR": 120, "EUR": 80}
    assert shared.pooled(comparison, 200).train is cut.train
    shuffled = comparison.synthetic[np.random.default_rng(1).permutation(comparison.synthetic.n_haplotypes)]
    again = shared.pooled(replace(comparison, synthetic=shuffled), 200)
    assert set(again.synthetic.sample_id) == set(cut.synthetic.sample_id)


def test_an_evaluation_forgets_the_sets_it_judged_and_keeps_the_real_panels(comparison):
    other = comparison.synthetic[:]
    evaluate_with_anchors(
        comparison, ["nearest-neighbour-accuracy"], seed=1, repeats=2, others={"other": other}
    )
    assert other not in shared._PAIRS
    assert comparison.train in shared._PAIRS
