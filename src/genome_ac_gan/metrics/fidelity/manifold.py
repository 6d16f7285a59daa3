"""Precision, recall, density and coverage: whether synthetic haplotypes lie where real ones do, and all over there."""

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
from genome_ac_gan.metrics.draws import draw, equal_counts, person_weights, population_slices, sizes
from genome_ac_gan.metrics.scores import Scores, summarised
from genome_ac_gan.metrics.shared import across, own_distances, pooled
from genome_ac_gan.popgen.manifold import ManifoldVerdicts, manifold_verdicts

K = 5
Floats = npt.NDArray[np.float64]


def manifold(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """How far synthetic haplotypes lie among real ones, and real ones among them, by balls to the fifth neighbour.

    The ball of a row reaches to its fifth nearest neighbour in its own set
    (Hamming distance; a row is not its own neighbour) and includes its surface.

    - `precision`: share of synthetic rows in the ball of any holdout row.
    - `recall`: share of holdout rows in the ball of any synthetic row.
    - `density`: mean number of holdout balls that a synthetic row is in, over 5.
    - `coverage`: share of holdout rows whose ball holds a synthetic row.

    Of two exchangeable sets of n rows without ties, density is 1 and coverage
    1 - (n - 1) ... (n - 5) / ((2n - 1) ... (2n - 5)), which approaches
    1 - 2**-5 = .969. Precision and recall have no such formula: they depend on
    the dimension of the data and stay a little below 1. A row at the very
    distance of the radius is inside, as in the papers, so ties raise all four.

    Both sets are drawn down to the same number of rows in each population,
    `repeats` times, 2,000 at most. The value is the mean over the draws; the
    interval is of draws in which the people judged are weighted at random as
    well (Bayesian bootstrap of the verdicts), centred on the value. Pooled, and
    among the rows of each population with at least 20. `n` is the number of
    rows of one set; of fewer than 6, all others are neighbours. Kynkaanniemi et
    al. 2019 (doi:10.48550/arXiv.1904.06991; precision, recall) and Naeem et al.
    2020 (doi:10.48550/arXiv.2002.09797; density, coverage).
    """
    data = pooled(data)
    panels = {"holdout": data.holdout, "synthetic": data.synthetic}
    strata = {name: data.strata(panel) for name, panel in panels.items()}
    counts = equal_counts(*strata.values())
    parts = population_slices(counts, labelled=data.labelled)
    weights = {name: person_weights(panel, repeats, rng) for name, panel in panels.items()}
    plain: list[Scores] = [{} for _ in range(repeats)]
    weighted: list[Scores] = [{} for _ in range(repeats)]
    for repeat in range(repeats):
        rows = {name: draw(panel, strata[name], counts, rng) for name, panel in panels.items()}
        own = {name: own_distances(panel, rows[name]) for name, panel in panels.items()}
        between = across(data.holdout, data.synthetic, rows["holdout"], rows["synthetic"])
        for population, part in parts.items():
            found = manifold_verdicts(
                own["holdout"][part, part], own["synthetic"][part, part], between[part, part], K
            )
            weight = {name: each[repeat][rows[name][part]] for name, each in weights.items()}
            plain[repeat] |= _means(population, found)
            weighted[repeat] |= _means(population, found, weight["holdout"], weight["synthetic"])
    n = sizes(parts)
    return MetricResult(table=as_table(summarised(plain, weighted, n, _limits)))


def _limits(statistic: str) -> tuple[float, float]:
    return (0.0, np.inf if statistic == "density" else 1.0)


def _means(
    population: str, found: ManifoldVerdicts, real: Floats | None = None, synthetic: Floats | None = None
) -> Scores:
    sides = {"precision": synthetic, "recall": real, "density": synthetic, "coverage": real}
    return {
        (population, name): float(np.average(getattr(found, name), weights=weights))
        for name, weights in sides.items()
    }


METRIC = Metric(
    function=manifold, title="Precision, recall, coverage", group="fidelity", headline="coverage",
    statistics={
        "coverage": Statistic(
            ideal=1 - 2.0**-K,
            about="Share of real people with an artificial genome in their neighbourhood: low when kinds of "
            "haplotypes are missing. Fresh real people reach .97; more means copies.",
        ),
        "precision": Statistic(
            ideal=1,
            about="Share of artificial genomes that lie among real people: low when they look like nobody.",
        ),
        **statistics(recall=1, density=1),
    },
)  # fmt: skip
