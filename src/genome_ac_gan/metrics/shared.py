"""What several metrics need of the same panels, computed once: distance matrices, and anything else by name.

Distances are between whole panels; a metric cuts its draws out of them. A panel
of more than `POOL` haplotypes is first cut to a pool (`pooled`), so that the
matrices stay within 150 MB each.
"""

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from genome_ac_gan.metrics.base import Comparison
from genome_ac_gan.metrics.draws import Rows, draw, proportional_counts
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.distance import hamming

POOL = 6000
Distances = npt.NDArray[np.floating]
Value = TypeVar("Value")
_MEMORY: WeakKeyDictionary[HaplotypePanel, dict[Hashable, Any]] = WeakKeyDictionary()
_PAIRS: WeakKeyDictionary[HaplotypePanel, WeakKeyDictionary[HaplotypePanel, dict[Hashable, Any]]] = (
    WeakKeyDictionary()
)


def remembered(panel: HaplotypePanel, name: Hashable, make: Callable[[], Value]) -> Value:
    """Return `make()`, called once for a panel and a name as long as the panel lives.

    Comparisons that stand side by side share their train and holdout panels.
    What is made must depend on the panel alone, or the first to ask would
    decide for the others; it must not be changed.
    """
    return _recalled(_MEMORY.setdefault(panel, {}), name, make)


def remembered_pair(
    first: HaplotypePanel, second: HaplotypePanel, name: Hashable, make: Callable[[], Value]
) -> Value:
    """Return `make()`, called once for an ordered pair of panels and a name as long as both live.

    The same rules as for `remembered` hold.
    """
    made = _PAIRS.setdefault(first, WeakKeyDictionary()).setdefault(second, {})
    return _recalled(made, name, make)


def _recalled(made: dict[Hashable, Any], name: Hashable, make: Callable[[], Value]) -> Value:
    if name not in made:
        made[name] = make()
    value: Value = made[name]
    return value


def distances(first: HaplotypePanel, second: HaplotypePanel) -> Distances:
    """Return the Hamming distances of the rows of two panels, read-only and remembered.

    Returns
    -------
    (n_first, n_second) float32 whole numbers (float64 from 2**24 variants on)
        The squared Euclidean distance of rows of 0 and 1 is the same number.
    """

    def make() -> Distances:
        known = _PAIRS[second].get(first, {}) if second in _PAIRS else {}
        return known["distances"].T if "distances" in known else _computed(first, second)

    return remembered_pair(first, second, "distances", make)


def _computed(first: HaplotypePanel, second: HaplotypePanel) -> Distances:
    same = first is second  # half the work
    matrix = hamming(first.haplotypes, None if same else second.haplotypes)
    matrix.flags.writeable = False
    return matrix


def own_distances(panel: HaplotypePanel, rows: Rows | slice = slice(None)) -> Distances:
    """Return the distances among some rows of a panel, a copy, infinite on the diagonal.

    A row is nobody's own neighbour; an identical other row is, at distance 0.
    """
    whole = distances(panel, panel)
    part = whole[rows, rows].copy() if isinstance(rows, slice) else whole[np.ix_(rows, rows)]
    np.fill_diagonal(part, np.inf)
    return part


def across(first: HaplotypePanel, second: HaplotypePanel, rows: Rows, columns: Rows) -> Distances:
    """Return the distances of some rows of one panel to some of another, a copy."""
    return distances(first, second)[np.ix_(rows, columns)]


def forget(panel: HaplotypePanel) -> None:
    """Drop what is remembered of a panel, alone and with others."""
    _MEMORY.pop(panel, None)
    _PAIRS.pop(panel, None)
    for pairs in list(_PAIRS.values()):
        pairs.pop(panel, None)


def pooled(data: Comparison, most: int = POOL) -> Comparison:
    """Return the comparison with panels of at most `most` haplotypes, for metrics that need all distances.

    A larger panel is cut to random rows in proportion to its populations,
    always the same ones; a smaller one stays the same object.
    """
    panels: dict[str, Any] = {name: _pool(data, panel, most) for name, panel in data.panels.items()}
    if all(panels[name] is panel for name, panel in data.panels.items()):
        return data
    return replace(data.without_model(), **panels)


def _pool(data: Comparison, panel: HaplotypePanel, most: int) -> HaplotypePanel:
    if panel.n_haplotypes <= most:
        return panel

    def cut() -> HaplotypePanel:
        strata = data.strata(panel)
        counts = {name: max(1, n) for name, n in proportional_counts(strata, most).items()}
        rows = draw(panel, strata, counts, np.random.default_rng(0))  # the panel alone decides
        return panel[np.sort(rows)]

    return remembered(panel, ("pool", most, data.labelled), cut)
