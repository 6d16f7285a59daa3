"""Imputation: can artificial genomes stand in for real people as a reference panel."""

from collections.abc import Mapping
from dataclasses import replace
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
    weighted_row,
)
from genome_ac_gan.metrics.draws import MAX_ROWS, MIN_ROWS, Rows, draw, equal_counts, weightings
from genome_ac_gan.metrics.shared import pooled, remembered, remembered_pair
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.copying import CopyingModel, map_distances
from genome_ac_gan.popgen.frequency import column_blocks, minor_allele_frequencies, polymorphic
from genome_ac_gan.popgen.imputation import impute

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_TYPED = 1000
VARIANTS_PER_TYPED = 10
CONSTANT = 1e-12  # variance up to which a dosage counts as constant: a millionth of an allele, squared
PREFIXES = {"synthetic": "", "train": "train_", "both": "both_", "direct": "direct_"}
BINS = {"maf_below_1": (0, 0.01), "maf_1_to_5": (0.01, 0.05), "maf_above_5": (0.05, 1)}  # [from, to)
CURVE_EDGES = np.array([0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 1])

Single = npt.NDArray[np.float32]
Double = npt.NDArray[np.float64]


def imputation(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Squared correlation (r2) of the hidden alleles of real haplotypes with those imputed from a reference panel.

    Typed are the variants of the highest train MAF (the first of equals) in
    each of 1,000 windows with equal numbers of variants, fewer in panels of
    fewer than 10,000 variants: one window for 10 variants, at least one. All
    others are hidden in the holdout haplotypes and imputed by the haploid
    copying model of Li and Stephens (doi:10.1093/genetics/165.4.2213):
    Ne = 10,000, the panel's genetic map, or 1 cM/Mb without one. The dosage of
    a haplotype is its expected allele, between 0 and 1.

    Three panels of the same size are references: the synthetic set (`r2`),
    train rows (`train_r2`), and half of each (`both_r2`): of every population
    as many rows as both sets have, at most 2,000 in all; in the third, half of
    these rows from train (rounded down) and the others from the synthetic set.
    Where the model behind the synthetic set tells probabilities of alleles given
    others (`Comparison.imputer`), `direct_r2` is that of its own expectations, with
    the population of a haplotype known.
    `ratio` is `r2` / `train_r2`, `gain` is `both_r2` - `train_r2`.

    r2 is the squared Pearson correlation of dosage and allele over holdout
    haplotypes, 0 where the dosage is constant, averaged over hidden variants
    with both alleles in the holdout; `n` is their number. `_maf_below_1`,
    `_maf_1_to_5` and `_maf_above_5`: those with a holdout MAF below 1%, from 1%
    up to 5%, and from 5% on. Per population (of at least 20 holdout
    haplotypes): the same dosages, over its haplotypes and the variants with
    both alleles in them.

    Rows are drawn once, train rows always the same ones; a holdout of more than
    2,000 haplotypes is cut to as many, always the same ones. The interval is from
    `repeats` random weightings of the holdout people (Bayesian bootstrap),
    centred on the value; it does not cover the choice of reference rows.
    """
    if data.holdout.n_haplotypes > MAX_ROWS:
        data = replace(data, holdout=pooled(data, MAX_ROWS).holdout, log_likelihood=None)
    weights = weightings(data.holdout, repeats, rng)
    hidden, dosages = _dosages(data, rng)
    rows, curves = [], _curve(np.empty(0), {})
    for population in (POOLED, *data.populations):
        own = data.rows_of(data.holdout, population)
        if population != POOLED and own.sum() < MIN_ROWS:
            continue
        alleles = data.holdout.haplotypes[own][:, hidden]
        kept, maf = polymorphic(alleles), minor_allele_frequencies(alleles)
        if not kept.any():
            continue
        r2 = {
            name: weighted_r2(dosage[own][:, kept], alleles[:, kept], weights[:, own])
            for name, dosage in dosages.items()
        }
        rows += _rows(population, r2, maf[kept])
        curves = _curve(maf[kept], r2) if population == POOLED else curves
    return MetricResult(table=as_table(rows), curves={"imputation": curves})


def typed_variants(train: HaplotypePanel) -> npt.NDArray[np.intp]:
    """Return the columns that are typed: the highest MAF in each window, rising."""
    n = min(MOST_TYPED, max(1, train.n_variants // VARIANTS_PER_TYPED))
    maf = minor_allele_frequencies(train.haplotypes)
    windows = np.array_split(np.arange(train.n_variants), n)
    return np.array([window[np.argmax(maf[window])] for window in windows], dtype=np.intp)


def impute_hidden(
    holdout: HaplotypePanel, reference: npt.NDArray[np.uint8], typed: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], Single]:
    """Return the hidden variants with both alleles in the holdout, and the dosages of its haplotypes there.

    Parameters
    ----------
    reference : (n_ref, n_variants) uint8
    typed
        Columns whose alleles are known.

    Returns
    -------
    hidden : (n_hidden,) intp
    dosage : (n_holdout, n_hidden) float32
    """
    hidden = hidden_variants(holdout, typed)
    used = np.union1d(typed, hidden)  # others would cost time only
    variants = holdout.variants[used]
    model = CopyingModel.of(
        reference[:, used], map_distances(variants.contig, variants.position, variants.cm)
    )
    dosage = impute(holdout.haplotypes[:, typed], model, np.searchsorted(used, typed))
    return hidden, dosage[:, np.searchsorted(used, hidden)]


def hidden_variants(holdout: HaplotypePanel, typed: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return the columns that are not typed and show both alleles in the holdout."""
    return np.setdiff1d(np.flatnonzero(polymorphic(holdout.haplotypes)), typed)


def weighted_r2(dosage: Single, alleles: npt.NDArray[np.uint8], weights: Double) -> Double:
    """Return the squared Pearson correlation of each column of two arrays under several weightings of the rows.

    Parameters
    ----------
    dosage, alleles : (n, n_variants)
        `alleles` vary in every column.
    weights : (n_weightings, n)
        Positive.

    Returns
    -------
    (n_weightings, n_variants) float64
        0 where the dosage is constant.
    """
    shares = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    out = np.empty((len(weights), dosage.shape[1]))
    for columns in column_blocks(dosage.shape[1], 1024):
        x, y = (np.asarray(each[:, columns], np.float32) for each in (dosage, alleles))
        x, y = x - x.mean(axis=0), y - y.mean(axis=0)  # so that little cancels below
        mean_x, mean_y = shares @ x, shares @ y
        variance_x, variance_y = shares @ (x * x) - mean_x**2, shares @ (y * y) - mean_y**2
        varies = variance_x > CONSTANT
        product = np.where(varies, variance_x, 1) * np.maximum(variance_y, CONSTANT)
        out[:, columns] = np.where(varies, (shares @ (x * y) - mean_x * mean_y) ** 2 / product, 0)
    return np.minimum(out, 1)


def _dosages(data: Comparison, rng: np.random.Generator) -> tuple[npt.NDArray[np.intp], dict[str, Single]]:
    """Return the hidden variants, and the imputed dosages from each of the three panels."""
    train, synthetic, holdout = data.train, data.synthetic, data.holdout
    typed = remembered(train, "typed variants", lambda: typed_variants(train))
    counts = equal_counts(data.strata(train), data.strata(synthetic))
    rows = draw(synthetic, data.strata(synthetic), counts, rng)
    train_rows = draw(train, data.strata(train), counts, np.random.default_rng(0))  # for all sources
    first, last = _halves(counts)
    mixed = [train.haplotypes[train_rows[first]], synthetic.haplotypes[rows[last]]]
    hidden, from_train = remembered_pair(
        train, holdout, ("imputation", tuple(counts.items())),
        lambda: impute_hidden(holdout, train.haplotypes[train_rows], typed),
    )  # fmt: skip
    found = {
        "synthetic": impute_hidden(holdout, synthetic.haplotypes[rows], typed)[1],
        "train": from_train,
        "both": impute_hidden(holdout, np.concatenate(mixed), typed)[1],
    }
    if data.imputer is not None:
        found["direct"] = data.imputer(holdout, typed)[:, hidden]
    return hidden, found


def _halves(counts: Mapping[str, int]) -> tuple[Rows, Rows]:
    """Return the places in a draw of the first half of each population, rounded down, and of the others."""
    first = np.concatenate([np.arange(n) < n // 2 for n in counts.values()])
    return np.flatnonzero(first), np.flatnonzero(~first)


def _rows(population: str, r2: Mapping[str, Double], maf: Double) -> list[dict[str, Any]]:
    """Return rows from r2, (1 + repeats, n_variants) for each panel; bins of MAF for the pooled ones only."""
    bins = {"": (0.0, 1.0), **({f"_{name}": limits for name, limits in BINS.items()})}
    rows = []
    for suffix, (low, high) in bins.items() if population == POOLED else [("", (0.0, 1.0))]:
        kept = (maf >= low) & (maf < high)
        if kept.any():
            means = {name: values[:, kept].mean(axis=1) for name, values in r2.items()}
            rows += [
                weighted_row(population, f"{PREFIXES[name]}r2{suffix}", mean, int(kept.sum()), (0, 1))
                for name, mean in means.items()
            ]
    whole = {name: values.mean(axis=1) for name, values in r2.items()}
    rows.append(weighted_row(population, "gain", whole["both"] - whole["train"], len(maf), (-1, 1)))
    if (whole["train"] > 0).all():
        rows.append(
            weighted_row(population, "ratio", whole["synthetic"] / whole["train"], len(maf), (0, np.inf))
        )
    return rows


def _curve(maf: Double, r2: Mapping[str, Double]) -> "DataFrame":
    """Return mean r2 by bin of MAF: `maf` is the mean of a bin's variants, `n_variants` their number."""
    import pandas as pd

    bins = np.searchsorted(CURVE_EDGES, maf, side="right")
    rows = [
        (name, maf[bins == each].mean(), values[0, bins == each].mean(), np.count_nonzero(bins == each))
        for name, values in r2.items()
        for each in np.unique(bins)
    ]
    return pd.DataFrame(rows, columns=["panel", "maf", "r2", "n_variants"])


METRIC = Metric(
    function=imputation, title="Imputation", group="utility", headline="r2",
    statistics={
        "r2": Statistic(
            ideal=1, name="r² of imputed alleles",
            about="How well artificial genomes, as a reference panel, predict alleles of real people that were not "
            "typed. 1 would be perfect; no panel of this size reaches it, so compare with the training haplotypes.",
        ),
        "ratio": Statistic(
            ideal=1, name="r² relative to real haplotypes",
            about="The same, divided by what as many real training haplotypes achieve. 1 means that the artificial "
            "genomes are as good a panel as real people.",
        ),
        **statistics(gain=0, train_r2=1, both_r2=1, direct_r2=1),
        **{f"{prefix}r2_{name}": Statistic(ideal=1) for prefix in PREFIXES.values() for name in BINS},
    },
)  # fmt: skip
