"""Linkage disequilibrium: its decay with distance, and r2 pair by pair."""

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
    exact,
    statistics,
    summary,
)
from genome_ac_gan.metrics.draws import draw, proportional_counts
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.frequency import minor_allele_frequencies, polymorphic
from genome_ac_gan.popgen.ld import (
    Decay,
    compare_r2,
    compat_bins,
    decay,
    decay_rmse,
    log_bins,
    longest_distance,
)

if TYPE_CHECKING:
    from pandas import DataFrame

MIN_MAF = 0.01


def ld_decay(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Root mean squared difference of the decay of r2 with distance, and agreement of r2 over all pairs.

    r2 is the squared correlation of the alleles of two variants; the decay is
    its mean in bins of their distance in bp, over pairs on one contig; bins
    without a pair are left out.

    - `corrected`: RMSE over 49 bins evenly spaced in log distance, over the
      variants with a holdout MAF of at least 1%, whatever the synthetic set
      holds: r2 is 0 where it has one allele only. `repeats` subsets of the
      larger set, as large as the smaller one and stratified by label, because
      r2 has a bias of 1 / (n - 1): value and interval are their mean and
      percentiles. Between sets of one size nothing is drawn.
    - `compat`: RMSE over the bins of the published figures (natural logarithms
      as powers of ten), over the variants polymorphic in both full sets.
    - `r2_matrix_r`, `r2_matrix_rmse`: Pearson correlation and RMSE of r2 over
      all pairs i < j, on one contig or two, of the variants polymorphic in both
      full sets.

    Values without draws carry no interval (`lower` and `upper` repeat them). `n`
    is the number of variants. Readings of the Genome-AC-GAN paper, Figure 12
    (doi:10.1101/2024.02.14.580420), and Yelmen et al. 2021
    (doi:10.1371/journal.pgen.1009303).
    """
    import pandas as pd

    variants = data.holdout.variants
    longest = longest_distance(variants.contig, variants.position)
    rows, curves = _published(data, compat_bins(longest))
    fixed_rows, fixed_curves = _corrected(data, log_bins(longest), rng, repeats)
    return MetricResult(
        table=as_table(fixed_rows + rows),
        curves={"ld-decay": pd.concat(fixed_curves + curves, ignore_index=True)},
    )


def _published(
    data: Comparison, edges: npt.NDArray[np.float64]
) -> tuple[list[dict[str, Any]], list["DataFrame"]]:
    x, y, variants = data.holdout.haplotypes, data.synthetic.haplotypes, data.holdout.variants
    kept = polymorphic(x) & polymorphic(y)
    both = compare_r2(x[:, kept], y[:, kept], variants.contig[kept], variants.position[kept], edges)
    n = int(kept.sum())
    rows = [exact(POOLED, "r2_matrix_r", both.agreement.r, n)] if np.isfinite(both.agreement.r) else []
    if both.agreement.n_pairs:
        rows.append(exact(POOLED, "r2_matrix_rmse", both.agreement.rmse, n))
    rmse = decay_rmse(both.first.mean, both.second.mean)
    rows.extend([exact(POOLED, "compat", rmse, n)] if np.isfinite(rmse) else [])
    curves = [
        _curve("compat", name, sums, sums.mean)
        for name, sums in (("holdout", both.first), ("synthetic", both.second))
    ]
    return rows, curves


def _corrected(
    data: Comparison, edges: npt.NDArray[np.float64], rng: np.random.Generator, repeats: int
) -> tuple[list[dict[str, Any]], list["DataFrame"]]:
    kept = minor_allele_frequencies(data.holdout.haplotypes) >= MIN_MAF
    variants = data.holdout.variants[kept]

    def curve(x: npt.NDArray[np.uint8]) -> Decay:
        return decay(x, variants.contig, variants.position, edges)

    n = min(data.holdout.n_haplotypes, data.synthetic.n_haplotypes)
    real, synthetic = (
        [curve(panel.haplotypes[:, kept])] if panel.n_haplotypes == n
        else [curve(_subset(data, panel, n, rng)[:, kept]) for _ in range(repeats)]
        for panel in (data.holdout, data.synthetic)
    )  # fmt: skip
    pairs = [(a, b) for a in real for b in synthetic]
    errors = [decay_rmse(a.mean, b.mean) for a, b in pairs]
    rows = [summary(POOLED, "corrected", errors, int(kept.sum()))] if np.isfinite(errors).all() else []
    curves = [
        _curve("corrected", name, sums[0], np.mean([each.mean for each in sums], axis=0))
        for name, sums in (("holdout", real), ("synthetic", synthetic))
    ]
    return rows, curves


def _subset(
    data: Comparison, panel: HaplotypePanel, n: int, rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    strata = data.strata(panel)
    return panel.haplotypes[draw(panel, strata, proportional_counts(strata, n), rng)]


def _curve(reading: str, panel: str, sums: Decay, mean: npt.NDArray[np.float64]) -> "DataFrame":
    """Return the filled bins; `distance` is the geometric middle of a bin, in bp."""
    import pandas as pd

    filled = sums.n_pairs > 0
    middle = np.sqrt(sums.edges[:-1] * sums.edges[1:])
    return pd.DataFrame({
        "reading": reading, "panel": panel, "distance": middle[filled],
        "r2": mean[filled], "n_pairs": sums.n_pairs[filled],
    })  # fmt: skip


METRIC = Metric(
    function=ld_decay, title="Linkage disequilibrium", group="fidelity", headline="corrected",
    statistics={
        "corrected": Statistic(
            ideal=0, name="error of decay",
            about="How far mean r² at a given distance lies from that of real people, over all distances.",
        ),
        "r2_matrix_r": Statistic(
            ideal=1, name="correlation of r²",
            about="Is each pair of variants linked as strongly as it is in real people?",
        ),
        **statistics(compat=0, r2_matrix_rmse=0),
    },
)  # fmt: skip
