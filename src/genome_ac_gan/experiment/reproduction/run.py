"""An experiment from its first task to its report, skipping what is done."""

import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from genome_ac_gan.config import Config, read_yaml, to_yaml, validate
from genome_ac_gan.errors import ConfigError, GenomeACGANError, some
from genome_ac_gan.experiment.reproduction.base import DONE, Experiment, Task
from genome_ac_gan.experiment.stages import stopwatch
from genome_ac_gan.experiment.ways import Ways, interruptible
from genome_ac_gan.files import locked, write_text
from genome_ac_gan.provenance import machine, now, software, to_json

SETTINGS = "reproduction.yaml"
RECORD = "provenance.json"
PAUSE = 2.0  # seconds between two looks at what is at work elsewhere


def open_experiment(
    experiment: Experiment[Any], *, force: bool = False, command: str = "", scale: str | None = None
) -> None:
    """Make the folder of an experiment, or take up the one that is there.

    Parameters
    ----------
    force
        Start anew; whatever the folder held of an experiment is removed.
    command, scale
        As they were given, for provenance.

    Raises
    ------
    GenomeACGANError
        When something else stands there, or an experiment with other settings, unless forced.
    """
    folder = experiment.folder
    kept = folder / SETTINGS
    if folder.exists() and not kept.is_file() and (folder.is_file() or any(_foreign(folder))):
        raise GenomeACGANError(f"{folder} is there and holds no experiment: give the name of a new one")
    if kept.is_file() and force:
        shutil.rmtree(folder)
    elif kept.is_file():
        _require_unchanged(kept, experiment)
        return
    folder.mkdir(parents=True, exist_ok=True)
    record = {
        "format_version": 1, "experiment": experiment.name, "scale": scale, "command": command,
        "software": software(), "machine": machine(), "started": now(),
    }  # fmt: skip
    write_text(folder / RECORD, to_json(record))
    write_text(kept, to_yaml(experiment.config))


def _foreign(folder: Path) -> Iterator[Path]:
    """Return what a folder holds that a call stopped between record and settings does not leave."""
    return (each for each in folder.iterdir() if each.name != RECORD)


def _require_unchanged(kept: Path, experiment: Experiment[Any]) -> None:
    before: Config = validate(type(experiment).Config, read_yaml(kept), str(kept))
    now_is = experiment.config
    changed = [
        name for name in type(now_is).model_fields if getattr(before, name, None) != getattr(now_is, name)
    ]
    if changed:
        raise GenomeACGANError(
            f"{kept.parent} was begun with another {some(changed)}: use --force or a new folder"
        )


def find_task(experiment: Experiment[Any], name: str) -> Task:
    """Return the task of a name, or ConfigError."""
    known = {task.name: task for task in experiment.tasks()}
    if name not in known:
        raise ConfigError(f"no task {name!r}; --list prints them: {some(known, 4)}")
    return known[name]


def run_tasks(experiment: Experiment[Any], wanted: Sequence[Task], ways: Ways) -> None:
    """Do those of the tasks that are not done; several processes may share them.

    A task at work in another process is left to it, or waited for when another task needs it.

    Raises
    ------
    GenomeACGANError
        When a task needs one that is neither done nor among those wanted.
    InterruptedWorkError
        After SIGINT or SIGTERM.
    """
    _require_needs(experiment, wanted)
    names = {task.name: f"task {number}/{len(wanted)} {task.name}" for number, task in enumerate(wanted, 1)}
    left, held = list(wanted), set[str]()
    with interruptible() as place:
        while True:
            waiting, blocked = [], False
            for task in left:
                place.append(f"in task {task.name}")
                if not all(map(experiment.done, task.needs)):
                    waiting.append(task)
                    blocked = True
                elif not _done_here(experiment, task, names[task.name], ways, held):
                    waiting.append(task)
            if not blocked:
                return  # all are done, or at work elsewhere
            if len(waiting) == len(left):
                time.sleep(PAUSE)
            left = waiting


def _require_needs(experiment: Experiment[Any], wanted: Sequence[Task]) -> None:
    names = {task.name for task in wanted}
    for task in wanted:
        for need in task.needs:
            if need not in names and not experiment.done(need):
                raise GenomeACGANError(f"task {task.name} needs {need}, which is not done")


def _done_here(experiment: Experiment[Any], task: Task, name: str, ways: Ways, held: set[str]) -> bool:
    """Do a task unless it is done; return False when it is at work in another process, told once (`held`)."""
    folder = experiment.place(task.name)
    with locked(folder.parent / f".{folder.name}.lock") as mine:
        if experiment.done(task.name):
            return True
        if mine:
            ways.on_notice(name)
            _run(task, folder, ways)
        elif name not in held:
            ways.on_notice(f"{name}: at work elsewhere")
            held.add(name)
        return mine


def _run(task: Task, folder: Path, ways: Ways) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    spent = stopwatch()
    task.run(folder, ways)
    write_text(folder / DONE, to_json({"finished": now(), "seconds": spent(), "machine": machine()}))
