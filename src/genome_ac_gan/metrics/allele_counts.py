"""Allele counts of a panel's populations, plainly and under weights of its people."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genome_ac_gan.metrics.base import POOLED, Comparison
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.frequency import weighted_counts

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class AlleleCounts:
    """Alternative alleles among some haplotypes; two disjoint sets are added with `+`.

    Attributes
    ----------
    counts : (1 + n_weightings, n_variants)
        Plain counts, whole numbers, then the summed weights of each weighting.
    total : (1 + n_weightings,)
        Number of haplotypes, then their summed weights.
    squares : (1 + n_weightings,)
        The sums of the squared weights.
    """

    counts: Floats
    total: Floats
    squares: Floats

    def __add__(self, other: "AlleleCounts") -> "AlleleCounts":
        """Return the counts of both sets together."""
        return AlleleCounts(
            counts=self.counts + other.counts,
            total=self.total + other.total,
            squares=self.squares + other.squares,
        )

    @property
    def n(self) -> int:
        """Number of haplotypes."""
        return int(self.total[0])

    @property
    def frequencies(self) -> Floats:
        """Plain frequencies, then those of each weighting, (1 + n_weightings, n_variants)."""
        return np.asarray(self.counts / self.total[:, None])

    @property
    def effective(self) -> Floats:
        """Number of haplotypes, then the effective number under each weighting (Kish), (1 + n_weightings,)."""
        return np.asarray(self.total**2 / self.squares)


def by_population(
    data: Comparison, panel: HaplotypePanel, weights: Floats, columns: slice = slice(None)
) -> Iterator[tuple[str, AlleleCounts]]:
    """Yield the counts of each population of one of the panels, then their sum as `all`.

    Parameters
    ----------
    weights : (n_weightings, n_haplotypes)
        For instance `person_weights`.
    columns
        Which variants.
    """
    pooled = None
    for population in data.populations or (POOLED,):
        rows = np.flatnonzero(data.rows_of(panel, population))
        own = _counted(panel.haplotypes[rows, columns], weights[:, rows])
        pooled = own if pooled is None else pooled + own
        if population != POOLED:
            yield population, own
    assert pooled is not None
    yield POOLED, pooled


def _counted(x: npt.NDArray[np.uint8], weights: Floats) -> AlleleCounts:
    every = np.concatenate([np.ones((1, len(x))), weights])
    return AlleleCounts(
        counts=weighted_counts(x, every), total=every.sum(axis=1), squares=(every**2).sum(axis=1)
    )
