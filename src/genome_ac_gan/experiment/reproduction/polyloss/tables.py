"""The tables of the experiment, from the files of the trainings that are done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from genome_ac_gan.experiment.reproduction.polyloss import statistics
from genome_ac_gan.experiment.reproduction.polyloss.class_head import CHECKPOINTS, PREDICTED, SCORES, scores
from genome_ac_gan.metrics.base import COLUMNS, POOLED, as_table, weighted_row
from genome_ac_gan.metrics.classifiers import Codes, Floats, confusion, recalls
from genome_ac_gan.metrics.draws import person_weights
from genome_ac_gan.panel import HaplotypePanel

DRAWS = 1000  # behind an interval
LOSSES = ("plce", "cce")
DIFFERENCE = "difference"


@dataclass(frozen=True)
class Run:
    """A run that is done.

    Attributes
    ----------
    loss, seed
        `plce` or `cce`.
    checkpoints
        What `ClassHead` wrote.
    predicted : (n_haplotypes,) str
        What each haplotype of the judges was taken for at the last checkpoint.
    seconds
        Of training.
    """

    loss: str
    seed: int
    checkpoints: pd.DataFrame
    predicted: Sequence[str]
    seconds: float

    @classmethod
    def read(cls, loss: str, seed: int, folder: Path, seconds: float) -> "Run":
        """Read the files in the folder of a task."""
        predicted = pd.read_csv(folder / PREDICTED, sep="\t", keep_default_na=False, dtype=str)
        return cls(loss, seed, read_checkpoints(folder), predicted["taken_for"].tolist(), seconds)

    @property
    def accuracy(self) -> Floats:
        """Accuracy at each checkpoint."""
        return self.checkpoints["accuracy"].to_numpy(np.float64)


def read_checkpoints(folder: Path) -> pd.DataFrame:
    """Return what `ClassHead` wrote into the folder of a task: a line a checkpoint."""
    return pd.read_csv(folder / CHECKPOINTS, sep="\t")


def of_loss(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Return the runs of each loss; a loss without any is left out."""
    found = {loss: [run for run in runs if run.loss == loss] for loss in LOSSES}
    return {loss: of for loss, of in found.items() if of}


# -- checkpoints ----------------------------------------------------------------------------------


def checkpoints(runs: Sequence[Run]) -> pd.DataFrame:
    """Return every checkpoint: loss, seed, step, epoch, and the scores of the class head on the judges."""
    parts = [run.checkpoints.assign(loss=run.loss, seed=run.seed) for run in runs]
    return pd.concat(parts, ignore_index=True)[["loss", "seed", "step", "epoch", *SCORES]]


def curves(runs: Sequence[Run]) -> pd.DataFrame:
    """Return the mean accuracy of the runs of a loss at each epoch, the smallest and the largest, and how many."""
    grouped = checkpoints(runs).groupby(["loss", "epoch"], sort=False)["accuracy"]
    table = grouped.agg(["mean", "min", "max", "count"]).reset_index()
    return table.rename(columns={"mean": "value", "min": "lower", "max": "upper", "count": "n"})


def run_rows(runs: Sequence[Run]) -> pd.DataFrame:
    """Return a row a run: its accuracies in short, and how many independent ones they are worth."""
    rows = [
        {
            "loss": run.loss, "seed": run.seed, "updates": int(run.checkpoints["step"].iloc[-1]),
            "checkpoints": len(run.accuracy), "mean": run.accuracy.mean(),
            "sd": run.accuracy.std(ddof=1) if len(run.accuracy) > 1 else np.nan, "last": run.accuracy[-1],
            "lag_1": statistics.autocorrelations(run.accuracy)[1] if len(run.accuracy) > 1 else np.nan,
            "effective": statistics.effective_number(run.accuracy), "seconds": run.seconds,
        }
        for run in runs
    ]  # fmt: skip
    return pd.DataFrame(rows)


def boxes(runs: Sequence[Run]) -> pd.DataFrame:
    """Return quartiles and range of the accuracies of the checkpoints: pooled for each loss, and of each run."""
    rows = []
    for loss, of in of_loss(runs).items():
        groups = {
            POOLED: np.concatenate([run.accuracy for run in of]),
            **{f"{run.seed}": run.accuracy for run in of},
        }
        for name, values in groups.items():
            five = np.percentile(values, [0, 25, 50, 75, 100])
            ends = dict(zip(("smallest", "q1", "median", "q3", "largest"), five, strict=True))
            rows.append({"loss": loss, "run": name, "n": len(values), **ends})
    return pd.DataFrame(rows)


# -- the last checkpoint --------------------------------------------------------------------------


def confusions(runs: Sequence[Run], judges: HaplotypePanel) -> pd.DataFrame:
    """Return how many haplotypes of a population were taken for each, the runs of a loss pooled, and their share."""
    names, rows = _classes(runs, judges), []
    for loss, of in of_loss(runs).items():
        table = _tables(of, judges, names, np.ones((1, judges.n_haplotypes))).sum(axis=(0, 1))
        for population, counts in zip(names, table, strict=True):
            whole = counts.sum()
            rows += [
                {"loss": loss, "population": population, "taken_for": other, "n": int(n),
                 "share": n / whole if whole else np.nan}
                for other, n in zip(names, counts, strict=True)
            ]  # fmt: skip
    return pd.DataFrame(rows)


def _classes(runs: Sequence[Run], judges: HaplotypePanel) -> list[str]:
    """Return the populations of the judges and those that somebody was taken for, sorted."""
    return sorted({*judges.populations, *(name for run in runs for name in run.predicted)})


