"""Nearest-neighbour adversarial accuracy, and its loss between train and holdout."""

from collections import defaultdict
from collections.abc import Mapping
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
    statistics,
    summary,
)
from genome_ac_gan.metrics.draws import Rows, draw, equal_counts, person_weights, population_slices
from genome_ac_gan.metrics.shared import across, own_distances, pooled
from genome_ac_gan.popgen.distance import verdicts_of_matrices

Floats = npt.NDArray[np.float64]
Verdicts = dict[str, tuple[Floats, str]]


def nearest_neighbour_accuracy(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Share of haplotypes whose nearest neighbour (Hamming distance) is of their own set, real or synthetic.

    `truth` is the share among real rows, `syn` among synthetic ones, `aats`
    their mean: 1/2 is ideal, less means copies, more that the sets differ. Two
    exchangeable sets of n rows give (n - 1) / (2n - 1), just under 1/2. A row is
    never its own neighbour; a tie counts one half. In the `_compat` statistics
    it counts 0, the strict inequality of Yelmen et al. 2021
    (doi:10.1371/journal.pgen.1009303). `train_truth`, `train_syn` and
    `train_aats` are the same with train rows as the real set, and
    `privacy_loss` is `aats` - `train_aats`: above 0 the synthetic rows are
    nearer to the people learned from than to others (Yale et al. 2020,
    doi:10.1016/j.neucom.2019.12.136).

    The three sets are drawn down to the same number of rows in each population,
    `repeats` times. The value is the mean over the draws; the interval is the
    percentiles over draws in which the people judged were weighted at random as
    well (Bayesian bootstrap of the verdicts), centred on the value. Pooled, and
    within each population with at least 20 rows in every set. `n` is the number
    of rows of one set, at most 2,000.
    """
    data = pooled(data)
    strata = {name: data.strata(panel) for name, panel in data.panels.items()}
    counts = equal_counts(*strata.values())
    weights = {name: person_weights(panel, repeats, rng) for name, panel in data.panels.items()}
    parts = population_slices(counts, labelled=data.labelled)
    scores: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for repeat in range(repeats):
        chosen = {name: draw(panel, strata[name], counts, rng) for name, panel in data.panels.items()}
        drawn_weights = {name: weights[name][repeat][chosen[name]] for name in chosen}
        drawn = _Drawn(data, chosen)
        for population, part in parts.items():
            verdicts = drawn.verdicts(part)
            weighted = _accuracies(verdicts, {name: drawn_weights[name][part] for name in chosen})
            for statistic, value in _accuracies(verdicts).items():
                scores[population, statistic].append((value, weighted[statistic]))
    n_rows = {POOLED: sum(counts.values()), **counts}
    rows = [_row(*key, np.array(pairs), n_rows[key[0]]) for key, pairs in scores.items()]
    return MetricResult(table=as_table(rows))


class _Drawn:
    """Distances within and between the drawn rows of the three sets."""

    def __init__(self, data: Comparison, chosen: Mapping[str, Rows]) -> None:
        self.own = {name: own_distances(data.panels[name], rows) for name, rows in chosen.items()}
        self.across = {
            name: across(data.panels[name], data.synthetic, chosen[name], chosen["synthetic"])
            for name in ("holdout", "train")
        }

    def verdicts(self, rows: slice) -> Verdicts:
        """Return the verdicts among some of the rows, and whose they are, by statistic."""
        result: Verdicts = {}
        synthetic = self.own["synthetic"][rows, rows]
        for prefix, name in (("", "holdout"), ("train_", "train")):
            found = verdicts_of_matrices(self.own[name][rows, rows], synthetic, self.across[name][rows, rows])
            result[f"{prefix}truth"] = found.truth, name
            result[f"{prefix}syn"] = found.syn, "synthetic"
        return result


def _accuracies(verdicts: Verdicts, weights: Mapping[str, Floats] | None = None) -> dict[str, float]:
    """Return the mean verdicts and what follows from them, the rows of each set weighted or not."""

    def mean(values: npt.NDArray[Any], name: str) -> float:
        return float(np.average(values, weights=None if weights is None else weights[name]))

    result = {statistic: mean(values, name) for statistic, (values, name) in verdicts.items()}
    for statistic in ("truth", "syn"):
        values, name = verdicts[statistic]
        result[f"{statistic}_compat"] = mean(values == 1, name)
    result["aats"] = (result["truth"] + result["syn"]) / 2
    result["aats_compat"] = (result["truth_compat"] + result["syn_compat"]) / 2
    result["train_aats"] = (result["train_truth"] + result["train_syn"]) / 2
    result["privacy_loss"] = result["aats"] - result["train_aats"]
    return result


def _row(population: str, statistic: str, pairs: Floats, n: int) -> dict[str, Any]:
    limits = (-1.0, 1.0) if statistic == "privacy_loss" else (0.0, 1.0)
    value = float(pairs[:, 0].mean())
    return summary(population, statistic, pairs[:, 1], n, value=value, limits=limits)


METRIC = Metric(
    function=nearest_neighbour_accuracy, title="Nearest neighbours", group="privacy", headline="privacy_loss",
    statistics={
        "privacy_loss": Statistic(
            ideal=0, name="privacy loss",
            about="How much nearer the artificial genomes are to the training people than to people never seen. "
            "0 is ideal; compare with the training haplotypes, which must fail.",
        ),
        "truth": Statistic(
            ideal=0.5, name="AATS, real side (truth)",
            about="How often the nearest neighbour of a real haplotype is real rather than artificial. One half "
            "is ideal; towards 1, artificial genomes do not come near real people.",
        ),
        "syn": Statistic(
            ideal=0.5, name="AATS, artificial side (syn)",
            about="How often the nearest neighbour of an artificial haplotype is artificial rather than real. One "
            "half is ideal; towards 1, artificial genomes crowd among themselves.",
        ),
        **statistics(
            aats=0.5, aats_compat=0.5, truth_compat=0.5, syn_compat=0.5,
            train_aats=0.5, train_truth=0.5, train_syn=0.5,
        ),
    },
)  # fmt: skip
