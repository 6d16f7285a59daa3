"""Distance of two clouds of haplotypes in the plane of the first two principal components."""

from collections import defaultdict
from typing import TYPE_CHECKING

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
from genome_ac_gan.metrics.draws import MAX_ROWS, Rows, draw, proportional_counts
from genome_ac_gan.metrics.shared import across, pooled, remembered
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.structure import (
    Matrix,
    PrincipalAxes,
    assignment_cost,
    principal_axes,
    principal_coordinates,
    random_directions,
    sliced_distance,
)

if TYPE_CHECKING:
    from pandas import DataFrame

N_COMPONENTS, N_DIRECTIONS = 6, 100
POSITIVE = (0.0, np.inf)
Points = npt.NDArray[np.float64]


def pca_wasserstein(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Cost of the optimal one-to-one assignment of synthetic to holdout haplotypes in two principal components.

    Five readings, all with Euclidean cost, over `repeats` subsets of the
    synthetic set as large as the holdout set and stratified in proportion to
    their labels:

    - `corrected`: components fitted on train, both sets projected; mean over
      the pairs. Does not grow with n; also per population, whose smaller set
      decides how many pairs there are.
    - `sliced`: in the first six components of train, the Wasserstein-1 distance
      of the points' places along a line, as a mean over 100 random directions,
      new ones in each repeat; also per population.
    - `compat`: components fitted separately on the holdout set and on each
      subset, sum over the pairs: the Genome-AC-GAN paper's Figure 5
      (doi:10.1101/2024.02.14.580420). The signs of separately fitted components
      are arbitrary; each is turned so that its largest coordinate is positive.
    - `joint`: components fitted on holdout and subset together; sum over the pairs.
    - `coupled_w1`: six components fitted on both together, Wasserstein-1
      distance along each, mean over the six (Yelmen et al. 2023,
      doi:10.1371/journal.pcbi.1011584).

    Both sums grow with n, the number of pairs. The value is the mean over the
    subsets, the interval their percentiles. To a synthetic set no larger than
    the holdout set, which has no such subsets, the holdout set is cut; the
    interval is then of rows drawn with replacement, centred on the value, which
    is of every row once: a row drawn twice leaves another without its pair.
    More than 2,000 pairs are never formed.
    The curve holds the coordinates of the holdout set and of one subset.
    """
    data = pooled(data)
    axes = train_axes(data.train, N_COMPONENTS)
    real, synthetic = axes.project(data.holdout.haplotypes), axes.project(data.synthetic.haplotypes)
    small = data.synthetic.n_haplotypes <= data.holdout.n_haplotypes
    plain: dict[tuple[str, str], list[float]] = defaultdict(list)
    again: dict[tuple[str, str], list[float]] = defaultdict(list)
    pairs: dict[tuple[str, str], int] = {}
    fit: _Fit | None = None
    for _ in range(repeats):
        first, second = _subsets(data, rng)
        directions = random_directions(N_COMPONENTS, N_DIRECTIONS, rng)
        if fit is None or len(first) < data.holdout.n_haplotypes:
            fit = _Fit(data, first)
        drawn = [(plain, second), (again, _resampled(data, rng))] if small else [(plain, second)]
        for costs, subset in drawn:
            for statistic, cost in fit.costs(subset).items():
                costs[POOLED, statistic].append(cost)
                pairs[POOLED, statistic] = len(first)
            for population in (POOLED, *data.populations):
                a = real[first[data.rows_of(data.holdout, population)[first]]]
                b = synthetic[subset[data.rows_of(data.synthetic, population)[subset]]]
                n = min(len(a), len(b))
                for statistic, cost in _on_train(a[:n], b[:n], directions).items():
                    costs[population, statistic].append(cost)
                    pairs[population, statistic] = n
    rows = [
        summary(
            *key, again[key] if small else draws, pairs[key], value=float(np.mean(draws)), limits=POSITIVE
        )
        for key, draws in plain.items()
    ]
    curve = _curve(data, real, synthetic, second)
    return MetricResult(table=as_table(rows), curves={"principal-components": curve})


def _on_train(a: Points, b: Points, directions: Points) -> dict[str, float]:
    """Return the readings on the components of train."""
    if not len(a):
        return {}
    return {
        "corrected": assignment_cost(a[:, :2], b[:, :2]) / len(a),
        "sliced": sliced_distance(a, b, directions),
    }


def train_axes(train: HaplotypePanel, n_components: int) -> PrincipalAxes:
    """Return the first principal components of a panel, remembered."""
    return remembered(
        train, ("principal-axes", n_components), lambda: principal_axes(train.haplotypes, n_components)
    )


class _Fit:
    """The holdout side of the separate and the joint fit, the same in each repeat."""

    def __init__(self, data: Comparison, rows: Rows) -> None:
        self.data, self.rows = data, rows
        self.gram = _gram(data.holdout, data.holdout, rows, rows)
        self.points = principal_coordinates(self.gram)

    def costs(self, subset: Rows) -> dict[str, float]:
        """Return the readings on components fitted to the sets that are judged."""
        points = self.separate_and_joint(subset)
        sums = {name: assignment_cost(a[:, :2], b[:, :2]) for name, (a, b) in points.items()}
        return {**sums, "coupled_w1": sliced_distance(*points["joint"], np.eye(N_COMPONENTS))}

    def separate_and_joint(self, subset: Rows) -> dict[str, tuple[Points, Points]]:
        """Return the coordinates of both sets in either reading, the joint ones in six components."""
        synthetic = self.data.synthetic
        own = _gram(synthetic, synthetic, subset, subset)
        between = _gram(self.data.holdout, synthetic, self.rows, subset)
        joint = principal_coordinates(np.block([[self.gram, between], [between.T, own]]), N_COMPONENTS)
        n = len(self.rows)
        return {
            "compat": (self.points, principal_coordinates(own)),
            "joint": (joint[:n], joint[n:]),
        }


def _gram(first: HaplotypePanel, second: HaplotypePanel, rows: Rows, columns: Rows) -> Matrix:
    """Return inner products up to a shift of rows and columns that centring takes away: -distance**2 / 2."""
    return across(first, second, rows, columns) * np.float32(-0.5)


def _subsets(data: Comparison, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Return equally many rows of the holdout and of the synthetic set, no row twice."""
    n = min(data.holdout.n_haplotypes, data.synthetic.n_haplotypes, MAX_ROWS)
    first, second = (_rows(data, panel, n, rng) for panel in (data.holdout, data.synthetic))
    return first, second


def _resampled(data: Comparison, rng: np.random.Generator) -> Rows:
    """Return as many rows of a synthetic set that is too small for subsets, drawn with replacement."""
    return _rows(data, data.synthetic, min(data.synthetic.n_haplotypes, MAX_ROWS), rng, replace=True)


def _rows(
    data: Comparison, panel: HaplotypePanel, n: int, rng: np.random.Generator, *, replace: bool = False
) -> Rows:
    strata = data.strata(panel)
    return draw(panel, strata, proportional_counts(strata, n), rng, replace=replace)


def _curve(data: Comparison, real: Points, synthetic: Points, subset: Rows) -> "DataFrame":
    import pandas as pd

    parts = [
        pd.DataFrame({
            "panel": name, "population": panel.population[rows].astype(object),
            "pc1": points[rows, 0], "pc2": points[rows, 1],
        })
        for name, panel, points, rows in (
            ("holdout", data.holdout, real, np.arange(len(real))),
            ("synthetic", data.synthetic, synthetic, subset),
        )
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


METRIC = Metric(
    function=pca_wasserstein, title="Principal components", group="fidelity", headline="corrected",
    statistics={
        "corrected": Statistic(
            ideal=0, name="mean distance",
            about="How far a haplotype must move on the first two principal components to become a real one; "
            "the unit is that of the components.",
        ),
        "sliced": Statistic(
            ideal=0, name="sliced distance",
            about="The same over six principal components, seen along many lines: finer structure than two show.",
        ),
        **statistics(compat=0, joint=0, coupled_w1=0),
    },
)  # fmt: skip
