"""What the report of a benchmark reads: its settings, tables and records, as they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genome_ac_gan.config import read_yaml
from genome_ac_gan.errors import GenomeACGANError
from genome_ac_gan.plots.palette import ordered_sources
from genome_ac_gan.report.run import read_record

if TYPE_CHECKING:
    from pandas import DataFrame

NUMBERS = {
    "benchmark.tsv": ("value", "sd", "lower", "upper", "n_seeds", "n", "ideal"),
    "costs.tsv": (
        "seed", "parameters", "updates", "train_seconds", "chosen_step", "held_out_score", "generate_seconds",
        "evaluate_seconds", "threads",
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PanelFiles:
    """What is known of one panel.

    Attributes
    ----------
    name
        Of the panel in the settings.
    config
        Its section of the settings.
    record
        `provenance.json` of its folder; empty before it is split.
    judged
        `metrics.json` of one evaluation against it; empty before there is any.
    table
        Its rows of `benchmark.tsv`, the column `model` called `source`.
    costs
        Its rows of `costs.tsv`.
    details
        Path of the page with every value, from the folder of the benchmark; empty when there is none.
    """

    name: str
    config: Mapping[str, Any]
    record: Mapping[str, Any]
    judged: Mapping[str, Any]
    table: "DataFrame"
    costs: "DataFrame"
    details: str = ""

    @property
    def sources(self) -> list[str]:
        """Models, sets made elsewhere, anchors, as far as they were judged."""
        return ordered_sources(self.table["source"])

    @property
    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Haplotypes by population of `train`, `validation`, `holdout`; empty before the split."""
        counts: Mapping[str, Mapping[str, int]] = (
            self.record.get("stages", {}).get("split", {}).get("counts", {})
        )
        return counts

    def kind(self, source: str) -> str:
        """Return `model`, `synthetic` or `anchor`."""
        return str(self.table.loc[self.table["source"] == source, "kind"].iloc[0])


@dataclass(frozen=True, kw_only=True)
class BenchmarkFiles:
    """The files of a benchmark folder, read once.

    Attributes
    ----------
    name
        Of the folder.
    config
        `benchmark.yaml`.
    panels
        In the order of the settings.
    runs
        `provenance.json` of every cell that is done, in the order of `costs.tsv`.
    """

    name: str
    config: Mapping[str, Any]
    panels: list[PanelFiles]
    runs: list[Mapping[str, Any]]

    @property
    def costs(self) -> "DataFrame":
        """Every row of `costs.tsv`."""
        import pandas as pd

        return pd.concat([panel.costs for panel in self.panels], ignore_index=True)


def read_benchmark_folder(folder: Path) -> BenchmarkFiles:
    """Read a folder in which `benchmark.yaml`, `benchmark.tsv` and `costs.tsv` stand."""
    if not (folder / "benchmark.yaml").is_file():
        raise GenomeACGANError(f"{folder} is no benchmark folder: it has no benchmark.yaml")
    config = read_yaml(folder / "benchmark.yaml")
    table, costs = (_read_table(folder / name) for name in NUMBERS)
    return BenchmarkFiles(
        name=folder.resolve().name,
        config=config,
        panels=[_panel(folder, config, name, table, costs) for name in config["panels"]],
        runs=[
            read_record(_cell(folder, row) / "provenance.json")
            for row in costs.itertuples()
            if row.status == "done"
        ],
    )


def _panel(
    folder: Path, config: Mapping[str, Any], name: str, table: "DataFrame", costs: "DataFrame"
) -> PanelFiles:
    place = folder / "panels" / name
    own = costs[costs["panel"] == name]
    done = [_cell(folder, row) / "evaluation" for row in own.itertuples() if row.status == "done"]
    judged = (read_record(path / "metrics.json") for path in (*done, *_evaluations(place)))
    details = Path("panels", name, "merged", "report.html")
    return PanelFiles(
        name=name,
        config=config["panels"][name],
        record=read_record(place / "provenance.json"),
        judged=next((record for record in judged if record), {}),
        table=table[table["panel"] == name].rename(columns={"model": "source"}),
        costs=own,
        details=details.as_posix() if (folder / details).is_file() else "",
    )


def _cell(folder: Path, row: Any) -> Path:
    return folder / "cells" / str(row.panel) / str(row.model) / f"seed-{row.seed:.0f}"


def _evaluations(panel: Path) -> Iterable[Path]:
    return sorted((panel / "evaluation").glob("*/"))


def _read_table(path: Path) -> "DataFrame":
    """Read a table; columns of names stay text, an empty number is NaN."""
    import pandas as pd

    try:
        table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise GenomeACGANError(
            f"{path}: no such file; `genome-ac-gan benchmark --collect` writes it"
        ) from None
    for name in NUMBERS[path.name]:
        table[name] = [float(text or "nan") for text in table[name]]
    return table
