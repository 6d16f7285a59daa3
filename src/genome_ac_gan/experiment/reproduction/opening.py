"""The folder of an experiment: made, or taken up where the settings are the same."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from genome_ac_gan.config import Config, read_yaml, to_yaml, validate
from genome_ac_gan.errors import GenomeACGANError, some
from genome_ac_gan.experiment.reproduction.base import Experiment
from genome_ac_gan.files import TEMPORARY, write_text
from genome_ac_gan.provenance import machine, now, software, to_json

SETTINGS = "reproduction.yaml"
RECORD = "provenance.json"


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
    """Return what a folder holds that a call stopped, or at work, between record and settings does not leave."""
    return (each for each in folder.iterdir() if each.name != RECORD and not each.name.startswith(TEMPORARY))


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
