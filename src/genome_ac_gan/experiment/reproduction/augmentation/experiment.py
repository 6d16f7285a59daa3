"""The tasks of the experiment: the people, their splits, a training and classifiers for each generator in each."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from genome_ac_gan.experiment.reproduction.augmentation import tables
from genome_ac_gan.experiment.reproduction.augmentation.classifying import (
    by_distances,
    by_network,
    scores,
)
from genome_ac_gan.experiment.reproduction.augmentation.compared import compared
from genome_ac_gan.experiment.reproduction.augmentation.config import REAL, AugmentationConfig
from genome_ac_gan.experiment.reproduction.augmentation.neighbours import neighbours
from genome_ac_gan.experiment.reproduction.augmentation.panels import PANEL, both_sides, make_panel
from genome_ac_gan.experiment.reproduction.augmentation.sets import draw_reference, set_files, train_and_draw
from genome_ac_gan.experiment.reproduction.base import Experiment, Task
from genome_ac_gan.experiment.run import RunDir
from genome_ac_gan.experiment.stages import begin
from genome_ac_gan.experiment.ways import Ways
from genome_ac_gan.files import tsv, write_text
from genome_ac_gan.panel import HaplotypePanel, load_panel

if TYPE_CHECKING:
    from pandas import DataFrame

DISTANCES, NEURAL = "svc-knn", "neural-"


class Augmentation(Experiment[AugmentationConfig]):
    """Section 4.3, Figures 13 to 15: the populations of Africa told apart with artificial genomes added."""

    name = "augmentation"
    Config = AugmentationConfig

    def tasks(self) -> Sequence[Task]:
        """Return all tasks: the people, then split by split, so that every split that is done adds to the tables."""
        return list(self._all())

    def _all(self) -> Iterator[Task]:
        yield Task("panel", lambda folder, ways: make_panel(folder, self.config, ways.on_notice))
        for split in range(1, self.config.n_splits + 1):
            parts = f"split-{split}/parts"
            yield Task(parts, partial(self._split, split), ("panel",))
            yield from self._classified(split, REAL, parts)
            for source in self.config.sources:
                make = self._train if source in self.config.generators else self._refer
                yield Task(self.made(split, source), partial(make, split, source), (parts,))
                yield from self._classified(split, source, self.made(split, source))
                near = partial(self._neighbours, split, source)
                yield Task(self.near(split, source), near, (self.made(split, source),))

    def _classified(self, split: int, source: str, need: str) -> Iterator[Task]:
        for classifiers in self.classifiers:
            name = self.classified(split, source, classifiers)
            yield Task(name, partial(self._classify, split, source, classifiers), (need,))

    def made(self, split: int, source: str) -> str:
        """Return the name of the task that makes the sets of a generator or reference."""
        return f"split-{split}/{source}/{'train' if source in self.config.generators else 'draw'}"

    def classified(self, split: int, source: str, classifiers: str) -> str:
        """Return the name of the task that fits classifiers with the sets of a generator, or with none (`real`)."""
        return f"split-{split}/{source}/classify-{classifiers}"

    def near(self, split: int, source: str) -> str:
        """Return the name of the task that tells who stands nearest to test people."""
        return f"split-{split}/{source}/neighbours"

    @property
    def classifiers(self) -> tuple[str, ...]:
        """Names of the classifiers that are fitted together."""
        return (DISTANCES, *(f"{NEURAL}{reading}" for reading in self.config.neural.readings))

    def parts(self, split: int) -> RunDir:
        """Return the folder with the sides of a split."""
        return RunDir(self.place(f"split-{split}/parts"))

    # -- what tasks do --------------------------------------------------------------------------------

    def _split(self, split: int, folder: Path, ways: Ways) -> None:
        settings = self.config.parts(split, self.place("panel") / PANEL)
        begin(RunDir(folder), settings, force=True, command=ways.command, on_notice=ways.on_notice)

    def _train(self, split: int, generator: str, folder: Path, ways: Ways) -> None:
        train_and_draw(folder, self.config, split, generator, self.parts(split), ways)

    def _refer(self, split: int, reference: str, folder: Path, ways: Ways) -> None:
        draw_reference(folder, self.config, split, reference, self.parts(split))

    def _classify(self, split: int, source: str, classifiers: str, folder: Path, ways: Ways) -> None:
        config, seed = self.config, self.config.seed_of(split)
        train, test = both_sides(self.parts(split))
        by_distance, alone = classifiers == DISTANCES, source == REAL
        shares: Sequence[float] = (0.0,) if alone else config.shares if by_distance else config.few_shares
        sets = [train] if alone else self._sets(split, source)  # alone: nothing of it is added
        if by_distance:
            said = by_distances(train, test, sets, shares, 1 if alone else config.replicates, seed)
        else:
            reading, device = classifiers.removeprefix(NEURAL), ways.device or torch.device("cpu")
            said = by_network(train, test, sets, shares, reading, config.neural, seed, device)
        write_text(folder / tables.SCORES, tsv(scores(said, train, test, (0.0, *config.few_shares))))

    def _neighbours(self, split: int, source: str, folder: Path, ways: Ways) -> None:
        table = neighbours(*both_sides(self.parts(split)), self._sets(split, source))
        write_text(folder / tables.NEAR, tsv(table))

    def _sets(self, split: int, source: str) -> list[HaplotypePanel]:
        files = set_files(self.place(self.made(split, source)), self.config.n_sets)
        return [load_panel(file) for file in files]

    # -- what comes out -------------------------------------------------------------------------------

    def tables(self) -> "Mapping[str, DataFrame]":
        """Return the tables, from the tasks that are done; see `tables`."""
        return tables.all_tables(self)

    def compared(self) -> "DataFrame":
        """Return the printed values beside ours."""
        return compared(self)
