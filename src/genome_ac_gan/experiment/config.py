"""All settings of an experiment."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from genome_ac_gan.config import Config, assignments, merge, read_yaml, validate
from genome_ac_gan.errors import ConfigError
from genome_ac_gan.models import default_preset, model_settings
from genome_ac_gan.training.loop import TrainConfig

EMBEDDED = "embedded"


class DataConfig(Config):
    """The real haplotypes.

    Attributes
    ----------
    panel
        A panel file, or `embedded` for the simulated panel inside the package.
        Relative paths count from the working directory, here and below.
    labels, label
        Table of sample labels, and the name of its column to condition on.
    region, samples, legend, genetic_map
        As the options of `genome-ac-gan import`.
    missing, multiallelic, variants, conflicting, children
        What to do with missing genotypes, multiallelic records, variants other than
        SNPs, people with two labels, and children of people in the panel.
    split
        Table of sample ids and sides (`train`, `test`); wins over `holdout`.
    holdout
        Share of each population's people that is held out for judging.
    """

    panel: str = EMBEDDED
    labels: str | None = None
    label: str | None = None
    region: str | None = None
    samples: str | None = None
    legend: str | None = None
    genetic_map: str | None = None
    missing: Literal["error", "drop", "ref", "major"] = "error"
    multiallelic: Literal["skip", "split", "error"] = "skip"
    variants: Literal["snps", "all"] = "snps"
    conflicting: Literal["drop", "error"] = "drop"
    children: Literal["keep", "drop"] = "keep"
    split: str | None = None
    holdout: float = Field(default=0.2, gt=0, lt=1)


class ModelConfig(Config):
    """The model: its name, a preset (None: its first), and settings on top; all are written out."""

    name: str = "genome-ac-gan"
    preset: str | None = None
    settings: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _resolve(self) -> Self:
        try:
            resolved = model_settings(self.name, self.preset, self.settings)
        except ConfigError as error:
            raise ValueError(str(error)) from None
        object.__setattr__(self, "settings", resolved)
        object.__setattr__(self, "preset", self.preset or default_preset(self.name))
        return self


class TrainedModelConfig(ModelConfig):
    """One model of several: a model, a preset, settings on top, and how it alone is trained.

    Attributes
    ----------
    train
        Settings of `train` that hold for this model alone.
    """

    train: dict[str, Any] = Field(default_factory=dict)

    @property
    def model(self) -> ModelConfig:
        """The model alone."""
        return ModelConfig(name=self.name, preset=self.preset, settings=self.settings)

    def training(self, common: TrainConfig, where: str) -> TrainConfig:
        """Return how this model is trained: as all are, but for its own settings; `where` names it in messages."""
        return validate(TrainConfig, merge(common.model_dump(), self.train), f"{where}.train")


def named(rows: Any) -> Any:
    """Return settings of models by name: one that names no model has the model of that name, an empty one defaults.

    What is no mapping is left to whoever checks it.
    """
    if not isinstance(rows, Mapping):
        return rows
    given = {key: {} if row is None else row for key, row in rows.items()}
    return {key: {"name": key, **row} if isinstance(row, Mapping) else row for key, row in given.items()}


class GenerateConfig(Config):
    """How many artificial haplotypes of each population; None: as many as there are to train on."""

    counts: dict[str, int] | None = None


class EvaluateConfig(Config):
    """How the artificial genomes are judged.

    Attributes
    ----------
    metrics
        Names, as `genome-ac-gan list metrics` prints them; None: all.
    repeats
        Draws behind each interval; None: 10, or 3 for a quick look.
    fast
        A quick look, not to be cited: at most 800 haplotypes of each panel.
    anchors
        Whether training rows, real people and independent sites are judged beside them.
    seed
        Decides the draws of the metrics; None: the seed of the experiment. Experiments
        that share it are judged by the same draws.
    """

    metrics: tuple[str, ...] | None = None
    repeats: int | None = Field(default=None, ge=2)
    fast: bool = False
    anchors: bool = True
    seed: int | None = Field(default=None, ge=0)


class ExperimentConfig(Config):
    """A whole experiment; reading back what was written gives an equal one."""

    seed: int = 1
    data: DataConfig = DataConfig()
    model: ModelConfig = ModelConfig()
    train: TrainConfig = TrainConfig()
    generate: GenerateConfig = GenerateConfig()
    evaluate: EvaluateConfig = EvaluateConfig()


def read_config(
    path: Path | None = None, *, settings: Mapping[str, Any] | None = None, pairs: Sequence[str] = ()
) -> ExperimentConfig:
    """Return the settings of a file, with others on top.

    Parameters
    ----------
    path
        YAML file; None for the defaults.
    settings
        Nested settings that replace the file's.
    pairs
        `KEY=VALUE` strings that replace both.

    Raises
    ------
    ConfigError
        For anything unknown or out of range; the message names every place.
    """
    given = read_yaml(path) if path else {}
    merged = merge(merge(given, settings or {}), assignments(pairs))
    return validate(ExperimentConfig, merged, str(path or ""))
