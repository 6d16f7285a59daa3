"""The tasks of an experiment done, but for those that are done already or elsewhere."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from genome_ac_gan.errors import ConfigError, GenomeACGANError, some
from genome_ac_gan.experiment.failures import FAILURES, record_failure
from genome_ac_gan.experiment.reproduction.base import DONE, Experiment, Task
from genome_ac_gan.experiment.stages import stopwatch
from genome_ac_gan.experiment.train import InterruptedTrainingError
from genome_ac_gan.experiment.ways import Ways, interruptible
from genome_ac_gan.files import locked, write_text
from genome_ac_gan.provenance import machine, now, to_json

PAUSE = 2.0  # seconds between two looks at what is at work elsewhere
DONE_HERE, LOST, BLOCKED, ELSEWHERE = "done", "lost", "blocked", "elsewhere"  # what is said of a task


def find_task(experiment: Experiment[Any], name: str) -> Task:
    """Return the task of a name, or ConfigError."""
    known = {task.name: task for task in experiment.tasks()}
    if name not in known:
        raise ConfigError(f"no task {name!r}; --list prints them: {some(known, 4)}")
    return known[name]


def run_tasks(experiment: Experiment[Any], wanted: Sequence[Task], ways: Ways) -> list[str]:
    """Do those of the tasks that are not done; several processes may share them.

    A task at work in another process is left to it, or waited for when another task needs it. One that
    fails is recorded, and the others go on without what needs it; the next call tries it again.

    Returns
    -------
    list of str
        Names of the tasks that failed.

    Raises
    ------
    GenomeACGANError
        When a task needs one that is neither done nor among those wanted, and when one that needs none fails:
        it reads what the experiment is given.
    InterruptedWorkError
        After SIGINT or SIGTERM.
    """
    _require_needs(experiment, wanted)
    for task in wanted:  # those that failed before are tried again
        experiment.failure(task.name).unlink(missing_ok=True)
    work = _Work(experiment, ways, [task.name for task in wanted])
    left = list(wanted)
    with interruptible() as place:
        while True:
            states = []
            for task in left:
                place.append(f"in task {task.name}")
                states.append(work.attempt(task))
            if BLOCKED not in states:
                return work.failed  # what is left is at work elsewhere
            if not {DONE_HERE, LOST}.intersection(states):
                time.sleep(PAUSE)
            left = [task for task, state in zip(left, states, strict=True) if state in (BLOCKED, ELSEWHERE)]


def _require_needs(experiment: Experiment[Any], wanted: Sequence[Task]) -> None:
    names = {task.name for task in wanted}
    for task in wanted:
        for need in task.needs:
            if need not in names and not experiment.done(need):
                raise GenomeACGANError(f"task {task.name} needs {need}, which is not done")


@dataclass
class _Work:
    """What one call does of an experiment.

    Attributes
    ----------
    experiment, ways
    names
        Of all tasks wanted.
    held
        Those told to be at work elsewhere.
    failed, lost
        Those that failed, and with those that need them.
    """

    experiment: Experiment[Any]
    ways: Ways
    names: list[str]
    held: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)

    def attempt(self, task: Task) -> str:
        """Do a task if it is not done, and nothing is in the way; return what is to be said of it."""
        if not self.lost.isdisjoint(task.needs):
            self.lost.add(task.name)
            return LOST
        if not all(map(self.experiment.done, task.needs)):
            return BLOCKED
        folder = self.experiment.place(task.name)
        name = f"task {self.names.index(task.name) + 1}/{len(self.names)} {task.name}"
        with locked(folder.parent / f".{folder.name}.lock") as mine:
            if self.experiment.done(task.name):
                return DONE_HERE
            if not mine:
                if name not in self.held:
                    self.ways.on_notice(f"{name}: at work elsewhere")
                    self.held.add(name)
                return ELSEWHERE
            if not self.experiment.failure(task.name).is_file():  # else it failed elsewhere, just now
                self.ways.on_notice(name)
                if self._do(task, folder):
                    return DONE_HERE
        self.failed.append(task.name)
        self.lost.add(task.name)
        return LOST

    def _do(self, task: Task, folder: Path) -> bool:
        """Run a task, and record that it is done; return False when it failed, and record how."""
        folder.mkdir(parents=True, exist_ok=True)
        spent = stopwatch()
        try:
            task.run(folder, self.ways)
        except InterruptedTrainingError:
            raise
        except FAILURES as error:
            if not task.needs:
                raise
            message = record_failure(self.experiment.failure(task.name), error)
            self.ways.on_notice(f"warning: task {task.name} failed: {message}")
            return False
        write_text(folder / DONE, to_json({"finished": now(), "seconds": spent(), "machine": machine()}))
        return True
