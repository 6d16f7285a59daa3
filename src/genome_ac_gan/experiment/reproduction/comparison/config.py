"""All settings of the comparison: the panel, the models side by side, and how they are judged."""

from collections.abc import Iterator, Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from genome_ac_gan.config import Config, Count
from genome_ac_gan.errors import ConfigError
from genome_ac_gan.experiment.config import DataConfig, ExperimentConfig, GenerateConfig, TrainedModelConfig
from genome_ac_gan.files import is_file_name
from genome_ac_gan.metrics import SOURCES
from genome_ac_gan.panel import UNLABELLED
from genome_ac_gan.training.loop import TrainConfig

Role = Literal["ac-gan-con", "ac-gan-nat", "gan19", "rbm23", "wgan23"]


class RowConfig(TrainedModelConfig):
    """A model of the comparison: its name, a preset, and settings on top.

    Attributes
    ----------
    name
        The registered model.
    preset, settings
        As in an experiment.
    label
        Column whose labels it learns; `unlabelled`: none, all people are one
        population, as for the models before the Genome-AC-GAN.
    haplotypes
        How many artificial genomes are drawn, labels in the proportions of the training
        people; None: as many as there are to train on.
    train
        Settings of `train` that hold for this row alone.
    role
        Which row of the paper's Table 2 it stands for; None: one the paper does not have.
    """

    name: str
    label: str
    haplotypes: Count | None = None
    role: Role | None = None


class PublishedConfig(Config):
    """Artificial genomes of the same variants that were made elsewhere.

    Attributes
    ----------
    file
        In any format that can be read. Without labels they are judged pooled only.
    role
        As for a row.
    """

    file: str
    role: Role | None = None


class ComparisonConfig(Config):
    """Models side by side; reading back what was written gives an equal one.

    Attributes
    ----------
    seed
        Decides every training, and the draws by which sets are judged.
    data
        The panel. Its `label` is the coarsest level, the continents, by which
        haplotypes without other labels are split and coloured. Rows of several
        labels are trained on the same people, for which `split` is needed.
    models
        Name of the row -> model.
    published
        Name -> artificial genomes made elsewhere.
    train
        How long every model is trained.
    subsets
        Subsets of each set, as large as the test set, behind W.
    repeats
        Draws of people behind the intervals of the other statistics.
    """

    seed: int = Field(default=1, ge=0)
    data: DataConfig = DataConfig()
    models: dict[str, RowConfig] = Field(min_length=1)
    published: dict[str, PublishedConfig] = Field(default_factory=dict)
    train: TrainConfig = TrainConfig()
    subsets: int = Field(default=50, ge=2)
    repeats: int = Field(default=10, ge=2)

    @model_validator(mode="after")
    def _check(self) -> Self:
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        for place, names in (("models", self.models), ("published", self.published)):
            for name in names:
                if not is_file_name(name):
                    yield f"{place}.{name}: a name is made of letters, digits and . _ -"
                if name in SOURCES:
                    yield f"{place}.{name}: give it another name, that one is taken"
        for name in set(self.models) & set(self.published):
            yield f"published.{name}: a model has that name"
        if self.data.label in (None, UNLABELLED):
            yield "data.label: name the column of the coarsest labels, super_pop for instance"
        if len(self.levels) > 1 and self.data.split is None:
            yield "data.split: rows of several labels need it, or they would be trained on different people"
        for name in self.models:
            try:
                self.training(name)
            except ConfigError as error:
                yield str(error)

    @property
    def level(self) -> str:
        """The coarsest label."""
        assert self.data.label is not None  # checked above
        return self.data.label

    @property
    def levels(self) -> tuple[str, ...]:
        """All labels, the coarsest first."""
        labels = (row.label for row in self.models.values() if row.label != UNLABELLED)
        return tuple(dict.fromkeys((self.level, *labels)))

    def training(self, name: str) -> TrainConfig:
        """Return how a row is trained."""
        return self.models[name].training(self.train, f"models.{name}")

    def splitting(self, label: str, validation: float) -> ExperimentConfig:
        """Return the settings under which the panel is split for the rows of a label."""
        data = self.data.model_copy(update={"label": self.level if label == UNLABELLED else label})
        return ExperimentConfig(seed=self.seed, data=data, train=TrainConfig(validation=validation))

    def experiment(self, name: str, counts: Mapping[str, int]) -> ExperimentConfig:
        """Return the settings of one row: an ordinary experiment that draws so many of each population."""
        row, training = self.models[name], self.training(name)
        return ExperimentConfig(
            seed=self.seed,
            data=self.splitting(row.label, training.validation).data,
            model=row.model,
            train=training,
            generate=GenerateConfig(counts=dict(counts)),
        )
