"""What happens between two steps: the log, the clock, checkpoints, a polite stop.

Each hook is called with the step and its losses; one that returns True ends the training.
"""

import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

from genome_ac_gan.training.log import Log
from genome_ac_gan.training.loop import OnStep
from genome_ac_gan.training.parallel import World


def in_turn(hooks: Sequence[OnStep], world: World) -> OnStep:
    """Call several hooks after each step; training ends, in every process, when any of them says so."""

    def on_step(step: int, losses: Mapping[str, float]) -> bool:
        ends = [bool(hook(step, losses)) for hook in hooks]
        return world.any(any(ends))

    return on_step


class Clock:
    """Seconds of training, those before a resume included; ends it when the budget is spent."""

    def __init__(self, budget: float | None, before: float = 0.0) -> None:
        self.budget, self.before = budget, before
        self.start = time.monotonic()
        self.spent = False

    @property
    def seconds(self) -> float:
        """Seconds of training so far."""
        return self.before + time.monotonic() - self.start

    def __call__(self, step: int, losses: Mapping[str, float]) -> bool:
        """Return whether the budget is spent."""
        self.spent = self.budget is not None and self.seconds >= self.budget
        return self.spent


class LogLosses:
    """Write the mean losses since the last line, every so many steps."""

    def __init__(self, log: Log, clock: Clock, every: int) -> None:
        self.log, self.clock, self.every = log, clock, every
        self.recent: list[dict[str, float]] = []  # of the steps since the last line

    def __call__(self, step: int, losses: Mapping[str, float]) -> None:
        """Remember the losses; write when it is time."""
        self.recent.append(dict(losses))
        if step % self.every == 0:
            found = {name: [line[name] for line in self.recent if name in line] for name in losses}
            means = {name: sum(values) / len(values) for name, values in found.items()}
            self.log.write("step", step, seconds=self.clock.seconds, **means)
            self.recent = []


class Every:
    """Call an action when so many seconds have passed since it was last called, and every so many steps."""

    def __init__(self, seconds: float, action: Callable[[], None], *, steps: int | None = None) -> None:
        self.seconds, self.action, self.steps = seconds, action, steps
        self.last = time.monotonic()

    def __call__(self, step: int, losses: Mapping[str, float]) -> None:
        """Act when it is time."""
        by_step = self.steps is not None and step % self.steps == 0
        if by_step or time.monotonic() - self.last >= self.seconds:
            self.action()
            self.last = time.monotonic()


class StopSignal:
    """Remembers SIGINT and SIGTERM, and ends the training after the step under way."""

    def __init__(self) -> None:
        self.received: signal.Signals | None = None

    def __call__(self, step: int, losses: Mapping[str, float]) -> bool:
        """Return whether a signal came."""
        return self.received is not None

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Note the signal; a second one acts as if nobody listened."""
        self.received = signal.Signals(number)
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def stop_signal() -> Iterator[StopSignal]:
    """Listen to SIGINT and SIGTERM for the length of a block (in the main thread; elsewhere to nothing)."""
    stop = StopSignal()
    before: dict[signal.Signals, object] = {}
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, stop.handle)
    except ValueError:
        pass  # not the main thread: Python lets nobody else listen
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
