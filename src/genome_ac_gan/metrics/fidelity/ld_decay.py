"""Linkage disequilibrium: its decay with distance, and r2 pair by pair."""

from dataclasses import dataclass
from itertools import product
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
    weighted_row,
)
from genome_ac_gan.metrics.draws import MIN_ROWS, Rows, person_weights, proportional_counts
from genome_ac_gan.metrics.shared import remembered
from genome_ac_gan.popgen.frequency import minor_allele_frequencies, polymorphic
from genome_ac_gan.popgen.ld import (
    Agreement,
    agreement,
    cm_bins,
    compare_r2,
    compat_bins,
    contig_length,
    decay_rmse,
    log_bins,
    longest_distance,
)
from genome_ac_gan.popgen.pairs import Pairs, mean_r2, random_pairs

if TYPE_CHECKING:
    from pandas import DataFrame

MIN_MAF, POPULATION_MIN_MAF = 0.01, 0.05
MOST_PAIRS, POPULATION_MOST_PAIRS = 10_000, 5_000  # of a bin
MOST_BLOCKS = 8
MOST_VARIANTS = 16_384  # whose pairs are all looked at
INTERVAL_VARIANTS = 1500  # and in each half of the people
Floats = npt.NDArray[np.float64]
Curve = tuple[Floats, Floats]  # mean r2 and its standard error by bin
Found = tuple[list[dict[str, Any]], list["DataFrame"]]


