"""The tables of the experiment: scores by split, their means over splits, and gains with intervals."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from genome_ac_gan.checkpoint import read_card
from genome_ac_gan.experiment.reproduction.augmentation.config import REAL
from genome_ac_gan.experiment.reproduction.augmentation.intervals import resampled_interval, single_interval
from genome_ac_gan.experiment.reproduction.augmentation.panels import STRUCTURE, facts_of
from genome_ac_gan.experiment.reproduction.augmentation.sets import run_of
from genome_ac_gan.files import read_tsv
from genome_ac_gan.metrics.base import POOLED

if TYPE_CHECKING:
    from pandas import DataFrame

    from genome_ac_gan.experiment.reproduction.augmentation.experiment import Augmentation

SCORES, NEAR = "scores.tsv", "neighbours.tsv"  # of a task of classifiers, and of one of neighbours
WHAT = ["generator", "classifier", "share"]
POOLED_NAMES, NAMES = {"accuracy": "accuracy", "f1": "macro_f1"}, {"accuracy": "recall", "f1": "f1"}


def all_tables(experiment: "Augmentation") -> "dict[str, DataFrame]":
    """Return the tables by file name, those without rows left out.

    - `scores`: split, generator (`real`: no artificial genomes), share, classifier, replicates, and mean and
      standard deviation over replicates of accuracy and macro F1.
    - `means`: generator, classifier, share, statistic; mean over splits with interval, and where one more
      split would lie.
    - `gains`: the same of the differences to real haplotypes alone in the same split.
    - `contrasts`: the same of the differences to a reference at the same share in the same split.
    - `populations`: generator, classifier, share, population, statistic (recall, f1); mean over splits with interval.
    - `neighbours`: generator, n_splits, and means over splits and sets of what `neighbours` tells; `gap` is
      right_artificial minus right_displaced within a split, with interval.
    - `trainings`: generator, model, preset, n_splits, and means over splits of updates made, of the one kept, and
      of seconds.
    - `structure`: principal components of all haplotypes; `explained`: shares of the variance.
    """
    rows = replicates(experiment)
    by_split = split_means(rows)
    ratio = experiment.config.data.holdout / (1 - experiment.config.data.holdout)
    found = {
        "scores": _scores(rows), "means": within(summary(_pooled(by_split), ratio), 0, 1),
        "gains": within(summary(differences(_pooled(by_split), None), ratio), -1, 1),
        "contrasts": within(_contrasts(_pooled(by_split), experiment.config.references, ratio), -1, 1),
        "populations": within(summary(by_split[by_split["population"] != POOLED], ratio, ["population"]), 0, 1),
        "neighbours": _neighbours(experiment, ratio), "trainings": _trainings(experiment), **_structure(experiment),
    }  # fmt: skip
    return {name: table for name, table in found.items() if len(table)}


def replicates(experiment: "Augmentation") -> "DataFrame":
    """Return what the tasks of classifiers wrote, one below the other, with split and generator."""
    import pandas as pd

    columns = ["split", *WHAT, "replicate", "population", "accuracy", "f1"]
    parts = [
        read_tsv(experiment.place(name) / SCORES).assign(split=split, generator=source)
        for split in range(1, experiment.config.n_splits + 1)
        for source in (REAL, *experiment.config.sources)
        for classifiers in experiment.classifiers
        if experiment.done(name := experiment.classified(split, source, classifiers))
    ]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _scores(rows: "DataFrame") -> "DataFrame":
    pooled = rows[rows["population"] == POOLED].rename(columns={"f1": "macro_f1"})
    groups = pooled.groupby(["split", *WHAT], sort=False)
    return groups.agg(
        replicates=("accuracy", "size"), accuracy=("accuracy", "mean"), accuracy_sd=("accuracy", "std"),
        macro_f1=("macro_f1", "mean"), macro_f1_sd=("macro_f1", "std"),
    ).reset_index()  # fmt: skip


def split_means(rows: "DataFrame") -> "DataFrame":
    """Return means over replicates: split, generator, classifier, share, population, statistic, value."""
    keys = ["split", *WHAT, "population"]
    means = rows.groupby(keys, sort=False)[["accuracy", "f1"]].mean().reset_index()
    long = means.melt(keys, var_name="statistic", value_name="value")
    pooled = long["population"] == POOLED
    long["statistic"] = long["statistic"].map(POOLED_NAMES).where(pooled, long["statistic"].map(NAMES))
    return long


def _pooled(by_split: "DataFrame") -> "DataFrame":
    return by_split[by_split["population"] == POOLED]


def differences(by_split: "DataFrame", reference: str | None) -> "DataFrame":
    """Return by how much each value is above that of another in the same split, which has no rows itself.

    Parameters
    ----------
    by_split
        As `split_means` has it.
    reference
        A generator, at the same share; None for real haplotypes alone.
    """
    alone = by_split["generator"] == REAL
    keys = ["split", "classifier", "population", "statistic", *(["share"] if reference else [])]
    other = by_split[by_split["generator"] == reference if reference else alone]
    both = by_split[~alone & (by_split["generator"] != reference)].merge(
        other[[*keys, "value"]], on=keys, suffixes=("", "_other")
    )
    return both.assign(value=both["value"] - both["value_other"]).drop(columns="value_other")


def _contrasts(by_split: "DataFrame", references: Sequence[str], ratio: float) -> "DataFrame":
    import pandas as pd

    parts = [
        summary(differences(by_split, name), ratio).assign(reference=name)
        for name in references
        if (by_split["generator"] == name).any()
    ]
    columns = ["generator", "reference", *WHAT[1:], "statistic", "value", "lower", "upper", "n_splits"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def summary(by_split: "DataFrame", ratio: float, more: Sequence[str] = ()) -> "DataFrame":
    """Return means over splits with their intervals (`resampled_interval`), and how many splits there are.

    `single_lower`, `single_upper` are where one more split would lie (`single_interval`).
    """
    import pandas as pd

    keys = [*WHAT, *more, "statistic"]
    lines = [
        (
            *known,
            *resampled_interval(values.to_numpy(float), ratio),
            *single_interval(values.to_numpy(float)),
            len(values),
        )
        for known, values in by_split.groupby(keys, sort=False)["value"]
    ]
    ends = ["lower", "upper", "single_lower", "single_upper"]
    return pd.DataFrame(lines, columns=[*keys, "value", *ends, "n_splits"])


def within(table: "DataFrame", least: float, most: float) -> "DataFrame":
    """Return a table whose intervals end where their scores do."""
    ends = [name for name in map(str, table) if name.endswith(("lower", "upper"))]
    return table.assign(**{name: table[name].astype(float).clip(least, most) for name in ends})


def _neighbours(experiment: "Augmentation", ratio: float) -> "DataFrame":
    import pandas as pd

    lines = []
    for source in experiment.config.sources:
        names = [experiment.near(split, source) for split in range(1, experiment.config.n_splits + 1)]
        files = [experiment.place(name) / NEAR for name in names if experiment.done(name)]
        if files:
            splits = pd.DataFrame([read_tsv(file).drop(columns="set").mean() for file in files])
            gaps = (splits["right_artificial"] - splits["right_displaced"]).to_numpy(float)
            gap = dict(zip(("gap", "gap_lower", "gap_upper"), resampled_interval(gaps, ratio), strict=True))
            lines.append({"generator": source, "n_splits": len(splits), **splits.mean(), **gap})
    return pd.DataFrame(lines)


def _trainings(experiment: "Augmentation") -> "DataFrame":
    import pandas as pd

    rows = pd.DataFrame(list(_training_rows(experiment)))
    if rows.empty:
        return rows
    groups = rows.groupby(["generator", "model", "preset"], sort=False)
    return groups.agg(
        n_splits=("seconds", "size"), updates=("updates", "mean"), chosen_update=("chosen_update", "mean"),
        seconds=("seconds", "mean"),
    ).reset_index()  # fmt: skip


def _training_rows(experiment: "Augmentation") -> Iterator[dict[str, Any]]:
    for split in range(1, experiment.config.n_splits + 1):
        for name, generator in experiment.config.generators.items():
            if experiment.done(task := experiment.made(split, name)):
                run = run_of(experiment.place(task))
                training, card = run.record()["stages"]["train"], read_card(run.model)
                yield {
                    "generator": name, "model": generator.name, "preset": generator.preset,
                    "updates": training.get("steps", np.nan),
                    "chosen_update": card["step"] if "steps" in training else np.nan, "seconds": training["seconds"],
                }  # fmt: skip


def _structure(experiment: "Augmentation") -> "Mapping[str, DataFrame]":
    import pandas as pd

    folder = experiment.place("panel")
    if not experiment.done("panel"):
        return {}
    explained = np.array(facts_of(folder)["explained"])
    shares = pd.DataFrame(
        {"component": [f"pc{number}" for number in range(1, len(explained) + 1)], "share": explained}
    )
    return {"structure": read_tsv(folder / STRUCTURE), "explained": shares}
