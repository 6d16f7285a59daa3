"""Runs of identical alleles that two haplotypes share around a place of the genome."""

from dataclasses import dataclass
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
)
from genome_ac_gan.metrics.draws import MIN_ROWS, id_order, person_weights
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.runs import gaps_at, shared_runs

if TYPE_CHECKING:
    from pandas import DataFrame

Floats = npt.NDArray[np.float64]
PAIRS, POPULATION_PAIRS = 4000, 1000
PLACES = 5  # of each pair
SHARES = np.linspace(0, 1, 101)
POSITIVE = (0.0, np.inf)


def shared_haplotypes(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """How long two haplotypes of different people agree around a random place, in the synthetic and the holdout set.

    A place is the gap between two neighbouring variants of a contig, each gap
    equally likely. The run of a pair there lies between the nearest variants to
    the left and right at which the two rows differ; its length is the distance
    of these. Where the rows differ nowhere up to the end of the contig, the run
    ends at the contig's outermost variant: it is cut there, in both sets alike.

    - `log_length`: 1-D Wasserstein distance of the distributions of the decimal
      logarithm of the length in bp; 0.3 is a factor of two.
    - `mean_ratio_bp`, `mean_ratio_cm`: mean length, synthetic over holdout, in
      bp and, when a map is known, in cM.

    Pooled, 4,000 pairs with five places each; of a population with at least 20
    rows in either set, 1,000 pairs. Both sets have pairs of the same
    populations (those of random holdout rows) and the same places; pairs of one
    person are dropped. Values are of all pairs; intervals from weighting the
    people of both sets at random (Bayesian bootstrap; a pair has the product of
    its weights), centred on the value. `n` is the number of synthetic runs.
    Panels without a contig of two variants have no rows. Such runs are
    the tracts of identity by state of Harris & Nielsen 2013
    (doi:10.1371/journal.pgen.1003521).
    """
    import pandas as pd

    variants = data.holdout.variants
    if (variants.contig[1:] != variants.contig[:-1]).all():
        return MetricResult(table=as_table([]))
    panels = {"synthetic": data.synthetic, "holdout": data.holdout}
    weights = {name: person_weights(panel, repeats, rng) for name, panel in panels.items()}
    drawn = {population: _Uniform(n, rng) for population, n in (("all", PAIRS), ("one", POPULATION_PAIRS))}
    table: list[dict[str, Any]] = []
    curves: list[DataFrame] = []
    for population in (POOLED, *data.populations):
        uniform = drawn["all" if population == POOLED else "one"]
        runs = {name: _runs(data, name, population, uniform, weights[name]) for name in panels}
        ours, theirs = runs["synthetic"], runs["holdout"]
        if ours is not None and theirs is not None:
            table.extend(_rows(population, ours, theirs))
            curves.extend(
                [_survival(population, "synthetic", ours), _survival(population, "holdout", theirs)]
            )
    return MetricResult(
        table=as_table(table),
        curves={"shared-haplotypes": pd.concat(curves, ignore_index=True)} if curves else {},
    )


class _Uniform:
    """Uniform random numbers behind some pairs: the same for every population, so that no name decides."""

    def __init__(self, n_pairs: int, rng: np.random.Generator) -> None:
        self.model = rng.random((n_pairs, 2))  # holdout rows whose populations a pair has
        self.rows = {name: rng.random((n_pairs, 2)) for name in ("synthetic", "holdout")}
        self.places = rng.random((n_pairs, PLACES))


@dataclass(frozen=True)
class _Runs:
    """Lengths of runs by unit, (n_runs,), and their weights, (repeats, n_runs)."""

    lengths: dict[str, Floats]
    weights: Floats


def _runs(data: Comparison, name: str, population: str, uniform: _Uniform, weights: Floats) -> _Runs | None:
    """Return the runs of the pairs of one set, or None when there are too few rows or no pair of two people."""
    panel, variants = data.panels[name], data.holdout.variants
    fewest = min(int(data.rows_of(each, population).sum()) for each in (data.holdout, data.synthetic))
    if population != POOLED and fewest < MIN_ROWS:
        return None
    pairs = _pairs(data, panel, population, uniform.model, uniform.rows[name])
    kept = panel.person[pairs[:, 0]] != panel.person[pairs[:, 1]]
    if not kept.any():
        return None
    pairs, places = pairs[kept], gaps_at(variants.contig, uniform.places[kept])
    left, right = shared_runs(panel.haplotypes, pairs, places, variants.contig)
    scales = {"bp": variants.position} | ({} if variants.cm is None else {"cm": variants.cm})
    lengths = {
        unit: (place[right] - place[left]).astype(np.float64).ravel() for unit, place in scales.items()
    }
    return _Runs(lengths, np.repeat(weights[:, pairs].prod(axis=2), PLACES, axis=1))


def _pairs(
    data: Comparison, panel: HaplotypePanel, population: str, model: Floats, uniform: Floats
) -> npt.NDArray[np.intp]:
    """Return random rows of a panel, (n_pairs, 2), of one population or those of random holdout rows."""
    if population == POOLED:
        strata = data.strata(data.holdout)
        wanted = strata[_pick(id_order(data.holdout), model)]
    else:
        wanted = np.full(model.shape, population)
    by_id = id_order(panel)
    rows = np.empty(model.shape, dtype=np.intp)
    for name in np.unique(wanted):
        where = wanted == name
        rows[where] = _pick(by_id[data.strata(panel)[by_id] == name], uniform[where])
    return rows


def _pick(rows: npt.NDArray[np.intp], uniform: Floats) -> npt.NDArray[np.intp]:
    return rows[(uniform * len(rows)).astype(np.intp)]


def _rows(population: str, ours: _Runs, theirs: _Runs) -> list[dict[str, Any]]:
    n = ours.weights.shape[1]
    value, draws = _distances(ours, theirs)
    rows = [summary(population, "log_length", draws, n, value=value, limits=POSITIVE)]
    for unit, lengths in ours.lengths.items():
        others = theirs.lengths[unit]
        if others.any():
            ratios = _means(lengths, ours.weights) / _means(others, theirs.weights)
            value = lengths.mean() / others.mean()
            rows.append(summary(population, f"mean_ratio_{unit}", ratios, n, value=value, limits=POSITIVE))
    return rows


def _distances(ours: _Runs, theirs: _Runs) -> tuple[float, list[float]]:
    """Return the Wasserstein distance of the logarithms, and that under each weighting."""
    from scipy.stats import wasserstein_distance

    a, b = np.log10(ours.lengths["bp"]), np.log10(theirs.lengths["bp"])
    draws = [
        float(wasserstein_distance(a, b, *weights))
        for weights in zip(ours.weights, theirs.weights, strict=True)
    ]
    return float(wasserstein_distance(a, b)), draws


def _means(lengths: Floats, weights: Floats) -> Floats:
    return np.asarray(weights @ lengths / weights.sum(axis=1))


def _survival(population: str, panel: str, runs: _Runs) -> "DataFrame":
    """Return the share of runs that are at least as long as each of 101 lengths, by unit."""
    import pandas as pd

    parts = [
        pd.DataFrame({
            "unit": unit, "population": population, "panel": panel,
            "length": np.quantile(lengths, SHARES), "share": 1 - SHARES,
        })
        for unit, lengths in runs.lengths.items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


METRIC = Metric(
    function=shared_haplotypes, title="Shared haplotypes", group="fidelity", headline="log_length",
    statistics={
        "log_length": Statistic(
            ideal=0, name="difference of run lengths",
            about="How far the lengths of the stretches on which two artificial genomes agree lie from those of two "
            "real people, in powers of ten (0.3 is a factor of two).",
        ),
        "mean_ratio_bp": Statistic(
            ideal=1, name="mean run length, artificial over real",
            about="Below 1, artificial genomes are more broken up than real ones; above 1, more alike over long "
            "stretches.",
        ),
        **statistics(mean_ratio_cm=1),
    },
)  # fmt: skip