def ld_decay(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Root mean squared difference of the decay of r2 with distance, and agreement of r2 over all pairs.

    r2 is the squared correlation of the alleles of two variants; the decay is
    its mean in bins of their distance, over pairs on one contig; bins without a
    pair are left out.

    - `corrected`: RMSE over 49 bins evenly spaced in log distance in bp, over
      the variants with a holdout MAF of at least 1%, whatever the synthetic set
      holds: r2 is 0 where it has one allele only. Of a bin with more than
      10,000 pairs that many random ones count, the same in all sets. Also
      within each population with at least 20 rows: variants with a MAF of at
      least 5% in its holdout rows, 5,000 pairs of a bin.
    - `corrected_cm`: the same by genetic distance, pooled, when the variants
      carry it: one bin below 0.001 cM, 0 included, and 49 evenly spaced in
      the logarithm from there.
    - `compat`: RMSE over the bins of the published figures (natural logarithms
      as powers of ten), over the variants polymorphic in both full sets.
    - `r2_matrix_r`, `r2_matrix_rmse`: Pearson correlation and RMSE of r2 over
      all pairs i < j, on one contig or two, of the variants polymorphic in both
      full sets; `r2_matrix_r` also within populations, there of the variants
      with a holdout MAF of at least 5%. Of more than 16,384 variants `compat`
      and these take that many random ones.

    r2 has a bias of 1 / (n - 1), so the corrected readings compare equal
    numbers of rows n, those of the smaller set. The larger set is cut at random
    into as many blocks of n rows as it has, at most eight, stratified in
    proportion to its labels; the value is the mean RMSE over the blocks. Its
    interval repeats that `repeats` times on a random half of the people of
    either set, with n / 2 rows: a half drawn without replacement varies about
    the whole as the whole does about the population. The percentiles are
    centred on the value and cut at 0. The pooled `r2_matrix` statistics are of
    the full sets; their interval is of such halves too, over the pairs of at
    most 1,500 random variants. The other statistics carry no interval (`lower`
    and `upper` repeat them). `n` is the number of variants.

    The curves hold mean r2 and its standard error over pairs (`sem`), as
    published. Readings of the Genome-AC-GAN paper, Figure 12
    (doi:10.1101/2024.02.14.580420), and Yelmen et al. 2021
    (doi:10.1371/journal.pgen.1009303).
    """
    import pandas as pd

    halves = _Halves(data, repeats, rng)
    readings = [_reading(data, "corrected", population) for population in (POOLED, *_large(data))]
    if data.holdout.variants.cm is not None:
        readings.append(_reading(data, "corrected_cm", POOLED))
    found = [_corrected(halves, reading) for reading in readings]
    found += [_published(data, halves), _within_populations(data)]
    rows = [row for each, _ in found for row in each]
    curves = [curve for _, each in found for curve in each]
    pooled = [curve for curve in curves if "population" not in curve]
    others = [curve for curve in curves if "population" in curve]
    return MetricResult(
        table=as_table(rows),
        curves={
            name: pd.concat(parts, ignore_index=True)
            for name, parts in (("ld-decay", pooled), ("ld-decay-by-population", others))
            if parts
        },
    )


@dataclass(frozen=True)
class _Reading:
    """What one corrected statistic is over.

    Attributes
    ----------
    kept
        (n_variants,) bool, common in the holdout rows of the population.
    pairs
        Of the kept variants.
    """

    statistic: str
    population: str
    kept: npt.NDArray[np.bool_]
    pairs: Pairs


def _reading(data: Comparison, statistic: str, population: str) -> _Reading:
    """Return a corrected reading; remembered, because the holdout set alone decides."""

    def make() -> _Reading:
        pooled = population == POOLED
        x = data.holdout.haplotypes[data.rows_of(data.holdout, population)]
        kept = minor_allele_frequencies(x) >= (MIN_MAF if pooled else POPULATION_MIN_MAF)
        every, variants = data.holdout.variants, data.holdout.variants[kept]
        place: npt.NDArray[Any] = variants.position
        edges = log_bins(longest_distance(every.contig, every.position))
        if statistic == "corrected_cm" and every.cm is not None and variants.cm is not None:
            place, edges = variants.cm, cm_bins(contig_length(every.contig, every.cm))
        most = MOST_PAIRS if pooled else POPULATION_MOST_PAIRS
        rng = np.random.default_rng(0)  # the same pairs in every set that is judged
        return _Reading(statistic, population, kept, random_pairs(variants.contig, place, edges, most, rng))

    return remembered(data.holdout, ("ld-decay", statistic, population), make)


class _Halves:
    """The rows of both sets in blocks of equal size: of all people, then of random halves of them.

    The halves of the holdout set do not depend on `rng`, so that the sets
    judged against it share its curves.
    """

    def __init__(self, data: Comparison, repeats: int, rng: np.random.Generator) -> None:
        self.data, self.repeats = data, repeats
        fixed = np.random.default_rng(0)
        self.keys = {
            "holdout": person_weights(data.holdout, repeats + 1, fixed),
            "synthetic": person_weights(data.synthetic, repeats + 1, rng),
        }

    def curves(self, reading: _Reading) -> dict[str, list[list[Curve]]]:
        """Return by panel the curves of the blocks of all people, and of each half."""
        data, panels = self.data, {"holdout": self.data.holdout, "synthetic": self.data.synthetic}
        own = {
            name: np.flatnonzero(data.rows_of(panel, reading.population)) for name, panel in panels.items()
        }
        n = min(len(rows) for rows in own.values())
        key = ("ld-curves", reading.statistic, reading.population, n, self.repeats, data.labelled)
        return {
            "holdout": remembered(
                data.holdout, key, lambda: self._curves("holdout", own["holdout"], n, reading)
            ),
            "synthetic": self._curves("synthetic", own["synthetic"], n, reading),
        }

    def agreements(self, kept: npt.NDArray[np.bool_]) -> list[Agreement]:
        """Return the agreement of r2 in each half, over pairs of some of the kept variants."""
        some = _at_most(INTERVAL_VARIANTS, kept)
        sides = []
        for name, keys in self.keys.items():
            panel = self.data.panels[name]
            strata, n = self.data.strata(panel), panel.n_haplotypes // 2
            sides.append([panel.haplotypes[_blocks(key, strata, n, 1)[0]][:, some] for key in keys[1:]])
        return [agreement(x, y) for x, y in zip(*sides, strict=True)]

    def _curves(self, name: str, own: Rows, n: int, reading: _Reading) -> list[list[Curve]]:
        panel = self.data.panels[name]
        x = np.compress(reading.kept, panel.haplotypes, axis=1)  # indexing would store it by columns
        strata = self.data.strata(panel)[own]
        result = []
        for repeat, keys in enumerate(self.keys[name]):
            share = 1 if repeat == 0 else 2
            most = min(MOST_BLOCKS, (len(own) // share) // (n // share))
            blocks = _blocks(keys[own], strata, n // share, most)
            result.append([mean_r2(x[own[rows]], reading.pairs) for rows in blocks])
        return result


def _blocks(keys: Floats, strata: npt.NDArray[np.str_], n: int, n_blocks: int) -> list[Rows]:
    """Return disjoint blocks of n rows in the order of the people's keys, each stratified in proportion.

    A population whose rounded share is one row too many begins again in the
    last block. Rows of a person have the same key and stay together.
    """
    counts = proportional_counts(strata, n)
    rows = {name: np.flatnonzero(strata == name) for name in counts}
    ordered = {name: own[np.argsort(keys[own], kind="stable")] for name, own in rows.items()}
    return [
        np.concatenate([
            np.take(ordered[name], np.arange(block * m, (block + 1) * m), mode="wrap")
            for name, m in counts.items()
        ])
        for block in range(n_blocks)
    ]  # fmt: skip


def _corrected(halves: _Halves, reading: _Reading) -> Found:
    if not len(reading.pairs.first):
        return [], []
    curves = halves.curves(reading)
    errors = [
        np.mean([decay_rmse(a[0], b[0]) for a, b in product(real, synthetic)])
        for real, synthetic in zip(curves["holdout"], curves["synthetic"], strict=True)
    ]
    n, limits = int(reading.kept.sum()), (0.0, np.inf)
    row = weighted_row(reading.population, reading.statistic, np.array(errors), n, limits)
    tables = []
    for panel, (whole, *_) in curves.items():
        mean, sem = np.mean(whole, axis=0)
        tables.append(_curve(reading.statistic, panel, reading.pairs.edges, reading.pairs.n_pairs, mean, sem))
        if reading.population != POOLED:
            tables[-1].insert(0, "population", reading.population)
    return [row], tables


def _published(data: Comparison, halves: _Halves) -> Found:
    x, y, variants = data.holdout.haplotypes, data.synthetic.haplotypes, data.holdout.variants
    edges = compat_bins(longest_distance(variants.contig, variants.position))
    kept = _at_most(MOST_VARIANTS, polymorphic(x) & polymorphic(y))
    both = compare_r2(x[:, kept], y[:, kept], variants.contig[kept], variants.position[kept], edges)
    n = int(kept.sum())
    rows = _agreement_rows(both.agreement, halves.agreements(kept), n) if both.agreement.n_pairs else []
    rmse = decay_rmse(both.first.mean, both.second.mean)
    rows.extend([exact(POOLED, "compat", rmse, n)] if np.isfinite(rmse) else [])
    curves = [
        _curve("compat", name, edges, sums.n_pairs, sums.mean, sums.sem)
        for name, sums in (("holdout", both.first), ("synthetic", both.second))
    ]
    return rows, curves


def _agreement_rows(whole: Agreement, halves: list[Agreement], n: int) -> list[dict[str, Any]]:
    found = {
        "r2_matrix_r": ([each.r for each in (whole, *halves)], (-1.0, 1.0)),
        "r2_matrix_rmse": ([each.rmse for each in (whole, *halves)], (0.0, np.inf)),
    }
    return [
        weighted_row(POOLED, statistic, np.array(values), n, limits)
        for statistic, (values, limits) in found.items()
        if np.isfinite(values[0])
    ]


def _within_populations(data: Comparison) -> Found:
    """Return the agreement of r2 within each population."""
    rows = []
    for population in _large(data):
        x, y = (panel.haplotypes[data.rows_of(panel, population)] for panel in (data.holdout, data.synthetic))
        kept = (minor_allele_frequencies(x) >= POPULATION_MIN_MAF) & polymorphic(y)
        kept = _at_most(MOST_VARIANTS, kept)
        r = agreement(x[:, kept], y[:, kept]).r
        rows.extend([exact(population, "r2_matrix_r", r, int(kept.sum()))] if np.isfinite(r) else [])
    return rows, []


def _at_most(n: int, kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return n random ones of the kept variants, the same ones each time; all of them when they are fewer."""
    variants = np.flatnonzero(kept)
    if len(variants) <= n:
        return kept
    chosen = np.zeros_like(kept)
    chosen[np.random.default_rng(0).choice(variants, n, replace=False)] = True
    return chosen


def _large(data: Comparison) -> list[str]:
    """Return the populations with enough rows in both sets."""
    counts = data.holdout.counts, data.synthetic.counts
    return [name for name in data.populations if min(count[name] for count in counts) >= MIN_ROWS]


def _curve(
    reading: str, panel: str, edges: Floats, n_pairs: npt.NDArray[np.int64], mean: Floats, sem: Floats
) -> "DataFrame":
    """Return the filled bins; `distance` is the geometric middle of a bin, in bp or cM.

    A first bin from 0 stands as far below its end as the next one's middle above.
    """
    import pandas as pd

    starts = np.where(edges[:-1] > 0, edges[:-1], edges[1] ** 2 / edges[2])
    filled = n_pairs > 0
    return pd.DataFrame({
        "reading": reading, "panel": panel, "distance": np.sqrt(starts * edges[1:])[filled],
        "r2": mean[filled], "sem": sem[filled], "n_pairs": n_pairs[filled],
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
        **statistics(corrected_cm=0, compat=0, r2_matrix_rmse=0),
    },
)  # fmt: skip
