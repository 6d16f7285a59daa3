"""Agreement of allele frequencies."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from genome_ac_gan.metrics.allele_counts import AlleleCounts, by_population
from genome_ac_gan.metrics.base import (
    POOLED,
    Comparison,
    Metric,
    MetricResult,
    Statistic,
    as_table,
    exact,
    statistics,
    weighted_row,
)
from genome_ac_gan.metrics.draws import person_weights
from genome_ac_gan.popgen.frequency import evenly_spaced

if TYPE_CHECKING:
    from pandas import DataFrame

Floats = npt.NDArray[np.float64]
Chosen = npt.NDArray[np.bool_]

CURVE_VARIANTS = 2000  # of one population in a curve, fewer when there are many populations
CURVE_ROWS = 18_000
RARE, COMMON = 0.01, 0.05


def allele_frequency(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Pearson correlation and mean absolute error of alternative-allele frequencies, synthetic against holdout.

    `r` and `mae` are over all variants; `r_low`, `mae_low` over those with a
    real (holdout) frequency of at most .2, `r_high`, `mae_high` of at least .8;
    `_maf_below_1`, `_maf_1_to_5` and `_maf_above_5` over those with a holdout
    MAF in [0, 1%), [1%, 5%) and [5%, 50%], by the allele that is the rarer one
    in the holdout (of the ALT alleles below 1% MAF some stand near 0 and some
    near 1, and any generator tells these apart): every filter looks at the
    holdout set only. In `r_all_real` and `mae_all_real` the real set is train
    and holdout together, over all variants.

    Counts of variants: with both alleles in the holdout and in the synthetic
    set the reference allele only (`lost`) or the alternative only (`fixed`);
    those of both with a holdout MAF below 1% (`lost_rare`); with one and the
    same allele in all of train and holdout and two in the synthetic set
    (`invented`). Counts depend on the number of haplotypes in each set.

    Pooled and per population, each population with its own frequencies. Values
    are of the full sets; the interval resamples the people of all sets
    (Bayesian bootstrap, `repeats` draws), centred on the value; counts have
    none. `n` is the number of variants. A correlation over fewer than two
    variants, or of constant frequencies, has no row. The definitions are those
    of the Genome-AC-GAN paper (doi:10.1101/2024.02.14.580420), Figures 9
    (against holdout) and 10 (`all_real`).
    """
    import pandas as pd

    weights = {
        name: person_weights(data.panels[name], repeats, rng) for name in ("holdout", "synthetic", "train")
    }
    counts = {name: by_population(data, data.panels[name], weights[name]) for name in weights}
    rows: dict[str, list[dict[str, Any]]] = {}
    curves: dict[str, DataFrame] = {}
    for (population, holdout), (_, synthetic), (_, train) in zip(*counts.values(), strict=True):
        real, found = holdout.frequencies, synthetic.frequencies
        rows[population] = [
            *_agreement(population, _ranges(real[0]), real, found),
            *_agreement(population, _maf_bins(holdout), *_of_minor(real, found)),
            *_agreement(population, {"_all_real": _every(real)}, (holdout + train).frequencies, found),
            *_counts(population, train, holdout, synthetic),
        ]
        curves[population] = _curve(data, population, real[0], found[0])
        if population == POOLED:
            by_range = _range_curve(real[0], found[0])
    order = (POOLED, *data.populations)
    return MetricResult(
        table=as_table([row for population in order for row in rows[population]]),
        curves={
            "allele-frequency": pd.concat([curves[population] for population in order], ignore_index=True),
            "allele-frequency-ranges": by_range,
        },
    )


def _every(real: Floats) -> Chosen:
    return np.ones(real.shape[-1], dtype=bool)


def _ranges(real: Floats) -> dict[str, Chosen]:
    """Return the variants by range of their frequency, by the suffix of the statistics."""
    return {"": _every(real), "_low": real <= 0.2, "_high": real >= 0.8}


def _maf_bins(holdout: AlleleCounts) -> dict[str, Chosen]:
    """Return the variants by minor allele frequency, by the suffix of the statistics."""
    maf = _maf(holdout)
    return {
        "_maf_below_1": maf < RARE,
        "_maf_1_to_5": (maf >= RARE) & (maf < COMMON),
        "_maf_above_5": maf >= COMMON,
    }


