"""How far a training or a judgement is, on standard error: a live line on a terminal, plain lines elsewhere."""

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


class StatusLine:
    """A line that is written anew on a terminal, and now and then elsewhere."""

    def __init__(self) -> None:
        self.live = sys.stderr.isatty()
        self.last = time.monotonic()

    def is_due(self, now: float, live_every: float = LIVE_EVERY) -> bool:
        """Return whether it is time for the next one."""
        return now - self.last >= (live_every if self.live else PLAIN_EVERY)

    def write(self, text: str, now: float, *, final: bool = False) -> None:
        """Write the line; on a terminal the next one takes its place unless it is the final one."""
        self.last = now
        end = "\n" if final or not self.live else ""
        click.echo(("\r\033[K" if self.live else "") + text + end, err=True, nl=False)


class EvaluationProgress:
    """Tells which metric of how many is at work, on which source, the time spent and the time left."""

    def __init__(self) -> None:
        self.status = StatusLine()
        self.start: float | None = None
        self.since = 0.0
        self.metric = ""
        self.seconds: dict[str, float] = {}  # of each metric when it was last computed

    def __call__(self, done: int, total: int, source: str, metric: str) -> None:
        """Note that `done` metrics are finished and the next begins; none when `metric` is empty."""
        now = time.monotonic()
        if self.start is None:
            self.start = self.status.last = now
        if self.metric:
            self.seconds[self.metric] = now - self.since
        self.metric, self.since = metric, now
        spent = _clock(now - self.start)
        if not metric:
            self.status.write(f"judged {total} of {total} in {spent}", now, final=True)
        elif self.status.is_due(now, live_every=0):
            left = f", {_clock(self.left(done, total))} left" if done else ""
            self.status.write(f"judging {done + 1}/{total}  {source}: {metric}  {spent} spent{left}", now)

    def left(self, done: int, total: int) -> float:
        """Return the seconds to the end, each metric taking as long as it last did."""
        cycle = list(self.seconds.values())
        return sum(cycle[index % len(cycle)] for index in range(done, total))


class TrainingProgress:
    """A hook of the training that tells step, losses, class accuracy and the time left."""

    def __init__(self, model: "GradientModel", config: "TrainConfig", clock: "Clock") -> None:
        self.model, self.clock = model, clock
        self.counted = config.n_steps is not None or config.budget is None
        self.status = StatusLine()
        self.start = time.monotonic()
        self.first_step: int | None = None

    @property
    def n_steps(self) -> int:
        """The last step, which a model that goes by epochs knows once it has its training rows."""
        return self.model.n_steps

    def __call__(self, step: int, losses: Mapping[str, float]) -> None:
        """Write the line when it is time."""
        now = time.monotonic()
        if self.first_step is None:
            self.first_step = step - 1
        final = step == self.n_steps
        if final or self.status.is_due(now):
            self.status.write(self.line(step, losses, now), now, final=final)

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
