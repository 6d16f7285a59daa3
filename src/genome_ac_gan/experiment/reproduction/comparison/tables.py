"""What is done of the comparison as tidy tables, a row for each value, by the names of the sets."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genome_ac_gan.checkpoint import read_card
from genome_ac_gan.experiment.benchmark.tables import signs
from genome_ac_gan.experiment.reproduction.comparison.experiment import (
    DIVERGED,
    LINKAGE,
    TRAIN,
    ModelComparison,
)

if TYPE_CHECKING:
    from pandas import DataFrame

SET_COLUMNS = (
    "set", "kind", "role", "model", "preset", "label", "n_haplotypes", "n_train", "n_test", "n_variants",
    "updates", "chosen_step", "train_seconds", "outcome",
)  # fmt: skip


def all_tables(experiment: ModelComparison) -> "Mapping[str, DataFrame]":
    """Return the tables of what is done, by file name.

    Returns
    -------
    mapping of str to DataFrame
        - `sets`: a row a set that is configured, `SET_COLUMNS`; `kind` is `train`, `model` or
          `published`.
        - `pca`: set, reading, mean, sd, lowest, lower, upper (percentiles 2.5 and 97.5 over
          subsets), n_subsets, n_mirrored (of the subsets), n (pairs). `pca-subsets`: set,
          reading, subset, value, n, mirrored.
        - `pca-points`: set, reading, panel, pc1, pc2, group, population.
        - `statistics`: set, level, reading, metric, population, statistic, value, lower,
          upper, n, ideal; among them the published reading of linkage.
        - `frequencies`: set, variants (`all`, `high`, `low`), holdout, synthetic.
        - `differentiation`: set, level, reading, first, second, within, named, r;
          `differentiation-within`: its summary by group.
        - `linkage`: source (the set), reading, panel, distance, r2, sem, n_pairs.
    """
    subsets = _stacked(experiment, "subsets")
    pairs = _stacked(experiment, "differentiation")
    found = {
        "sets": sets(experiment),
        "pca": _spread(subsets),
        "pca-subsets": subsets,
        "pca-points": _stacked(experiment, "points"),
        "statistics": _with_published_linkage(experiment, _stacked(experiment, "statistics")),
        "frequencies": _stacked(experiment, "frequencies"),
        "differentiation": pairs,
        "differentiation-within": _within(pairs),
        "linkage": _linkage(experiment),
    }
    return {name: table for name, table in found.items() if len(table)}


def _stacked(experiment: ModelComparison, name: str) -> "DataFrame":
    """Return one table of all judged sets, the set first."""
    import pandas as pd

    parts = []
    for each in experiment.sets:
        task = f"judge/{each}"
        path = experiment.place(task) / f"{name}.tsv"
        if experiment.done(task) and path.is_file():
            table = _read(path)
            table.insert(0, "set", each)
            parts.append(table)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _read(path: Path) -> "DataFrame":
    import pandas as pd

    return pd.read_csv(path, sep="\t", keep_default_na=False, na_values=[])


def _spread(subsets: "DataFrame") -> "DataFrame":
    import pandas as pd

    lines = []
    for (name, reading), of in subsets.groupby(["set", "reading"], sort=False) if len(subsets) else ():
        value = of["value"].to_numpy(float)
        lower, upper = np.percentile(value, [2.5, 97.5])
        lines.append({
            "set": name, "reading": reading, "mean": value.mean(), "sd": value.std(ddof=1),
            "lowest": value.min(), "lower": lower, "upper": upper, "n_subsets": len(value),
            "n_mirrored": int(of["mirrored"].sum()), "n": int(of["n"].iloc[0]),
        })  # fmt: skip
    return pd.DataFrame(lines)


def _within(pairs: "DataFrame") -> "DataFrame":
    """Return r over the pairs within each group: how many, mean, lowest and highest."""
    import pandas as pd

    inside = pairs[pairs["within"] != ""] if len(pairs) else pairs
    lines = []
    for key, of in inside.groupby(["set", "level", "reading", "within"], sort=False) if len(inside) else ():
        r = of["r"].to_numpy(float)
        low = of.iloc[int(r.argmin())]
        lines.append({
            **dict(zip(("set", "level", "reading", "within"), key, strict=True)), "n_pairs": len(r),
            "mean": r.mean(), "lowest": r.min(), "lowest_pair": f"{low['first']}-{low['second']}",
            "highest": r.max(),
        })  # fmt: skip
    return pd.DataFrame(lines)


# -- linkage ----------------------------------------------------------------------------------------


def _with_published_linkage(experiment: ModelComparison, statistics: "DataFrame") -> "DataFrame":
    import pandas as pd

    path = experiment.place(LINKAGE) / "errors.tsv"
    if not path.is_file():
        return statistics
    errors = _read(path).assign(
        level="unlabelled",
        reading="compat",
        metric="ld-decay",
        population="all",
        statistic="decay_rmse",
        ideal=0.0,
    )
    errors["lower"] = errors["upper"] = errors["value"]
    return pd.concat([statistics, errors[list(statistics.columns)]], ignore_index=True)


def _linkage(experiment: ModelComparison) -> "DataFrame":
    """Return the curves of both readings, as the plot of linkage takes them."""
    import pandas as pd

    parts = [_stacked(experiment, "decay")]
    path = experiment.place(LINKAGE) / "curves.tsv"
    parts += [_read(path).assign(reading="compat")] if path.is_file() else []
    whole = pd.concat(parts, ignore_index=True)
    return whole.rename(columns={"set": "source"})


# -- sets -------------------------------------------------------------------------------------------


def sets(experiment: ModelComparison) -> "DataFrame":
    """Return what each set is, what it took and how it ended; what is not known yet is empty."""
    import pandas as pd

    table = pd.DataFrame([_set(experiment, name) for name in experiment.sets], columns=list(SET_COLUMNS))
    whole = ("n_haplotypes", "n_train", "n_test", "n_variants", "updates", "chosen_step")
    return table.astype(dict.fromkeys(whole, "Int64"))


def _set(experiment: ModelComparison, name: str) -> dict[str, Any]:
    config = experiment.config
    counts = experiment.place(f"judge/{name}") / "counts.tsv"
    known: dict[Any, Any] = _read(counts).iloc[0].to_dict() if counts.is_file() else {}
    if name == TRAIN:
        return {"set": name, "kind": "train", "label": config.level, **known}
    if name in config.published:
        return {"set": name, "kind": "published", "role": config.published[name].role, **known}
    row = config.models[name]
    return {
        "set": name, "kind": "model", "role": row.role, "model": row.name, "preset": row.preset,
        "label": row.label, **known, **_training(experiment, name),
    }  # fmt: skip


def _training(experiment: ModelComparison, name: str) -> dict[str, Any]:
    run = experiment.run(name)
    if experiment.diverged(name):
        message = json.loads((run.folder / DIVERGED).read_text(encoding="utf-8"))["message"]
        return {"outcome": f"failed: {message}"}
    if not (run.provenance.is_file() and run.done("generate")):
        return {}
    stages, card = run.record()["stages"], read_card(run.model)
    training = stages["train"]
    return {
        "updates": training.get("steps"), "train_seconds": training.get("seconds"),
        "chosen_step": card.get("step") if "steps" in training else None,
        "outcome": "; ".join(signs(card, stages)),
    }  # fmt: skip
