"""The folder of a benchmark: where panels, cells and tables lie, and how far each cell is."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genome_ac_gan.config import read_yaml, validate
from genome_ac_gan.errors import ConfigError, GenomeACGANError, some
from genome_ac_gan.experiment.benchmark.config import BenchmarkConfig
from genome_ac_gan.experiment.config import EvaluateConfig, ExperimentConfig
from genome_ac_gan.experiment.run import RunDir

STATUSES = ("pending", "begun", "done", "failed")
NO_RESULT = ("log_every", "checkpoint_every", "checkpoint_steps")  # settings of training that change none


@dataclass(frozen=True)
class Cell:
    """One model on one panel with one seed."""

    panel: str
    model: str
    seed: int

    def __str__(self) -> str:
        return f"{self.panel}/{self.model}/seed-{self.seed}"


@dataclass(frozen=True)
class BenchmarkDir:
    """The files of one benchmark, by name."""

    folder: Path

    @property
    def config(self) -> Path:
        """The resolved settings."""
        return self.folder / "benchmark.yaml"

    @property
    def cells_table(self) -> Path:
        """Every row of every cell."""
        return self.folder / "cells.tsv"

    @property
    def table(self) -> Path:
        """Means over seeds, beside anchors and sets made elsewhere."""
        return self.folder / "benchmark.tsv"

    @property
    def costs(self) -> Path:
        """What each cell took, and how it ended."""
        return self.folder / "costs.tsv"

    @property
    def report(self) -> Path:
        """The page."""
        return self.folder / "report.html"

    @property
    def panels(self) -> Path:
        """The panels; that it is there tells a benchmark from a folder that happens to hold settings."""
        return self.folder / "panels"

    def panel(self, name: str) -> RunDir:
        """Return the folder of a panel: its parts, and its judged anchors and sets."""
        return RunDir(self.panels / name)

    def judged(self, panel: str, source: str) -> Path:
        """Return the folder of the evaluation of the `anchors` of a panel, or of a set made elsewhere."""
        return self.panel(panel).evaluation / source

    def merged(self, panel: str) -> Path:
        """Return the folder in which everything judged on a panel stands side by side."""
        return self.panel(panel).folder / "merged"

    def run(self, cell: Cell) -> RunDir:
        """Return the run folder of a cell."""
        return RunDir(self.folder / "cells" / str(cell))

    def failure(self, cell: Cell) -> Path:
        """Return the record of a cell that failed."""
        return self.run(cell).folder / "failure.json"

    def lock(self, cell: Cell) -> Path:
        """Return the file that is locked by the process at work on a cell."""
        return self.run(cell).folder.parent / f".seed-{cell.seed}.lock"

    def status(self, cell: Cell, config: BenchmarkConfig) -> str:
        """Return how far a cell is: one of `STATUSES`; judged in another way it is not done."""
        run = self.run(cell)
        if not run.provenance.is_file():
            return "pending"
        if self.failure(cell).is_file():
            return "failed"
        if not run.done("evaluate"):
            return "begun"
        stored = validate(EvaluateConfig, read_yaml(run.config).get("evaluate", {}), str(run.config))
        return "done" if stored == config.cell_judging else "begun"

    def failed_with(self, cell: Cell) -> dict[str, Any]:
        """Return the record of a failure."""
        try:
            record: dict[str, Any] = json.loads(self.failure(cell).read_text(encoding="utf-8"))
        except json.JSONDecodeError:
            raise GenomeACGANError(f"{self.failure(cell)} is damaged: not JSON") from None
        return record


def all_cells(config: BenchmarkConfig) -> list[Cell]:
    """Return all cells in the order of computing: by panel, then seed, so that all models soon have one."""
    return [
        Cell(panel, model, seed)
        for panel in config.panels
        for seed in config.seeds
        for model, entry in config.models.items()
        if entry.panels is None or panel in entry.panels
    ]


def find_cell(config: BenchmarkConfig, name: str) -> Cell:
    """Return the cell called `PANEL/MODEL/SEED`, the last part with or without `seed-`."""
    known = all_cells(config)
    for cell in known:
        if name in (str(cell), f"{cell.panel}/{cell.model}/{cell.seed}"):
            return cell
    raise ConfigError(f"no cell {name!r}; cells are called PANEL/MODEL/SEED: {some(known, 4)}")


def changed_section(was: ExperimentConfig, now_is: ExperimentConfig) -> str | None:
    """Return the first section of a cell's settings by which its training would be another; None when there is none."""
    for section in ("seed", "data", "model"):
        if getattr(was, section) != getattr(now_is, section):
            return section
    training = [each.train.model_dump(exclude=set(NO_RESULT)) for each in (was, now_is)]
    return None if training[0] == training[1] else "train"


def require_unchanged_panels(folder: BenchmarkDir, config: BenchmarkConfig, names: Iterable[str]) -> None:
    """Refuse to go on with panels that were split under other settings."""
    for name in names:
        panel = folder.panel(name)
        if not panel.provenance.is_file():
            continue
        was, wanted = panel.stored_config(), config.panel_experiment(name)
        for section, before, now_is in (
            ("data", was.data, wanted.data),
            ("first seed", was.seed, wanted.seed),
            ("train.validation", was.train.validation, wanted.train.validation),
        ):
            if before != now_is:
                raise GenomeACGANError(
                    f"panel {name} was split under another [{section}]: use --force or a new folder"
                )


def require_unchanged_cells(folder: BenchmarkDir, config: BenchmarkConfig, wanted: Iterable[Cell]) -> None:
    """Refuse to go on with cells that were made under other settings."""
    for cell in wanted:
        run = folder.run(cell)
        if run.provenance.is_file():
            settings = config.experiment(cell.panel, cell.model, cell.seed)
            section = changed_section(run.stored_config(), settings)
            if section:
                raise GenomeACGANError(
                    f"cell {cell} was made with another [{section}]: use --force or a new folder"
                )
