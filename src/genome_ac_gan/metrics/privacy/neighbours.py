"""Nearest rows of one panel in another, over all rows of both."""

from weakref import WeakKeyDictionary

from genome_ac_gan.metrics.shared import POOL, distances
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.distance import Neighbours, nearest, nearest_in_matrix

_FOUND: WeakKeyDictionary[HaplotypePanel, WeakKeyDictionary[HaplotypePanel, Neighbours]] = WeakKeyDictionary()


def nearest_rows(panel: HaplotypePanel, others: HaplotypePanel) -> Neighbours:
    """Return the distances of each row of a panel to its nearest two rows of another, remembered.

    Every row counts, in panels of more than `POOL` rows too. A panel that is
    compared with itself consists of copies: each row is its own nearest.
    """
    known = _FOUND.setdefault(panel, WeakKeyDictionary())
    if others not in known:
        known[others] = _nearest_rows(panel, others)
    return known[others]


def _nearest_rows(panel: HaplotypePanel, others: HaplotypePanel) -> Neighbours:
    if max(panel.n_haplotypes, others.n_haplotypes) <= POOL:
        return nearest_in_matrix(distances(panel, others))
    return nearest(panel.haplotypes, others.haplotypes)
