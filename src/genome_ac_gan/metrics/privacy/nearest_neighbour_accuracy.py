"""Nearest-neighbour adversarial accuracy, its loss between train and holdout, and copies."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from genome_ac_gan.metrics.base import POOLED, Comparison, MetricResult, as_table, summary
from genome_ac_gan.metrics.draws import draw, equal_counts, person_weights
from genome_ac_gan.popgen.distance import found_in, hamming, repeated, verdicts_of_matrices, within

Floats = npt.NDArray[np.float64]
Verdicts = dict[str, tuple[Floats, str]]
MIN_ROWS = 20
IDEALS = {
    "privacy_loss": 0.0,
    "aats": 0.5, "truth": 0.5, "syn": 0.5,
    "aats_compat": 0.5, "truth_compat": 0.5, "syn_compat": 0.5,
    "train_aats": 0.5, "train_truth": 0.5, "train_syn": 0.5,
    "identical_to_train": 0.0, "duplicates": 0.0,
}  # fmt: skip


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
    doi:10.1016/j.neucom.2019.12.136). `identical_to_train` is the share of all
    synthetic rows that equal a train row, `duplicates` of those that equal
    another synthetic row.

    The three sets are drawn down to the same number of rows in each population,
    `repeats` times. The value is the mean over the draws; the interval is the
    percentiles over draws in which the people judged were weighted at random as
    well (Bayesian bootstrap of the verdicts), centred on the value. Pooled, and
    within each population with at least 20 rows in every set. `n` is the number
    of rows of one set, at most 2,000.
    """
    strata = {name: data.strata(panel) for name, panel in data.panels.items()}
    counts = equal_counts(*strata.values())
    weights = {name: person_weights(panel, repeats, rng) for name, panel in data.panels.items()}
    parts = _slices(data, counts)
    scores: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for repeat in range(repeats):
        chosen = {name: draw(panel, strata[name], counts, rng) for name, panel in data.panels.items()}
        drawn_weights = {name: weights[name][repeat][chosen[name]] for name in chosen}
        distances = _Distances({name: data.panels[name].haplotypes[chosen[name]] for name in chosen})
        for population, part in parts.items():
            verdicts = distances.verdicts(part)
            weighted = _accuracies(verdicts, {name: drawn_weights[name][part] for name in chosen})
            for statistic, value in _accuracies(verdicts).items():
                scores[population, statistic].append((value, weighted[statistic]))
    n_rows = {POOLED: sum(counts.values()), **counts}
    rows = [_row(*key, np.array(pairs), n_rows[key[0]]) for key, pairs in scores.items()]
    return MetricResult(table=as_table(rows + _copies(data, weights["synthetic"])))


def _slices(data: Comparison, counts: Mapping[str, int]) -> dict[str, slice]:
    """Return where the drawn rows of `all`, and of each population with enough of them, stand in a draw."""
    ends = np.cumsum(list(counts.values()))
    slices = {
        name: slice(int(end) - n, int(end))
        for (name, n), end in zip(counts.items(), ends, strict=True)
        if data.labelled and n >= MIN_ROWS
    }
    return {POOLED: slice(0, int(ends[-1])), **slices} if ends[-1] > 1 else {}


class _Distances:
    """Distances within and between the drawn rows of the three sets."""

    def __init__(self, sets: Mapping[str, npt.NDArray[np.uint8]]) -> None:
        self.own = {name: within(x) for name, x in sets.items()}
        self.across = {name: hamming(sets[name], sets["synthetic"]) for name in ("holdout", "train")}

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


def _copies(data: Comparison, weights: Floats) -> list[dict[str, Any]]:
    """Return the shares of synthetic rows that equal a train row or each other."""
    synthetic = data.synthetic.haplotypes
    copies = {
        "identical_to_train": found_in(synthetic, data.train.haplotypes),
        "duplicates": repeated(synthetic),
    }
    rows = []
    for population in (POOLED, *data.populations):
        own = data.rows_of(data.synthetic, population)
        for statistic, copied in copies.items():
            draws = np.average(
                np.broadcast_to(copied[own], weights[:, own].shape), axis=1, weights=weights[:, own]
            )
            share = float(copied[own].mean())
            rows.append(summary(population, statistic, draws, int(own.sum()), value=share, limits=(0, 1)))
    return rows
