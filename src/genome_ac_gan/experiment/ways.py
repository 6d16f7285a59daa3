"""How long work of many parts is done: where, told to whom, and stopped by signals without loss."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import torch

from genome_ac_gan.errors import GenomeACGANError
from genome_ac_gan.experiment.train import InterruptedTrainingError, Notice, Progress, silent
from genome_ac_gan.metrics import Progress as Judging
from genome_ac_gan.metrics import ignore


@dataclass(frozen=True, kw_only=True)
class Ways:
    """How the work is done, which changes no number.

    Attributes
    ----------
    device
        Where to compute; the CPU when left out.
    command
        The command as it was typed, for provenance.
    progress, judging
        Make what tells how far a training and a judgement is.
    on_notice
        Told what a person should know.
    """

    device: torch.device | None = None
    command: str = ""
    progress: Progress | None = None
    judging: Callable[[], Judging] = lambda: ignore
    on_notice: Notice = silent


class InterruptedWorkError(GenomeACGANError):
    """A signal ended the work; what was done is on disk."""

    def __init__(self, number: int, where: str) -> None:
        name = signal.Signals(number).name
        super().__init__(f"stopped by {name} {where}: the same command goes on from there")
        self.exit_code = 128 + number


class _Stopped(BaseException):
    """A signal arrived outside a training."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


@contextmanager
def interruptible() -> Iterator[list[str]]:
    """Turn SIGINT and SIGTERM into an error that says how to go on; yields a list whose last word is the place."""
    place = [""]
    before: dict[signal.Signals, object] = {}

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)  # a second one acts as if nobody listened
        raise _Stopped(number)

    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, stop)
    except ValueError:
        pass  # not the main thread: Python lets nobody else listen
    try:
        yield place
    except _Stopped as stopped:
        raise InterruptedWorkError(stopped.number, place[-1]) from None
    except InterruptedTrainingError as error:
        raise InterruptedWorkError(error.exit_code - 128, place[-1]) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
