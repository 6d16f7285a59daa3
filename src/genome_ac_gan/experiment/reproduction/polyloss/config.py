"""Settings of the experiment on the polyloss cross-entropy."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from genome_ac_gan.config import Config, Count, NonNegative, Seconds, Share
from genome_ac_gan.experiment.config import DataConfig
from genome_ac_gan.training.device import Precision

Reading = Literal["paper", "code", "polyloss"]


class GridConfig(Config):
    """Pairs of epsilon and alpha, tried on people cut out of the training people; test people are left aside.

    Attributes
    ----------
    epsilon, alpha
        Values, each of one with each of the other; none for no grid.
    reading
        Of the polyloss cross-entropy (`nn.losses.class_loss`); None: as the runs have it.
    n_epochs, every
        As in the runs.
    validation
        Share of the training people, by population, whose classes are told to judge a pair.
    """

    epsilon: tuple[NonNegative, ...] = (0.05, 0.2, 1)
    alpha: tuple[Share, ...] = (0, 0.1, 0.3)
    reading: Reading | None = None
    n_epochs: Count = 2000
    every: Count = 50
    validation: float = Field(default=0.2, gt=0, lt=1)

    @field_validator("epsilon", "alpha")
    @classmethod
    def _differ(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        if len({f"{value:g}" for value in values}) < len(values):
            raise ValueError("a value is given twice")
        return values


class PolylossConfig(Config):
    """What the polyloss cross-entropy (PLCE) is worth beside plain cross-entropy (CCE).

    Attributes
    ----------
    seed
        Decides who is cut out for the grid, the grid's trainings, and the draws behind intervals.
    seeds
        One run of each loss with each.
    data
        The real haplotypes; their label is what the class head tells.
    preset
        Of the Genome-AC-GAN.
    reading, epsilon, alpha
        Of PLCE; the reading is the preset's own when None.
    n_epochs, every
        How long a run is, and how often the class head is read. An epoch is one batch, as
        in the paper's text, unless the preset goes through the panel in passes (`code`).
    removed
        How many of the largest, and of the smallest, accuracies the published t-test leaves out.
    precision, checkpoint_every
        As in the section `train` of an experiment.
    keep_models
        Whether the trained networks stay on disk; of 10,000 variants one takes 1.2 GB.
    grid
        The grid over epsilon and alpha.
    """

    seed: Annotated[int, Field(ge=0)] = 1
    seeds: tuple[Annotated[int, Field(ge=0)], ...] = Field(default=(1, 2, 3), min_length=1)
    data: DataConfig = DataConfig()
    preset: Literal["paper", "code", "dense"] = "paper"
    reading: Reading | None = None
    epsilon: NonNegative = 0.2
    alpha: Share = 0.1
    n_epochs: Count = 10_000
    every: Count = 50
    removed: Annotated[int, Field(ge=0)] = 7
    precision: Precision = "auto"
    checkpoint_every: Annotated[Seconds, Field(gt=0)] = 300
    keep_models: bool = False
    grid: GridConfig = GridConfig()

    @field_validator("seeds")
    @classmethod
    def _differ(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(seeds)) < len(seeds):
            raise ValueError("a seed is given twice")
        return seeds

    @property
    def own_reading(self) -> Reading:
        """The reading of the runs."""
        return self.reading or ("code" if self.preset == "code" else "paper")

    @property
    def grid_reading(self) -> Reading:
        """The reading of the grid."""
        return self.grid.reading or self.own_reading
