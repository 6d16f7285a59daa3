"""People drawn at random, and people weighted at random: the intervals of statistics over all rows."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from genome_ac_gan.metrics.base import summary
from genome_ac_gan.metrics.draws import draw, person_weights
from genome_ac_gan.panel import HaplotypePanel

Floats = npt.NDArray[np.float64]


def drawn_people(
    panel: HaplotypePanel, strata: npt.NDArray[np.str_], counts: Mapping[str, int], rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Return which people were drawn, (n_people,), `counts[name]` of each population; see `draw`.

    Parameters
    ----------
    strata : (n_haplotypes,) str
        Population of each row.
    """
    first_rows_only = np.full(len(strata), "", dtype=strata.dtype)
    first_rows_only[panel.first_rows] = strata[panel.first_rows]
    chosen = np.zeros(panel.n_people, dtype=bool)
    chosen[panel.person[draw(panel, first_rows_only, counts, rng)]] = True
    return chosen


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
