"""Nearest rows of one panel in another, over all rows of both, and statistics of all rows with weights."""

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from genome_ac_gan.metrics.base import summary
from genome_ac_gan.metrics.draws import person_weights
from genome_ac_gan.metrics.shared import POOL, distances
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.distance import Neighbours, nearest, nearest_in_matrix

Floats = npt.NDArray[np.float64]
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


def weightings(panel: HaplotypePanel, repeats: int, rng: np.random.Generator) -> Floats:
    """Return weights of the rows, (1 + repeats, n_haplotypes): all equal first, then people weighted at random."""
    return np.concatenate([np.ones((1, panel.n_haplotypes)), person_weights(panel, repeats, rng)])


def weighted_row(
    population: str, statistic: str, values: Floats, n: int, limits: tuple[float, float] = (-np.inf, np.inf)
) -> dict[str, Any]:
    """Return the row of a statistic under all `weightings`: the first is the value, the others its interval.

    Weightings under which it is undefined do not count.
    """
    draws = values[1:][np.isfinite(values[1:])]
    value = float(values[0])
    return summary(population, statistic, draws if len(draws) else [value], n, value=value, limits=limits)
