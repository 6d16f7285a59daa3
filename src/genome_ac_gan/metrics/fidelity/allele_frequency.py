"""Agreement of allele frequencies."""

from collections.abc import Iterator
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
    exact,
    statistics,
    summary,
)
from genome_ac_gan.metrics.draws import person_weights
from genome_ac_gan.popgen.frequency import polymorphic, weighted_frequencies

Floats = npt.NDArray[np.float64]

CURVE_VARIANTS = 2000


def allele_frequency(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Pearson correlation and mean absolute error of alternative-allele frequencies, synthetic against holdout.

    `r` and `mae` are over all variants; `r_low`, `mae_low` over those with a
    real (holdout) frequency of at most .2, `r_high`, `mae_high` of at least .8:
    the filter looks at the real set only. `lost` counts the variants with both
    alleles in the holdout and one in the synthetic set, `lost_rare` those among
    them with a holdout MAF below 1%; both depend on the number of haplotypes.
    Pooled and per population, each population with its own frequencies.

    Values are of the full sets; the interval resamples the people of both sets
    (Bayesian bootstrap, `repeats` draws), centred on the value. `n` is the
    number of variants. A correlation over fewer than two variants, or of
    constant frequencies, has no row. The definitions are those of the
    Genome-AC-GAN paper (doi:10.1101/2024.02.14.580420), Figure 9.
    """
    real_weights = person_weights(data.holdout, repeats, rng)
    synthetic_weights = person_weights(data.synthetic, repeats, rng)
    rows: list[dict[str, Any]] = []
    curves = []
    for population in (POOLED, *data.populations):
        real_rows = data.rows_of(data.holdout, population)
        rows_ = data.rows_of(data.synthetic, population)
        x, y = data.holdout.haplotypes[real_rows], data.synthetic.haplotypes[rows_]
        real = _frequencies(x, real_weights[:, real_rows])
        synthetic = _frequencies(y, synthetic_weights[:, rows_])
        rows += _agreement(population, real, synthetic)
        rows += _lost(population, x, y, real[0])
        curves.append(_curve(data, population, real[0], synthetic[0]))
    import pandas as pd

    return MetricResult(
        table=as_table(rows), curves={"allele-frequency": pd.concat(curves, ignore_index=True)}
    )


def _frequencies(x: npt.NDArray[np.uint8], weights: Floats) -> Floats:
    """Return the plain frequencies, then those of each draw: (1 + repeats, n_variants)."""
    return weighted_frequencies(x, np.concatenate([np.ones((1, len(x))), weights]))


def _filters(real: Floats) -> dict[str, npt.NDArray[np.bool_]]:
    """Return the three sets of variants by the suffix of their statistics."""
    return {"": np.ones(len(real), dtype=bool), "_low": real <= 0.2, "_high": real >= 0.8}


def _agreement(population: str, real: Floats, synthetic: Floats) -> Iterator[dict[str, Any]]:
    for suffix, kept in _filters(real[0]).items():
        n = int(kept.sum())
        a, b = real[:, kept], synthetic[:, kept]
        if n > 1:
            r = correlation(a, b)
            yield summary(population, f"r{suffix}", _defined(r[1:], r[0]), n, value=r[0], limits=(-1, 1))
        if n > 0:
            mae = np.abs(a - b).mean(axis=1)
            yield summary(population, f"mae{suffix}", mae[1:], n, value=mae[0], limits=(0, 1))


def correlation(a: Floats, b: Floats) -> Floats:
    """Return the Pearson correlation of each pair of rows, NaN where a row is constant."""
    a = a - a.mean(axis=1, keepdims=True)
    b = b - b.mean(axis=1, keepdims=True)
    size = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    return np.where(size > 1e-12, (a * b).sum(axis=1) / np.where(size > 1e-12, size, 1), np.nan)


def _defined(draws: Floats, value: float) -> Floats:
    """Return the draws that have a value; the value itself when none has."""
    kept = draws[np.isfinite(draws)]
    return kept if len(kept) else np.array([value])


def _lost(
    population: str, x: npt.NDArray[np.uint8], y: npt.NDArray[np.uint8], real: Floats
) -> Iterator[dict[str, Any]]:
    lost = polymorphic(x) & ~polymorphic(y)
    rare = np.minimum(real, 1 - real) < 0.01
    yield exact(population, "lost", int(lost.sum()), len(real))
    yield exact(population, "lost_rare", int((lost & rare).sum()), len(real))


def _curve(data: Comparison, population: str, real: Floats, synthetic: Floats) -> Any:
    """Return the two frequencies of at most 2,000 variants, evenly spaced along the panel."""
    import pandas as pd

    chosen = np.unique(np.linspace(0, len(real) - 1, min(CURVE_VARIANTS, len(real))).astype(int))
    variants = data.holdout.variants
    return pd.DataFrame({
        "population": population, "contig": variants.contig[chosen].astype(object),
        "position": variants.position[chosen], "holdout": real[chosen], "synthetic": synthetic[chosen],
    })  # fmt: skip


METRIC = Metric(
    function=allele_frequency, title="Allele frequencies", group="fidelity", headline="r",
    statistics={
        "r": Statistic(
            ideal=1, name="correlation r",
            about="Do variants have the frequency they have in real people? 1 is perfect agreement.",
        ),
        "mae": Statistic(
            ideal=0, name="mean error", about="By how much the frequency of a variant is off, on average."
        ),
        **statistics(r_low=1, mae_low=0, r_high=1, mae_high=0, lost=0, lost_rare=0),
    },
)  # fmt: skip
