"""All settings of the experiment."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, model_validator

from genome_ac_gan.config import Config, Count, NonNegative, Positive
from genome_ac_gan.errors import ConfigError
from genome_ac_gan.experiment.config import (
    DataConfig,
    ExperimentConfig,
    GenerateConfig,
    TrainedModelConfig,
    named,
)
from genome_ac_gan.files import is_file_name
from genome_ac_gan.seeding import derived_seed
from genome_ac_gan.training.loop import TrainConfig

REAL = "real"  # in the place of a generator: no artificial genomes
Reference = Literal["oversampled", "recombined", "consensus", "leaked"]
TAKEN = (REAL, "parts", *get_args(Reference))  # as folders, and as names with a meaning
ReadingName = Literal["code", "paper"]
Added = Annotated[float, Field(gt=0, le=1)]


class NeuralConfig(Config):
    """The neural classifiers.

    Attributes
    ----------
    readings
        `code`: three hidden layers, as the authors' program has them; `paper`: six, as the text has them.
    replicates
        Fits for each share, each with other initial weights and validation people, and the next
        set of artificial genomes.
    width
        Factor on the widths of all hidden layers; 1 is as published.
    validation
        Share of the real training people, by population, that is kept out to end a fit.
    n_epochs, patience
        Passes over the rows at most, and passes in a row without a better accuracy on the
        validation people after which a fit ends; the weights of the best pass are kept.
    batch_size, lr, l2
        Rows of an update, learning rate of RMSprop, and penalty on the squared weights of hidden layers.
    """

    readings: tuple[ReadingName, ...] = ("code", "paper")
    replicates: Count = 5
    width: Positive = 1
    validation: float = Field(default=0.2, gt=0, lt=1)
    n_epochs: Count = 100
    patience: Count = 10
    batch_size: Count = 512
    lr: Positive = 1e-4
    l2: NonNegative = 1e-4


class AugmentationConfig(Config):
    """The whole experiment; reading back what was written gives an equal one.

    Attributes
    ----------
    seed
        Decides splits, models, draws and fits.
    data
        The real haplotypes; `holdout` is the share of people that classifiers are tested on.
    within
        Label column -> value: only these people are kept.
    n_splits
        Random splits of the people, within populations.
    generators
        Name -> generator, trained on the training people of each split.
    references
        What needs no training: `oversampled`, training haplotypes drawn again with replacement
        within populations; `recombined`, children of two training haplotypes of one population;
        `consensus`, what most of several training haplotypes of one population carry. `leaked` is
        `recombined` with the test people among the parents: what a leak would look like, never a fair gain.
    crossovers
        Of each contig of a `recombined` haplotype.
    voters
        Training haplotypes that a `consensus` haplotype is of, an odd number; the more, the less
        the haplotypes of a population differ.
    n_sets
        Sets of artificial genomes drawn from each generator, each as many as training haplotypes.
    train
        How long every generator is trained, and which share of the training people chooses its checkpoint.
    shares
        Artificial genomes added, as shares of the number of training haplotypes; 0 is always there.
    few_shares
        Those at which neural classifiers are fitted and scores are told population by population.
    replicates
        Draws out of the sets for each share, by which support vector machine and nearest neighbours are
        judged; at share 1 nothing varies but the set, and there are `n_sets` at most.
    neural
        The neural classifiers.
    """

    seed: int = Field(default=1, ge=0)
    data: DataConfig = DataConfig()
    within: dict[str, str] = Field(default_factory=dict)
    n_splits: int = Field(default=10, ge=2)
    generators: dict[str, TrainedModelConfig] = Field(default_factory=dict)
    references: tuple[Reference, ...] = ("oversampled", "recombined", "consensus")
    crossovers: Count = 1
    voters: Count = 5
    n_sets: Count = 10
    train: TrainConfig = TrainConfig()
    shares: tuple[Added, ...] = Field(
        default=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0), min_length=1
    )
    few_shares: tuple[Added, ...] = (0.3, 1.0)
    replicates: Count = 50
    neural: NeuralConfig = NeuralConfig()

    @model_validator(mode="before")
    @classmethod
    def _name_models(cls, given: Any) -> Any:
        """Let the name of a generator be the model's where none is given, and an empty one stand for defaults."""
        if not isinstance(given, Mapping) or "generators" not in given:
            return given
        return {**given, "generators": named(given["generators"])}

    @model_validator(mode="after")
    def _check(self) -> Self:
        for problem in (*self._wrong_names(), *self._wrong_shares(), *self._wrong_training()):
            raise ValueError(problem)
        return self

    def _wrong_names(self) -> Iterator[str]:
        if not self.sources:
            yield "generators: give at least one, or one of references"
        if self.voters % 2 == 0:
            yield f"voters: {self.voters} can vote half and half; give an odd number"
        if self.data.split is not None:
            yield "data.split: the splits are random; leave it out, and set data.holdout and n_splits"
        for name in self.generators:
            if name in TAKEN:
                yield f"generators.{name}: that name has a meaning of its own; give another, and the model by `name`"
            if not is_file_name(name):
                yield f"generators.{name}: a name is made of letters, digits and . _ -"

    def _wrong_shares(self) -> Iterator[str]:
        for name in ("shares", "few_shares", "references"):
            values = getattr(self, name)
            if len(set(values)) < len(values):
                yield f"{name}: each at most once"
        unknown = [share for share in self.few_shares if share not in self.shares]
        if unknown:
            yield f"few_shares: {unknown[0]:g} is not among shares"

    def _wrong_training(self) -> Iterator[str]:
        for name in self.generators:
            if "validation" in self.generators[name].train:
                yield f"generators.{name}.train.validation: all share their validation people; set train.validation"
            try:
                self.training(name)
            except ConfigError as error:
                yield str(error)

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of whatever makes artificial genomes."""
        return (*self.generators, *self.references)

    def training(self, generator: str) -> TrainConfig:
        """Return how a generator is trained."""
        return self.generators[generator].training(self.train, f"generators.{generator}")

    def seed_of(self, split: int, *names: str) -> int:
        """Return the seed of a split, or of something in it."""
        return derived_seed(self.seed, "/".join((f"split-{split}", *names)))

    def parts(self, split: int, panel: Path) -> ExperimentConfig:
        """Return the settings under which the kept people, a panel file, are split for all generators."""
        data = DataConfig(panel=str(panel), label=self.data.label, holdout=self.data.holdout)
        train = TrainConfig(validation=self.train.validation)
        return ExperimentConfig(seed=self.seed_of(split), data=data, train=train)

    def experiment(
        self, split: int, generator: str, panel: Path, counts: Mapping[str, int]
    ) -> ExperimentConfig:
        """Return the settings of one generator: an ordinary experiment that draws `counts`."""
        return ExperimentConfig(
            seed=self.seed_of(split, generator),
            data=self.parts(split, panel).data,
            model=self.generators[generator].model,
            train=self.training(generator),
            generate=GenerateConfig(counts=dict(counts)),
        )
