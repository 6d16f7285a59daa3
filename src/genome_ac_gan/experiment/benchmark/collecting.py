"""What is done, put together: the tables, a page with every value of each panel, and the report."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genome_ac_gan.experiment.benchmark.config import BenchmarkConfig
from genome_ac_gan.experiment.benchmark.layout import (
    BenchmarkDir,
    Cell,
    all_cells,
    require_unchanged_cells,
    require_unchanged_panels,
)
from genome_ac_gan.experiment.benchmark.panels import ANCHORS, judged_sources
from genome_ac_gan.experiment.benchmark.run import open_benchmark
from genome_ac_gan.experiment.benchmark.tables import write_tables
from genome_ac_gan.files import locked, replacing, write_text
from genome_ac_gan.provenance import to_json
from genome_ac_gan.report import write_report
from genome_ac_gan.report.benchmark import write_benchmark_report
from genome_ac_gan.report.run import TABLE_COLUMNS

if TYPE_CHECKING:
    from pandas import DataFrame

Judged = dict[str, Path]  # source -> folder of its evaluation


def collect(folder: BenchmarkDir, config: BenchmarkConfig) -> Path:
    """Write tables, a merged evaluation of each panel, and the report from whatever is done; return the report.

    Raises
    ------
    GenomeACGANError
        When panels or cells on disk were made under other settings: the report would
        tell of the wrong ones.
    """
    require_unchanged_panels(folder, config, config.panels)
    failed = [cell for cell in all_cells(config) if folder.failure(cell).is_file()]  # which have no values
    require_unchanged_cells(folder, config, [cell for cell in all_cells(config) if cell not in failed])
    open_benchmark(folder, config)
    with locked(folder.folder / ".collect.lock", wait=True):
        table = write_tables(folder, config)
        for name in config.panels:
            merge_panel(folder, config, name, table[table["panel"] == name])
        return write_benchmark_report(folder.folder)


def merge_panel(folder: BenchmarkDir, config: BenchmarkConfig, name: str, table: "DataFrame") -> None:
    """Write `panels/NAME/merged`: an evaluation with the models as sources, and its page.

    Values are those of `benchmark.tsv`, curves those of the first seed that is done.
    """
    cells, judged = _judged(folder, config, name)
    if not judged:
        return
    with replacing(folder.merged(name)) as temporary:
        evaluation = temporary / "evaluation"
        (evaluation / "curves").mkdir(parents=True)
        rows = table.rename(columns={"model": "source"})[list(TABLE_COLUMNS)]
        rows.to_csv(evaluation / "table.tsv", sep="\t", index=False)
        for curve, whole in _curves(judged).items():
            whole.to_csv(evaluation / "curves" / f"{curve}.tsv", sep="\t", index=False)
        write_text(evaluation / "metrics.json", to_json({**_record(judged), "rows": rows.to_dict("records")}))
        write_text(temporary / "provenance.json", to_json(_provenance(folder, config, name, cells)))
        write_report(temporary)


def _judged(folder: BenchmarkDir, config: BenchmarkConfig, name: str) -> tuple[list[Cell], Judged]:
    """Return the first cell of each model that is done, and the evaluation of each source."""
    first: dict[str, Cell] = {}
    for cell in all_cells(config):
        if cell.panel == name and folder.status(cell, config) == "done":
            first.setdefault(cell.model, cell)
    cells = [first[model] for model in config.models if model in first]
    found = {cell.model: folder.run(cell).evaluation for cell in cells}
    return cells, found | judged_sources(folder, config, name)


def _curves(judged: Judged) -> "dict[str, DataFrame]":
    import pandas as pd

    parts: dict[str, list[DataFrame]] = {}
    for source, path in judged.items():
        for file in sorted((path / "curves").glob("*.tsv")):
            curve = pd.read_csv(file, sep="\t", dtype=str, keep_default_na=False)
            if source != ANCHORS:
                curve["source"] = source
            parts.setdefault(file.stem, []).append(curve)
    return {name: pd.concat(tables, ignore_index=True) for name, tables in parts.items()}


def _record(judged: Judged) -> dict[str, Any]:
    """Return one record of all evaluations, without rows: they share everything but their sources."""
    records = {
        source: json.loads((path / "metrics.json").read_text(encoding="utf-8"))
        for source, path in judged.items()
    }
    sources = [
        each if source == ANCHORS else {**each, "name": source}
        for source, record in records.items()
        for each in record["sources"]
    ]
    return {**next(iter(records.values())), "sources": sources}


def _provenance(
    folder: BenchmarkDir, config: BenchmarkConfig, name: str, cells: list[Cell]
) -> Mapping[str, Any]:
    run = folder.run(cells[0]) if cells else folder.panel(name)
    record = run.record()
    return {
        "format_version": 1,
        "benchmark": {
            "panel": name,
            "seeds": list(config.seeds),
            "curves": {cell.model: str(cell) for cell in cells},
        },
        "inputs": {"holdout": {"path": config.panels[name].panel}},
        "software": record["software"],
        "machine": record["machine"],
    }
