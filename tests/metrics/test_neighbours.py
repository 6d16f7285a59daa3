import gc
from weakref import ref

import numpy as np

from genome_ac_gan.metrics.privacy import neighbours


def test_nearest_two_rows_are_those_of_a_direct_search(comparison):
    found = neighbours.nearest_rows(comparison.holdout, comparison.train)
    for row in (0, 77, 199):
        distance = (comparison.train.haplotypes != comparison.holdout.haplotypes[row]).sum(axis=1)
        assert (found.distance[row], found.second[row]) == tuple(np.sort(distance)[:2])
    assert neighbours.nearest_rows(comparison.holdout, comparison.train) is found


def test_large_panels_are_searched_in_tiles_over_all_rows(comparison, monkeypatch):
    panel = comparison.holdout[:]
    expected = neighbours.nearest_rows(comparison.holdout, comparison.train)
    monkeypatch.setattr(neighbours, "POOL", 50)
    monkeypatch.setattr(neighbours, "distances", None)
    found = neighbours.nearest_rows(panel, comparison.train)
    assert np.array_equal(found.distance, expected.distance)
    assert np.array_equal(found.second, expected.second)


def test_a_panel_compared_with_itself_is_a_copy(comparison):
    found = neighbours.nearest_rows(comparison.train, comparison.train)
    assert not found.distance.any()
    assert found.second.all()


def test_what_was_found_does_not_keep_panels_alive(comparison):
    panel = comparison.synthetic[:]
    neighbours.nearest_rows(panel, panel)
    neighbours.nearest_rows(comparison.train, panel)
    gone = ref(panel)
    del panel
    gc.collect()
    assert gone() is None
