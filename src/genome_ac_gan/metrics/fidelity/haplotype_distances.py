"""How far haplotypes are from each other, among synthetic ones as among real ones."""

from collections.abc import Mapping
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
from genome_ac_gan.metrics.draws import Rows, draw, equal_counts, person_weights, population_slices, sizes
from genome_ac_gan.metrics.scores import Scores, summarised
from genome_ac_gan.metrics.shared import across, pooled
from genome_ac_gan.panel import HaplotypePanel

if TYPE_CHECKING:
    from pandas import DataFrame

Floats = npt.NDArray[np.float64]
Shares = Mapping[str, Floats]
PAIRS = {
    "holdout": ("holdout", "holdout"), "synthetic": ("synthetic", "synthetic"),
    "between": ("synthetic", "holdout"),
}  # fmt: skip
BINS = 60  # of a curve, up to the largest distance
CURVE_ROWS = 15_000


def haplotype_distances(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Wasserstein distance, in variants, between the pairwise Hamming distances of synthetic and of real haplotypes.

    - `within`: distances of all pairs of synthetic rows against those of all
      pairs of holdout rows.
    - `between`: distances of each synthetic to each holdout row against those
      of all pairs of holdout rows.
    - `within_shift`, `between_shift`: mean distance of the first pairs minus
      that of the second; below 0 the synthetic rows are nearer.

    The Wasserstein-1 distance of two distributions of whole numbers is the sum
    of the absolute differences of their cumulative shares; it is never below
    the absolute shift. Pairs of a person's two haplotypes are left out in
    either set: parents may be related.

    Both sets are drawn down to the same number of rows in each population,
    `repeats` times, 2,000 at most; all pairs of the drawn rows count. The value
    is the mean over the draws; the interval is of draws in which people are
    weighted at random as well (Bayesian bootstrap, a pair by the product of its
    weights), centred on the value. Pooled, and among the rows of each
    population with at least 20. `n` is the number of rows of one set. The curve
    is the last draw's histogram. Figures of genetic probabilistic circuits
    (Dang et al. 2023, doi:10.1101/2023.05.16.541036) are in the same unit.
    """
    data = pooled(data)
    panels = {"holdout": data.holdout, "synthetic": data.synthetic}
    strata = {name: data.strata(panel) for name, panel in panels.items()}
    counts = equal_counts(*strata.values())
    parts = population_slices(counts, labelled=data.labelled)
    weights = {name: person_weights(panel, repeats, rng) for name, panel in panels.items()}
    plain: list[Scores] = [{} for _ in range(repeats)]
    weighted: list[Scores] = [{} for _ in range(repeats)]
    shares: dict[str, Shares] = {}
    for repeat in range(repeats):
        rows = {name: draw(panel, strata[name], counts, rng) for name, panel in panels.items()}
        for population, part in parts.items():
            drawn = _Drawn(panels, {name: chosen[part] for name, chosen in rows.items()})
            shares[population] = drawn.shares()
            plain[repeat] |= _compared(population, shares[population])
            again = drawn.shares({name: each[repeat] for name, each in weights.items()})
            weighted[repeat] |= _compared(population, again)
    n = sizes(parts)
    table = as_table(summarised(plain, weighted, n, _limits))
    return MetricResult(table=table, curves={"haplotype-distances": _curve(shares)})


def _limits(statistic: str) -> tuple[float, float]:
    return (-np.inf if statistic.endswith("shift") else 0.0, np.inf)


class _Drawn:
    """Distances of the drawn rows of a population."""

    def __init__(self, panels: Mapping[str, HaplotypePanel], rows: Mapping[str, Rows]) -> None:
        self.rows = rows
        self.person = {name: panel.person[rows[name]] for name, panel in panels.items()}
        self.distances = {
            pairs: across(panels[a], panels[b], rows[a], rows[b]).astype(np.intp)
            for pairs, (a, b) in PAIRS.items()
        }
        self.n_distances = 1 + max(int(matrix.max()) for matrix in self.distances.values())

    def shares(self, weights: Mapping[str, Floats] | None = None) -> Shares:
        """Return the share of pairs at each distance, (n_distances,), by kind; a kind without a pair is left out.

        Weights are those of all rows of a panel.
        """
        result = {}
        for pairs, (a, b) in PAIRS.items():
            first, second = (
                np.ones(len(self.rows[name])) if weights is None else weights[name][self.rows[name]]
                for name in (a, b)
            )
            each = np.outer(first, second)
            if a == b:
                each[self.person[a][:, None] == self.person[b]] = 0
            if each.any():
                counts = np.bincount(self.distances[pairs].ravel(), each.ravel(), self.n_distances)
                result[pairs] = counts / counts.sum()
        return result


def wasserstein(first: Floats, second: Floats) -> float:
    """Return the Wasserstein-1 distance of two distributions over 0, 1, 2, ..., given by their shares."""
    return float(np.abs(np.cumsum(first - second)).sum())


def _compared(population: str, shares: Shares) -> Scores:
    scores: Scores = {}
    for statistic, pairs in (("within", "synthetic"), ("between", "between")):
        if pairs in shares and "holdout" in shares:
            difference = shares[pairs] - shares["holdout"]
            scores[population, statistic] = wasserstein(shares[pairs], shares["holdout"])
            scores[population, f"{statistic}_shift"] = float(np.arange(len(difference)) @ difference)
    return scores


def _curve(shares: Mapping[str, Shares]) -> "DataFrame":
    """Return densities per variant in bins of whole numbers; `distance` is the middle of a bin."""
    import pandas as pd

    bins = max(2, min(BINS, CURVE_ROWS // (len(PAIRS) * len(shares))))
    frames = []
    for population, each in shares.items():
        width = -(-max(map(len, each.values())) // bins)
        for pairs, share in each.items():
            binned = np.add.reduceat(share, np.arange(0, len(share), width))
            middle = np.arange(len(binned)) * width + (width - 1) / 2
            frames.append(pd.DataFrame({
                "population": population, "pairs": pairs, "distance": middle, "density": binned / width,
            }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


METRIC = Metric(
    function=haplotype_distances, title="Distances between haplotypes", group="fidelity", headline="within",
    statistics={
        "within": Statistic(
            ideal=0, name="error of pairwise distances",
            about="At how many variants two artificial genomes differ, compared with two real people; the unit is "
            "variants.",
        ),
        "between": Statistic(
            ideal=0, name="error of distances to real people",
            about="At how many variants an artificial genome differs from a real person, compared with another "
            "real person; the unit is variants.",
        ),
        **statistics(within_shift=0, between_shift=0),
    },
)  # fmt: skip
