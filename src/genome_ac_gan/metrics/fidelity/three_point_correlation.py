"""Three-point correlation: linkage beyond pairs of variants."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from genome_ac_gan.metrics.base import (
    POOLED,
    Comparison,
    Metric,
    MetricResult,
    Statistic,
    as_table,
    statistics,
    weighted_row,
)
from genome_ac_gan.metrics.draws import MIN_ROWS, weightings
from genome_ac_gan.metrics.shared import remembered
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.triplets import Triplets, correlation, gap_triplets, random_triplets, three_point

GAPS = (1, 4, 16, 64, 256, 512, 1024)
N_TRIPLETS = 1000
Moments = dict[str, npt.NDArray[np.float64]]


def three_point_correlation(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Correlation of the three-point moments of variants between synthetic and real haplotypes.

    For alleles a, b, c at three variants of a contig, C = F_abc - F_ab F_c -
    F_bc F_a - F_ac F_b + 2 F_a F_b F_c, where F is the frequency of haplotypes
    with these alleles: what pairs and frequencies do not explain. The value is
    Pearson's r of C between the holdout and the synthetic set over triplets,
    all eight combinations of alleles stacked.

    - `gap_k`: 1,000 random triplets with k variants between neighbours (all
      where there are fewer), for k of 1, 4, 16, 64, 256, 512 and 1,024; gaps
      that fit on no contig of the panel are left out.
    - `random`: 1,000 random triplets of variants on one contig.

    The triplets are the same for every set and seed. Pooled, and within each
    population with at least 20 rows in both sets. The value is of the full
    sets; the interval resamples the people of both sets (Bayesian bootstrap)
    and is centred on the value. It does not cover the choice of triplets. `n`
    is the number of triplets. Panels without three variants on a contig have
    no row, nor has what is undefined: C of 0 throughout in one set.

    C of distant variants is mostly chance, and then r stays below 1 for fresh
    real people too: read it beside `train`. Yelmen et al. 2021
    (doi:10.1371/journal.pgen.1009303).
    """
    triplets = _triplets(data.holdout)
    fixed = np.random.default_rng(0)  # the sets judged against the holdout set share what is found of it
    real = remembered(
        data.holdout,
        ("three-point", repeats, data.labelled),
        lambda: _moments(data, "holdout", repeats, fixed),
    )
    synthetic = _moments(data, "synthetic", repeats, rng)
    rows = [
        _row(population, statistic, real[population][:, of], synthetic[population][:, of])
        for population in real
        if population in synthetic
        for statistic, of in triplets.places.items()
    ]
    return MetricResult(table=as_table([row for row in rows if row is not None]))


@dataclass(frozen=True)
class _Chosen:
    """The triplets of all statistics, (n_triplets, 3), and the places of each."""

    variants: Triplets
    places: Mapping[str, slice]


def _triplets(panel: HaplotypePanel) -> _Chosen:
    def make() -> _Chosen:
        contig, rng = panel.variants.contig, np.random.default_rng(0)
        parts = {f"gap_{gap}": gap_triplets(contig, gap, N_TRIPLETS, rng) for gap in GAPS}
        parts["random"] = random_triplets(contig, N_TRIPLETS, rng)
        ends = np.cumsum([len(part) for part in parts.values()])
        places = {
            name: slice(int(end) - len(part), int(end))
            for (name, part), end in zip(parts.items(), ends, strict=True)
            if len(part)
        }
        return _Chosen(np.concatenate(list(parts.values())), places)

    return remembered(panel, "triplets", make)


def _moments(data: Comparison, name: str, repeats: int, rng: np.random.Generator) -> Moments:
    """Return C of all triplets by population: as it is, and with the people weighted, (1 + repeats, n_triplets)."""
    panel = data.panels[name]
    names = [POOLED, *(each for each in data.populations if panel.counts[each] >= MIN_ROWS)]
    weights = weightings(panel, repeats, rng)
    members = np.array([data.rows_of(panel, each) for each in names])
    each_weights = (members[:, None] * weights).reshape(-1, panel.n_haplotypes)
    found = three_point(panel.haplotypes, _triplets(data.holdout).variants, each_weights)
    return dict(zip(names, found.reshape(len(names), len(weights), -1), strict=True))


def _row(
    population: str, statistic: str, real: npt.NDArray[np.float64], synthetic: npt.NDArray[np.float64]
) -> dict[str, Any] | None:
    r = correlation(real, synthetic)
    if not np.isfinite(r).all():
        return None
    return weighted_row(population, statistic, r, real.shape[1], (-1.0, 1.0))


METRIC = Metric(
    function=three_point_correlation, title="Three-point correlation", group="fidelity", headline="gap_1",
    statistics={
        "gap_1": Statistic(
            ideal=1, name="every second variant",
            about="Do three variants close to each other occur together as they do in real people, beyond what "
            "pairs of them explain?",
        ),
        "gap_64": Statistic(
            ideal=1, name="64 variants between",
            about="The same of three variants with 64 others between neighbours.",
        ),
        **statistics(gap_4=1, gap_16=1, gap_256=1, gap_512=1, gap_1024=1, random=1),
    },
)  # fmt: skip