def score_rows(runs: Sequence[Run], judges: HaplotypePanel, rng: np.random.Generator) -> pd.DataFrame:
    """Return the scores of the runs of a loss pooled at their last checkpoint, and both losses' difference.

    Recall by population under the name `accuracy`. The interval is that of people and
    runs weighted at random (Bayesian bootstrap); both losses see the same weights of people.
    """
    names = _classes(runs, judges)
    people = np.concatenate([np.ones((1, judges.n_haplotypes)), person_weights(judges, DRAWS, rng)])
    pooled = {}
    for loss, of in of_loss(runs).items():
        weights = np.concatenate([np.ones((len(of), 1)), rng.exponential(size=(len(of), DRAWS))], axis=1)
        pooled[loss] = np.einsum("rd,rdij->dij", weights, _tables(of, judges, names, people))
    values = {loss: _scored(tables, names) for loss, tables in pooled.items()}
    if len(values) == len(LOSSES):
        first, second = (values[loss] for loss in LOSSES)
        values[DIFFERENCE] = {key: first[key] - second[key] for key in first}
    table = pd.concat([_rows(of, judges).assign(loss=loss) for loss, of in values.items()], ignore_index=True)
    return table[["loss", *COLUMNS]]


def _tables(runs: Sequence[Run], judges: HaplotypePanel, names: Sequence[str], weights: Floats) -> Floats:
    """Return confusion tables (n_runs, n_weightings, n_classes, n_classes) of weights (n_weightings, n_haplotypes)."""
    truth = _codes(judges.population.tolist(), names)
    given = [_codes(run.predicted, names) for run in runs]
    return np.array([[confusion(truth, codes, len(names), each) for each in weights] for codes in given])


def _codes(values: Sequence[str], names: Sequence[str]) -> Codes:
    number = {name: index for index, name in enumerate(names)}
    return np.array([number[value] for value in values], dtype=np.intp)


def _scored(tables: Floats, names: Sequence[str]) -> dict[tuple[str, str], Floats]:
    """Return each score of each confusion table (n_tables, ...), by population and statistic."""
    each = [scores(table) for table in tables]
    found = {(POOLED, name): np.array([of[name] for of in each]) for name in SCORES}
    by_class = np.array([recalls(table) for table in tables])
    return found | {(name, "accuracy"): by_class[:, place] for place, name in enumerate(names)}


def _rows(values: Mapping[tuple[str, str], Floats], judges: HaplotypePanel) -> pd.DataFrame:
    counts = {**judges.counts, POOLED: judges.n_haplotypes}
    rows = [
        weighted_row(population, statistic, draws, counts.get(population, 0), (-1.0, 1.0))
        for (population, statistic), draws in values.items()
    ]
    return as_table(rows)


# -- tests ----------------------------------------------------------------------------------------


def tests(runs: Sequence[Run], removed: int) -> pd.DataFrame:
    """Return the published t-test and its kin, a row each, of the accuracy with PLCE minus that with CCE.

    `pooled`: Student's t on the checkpoints of all runs, the `removed` smallest and
    largest of either loss left out. `effective`: Welch's t on all checkpoints, which
    count for as many as are independent. `runs`: Welch's t on the mean of each run.
    `permutation`: all ways to give these means to the losses.
    """
    by_loss = of_loss(runs)
    if len(by_loss) < len(LOSSES):
        return pd.DataFrame()
    first, second = (by_loss[loss] for loss in LOSSES)
    pooled = [np.concatenate([run.accuracy for run in of]) for of in (first, second)]
    kept = [statistics.without_extremes(values, removed) for values in pooled]
    means = [[float(run.accuracy.mean()) for run in of] for of in (first, second)]
    worth = [sum(statistics.effective_number(run.accuracy) for run in of) for of in (first, second)]
    found = {
        "pooled": statistics.t_test(kept[0], kept[1], equal_variances=True),
        "effective": statistics.t_test(pooled[0], pooled[1], n=(worth[0], worth[1])),
        "runs": statistics.t_test(means[0], means[1]),
        "permutation": statistics.permutation_test(means[0], means[1]),
    }
    return pd.DataFrame([_test_row(name, test) for name, test in found.items()])


def _test_row(name: str, test: statistics.Difference) -> dict[str, Any]:
    return {
        "test": name, "difference": test.difference, "lower": test.lower, "upper": test.upper, "t": test.t,
        "df": test.df, "p": test.p, "n_plce": test.n[0], "n_cce": test.n[1],
    }  # fmt: skip


# -- the grid -------------------------------------------------------------------------------------


def grid_row(
    pair: tuple[float, float] | None, reading: str, table: pd.DataFrame, n_judges: int
) -> dict[str, Any]:
    """Return a row of the grid: mean accuracy over the later half of the checkpoints, the smallest and the largest.

    A pair None is plain cross-entropy, whose epsilon and alpha are empty.
    """
    accuracy = table["accuracy"].to_numpy(np.float64)
    later = accuracy[len(accuracy) // 2 :]
    epsilon, alpha = pair or (np.nan, np.nan)
    return {
        "loss": "plce" if pair else "cce", "reading": reading if pair else "cce", "epsilon": epsilon, "alpha": alpha,
        "value": later.mean(), "lower": later.min(), "upper": later.max(), "n": len(later),
        "last": accuracy[-1], "haplotypes": n_judges,
    }  # fmt: skip
