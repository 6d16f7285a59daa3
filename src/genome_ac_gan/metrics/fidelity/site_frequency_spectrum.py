"""The folded site frequency spectrum, of both sets projected to the same number of chromosomes."""

from collections.abc import Iterator
from dataclasses import dataclass
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
    statistics,
    summary,
)
from genome_ac_gan.metrics.draws import person_weights
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.spectrum import folded, pairwise_differences, projected_spectrum

if TYPE_CHECKING:
    from pandas import DataFrame

Floats = npt.NDArray[np.float64]

MOST = 100  # chromosomes projected to
STRETCH = np.sqrt(3)  # people kept / people left out, under the root


def site_frequency_spectrum(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Agreement of the numbers of variants by copies of their rarer allele, among equally many chromosomes.

    The spectrum is folded, because the ancestral allele is not known: class j
    holds the variants with j copies of the rarer allele, class 0 those with one
    allele only. Both sets are projected to the same number of chromosomes, the
    smaller of the two sets and at most 100, by the exact hypergeometric
    expectation over all ways to choose them.

    - `distance`: total variation between the two spectra as shares of all
      variants, half the sum of absolute differences over all classes, 0 to 1.
    - `segregating_ratio`: expected number of variants with two alleles,
      synthetic / holdout.
    - `singleton_ratio`: expected number of variants with one copy of the rarer
      allele, synthetic / holdout.
    - `pi_ratio`: mean number of differences between two haplotypes (theta_pi),
      synthetic / holdout.

    Pooled and per population; a ratio has no row where the holdout has none. A
    monomorphic variant of the panel counts in class 0 of both. Values are of
    the full sets. The interval leaves out a quarter of the people of both sets
    (delete-d jackknife, Shao and Wu 1989, doi:10.1214/aos/1176347263):
    `repeats` draws, stratified, without replacement, because a person drawn
    twice would leave no singletons; they are projected to three quarters of the
    chromosomes, and their deviations are stretched by sqrt(3) about the value.
    `n` is the number of chromosomes projected to.
    """
    import pandas as pd

    kept = {
        name: _three_quarters(data, data.panels[name], person_weights(data.panels[name], repeats, rng))
        for name in ("holdout", "synthetic")
    }
    counts = [by_population(data, data.panels[name], own) for name, own in kept.items()]
    rows: dict[str, list[dict[str, Any]]] = {}
    curves: dict[str, DataFrame] = {}
    for (population, holdout), (_, synthetic) in zip(*counts, strict=True):
        m = min(holdout.n, synthetic.n, MOST)
        if m > 1:
            full = _Spectra.of(holdout, synthetic, 0, m)
            rows[population] = list(_rows(population, full, _drawn(holdout, synthetic, m)))
            curves[population] = full.curve(population)
    order = [name for name in (POOLED, *data.populations) if name in rows]
    return MetricResult(
        table=as_table([row for name in order for row in rows[name]]),
        curves={"site-frequency-spectrum": pd.concat([curves[name] for name in order], ignore_index=True)},
    )


def _three_quarters(data: Comparison, panel: HaplotypePanel, weights: Floats) -> Floats:
    """Return 1 for the rows of the lightest three quarters of each population's people, 0 for others."""
    people = weights[:, panel.first_rows]
    strata = data.strata(panel)[panel.first_rows]
    chosen = np.zeros(people.shape)
    for population in np.unique(strata):
        own = np.flatnonzero(strata == population)
        lightest = np.argsort(people[:, own], axis=1)[:, : max(1, 3 * len(own) // 4)]
        np.put_along_axis(chosen, own[lightest], 1, axis=1)
    return chosen[:, panel.person]


@dataclass(frozen=True, kw_only=True)
class _Spectra:
    """Folded spectra of both sets among `m` chromosomes, in numbers of variants."""

    m: int
    holdout: Floats
    synthetic: Floats

    @classmethod
    def of(cls, holdout: AlleleCounts, synthetic: AlleleCounts, index: int, m: int) -> "_Spectra":
        """Return the spectra of the full sets (index 0) or of a draw."""

        def own(counts: AlleleCounts) -> Floats:
            copies = np.rint(counts.counts[index]).astype(np.int64)
            return folded(projected_spectrum(copies, int(counts.total[index]), m))

        return cls(m=m, holdout=own(holdout), synthetic=own(synthetic))

    def statistics(self) -> dict[str, float]:
        """Return the distance and those ratios that are defined."""
        real, synthetic = self.holdout, self.synthetic
        pairs = {
            "segregating_ratio": (synthetic[1:].sum(), real[1:].sum()),
            "singleton_ratio": (synthetic[1], real[1]),
            "pi_ratio": (pairwise_differences(synthetic, self.m), pairwise_differences(real, self.m)),
        }
        distance = float(np.abs(real - synthetic).sum() / 2 / real.sum())
        return {"distance": distance} | {name: float(a / b) for name, (a, b) in pairs.items() if b > 1e-9}

    def curve(self, population: str) -> "DataFrame":
        """Return both spectra as shares of all variants; `n` is the number of chromosomes."""
        import pandas as pd

        classes = np.arange(len(self.holdout))
        return pd.concat([
            pd.DataFrame({
                "population": population, "panel": panel, "minor_count": classes,
                "share": values / values.sum(), "n": self.m,
            })
            for panel, values in (("holdout", self.holdout), ("synthetic", self.synthetic))
        ])  # fmt: skip


def _drawn(holdout: AlleleCounts, synthetic: AlleleCounts, m: int) -> list[dict[str, float]]:
    """Return the statistics of each pair of smaller sets, none when they are too small for a spectrum."""
    m = int(min(3 * m // 4, holdout.total.min(), synthetic.total.min()))
    draws = range(1, len(holdout.total)) if m > 1 else ()
    return [_Spectra.of(holdout, synthetic, index, m).statistics() for index in draws]


def _rows(population: str, full: _Spectra, drawn: list[dict[str, float]]) -> Iterator[dict[str, Any]]:
    for statistic, value in full.statistics().items():
        draws = np.array([each[statistic] for each in drawn if statistic in each] or [value])
        stretched = value + STRETCH * (draws - draws.mean())
        limits = (0.0, 1.0) if statistic == "distance" else (0.0, np.inf)
        yield summary(population, statistic, stretched, full.m, value=value, limits=limits)


METRIC = Metric(
    function=site_frequency_spectrum, title="Site frequency spectrum", group="fidelity", headline="distance",
    statistics={
        "distance": Statistic(
            ideal=0, name="distance of spectra",
            about="Are there as many rare, less rare and common variants as among equally many real haplotypes? "
            "The share of variants that would have to change their class.",
        ),
        "singleton_ratio": Statistic(
            ideal=1, name="singletons",
            about="How many variants are seen once, for each one seen once among as many real haplotypes. Below "
            "1, rare variants are lost; above, they are invented.",
        ),
        **statistics(segregating_ratio=1, pi_ratio=1),
    },
)  # fmt: skip
