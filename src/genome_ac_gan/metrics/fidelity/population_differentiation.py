"""How populations differ from each other: differences of frequencies and F_ST of all pairs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from genome_ac_gan.metrics.allele_counts import by_population
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
from genome_ac_gan.metrics.draws import person_weights
from genome_ac_gan.metrics.fidelity.allele_frequency import correlation
from genome_ac_gan.popgen.divergence import (
    Moments,
    difference_correlations,
    hudson_fst,
    moments,
    weir_cockerham_fst,
)
from genome_ac_gan.popgen.frequency import allele_frequencies, column_blocks, evenly_spaced

if TYPE_CHECKING:
    from pandas import DataFrame

Floats = npt.NDArray[np.float64]
Pair = tuple[int, int]

FEWEST_PAIRS = 3  # for a correlation over pairs
CURVE_PAIRS, CURVE_VARIANTS = 12, 1500
PUBLISHED = (
    ("AFR", "EUR"), ("AFR", "SAS"), ("EUR", "EAS"), ("EAS", "SAS"), ("AMR", "AFR"), ("AMR", "EAS"),
    ("AMR", "SAS"), ("JPT", "CEU"), ("GBR", "CDX"), ("TSI", "CDX"), ("CEU", "ESN"), ("ESN", "TSI"),
)  # fmt: skip


def population_differentiation(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Agreement of the differences between populations: of their allele frequencies, and of F_ST, pair by pair.

    For each pair of populations (a, b), f(a) - f(b) is the difference of the
    ALT frequencies of a variant, and F_ST the share of the diversity that lies
    between the two, estimated without clipping after Hudson (Bhatia et al.
    2013, doi:10.1101/gr.154831.113) and after Weir and Cockerham 1984
    (doi:10.1111/j.1558-5646.1984.tb05657.x) in its haploid form; both are
    ratios of sums over all variants.

    - `delta_r`: Pearson correlation over variants of f(a) - f(b) in holdout and
      synthetic, the mean over pairs (one pair: Genome-AC-GAN paper, Figure 11,
      doi:10.1101/2024.02.14.580420, there with train and holdout as the real set).
    - `hudson_r`: Pearson correlation over pairs of Hudson's F_ST in synthetic
      and holdout; of at least three pairs.
    - `hudson_rmse`, `weir_cockerham_rmse`: root mean squared difference over
      pairs of F_ST in synthetic and holdout.
    - `fst_real_synthetic`: Hudson's F_ST between the holdout and the synthetic
      set, as if they were two populations; may be negative.

    `all` is over all pairs, a population over the pairs with it;
    `fst_real_synthetic` is of the whole sets and of each population. Without
    two labelled populations there is nothing else. Values are of the full sets;
    the interval resamples the people of both sets (Bayesian bootstrap,
    `repeats` draws, with the effective number of haplotypes in F_ST), centred
    on the value. `n` is the number of pairs, of variants for
    `fst_real_synthetic`. A pair without a value (a population of one haplotype,
    no variant that differs) is left out.
    """
    joint, sizes = _joint(data, rng, repeats)
    k = len(data.populations)
    hudson = hudson_fst(joint, sizes)
    half = hudson.shape[-1] // 2
    across = np.diagonal(hudson[:, :half, half:], axis1=1, axis2=2)
    rows: list[dict[str, Any]] = []
    for index, population in ((half - 1, POOLED), *enumerate(data.populations)):
        rows += _row(population, "fst_real_synthetic", across[:, index], joint.n_variants, upper=1.0)
    if k < 2:
        return MetricResult(table=as_table(rows))
    pairs = _pairs(joint, sizes, hudson, k)
    for population in (POOLED, *data.populations):
        rows += pairs.of(population, data.populations).rows(population)
    return MetricResult(
        table=as_table(rows),
        curves={
            "population-differentiation": pairs.curve(data.populations),
            "population-differences": _differences(data, pairs),
        },
    )


def _joint(data: Comparison, rng: np.random.Generator, repeats: int) -> tuple[Moments, Floats]:
    """Return moments and sizes of the holdout's populations and `all`, then the synthetic set's; draws lead."""
    weights = {name: person_weights(data.panels[name], repeats, rng) for name in ("holdout", "synthetic")}
    joint = None
    for columns in column_blocks(data.holdout.n_variants, 4096):
        counts = [
            each
            for name, own in weights.items()
            for _, each in by_population(data, data.panels[name], own, columns)
        ]
        block = moments(np.stack([each.frequencies for each in counts], axis=1))
        joint = block if joint is None else joint + block
    assert joint is not None  # a comparison has a variant
    return joint, np.stack([each.effective for each in counts], axis=1)


