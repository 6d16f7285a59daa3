"""Haplotype diversity and homozygosity in windows along the genome."""

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from genome_ac_gan.metrics.base import (
    Comparison,
    Metric,
    MetricResult,
    Statistic,
    as_table,
    statistics,
)
from genome_ac_gan.metrics.draws import draw, equal_counts, person_weights, population_slices, sizes
from genome_ac_gan.metrics.scores import Scores, summarised
from genome_ac_gan.metrics.shared import remembered
from genome_ac_gan.panel import HaplotypePanel, VariantTable
from genome_ac_gan.popgen.frequency import evenly_spaced
from genome_ac_gan.popgen.haplotypes import haplotype_diversity, window_haplotypes, windows

if TYPE_CHECKING:
    from pandas import DataFrame

WIDTH = 50  # variants of a window
FEWEST_WINDOWS = 3  # for a correlation over windows
CURVE_WINDOWS = 300
STATISTICS = ("diversity", "h1", "h12", "h2_h1")
Floats = npt.NDArray[np.float64]


def window_diversity(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Root mean squared difference of haplotype diversity and homozygosity in windows of 50 variants.

    With p1 >= p2 >= ... the frequencies of the different haplotypes of a window:

    - `diversity_rmse`: of n / (n - 1) * (1 - sum of p**2), the probability that
      two rows differ (Nei 1987);
    - `h1_rmse`: of H1 = sum of p**2;
    - `h12_rmse`, `h12_r`: of H12 = H1 + 2 p1 p2, the two commonest haplotypes
      taken as one, and its Pearson correlation over windows (at least three);
    - `h2_h1_rmse`: of H2/H1 = (H1 - p1**2) / H1 (Garud et al. 2015,
      doi:10.1371/journal.pgen.1005004).

    Windows are consecutive variants of one contig and do not overlap; the
    remainder of a contig is left out, a contig of fewer variants is one window.

    Homozygosity depends on the number of rows: both sets are drawn down to the
    same number in each population, `repeats` times. The value is the mean over
    the draws; the interval is the percentiles over draws in which people were
    weighted at random as well (Bayesian bootstrap), centred on the value.
    Pooled, and within each population with at least 20 rows in either set. `n`
    is the number of rows of one set, at most 2,000.
    """
    panels = {"synthetic": data.synthetic, "holdout": data.holdout}
    strata = {name: data.strata(panel) for name, panel in panels.items()}
    counts = equal_counts(*strata.values())
    parts = population_slices(counts, labelled=data.labelled)
    weights = {name: person_weights(panel, repeats, rng) for name, panel in panels.items()}
    numbers = {name: _numbers(panel) for name, panel in panels.items()}
    plain: list[Scores] = [{} for _ in range(repeats)]
    weighted: list[Scores] = [{} for _ in range(repeats)]
    curves: dict[tuple[str, str], list[Floats]] = defaultdict(list)
    for repeat in range(repeats):
        rows = {name: draw(panel, strata[name], counts, rng) for name, panel in panels.items()}
        for population, part in parts.items():
            drawn = {name: each[part] for name, each in rows.items()}
            found = {name: _statistics(numbers[name][own]) for name, own in drawn.items()}
            of_people = {
                name: _statistics(numbers[name][own], weights[name][repeat][own])
                for name, own in drawn.items()
            }
            plain[repeat] |= _errors(population, **found)
            weighted[repeat] |= _errors(population, **of_people)
            for name in panels:
                curves[population, name].append(found[name])
    n = sizes(parts)
    return MetricResult(
        table=as_table(summarised(plain, weighted, n, _limits)),
        curves={"haplotype-diversity": _along(data.holdout.variants, curves)} if curves else {},
    )


def _numbers(panel: HaplotypePanel) -> npt.NDArray[np.int32]:
    """Return the haplotype of each row in each window, (n_haplotypes, n_windows), remembered."""
    among = windows(panel.variants.contig, WIDTH)
    return remembered(panel, "haplotype-diversity", lambda: window_haplotypes(panel.haplotypes, among))


def _statistics(numbers: npt.NDArray[np.int32], weights: Floats | None = None) -> Floats:
    """Return the statistics of each window, (4, n_windows), in the order of `STATISTICS`."""
    found = haplotype_diversity(numbers, weights)
    return np.stack([getattr(found, name) for name in STATISTICS])


def _errors(population: str, synthetic: Floats, holdout: Floats) -> Scores:
    rmse = np.sqrt(np.square(synthetic - holdout).mean(axis=1))
    scores = {
        (population, f"{name}_rmse"): float(error) for name, error in zip(STATISTICS, rmse, strict=True)
    }
    ours, theirs = synthetic[STATISTICS.index("h12")], holdout[STATISTICS.index("h12")]
    if len(ours) >= FEWEST_WINDOWS and np.ptp(ours) > 0 and np.ptp(theirs) > 0:
        scores[population, "h12_r"] = float(np.corrcoef(ours, theirs)[0, 1])
    return scores


def _limits(statistic: str) -> tuple[float, float]:
    return (-1.0, 1.0) if statistic == "h12_r" else (0.0, np.inf)


def _along(variants: VariantTable, curves: dict[tuple[str, str], list[Floats]]) -> "DataFrame":
    """Return the mean statistics of evenly spaced windows over the draws; `position` is a window's middle, in bp."""
    import pandas as pd

    among = windows(variants.contig, WIDTH)
    shown = evenly_spaced(len(among), CURVE_WINDOWS)
    first = np.array([among[index].start for index in shown])
    last = np.array([among[index].stop - 1 for index in shown])
    place = {
        "contig": variants.contig[first], "position": (variants.position[first] + variants.position[last]) / 2
    }  # fmt: skip
    parts = [
        pd.DataFrame({
            **place, "population": population, "panel": panel,
            **dict(zip(STATISTICS, np.mean(found, axis=0)[:, shown], strict=True)),
        })
        for (population, panel), found in curves.items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


METRIC = Metric(
    function=window_diversity, title="Haplotype diversity", group="fidelity", headline="h12_rmse",
    statistics={
        "h12_rmse": Statistic(
            ideal=0, name="error of H12",
            about="How far the homozygosity of local haplotypes (H12: the two commonest taken as one) lies from that "
            "of real people, over windows along the genome.",
        ),
        "h12_r": Statistic(
            ideal=1, name="correlation of H12",
            about="Do the same places of the genome have common haplotypes as in real people?",
        ),
        **statistics(diversity_rmse=0, h1_rmse=0, h2_h1_rmse=0),
    },
)  # fmt: skip
