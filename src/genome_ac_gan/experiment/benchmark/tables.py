"""The tables of a benchmark: every cell's rows, their means over seeds, and what each cell took."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from genome_ac_gan.checkpoint import read_card
from genome_ac_gan.experiment.benchmark.config import BenchmarkConfig
from genome_ac_gan.experiment.benchmark.layout import BenchmarkDir, Cell, all_cells
from genome_ac_gan.experiment.benchmark.panels import ANCHORS, judged_sources
from genome_ac_gan.files import write_text
from genome_ac_gan.report.run import read_table
from genome_ac_gan.training.selection import signs_of_collapse

if TYPE_CHECKING:
    from pandas import DataFrame

WHAT = ("metric", "group", "population", "statistic")
CELL_COLUMNS = ("panel", "model", "seed", *WHAT, "value", "lower", "upper", "n", "ideal")
COLUMNS = (
    "panel", "model", "kind", *WHAT, "value", "sd", "lower", "upper", "interval", "n_seeds", "n", "ideal",
)  # fmt: skip
COST_COLUMNS = (
    "panel", "model", "seed", "status", "name", "preset", "conditioning", "stores_training_data",
    "parameters", "updates", "train_seconds",
    "chosen_step", "held_out_score", "generate_seconds", "evaluate_seconds", "device", "threads", "outcome",
)  # fmt: skip


def write_tables(folder: BenchmarkDir, config: BenchmarkConfig) -> "DataFrame":
    """Write `cells.tsv`, `benchmark.tsv` and `costs.tsv` from whatever is done; return the second."""
    rows = cell_rows(folder, config)
    means = summary(folder, config, rows)
    for path, table in (
        (folder.cells_table, rows),
        (folder.table, means),
        (folder.costs, costs(folder, config)),
    ):
        write_text(path, table.to_csv(sep="\t", index=False, lineterminator="\n"))
    return means


def cell_rows(folder: BenchmarkDir, config: BenchmarkConfig) -> "DataFrame":
    """Return the evaluation of every cell that is done, one below the other."""
    parts = []
    for cell in _by_model(config):
        if folder.status(cell, config) == "done":
            table = read_table(folder.run(cell).evaluation / "table.tsv")
            parts.append(table.assign(panel=cell.panel, model=cell.model, seed=cell.seed))
    return _joined(parts, CELL_COLUMNS)


def _by_model(config: BenchmarkConfig) -> list[Cell]:
    """Return the cells as they stand in tables: by panel, model, seed."""
    panels, models = list(config.panels), list(config.models)
    return sorted(all_cells(config), key=lambda cell: (panels.index(cell.panel), models.index(cell.model)))


def _joined(parts: "Sequence[DataFrame]", columns: Sequence[str]) -> "DataFrame":
    import pandas as pd

    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(columns))
    return table[list(columns)].astype({"n": "Int64"})


def summary(folder: BenchmarkDir, config: BenchmarkConfig, rows: "DataFrame") -> "DataFrame":
    """Return means over seeds by panel and model, then the sets made elsewhere and the anchors.

    Of a model with several seeds, `value` is the mean, `sd` the standard deviation of
    a sample, and `lower` and `upper` the smallest and the largest of the seeds
    (`interval` is `seeds`). With one seed, and of sets and anchors, the interval is
    their own, over draws (`draws`), and there is no `sd`. `n_seeds` is the number of
    seeds for which the statistic is defined; 0 for what has none.
    """
    parts = []
    for panel in config.panels:
        of_panel = rows[rows["panel"] == panel]
        parts += [_over_seeds(of_panel[of_panel["model"] == model]) for model in config.models]
        parts += [
            _as_judged(judged, panel, "anchor" if source == ANCHORS else "synthetic")
            for source, judged in judged_sources(folder, config, panel).items()
        ]
    return _joined([part for part in parts if part is not None], COLUMNS).astype({"n_seeds": "Int64"})


def _over_seeds(rows: "DataFrame") -> "DataFrame | None":
    import pandas as pd

    if not len(rows):
        return None
    lines = []
    for _, of_one in rows.groupby(list(WHAT), sort=False):
        first = of_one.iloc[0]
        values = of_one["value"].to_numpy(dtype=float)
        lines.append({**{name: first[name] for name in ("panel", "model", *WHAT, "ideal")}, "kind": "model",
                      "n": int(of_one["n"].min()), "n_seeds": len(values), **_spread(values, first)})  # fmt: skip
    return pd.DataFrame(lines)


def _spread(values: npt.NDArray[np.float64], first: Any) -> dict[str, Any]:
    if len(values) == 1:
        return {
            "value": values[0],
            "sd": np.nan,
            "lower": first["lower"],
            "upper": first["upper"],
            "interval": "draws",
        }
    return {
        "value": values.mean(), "sd": values.std(ddof=1), "lower": values.min(), "upper": values.max(),
        "interval": "seeds",
    }  # fmt: skip


def _as_judged(judged: Path, panel: str, kind: str) -> "DataFrame":
    table = read_table(judged / "table.tsv").rename(columns={"source": "model"})
    return table.assign(panel=panel, kind=kind, sd=np.nan, interval="draws", n_seeds=0)


# -- costs ------------------------------------------------------------------------------------------


def costs(folder: BenchmarkDir, config: BenchmarkConfig) -> "DataFrame":
    """Return what each cell took and how it ended; what is not known yet is empty."""
    import pandas as pd

    lines = [_cost(folder, config, cell) for cell in _by_model(config)]
    table = pd.DataFrame(lines, columns=list(COST_COLUMNS))
    whole = ("seed", "parameters", "updates", "chosen_step", "threads")
    return table.astype(dict.fromkeys(whole, "Int64"))


def _cost(folder: BenchmarkDir, config: BenchmarkConfig, cell: Cell) -> dict[str, Any]:
    run, entry, status = folder.run(cell), config.models[cell.model], folder.status(cell, config)
    stages = run.record()["stages"] if status != "pending" else {}
    card = read_card(run.model) if (run.model / "card.json").is_file() else {}
    training = stages.get("train", {})
    if status == "failed":
        failure = folder.failed_with(cell)
        outcome = f"failed in {failure['stage']}: {failure['message']}"
    else:
        outcome = "; ".join(signs(card, stages)) if status == "done" else ""
    return {
        "panel": cell.panel, "model": cell.model, "seed": cell.seed, "status": status,
        "name": entry.name, "preset": entry.preset, "conditioning": card.get("conditioning"),
        "stores_training_data": card.get("stores_training_data"),
        "parameters": card.get("n_parameters"), "updates": training.get("steps"),
        "train_seconds": training.get("seconds"), "chosen_step": card.get("step") if "steps" in training else None,
        "held_out_score": card.get("score"),
        "generate_seconds": stages.get("generate", {}).get("seconds"),
        "evaluate_seconds": stages.get("evaluate", {}).get("seconds"),
        "device": training.get("device"), "threads": training.get("threads"), "outcome": outcome,
    }  # fmt: skip


def signs(card: Mapping[str, Any], stages: Mapping[str, Any]) -> Iterator[str]:
    """Yield in words what a model does wrong that a table of means would not show: collapse, labels it cannot draw."""
    parts = card.get("score_components")
    if parts and "duplicates" in parts:  # the score was one of samples
        yield from signs_of_collapse(parts)
    generated = stages.get("generate", {})
    missed: Mapping[str, int] = generated.get("shortfall", {})
    for name, n in sorted(missed.items()):
        yield f"{n} of {generated['counts'][name]} haplotypes of {name} carry a label the model did not draw"
