"""How far a training is, on standard error: a live line on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from genome_ac_gan.models import GradientModel
    from genome_ac_gan.training.hooks import Clock
    from genome_ac_gan.training.loop import TrainConfig

PLAIN_EVERY = 15.0  # seconds between two lines in a file
LIVE_EVERY = 0.5  # and on a terminal


class TrainingProgress:
    """A hook of the training that tells step, losses, class accuracy and the time left."""

    def __init__(self, model: "GradientModel", config: "TrainConfig", clock: "Clock") -> None:
        self.n_steps, self.clock = model.n_steps, clock
        self.counted = config.n_steps is not None or config.budget is None
        self.live = sys.stderr.isatty()
        self.start = self.last = time.monotonic()
        self.first_step: int | None = None

    def __call__(self, step: int, losses: Mapping[str, float]) -> None:
        """Write the line when it is time."""
        now = time.monotonic()
        if self.first_step is None:
            self.first_step = step - 1
        if now - self.last >= (LIVE_EVERY if self.live else PLAIN_EVERY) or step == self.n_steps:
            self.last = now
            end = "\n" if not self.live or step == self.n_steps else ""
            click.echo(
                ("\r\033[K" if self.live else "") + self.line(step, losses, now) + end, err=True, nl=False
            )

    def line(self, step: int, losses: Mapping[str, float], now: float) -> str:
        """Return the text of one line."""
        numbers = "  ".join(f"{_short(name)} {value:.3f}" for name, value in losses.items())
        of = f"/{self.n_steps}" if self.counted else ""
        return f"step {step}{of}  {_clock(self.left(step, now))} left  {numbers}"

    def left(self, step: int, now: float) -> float:
        """Return the seconds to the last step at the present speed, or to the end of the budget if that is sooner."""
        spent = now - self.start
        made = step - (self.first_step or 0)
        by_steps = spent / made * (self.n_steps - step)
        budget = self.clock.budget
        return by_steps if budget is None else min(by_steps, max(0.0, budget - self.clock.seconds))


def _short(name: str) -> str:
    words = {"discriminator": "D", "generator": "G", "synthetic": "synth", "accuracy": "acc"}
    return " ".join(words.get(word, word) for word in name.split("_"))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
