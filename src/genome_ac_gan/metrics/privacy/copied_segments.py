"""Longest segments copied from one training haplotype, against those that unseen people share with training."""

from collections import defaultdict
from typing import TYPE_CHECKING, Any

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
    summary,
    weighted_row,
)
from genome_ac_gan.metrics.draws import MIN_ROWS, draw, equal_counts, population_slices, weightings
from genome_ac_gan.metrics.shared import pooled, remembered_pair
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.matching import longest_matches
from genome_ac_gan.popgen.ranks import in_lowest_part, median, on_one_grid, smaller

if TYPE_CHECKING:
    from pandas import DataFrame

Floats = npt.NDArray[np.float64]
LONG = 0.05
LIMITS = {"beyond_holdout": (0.0, 1.0), "longer_than_holdout": (0.0, 1.0)}
POSITIVE = (0.0, np.inf)
SHARES = np.linspace(0, 1, 101)
Spans = dict[str, Floats]  # by unit, bp or cm


def copied_segments(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Length of the longest segment that a haplotype shares, allele by allele, with one training haplotype.

    Of all runs of consecutive variants of a contig on which a row agrees with
    any one train row, the longest; its length is that from its first to its
    last variant, in bp and, when a map is known, the longest in cM. Holdout
    rows are measured against the same train rows, all of them, and say how long
    segments are that unseen people share by descent.

    - `beyond_holdout`: share of synthetic rows among the longest 5% of holdout
      lengths in bp; of rows at the percentile itself the part counts that makes
      it 5% for the holdout rows.
    - `longer_than_holdout`: chance that the length in bp of a synthetic row
      exceeds that of a holdout row, ties one half (Mann-Whitney).
    - `median_bp_ratio`, `median_cm_ratio`: median length, synthetic over holdout.
    - `longest_bp_ratio`: longest of all, synthetic over holdout, of equally many
      rows: mean and percentiles of `repeats` draws, stratified by population.

    A ratio has no row when the holdout length is 0. A population's (at least 20
    rows of it in either set) are its own rows against all train rows. But for
    `longest_bp_ratio` values are of the full sets (6,000 rows of each at most,
    and every train row); intervals from weighting the people of both at random
    (Bayesian bootstrap), centred on the value. `n` is the number of synthetic
    rows. Segments are found by the positional Burrows-Wheeler transform (Durbin
    2014, doi:10.1093/bioinformatics/btu014).
    """
    import pandas as pd

    data, train = pooled(data), data.train  # every train row may be copied from
    panels = {"synthetic": data.synthetic, "holdout": data.holdout}
    spans = {name: _longest_shared(panel, train) for name, panel in panels.items()}
    weights = {name: weightings(panel, repeats, rng) for name, panel in panels.items()}
    table: list[dict[str, Any]] = []
    curves: list[DataFrame] = []
    for population in (POOLED, *data.populations):
        rows = {name: data.rows_of(panel, population) for name, panel in panels.items()}
        n = {name: int(own.sum()) for name, own in rows.items()}
        if population != POOLED and min(n.values()) < MIN_ROWS:
            continue
        own_weights = {name: weights[name][:, own] for name, own in rows.items()}
        for unit in spans["holdout"]:
            found = {name: spans[name][unit][own] for name, own in rows.items()}
            for statistic, values in _compared(unit, found, own_weights).items():
                limits = LIMITS.get(statistic, POSITIVE)
                table.append(weighted_row(population, statistic, values, n["synthetic"], limits))
            curves.extend(_survival(unit, population, name, found[name]) for name in panels)
    table.extend(_longest_ratios(data, spans, rng, repeats))
    return MetricResult(
        table=as_table(table), curves={"copied-segments": pd.concat(curves, ignore_index=True)}
    )


def _longest_shared(panel: HaplotypePanel, train: HaplotypePanel) -> Spans:
    """Return the length of the longest segment that each row shares with a train row, remembered."""
    variants = train.variants
    scales = {"bp": variants.position} | ({} if variants.cm is None else {"cm": variants.cm})

    def make() -> Spans:
        segments = longest_matches(panel.haplotypes, train.haplotypes, variants.contig, list(scales.values()))
        return {unit: each.span(place) for (unit, place), each in zip(scales.items(), segments, strict=True)}

    return remembered_pair(panel, train, "copied-segments", make)


def _compared(unit: str, found: Spans, weights: dict[str, Floats]) -> dict[str, Floats]:
    """Return each statistic of one unit under each weighting, from the lengths of either set."""
    grid, ours, theirs = on_one_grid(
        -found["synthetic"], -found["holdout"], weights["synthetic"], weights["holdout"]
    )  # negative: the longest first
    middle, theirs_middle = -median(grid, ours), -median(grid, theirs)
    undefined = np.full(len(middle), np.nan)
    ratio = np.divide(middle, theirs_middle, out=undefined, where=theirs_middle > 0)
    if unit != "bp":
        return {f"median_{unit}_ratio": ratio}
    return {
        "beyond_holdout": in_lowest_part(ours, theirs, LONG),
        "longer_than_holdout": smaller(ours, theirs),
        "median_bp_ratio": ratio,
    }


def _longest_ratios(
    data: Comparison, spans: dict[str, Spans], rng: np.random.Generator, repeats: int
) -> list[dict[str, Any]]:
    strata = {
        name: data.strata(panel) for name, panel in (("synthetic", data.synthetic), ("holdout", data.holdout))
    }
    counts = equal_counts(*strata.values())
    draws = defaultdict(list)
    for _ in range(repeats):
        ours, theirs = (
            spans[name]["bp"][draw(data.panels[name], strata[name], counts, rng)] for name in strata
        )
        for population, part in population_slices(counts, labelled=data.labelled).items():
            draws[population].append((ours[part].max(), theirs[part].max()))
    n = {POOLED: sum(counts.values()), **counts}
    pairs = {population: np.array(values) for population, values in draws.items()}
    return [
        summary(population, "longest_bp_ratio", ours / theirs, n[population])
        for population, (ours, theirs) in ((name, each.T) for name, each in pairs.items())
        if (theirs > 0).all()
    ]


def _survival(unit: str, population: str, panel: str, lengths: npt.NDArray[np.float64]) -> "DataFrame":
    """Return the share of rows whose segment is at least as long as each of 101 lengths."""
    import pandas as pd

    return pd.DataFrame({
        "unit": unit, "population": population, "panel": panel,
        "length": np.quantile(lengths, SHARES), "share": 1 - SHARES,
    })  # fmt: skip


METRIC = Metric(
    function=copied_segments, title="Copied segments", group="privacy", headline="beyond_holdout",
    statistics={
        "beyond_holdout": Statistic(
            ideal=LONG, name="copies longer than in 95% of unseen people",
            about="Share of artificial genomes that copy a longer piece of one training haplotype than 95% of unseen "
            "people share with one. 5% is ideal; more means that pieces of training people are handed out.",
        ),
        "longer_than_holdout": Statistic(
            ideal=0.5, name="longer than in an unseen person",
            about="How often the longest piece that an artificial genome shares with a training haplotype is longer "
            "than that of an unseen person. One half is ideal; towards 0, artificial genomes are unlike real ones.",
        ),
        **statistics(median_bp_ratio=1, median_cm_ratio=1, longest_bp_ratio=1),
    },
)  # fmt: skip
