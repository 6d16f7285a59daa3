"""The experiment on the polyloss cross-entropy: its tasks, its tables, and the printed values beside ours."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from genome_ac_gan.experiment.reproduction.base import COMPARED, Experiment, Task
from genome_ac_gan.experiment.reproduction.polyloss import printed, tables
from genome_ac_gan.experiment.reproduction.polyloss.config import PolylossConfig
from genome_ac_gan.experiment.reproduction.polyloss.trainings import Training, do, grid, runs
from genome_ac_gan.experiment.run import RunDir
from genome_ac_gan.experiment.ways import Ways
from genome_ac_gan.panel import HaplotypePanel, load_panel
from genome_ac_gan.seeding import stream


class Polyloss(Experiment[PolylossConfig]):
    """Is the class head better with PLCE than with CCE? Runs of both, their tests, and a grid of PLCE's numbers."""

    name, Config = "polyloss", PolylossConfig

    def tasks(self) -> Sequence[Task]:
        """Return a task for each run, then one for each training of the grid."""
        every = [*runs(self.config).values(), *grid(self.config).values()]
        return [Task(training.task, partial(self._do, training)) for training in every]

    def _do(self, training: Training, folder: Path, ways: Ways) -> None:
        do(training, self.config, self.folder, folder, ways)

    # -- what is done -----------------------------------------------------

    def _runs(self) -> list[tables.Run]:
        return [
            tables.Run.read(loss, seed, self.place(training.task), self._seconds(training))
            for (loss, seed), training in runs(self.config).items()
            if self.done(training.task)
        ]

    def _seconds(self, training: Training) -> float:
        record = RunDir(self.place(training.task) / "run").record()
        return float(record["stages"]["train"]["seconds"])

    def _judges(self, training: Training) -> HaplotypePanel:
        return load_panel(RunDir(self.place(training.task) / "run").panel("holdout"))

    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Return the tables of the runs and of the grid, as far as they are done."""
        found, done = {}, self._runs()
        if done:
            judges = self._judges(runs(self.config)[done[0].loss, done[0].seed])
            found = {
                "checkpoints": tables.checkpoints(done), "curves": tables.curves(done),
                "boxes": tables.boxes(done), "runs": tables.run_rows(done),
                "confusion": tables.confusions(done, judges),
                "scores": tables.score_rows(done, judges, stream(self.config.seed, "people")),
                "tests": tables.tests(done, self.config.removed),
            }  # fmt: skip
        found["grid"] = self._grid()
        return {name: table for name, table in found.items() if len(table)}

    def _grid(self) -> pd.DataFrame:
        rows = [
            tables.grid_row(
                pair, self.config.grid_reading, tables.read_checkpoints(self.place(training.task)),
                self._judges(training).n_haplotypes,
            )
            for pair, training in grid(self.config).items()
            if self.done(training.task)
        ]  # fmt: skip
        return pd.DataFrame(rows)

    # -- paper and here ---------------------------------------------------

    def compared(self) -> pd.DataFrame:
        """Return accuracies and tests of the paper beside ours."""
        found, done = self.tables(), [each for each in runs(self.config).values() if self.done(each.task)]
        n_variants = len(self._judges(done[0]).variants) if done else None
        why = printed.deviations(self.config, n_variants, len(done))
        rows = [
            *printed.accuracies(found.get("scores"), why),
            *printed.significance(found.get("tests"), self.config, why),
        ]
        return pd.DataFrame(rows, columns=list(COMPARED))