def _maf(counts: AlleleCounts) -> Floats:
    """Return the plain minor allele frequencies; from counts, so that exact percentages stay exact."""
    plain = counts.counts[0]
    return np.asarray(np.minimum(plain, counts.n - plain) / counts.n)


def _of_minor(real: Floats, synthetic: Floats) -> tuple[Floats, Floats]:
    """Return both frequencies of the allele that is the rarer one in the real set."""
    turned = real[0] > 0.5
    return np.where(turned, 1 - real, real), np.where(turned, 1 - synthetic, synthetic)


def _agreement(
    population: str, filters: dict[str, Chosen], real: Floats, synthetic: Floats
) -> Iterator[dict[str, Any]]:
    for suffix, kept in filters.items():
        n = int(kept.sum())
        a, b = real[:, kept], synthetic[:, kept]
        if n > 1:
            r = correlation(a, b)
            yield weighted_row(population, f"r{suffix}", r, n, (-1, 1))
        if n > 0:
            mae = np.abs(a - b).mean(axis=1)
            yield weighted_row(population, f"mae{suffix}", mae, n, (0, 1))


def correlation(a: Floats, b: Floats) -> Floats:
    """Return the Pearson correlation of each pair of rows, NaN where a row is constant."""
    a = a - a.mean(axis=1, keepdims=True)
    b = b - b.mean(axis=1, keepdims=True)
    size = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    return np.where(size > 1e-12, (a * b).sum(axis=1) / np.where(size > 1e-12, size, 1), np.nan)


def _counts(
    population: str, train: AlleleCounts, holdout: AlleleCounts, synthetic: AlleleCounts
) -> Iterator[dict[str, Any]]:
    shown, found = holdout.counts[0], synthetic.counts[0]
    known = shown + train.counts[0]
    two = (shown > 0) & (shown < holdout.n)
    lost, fixed = two & (found == 0), two & (found == synthetic.n)
    counted = {
        "lost": lost,
        "fixed": fixed,
        "lost_rare": (lost | fixed) & (_maf(holdout) < RARE),
        "invented": ((known == 0) | (known == holdout.n + train.n)) & (found > 0) & (found < synthetic.n),
    }
    for statistic, variants in counted.items():
        yield exact(population, statistic, int(variants.sum()), len(shown))


def _curve(data: Comparison, population: str, real: Floats, synthetic: Floats) -> "DataFrame":
    """Return the two frequencies of evenly spaced variants along the panel."""
    import pandas as pd

    most = min(CURVE_VARIANTS, CURVE_ROWS // (1 + len(data.populations)))
    chosen = evenly_spaced(len(real), max(1, most))
    variants = data.holdout.variants
    return pd.DataFrame({
        "population": population, "contig": variants.contig[chosen].astype(object),
        "position": variants.position[chosen], "holdout": real[chosen], "synthetic": synthetic[chosen],
    })  # fmt: skip


def _range_curve(real: Floats, synthetic: Floats) -> "DataFrame":
    """Return the pooled frequencies of evenly spaced variants: of all, the frequent and the rare ones apart.

    Frequent ones are so few that hardly any would be left among spaced ones of all.
    """
    import pandas as pd

    parts = []
    for suffix, kept in _ranges(real).items():
        own = np.flatnonzero(kept)
        chosen = own[evenly_spaced(len(own), CURVE_VARIANTS)]
        parts.append(
            pd.DataFrame(
                {"variants": suffix[1:] or "all", "holdout": real[chosen], "synthetic": synthetic[chosen]}
            )
        )
    return pd.concat(parts, ignore_index=True)


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
        **statistics(
            r_low=1, mae_low=0, r_high=1, mae_high=0,
            r_maf_below_1=1, mae_maf_below_1=0, r_maf_1_to_5=1, mae_maf_1_to_5=0,
            r_maf_above_5=1, mae_maf_above_5=0, r_all_real=1, mae_all_real=0,
            lost=0, fixed=0, lost_rare=0, invented=0,
        ),
    },
)  # fmt: skip
