"""What an experiment of the paper is made of: tasks that leave files, and what is read out of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from genome_ac_gan.config import Config
from genome_ac_gan.experiment.ways import Ways

if TYPE_CHECKING:
    from pandas import DataFrame

C = TypeVar("C", bound=Config)


@dataclass(frozen=True)
class Task:
    """A part of an experiment that is done once.

    Attributes
    ----------
    name
        Of its folder: file names parted by slashes.
    run
        Called with that folder, which may hold what an interrupted call left there; it
        writes files whole and goes on from those it finds.
    needs
        Names of the tasks that must be done before.
    """

    name: str
    run: Callable[[Path, Ways], None]
    needs: Sequence[str] = ()


class Experiment(ABC, Generic[C]):
    """One experiment of the paper, on the panel and at the scale of its settings.

    Parameters
    ----------
    config
        Settings, of the class `Config`.
    folder
        Where each task has a folder of its own.
    """

    name: ClassVar[str]
    Config: ClassVar[type[Config]]

    def __init__(self, config: C, folder: Path) -> None:
        self.config, self.folder = config, folder

    @abstractmethod
    def tasks(self) -> Sequence[Task]:
        """Return all tasks in the order of computing; what a task reads of earlier ones is among its needs."""

    @abstractmethod
    def tables(self) -> "Mapping[str, DataFrame]":
        """Return tidy tables by file name, from the tasks that are done; those without rows are left out."""

    @abstractmethod
    def compared(self) -> "DataFrame":
        """Return the printed values beside ours: `COMPARED`, a row a value, NaN where nothing is done yet."""

    def place(self, task: str) -> Path:
        """Return the folder of a task."""
        return self.folder / "tasks" / task

    def done(self, task: str) -> bool:
        """Return whether a task is done."""
        return (self.place(task) / DONE).is_file()

    def status(self, task: str) -> str:
        """Return `done`, `failed` or `pending`."""
        if self.done(task):
            return "done"
        return "failed" if self.failure(task).is_file() else "pending"

    def failure(self, task: str) -> Path:
        """Return the record of a task that failed."""
        return self.place(task) / "failure.json"


DONE = "done.json"
COMPARED = ("figure", "quantity", "paper", "here", "lower", "upper", "n", "note")