@dataclass(frozen=True, kw_only=True)
class _Pairs:
    """What is known of pairs of populations; arrays are (1 + repeats, n_pairs), the full sets first."""

    first: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]
    delta_r: Floats
    hudson_holdout: Floats
    hudson_synthetic: Floats
    weir_cockerham_holdout: Floats
    weir_cockerham_synthetic: Floats

    def of(self, population: str, names: tuple[str, ...]) -> "_Pairs":
        """Return the pairs with a population, all of them for `all`."""
        if population == POOLED:
            return self
        index = names.index(population)
        kept = (self.first == index) | (self.second == index)
        return _Pairs(**{name: values[..., kept] for name, values in vars(self).items()})

    def rows(self, population: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table."""
        (delta_r,) = _defined(self.delta_r)
        if delta_r.shape[1]:
            yield from _row(population, "delta_r", delta_r.mean(axis=1), delta_r.shape[1], lower=-1, upper=1)
        estimators = {
            "hudson": _defined(self.hudson_holdout, self.hudson_synthetic),
            "weir_cockerham": _defined(self.weir_cockerham_holdout, self.weir_cockerham_synthetic),
        }
        for name, (real, synthetic) in estimators.items():
            n = real.shape[1]
            if n >= FEWEST_PAIRS and name == "hudson":
                yield from _row(population, "hudson_r", correlation(real, synthetic), n, lower=-1, upper=1)
            if n:
                rmse = np.sqrt(((real - synthetic) ** 2).mean(axis=1))
                yield from _row(population, f"{name}_rmse", rmse, n, lower=0)

    def curve(self, names: tuple[str, ...]) -> "DataFrame":
        """Return a row for each pair for which everything is defined, of the full sets."""
        import pandas as pd

        labels = np.array(names, dtype=object)
        values = {name: each[0] for name, each in vars(self).items() if each.ndim == 2}
        table = pd.DataFrame({"first": labels[self.first], "second": labels[self.second], **values})
        return table.dropna(ignore_index=True)


def _pairs(joint: Moments, sizes: Floats, hudson: Floats, k: int) -> _Pairs:
    half = hudson.shape[-1] // 2
    weir_cockerham = weir_cockerham_fst(joint, sizes)
    first, second = np.triu_indices(k, 1)
    return _Pairs(
        first=first,
        second=second,
        delta_r=difference_correlations(joint, half)[:, first, second],
        hudson_holdout=hudson[:, first, second],
        hudson_synthetic=hudson[:, half + first, half + second],
        weir_cockerham_holdout=weir_cockerham[:, first, second],
        weir_cockerham_synthetic=weir_cockerham[:, half + first, half + second],
    )


def _defined(*values: Floats) -> list[Floats]:
    """Return the pairs that all of the arrays have a value for, in every draw."""
    kept = np.isfinite(np.stack(values)).all(axis=(0, 1))
    return [each[:, kept] for each in values]


def _row(
    population: str, statistic: str, values: Floats, n: int, *, lower: float = -np.inf, upper: float = np.inf
) -> Iterator[dict[str, Any]]:
    """Yield the row of a statistic, of the full sets and then in each draw; none where it is undefined."""
    if np.isfinite(values[0]):
        yield weighted_row(population, statistic, values, n, (lower, upper))


def _differences(data: Comparison, pairs: _Pairs) -> "DataFrame":
    """Return the differences of evenly spaced variants for some pairs."""
    import pandas as pd

    chosen = evenly_spaced(data.holdout.n_variants, CURVE_VARIANTS)
    parts = []
    for a, b in _shown(data.populations, pairs):
        delta = {
            name: np.subtract(*(_frequencies(data, name, population)[chosen] for population in (a, b)))
            for name in ("holdout", "synthetic")
        }
        parts.append(pd.DataFrame({"first": a, "second": b, **delta}))
    return pd.concat(parts, ignore_index=True)


def _frequencies(data: Comparison, name: str, population: str) -> Floats:
    panel = data.panels[name]
    return allele_frequencies(panel.haplotypes[data.rows_of(panel, population)])


def _shown(names: tuple[str, ...], pairs: _Pairs) -> list[tuple[str, str]]:
    """Return the published pairs that are there, filled up with others evenly from low to high F_ST."""
    published = [pair for pair in PUBLISHED if set(pair) <= set(names)]
    known = [set(pair) for pair in published]
    order = np.argsort(pairs.hudson_holdout[0], kind="stable")
    others = [(names[pairs.first[index]], names[pairs.second[index]]) for index in order]
    others = [pair for pair in others if set(pair) not in known]
    free = CURVE_PAIRS - len(published)
    return published + ([others[index] for index in evenly_spaced(len(others), free)] if others else [])


METRIC = Metric(
    function=population_differentiation, title="Differences between populations", group="fidelity",
    headline="delta_r",
    statistics={
        "delta_r": Statistic(
            ideal=1, name="correlation of differences",
            about="Do two populations differ at the variants at which they differ among real people? Mean over "
            "all pairs of populations; 1 is perfect agreement.",
        ),
        "fst_real_synthetic": Statistic(
            ideal=0, name="F_ST, real against artificial",
            about="How far artificial genomes stand apart from real people, measured as the distance between two "
            "populations is. 0 is no distance.",
        ),
        **statistics(hudson_r=1, hudson_rmse=0, weir_cockerham_rmse=0),
    },
)  # fmt: skip
