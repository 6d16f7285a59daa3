"""All settings of a benchmark: which models, on which panels, with which seeds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from genome_ac_gan.config import Config, assignments, merge, read_yaml, validate
from genome_ac_gan.errors import ConfigError, some
from genome_ac_gan.experiment.config import (
    DataConfig,
    EvaluateConfig,
    ExperimentConfig,
    TrainedModelConfig,
    named,
)
from genome_ac_gan.files import is_file_name
from genome_ac_gan.metrics import METRICS, SOURCES
from genome_ac_gan.training.loop import TrainConfig

Pair = tuple[str, str]
TAKEN = (*SOURCES, "anchors")  # names of what is judged beside the rows, in tables and as folders


class PanelConfig(DataConfig):
    """A real panel, and artificial genomes of it that were made elsewhere.

    Attributes
    ----------
    synthetic
        Name -> file of artificial genomes over the same variants; each stands beside
        the models. Those without labels are judged pooled only.
    """

    synthetic: dict[str, str] = Field(default_factory=dict)

    @property
    def data(self) -> DataConfig:
        """The real haplotypes alone."""
        return DataConfig.model_validate(self.model_dump(exclude={"synthetic"}))


class EntryConfig(TrainedModelConfig):
    """A row of the benchmark: a model, a preset, and settings on top.

    Attributes
    ----------
    name
        The registered model; the name of the row when left out.
    preset, settings
        As in an experiment.
    train
        Settings of `train` that hold for this row alone.
    panels
        Only these; None: all.
    """

    panels: tuple[str, ...] | None = None


class BenchmarkConfig(Config):
    """A whole benchmark; reading back what was written gives an equal one.

    Attributes
    ----------
    seeds
        Every model is trained once with each. The first decides the split of every
        panel and the draws of the metrics, which all cells share.
    panels
        Name -> real panel.
    models
        Name of the row -> model.
    train
        How long every model is trained.
    evaluate
        How everything is judged.
    """

    seeds: tuple[int, ...] = Field(default=(1, 2, 3), min_length=1)
    panels: dict[str, PanelConfig] = Field(min_length=1)
    models: dict[str, EntryConfig] = Field(min_length=1)
    train: TrainConfig = TrainConfig()
    evaluate: EvaluateConfig = EvaluateConfig()

    @model_validator(mode="before")
    @classmethod
    def _name_models(cls, given: Any) -> Any:
        """Let the name of a row be the model's where none is given, and an empty row or panel stand for defaults."""
        if not isinstance(given, Mapping):
            return given
        models, panels = given.get("models"), given.get("panels")
        more: dict[str, Any] = {}
        if models is not None:
            more["models"] = named(models)
        if isinstance(panels, Mapping):
            more["panels"] = {key: {} if panel is None else panel for key, panel in panels.items()}
        return {**given, **more}

    @field_validator("seeds")
    @classmethod
    def _check_seeds(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if min(seeds) < 0 or len(set(seeds)) < len(seeds):
            raise ValueError("seeds are different numbers from 0 on")
        return seeds

    @model_validator(mode="after")
    def _check(self) -> Self:
        for problem in (
            *self._wrong_names(),
            *self._wrong_panels(),
            *self._wrong_training(),
            *self._wrong_metrics(),
        ):
            raise ValueError(problem)
        return self

    def _wrong_names(self) -> list[str]:
        sets = [
            (f"panels.{panel}.synthetic", name) for panel, of in self.panels.items() for name in of.synthetic
        ]
        rows = [*(("models", name) for name in self.models), *sets]
        named = [*rows, *(("panels", name) for name in self.panels)]
        found = [
            f"{place}.{name}: a name is made of letters, digits and . _ -"
            for place, name in named
            if not is_file_name(name)
        ]
        found += [
            f"{place}.{name}: the anchors have that name; give the row another, and the model by `name`"
            for place, name in rows
            if name in TAKEN
        ]
        return found + [
            f"{place}.{name}: a model has that name" for place, name in sets if name in self.models
        ]

    def _wrong_panels(self) -> list[str]:
        return [
            f"models.{name}.panels: no panel {panel!r}; there are: {some(self.panels)}"
            for name, entry in self.models.items()
            for panel in entry.panels or ()
            if panel not in self.panels
        ]

    def _wrong_training(self) -> list[str]:
        found = []
        for name, entry in self.models.items():
            if "validation" in entry.train:
                found.append(
                    f"models.{name}.train.validation: the validation people are the panel's; set train.validation"
                )
            try:
                self.training(name)
            except ConfigError as error:
                found.append(str(error))
        return found

    def _wrong_metrics(self) -> list[str]:
        unknown = [name for name in self.evaluate.metrics or () if name not in METRICS]
        return [f"evaluate.metrics: unknown {some(unknown)}; known: {some(METRICS, 99)}"] if unknown else []

    def training(self, model: str) -> TrainConfig:
        """Return how a row is trained."""
        return self.models[model].training(self.train, f"models.{model}")

    @property
    def judging(self) -> EvaluateConfig:
        """How everything is judged, the seed of the draws written out."""
        seed = self.seeds[0] if self.evaluate.seed is None else self.evaluate.seed
        return self.evaluate.model_copy(update={"seed": seed})

    @property
    def cell_judging(self) -> EvaluateConfig:
        """How a cell is judged: without anchors of its own."""
        return self.judging.model_copy(update={"anchors": False})

    def panel_experiment(self, panel: str) -> ExperimentConfig:
        """Return the settings under which a panel is split, once for all its cells."""
        train = TrainConfig(validation=self.train.validation)
        return ExperimentConfig(seed=self.seeds[0], data=self.panels[panel].data, train=train)

    def experiment(self, panel: str, model: str, seed: int) -> ExperimentConfig:
        """Return the settings of one cell: an ordinary experiment, judged without its own anchors."""
        return ExperimentConfig(
            seed=seed,
            data=self.panels[panel].data,
            model=self.models[model].model,
            train=self.training(model),
            evaluate=self.cell_judging,
        )


def read_benchmark(
    path: Path, *, pairs: Sequence[str] = (), synthetic: Mapping[Pair, Path] | None = None
) -> BenchmarkConfig:
    """Return the settings of a file, with others on top.

    Parameters
    ----------
    path
        YAML file.
    pairs
        `KEY=VALUE` strings that replace the file's settings.
    synthetic
        (panel, name) -> file of artificial genomes; an empty panel is the only one.

    Raises
    ------
    ConfigError
        For anything unknown or out of range; the message names every place.
    """
    given = merge(read_yaml(path), assignments(pairs))
    panels = given.get("panels")
    names = list(panels) if isinstance(panels, Mapping) else []
    for (panel, name), file in (synthetic or {}).items():
        if not panel and len(names) != 1:
            raise ConfigError(
                f"--synthetic {name}={file}: of which panel? Write PANEL:{name}={file}; {some(names)}"
            )
        if panel and panel not in names:
            raise ConfigError(
                f"--synthetic {panel}:{name}={file}: no panel {panel!r}; there are: {some(names)}"
            )
        given = merge(given, {"panels": {panel or names[0]: {"synthetic": {name: str(file)}}}})
    return validate(BenchmarkConfig, given, str(path))
