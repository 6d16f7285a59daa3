"""The tasks of the comparison: panels, models, judgements, and linkage over all sets."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from genome_ac_gan.experiment.failures import record_failure
from genome_ac_gan.experiment.judging import read_artificial
from genome_ac_gan.experiment.reproduction.base import Experiment, Task
from genome_ac_gan.experiment.reproduction.comparison.config import ComparisonConfig
from genome_ac_gan.experiment.reproduction.comparison.judging import Judge, write_tables
from genome_ac_gan.experiment.reproduction.comparison.linkage import published_decay
from genome_ac_gan.experiment.reproduction.comparison.people import People, bare
from genome_ac_gan.experiment.run import RunDir
from genome_ac_gan.experiment.stages import PARTS, begin, generate, split
from genome_ac_gan.experiment.train import silent, train
from genome_ac_gan.experiment.ways import Ways
from genome_ac_gan.files import replacing
from genome_ac_gan.metrics.draws import proportional_counts
from genome_ac_gan.panel import UNLABELLED, HaplotypePanel, load_panel, save_panel
from genome_ac_gan.training.loop import TrainingError

if TYPE_CHECKING:
    from pandas import DataFrame

TRAIN = "train"  # the set of the training people themselves
LINKAGE = "linkage"
DIVERGED = "diverged.json"


class ModelComparison(Experiment[ComparisonConfig]):
    """Section 4.2 of the paper: Table 2 and Figures 5 to 12.

    Tasks: `panels/LABEL` splits the panel for the rows of a label;
    `models/NAME` trains a row and draws its artificial genomes, in an ordinary run
    folder; `judge/NAME` judges one set; `linkage` compares LD over the variants
    polymorphic in all of them.
    """

    name = "comparison"
    Config: ClassVar[type[ComparisonConfig]] = ComparisonConfig

    def tasks(self) -> Sequence[Task]:
        """Return panels, models, judgements, linkage."""
        rows = [self._split_of(name) for name in self.config.models]
        base = (self.config.level, self.config.train.validation)
        panels = {self._panel_task(*parts): parts for parts in (base, *rows)}
        return [
            *(Task(name, partial(self._split, *parts)) for name, parts in panels.items()),
            *(self._model_task(name) for name in self.config.models),
            *(self._judge_task(name) for name in self.sets),
            Task(LINKAGE, self._linkage, needs=tuple(f"judge/{name}" for name in self.sets)),
        ]

    def _model_task(self, name: str) -> Task:
        needs = (self._panel_task(*self._split_of(name)),)
        return Task(f"models/{name}", partial(self._model, name), needs=needs)

    def _judge_task(self, name: str) -> Task:
        base = self._panel_task(self.config.level, self.config.train.validation)
        own = (f"models/{name}",) if name in self.config.models else ()
        return Task(f"judge/{name}", partial(self._judge, name), needs=(base, *own))

    def tables(self) -> "Mapping[str, DataFrame]":
        """Return tables by file name; see `comparison.tables`."""
        from genome_ac_gan.experiment.reproduction.comparison.tables import all_tables

        return all_tables(self)

    def compared(self) -> "DataFrame":
        """Return the printed values beside ours; see `comparison.printed`."""
        from genome_ac_gan.experiment.reproduction.comparison.printed import compared

        return compared(self)

    @property
    def sets(self) -> list[str]:
        """The names of all sets: training people, models, sets made elsewhere."""
        return [TRAIN, *self.config.models, *self.config.published]

    def run(self, name: str) -> RunDir:
        """Return the run folder of a row."""
        return RunDir(self.place(f"models/{name}"))

    def diverged(self, name: str) -> bool:
        """Return whether the training of a row has diverged."""
        return (self.place(f"models/{name}") / DIVERGED).is_file()

    # -- panels -----------------------------------------------------------

    def _split_of(self, name: str) -> tuple[str, float]:
        return self.config.models[name].label, self.config.training(name).validation

    def _panel_task(self, label: str, validation: float) -> str:
        usual = validation == self.config.train.validation
        return f"panels/{label}" if usual else f"panels/{label}.validation-{validation:g}"

    def _split(self, label: str, validation: float, folder: Path, ways: Ways) -> None:
        """Split the panel; of `unlabelled`, by the coarsest label, which then goes."""
        if RunDir(folder).provenance.is_file():
            return
        config = self.config.splitting(label, validation)
        if label != UNLABELLED:
            begin(RunDir(folder), config, command=ways.command, on_notice=ways.on_notice)
            return
        with replacing(folder) as temporary:
            run = RunDir(temporary)
            run.start(config, command=ways.command)
            split(run, config, on_notice=ways.on_notice)
            for part in PARTS:
                save_panel(bare(load_panel(run.panel(part))), run.panel(part))

    # -- models -----------------------------------------------------------

    def _model(self, name: str, folder: Path, ways: Ways) -> None:
        """Train and draw; a training that diverges is over, too, and is told in the table of sets."""
        parts = self._panel_task(*self._split_of(name))
        run = RunDir(folder)
        if not run.provenance.is_file():
            place = RunDir(self.place(parts))
            config = self.config.experiment(name, self._counts(name, place))
            begin(run, config, parts=place, command=ways.command)
        config = run.stored_config()
        try:
            train(
                run, config, device=ways.device, resume=True, progress=ways.progress, on_notice=ways.on_notice
            )
        except TrainingError as error:
            ways.on_notice(f"models/{name}: {error}")
            record_failure(folder / DIVERGED, error)
            return
        if not run.done("generate"):
            generate(run, config, device=ways.device, on_notice=ways.on_notice)

    def _counts(self, name: str, parts: RunDir) -> dict[str, int]:
        """Return how many haplotypes of each population are drawn, in the training proportions."""
        panels = [load_panel(parts.panel(part)) for part in ("train", "validation")]
        population = np.concatenate([panel.population for panel in panels])
        n = self.config.models[name].haplotypes or len(population)
        return {label: max(1, count) for label, count in proportional_counts(population, n).items()}

    # -- judgements -------------------------------------------------------

    @cached_property
    def people(self) -> People:
        """The real people that all sets are judged by."""
        base = self._panel_task(self.config.level, self.config.train.validation)
        return People(self.place(base), self.config.levels)

    def _judge(self, name: str, folder: Path, ways: Ways) -> None:
        if name in self.config.models and self.diverged(name):
            return
        config = self.config
        judge = Judge(self.people, seed=config.seed, subsets=config.subsets, repeats=config.repeats)
        write_tables(judge.tables(self._set(name, ways.on_notice)), folder)

    def _linkage(self, folder: Path, ways: Ways) -> None:
        sets = {name: partial(self._set, name) for name in self.sets if not self.diverged(name)}
        errors, curves = published_decay(self.people.holdout, sets)
        write_tables({"errors": errors, "curves": curves}, folder)

    def _set(self, name: str, on_notice: Callable[[str], None] = silent) -> HaplotypePanel:
        """Return the haplotypes of a set."""
        if name == TRAIN:
            return self.people.train
        if name in self.config.models:
            return load_panel(self.run(name).panel("synthetic"))
        legend = self.config.data.legend
        return read_artificial(
            Path(self.config.published[name].file), label=self.config.level,
            legend=Path(legend) if legend else None, on_notice=on_notice,
        )  # fmt: skip
