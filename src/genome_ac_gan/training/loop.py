"""The loop: batches in, training steps, hooks."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol

import torch
from pydantic import Field
from torch import Tensor

from genome_ac_gan.config import Config, Seconds
from genome_ac_gan.errors import ConfigError, GenomeACGANError
from genome_ac_gan.training.device import Precision
from genome_ac_gan.training.parallel import World

UNLIMITED = 10**12  # steps: the budget decides
OnStep = Callable[[int, Mapping[str, float]], bool | None]
Sampling = Literal["epochs", "replacement", "in-turn"]


class TrainConfig(Config):
    """How long to train, how to choose among checkpoints, and how often to write them.

    Attributes
    ----------
    n_steps
        Updates of the generator; None leaves it to the budget, and without one to the
        number the model's preset names.
    budget
        Wall-clock seconds of training after which it stops, whatever the step;
        `2min` and `1.5h` are understood. None for no limit.
    validation
        Share of the training people, by population, that is kept out of training
        to choose the checkpoint; 0 keeps the last one.
    score_every
        Steps between two scores on the validation people; None leaves it to the model (250
        for most).
    log_every
        Steps between two lines of the log; None leaves it to the model (25 for most).
    checkpoint_every, checkpoint_steps
        Seconds, and steps (None: no such rule), between two checkpoints to resume from.
    precision
        `auto` computes products in bfloat16 where the hardware does.
    """

    n_steps: int | None = Field(default=None, gt=0)
    budget: Annotated[Seconds, Field(gt=0)] | None = None
    validation: float = Field(default=0.1, ge=0, lt=1)
    score_every: int | None = Field(default=None, gt=0)
    log_every: int | None = Field(default=None, gt=0)
    checkpoint_every: Annotated[Seconds, Field(gt=0)] = 300
    checkpoint_steps: int | None = Field(default=None, gt=0)
    precision: Precision = "auto"

    @property
    def recipe(self) -> tuple[object, ...]:
        """The settings that a resumed training must share: all but how long and how often."""
        return self.validation, self.precision


@dataclass(frozen=True)
class Cadence:
    """How often a training is looked at.

    Attributes
    ----------
    score_every
        Steps between two scores on validation people.
    log_every
        Steps between two lines of the log.
    patience
        Scores in a row without a better one that end it; None: none do.
    """

    score_every: int = 250
    log_every: int = 25
    patience: int | None = None


class TrainingError(GenomeACGANError):
    """Training cannot go on: a loss is not finite, for instance."""


class Trainable(Protocol):
    """What the loop needs of a model."""

    step: int

    def training_step(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Make one update from a batch and return its losses."""
        ...


def ignore(step: int, losses: Mapping[str, float]) -> None:
    """Do nothing after a step."""


def train(model: Trainable, batches: "Batches", *, n_steps: int, on_step: OnStep = ignore) -> None:
    """Call `model.training_step` until `model.step` is `n_steps` or `on_step` returns True.

    Raises
    ------
    TrainingError
        When a loss is not finite; the message names the term and the step.
    """
    while model.step < n_steps:
        x, y = next(batches)
        losses = _numbers(model.training_step(x, y))
        model.step += 1
        _require_finite(losses, model.step)
        if on_step(model.step, losses):
            return


def _numbers(losses: Mapping[str, Tensor]) -> dict[str, float]:
    values = torch.stack([loss.detach().float() for loss in losses.values()]).tolist()
    return dict(zip(losses, values, strict=True))


def _require_finite(losses: Mapping[str, float], step: int) -> None:
    for name, value in losses.items():
        if not math.isfinite(value):
            raise TrainingError(
                f"{name} is {value} at step {step}: training has diverged; the last checkpoint is kept. "
                "A lower learning rate or `train.precision=fp32` may help"
            )


class Batches:
    """An endless stream of random batches of one data set.

    Parameters
    ----------
    x : (n, n_variants) uint8 Tensor
    y : (n,) int64 Tensor
    batch_size
        Rows of a (joint) batch.
    sampling
        `epochs` walks through a fresh permutation and drops the remainder;
        `replacement` draws every row independently; `in-turn` too, each batch from one
        class, the classes taking turns.
    rng
        The state of the stream.
    world
        Which rows of the joint batch are this process's.
    """

    def __init__(
        self, x: Tensor, y: Tensor, *, batch_size: int, sampling: Sampling, rng: torch.Generator, world: World
    ) -> None:
        self.x, self.y = x, y
        self.batch_size = min(batch_size, len(x)) if sampling == "epochs" else batch_size
        self.sampling, self.rng, self.world = sampling, rng, world
        if self.batch_size % world.size:
            raise ConfigError(
                f"a batch of {self.batch_size} rows cannot be shared by {world.size} processes: "
                "set model.settings.batch_size to a multiple"
            )
        self.order = torch.empty(0, dtype=torch.int64)
        self.turn = 0
        self.classes = _rows_of_classes(y.cpu()) if sampling == "in-turn" else []

    def __iter__(self) -> "Batches":
        return self

    def __next__(self) -> tuple[Tensor, Tensor]:
        rows = self.world.share(self._next_rows()).to(self.x.device)
        return self.x[rows], self.y[rows]

    def _next_rows(self) -> Tensor:
        if self.sampling == "replacement":
            return torch.randint(len(self.x), (self.batch_size,), generator=self.rng)
        if self.sampling == "in-turn":
            rows = self.classes[self.turn % len(self.classes)]
            self.turn += 1
            return rows[torch.randint(len(rows), (self.batch_size,), generator=self.rng)]
        if len(self.order) < self.batch_size:
            self.order = torch.randperm(len(self.x), generator=self.rng)
        rows, self.order = self.order[: self.batch_size], self.order[self.batch_size :]
        return rows

    def state(self) -> dict[str, Any]:
        """Return what `load_state` needs to continue the same stream."""
        return {"rng": self.rng.get_state(), "order": self.order.clone(), "turn": self.turn}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Continue the stream that `state` was taken from."""
        self.rng.set_state(state["rng"])
        self.order = state["order"]
        self.turn = state["turn"]


def _rows_of_classes(y: Tensor) -> list[Tensor]:
    """Return the row numbers of each class in y (n,), by ascending code."""
    return [torch.nonzero(y == code).squeeze(1) for code in torch.unique(y)]
