"""What is noted in a model folder or a run folder, read without loading the model."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from genome_ac_gan.errors import CheckpointError

CARD = "card.json"
PROVENANCE = "provenance.json"


def describe(folder: Path) -> Mapping[str, Any]:
    """Return the card of a model folder, or provenance, card and results of a run folder.

    Raises
    ------
    CheckpointError
        When the folder is neither, or one of its records is damaged.
    """
    if (folder / CARD).is_file():
        return {"kind": "model", "path": str(folder), **_record(folder / CARD)}
    if (folder / PROVENANCE).is_file() or (folder / "config.yaml").is_file():
        return {"kind": "run", "path": str(folder), **_run(folder)}
    raise CheckpointError(
        f"{folder} is neither a model folder ({CARD}) nor a run folder ({PROVENANCE} or config.yaml)"
    )


def _run(folder: Path) -> dict[str, Any]:
    parts = {"provenance": folder / PROVENANCE, "model": folder / "model" / CARD}
    found = {name: _record(path) for name, path in parts.items() if path.is_file()}
    return {"files": sorted(path.name for path in folder.iterdir()), **found}


def _record(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise CheckpointError(f"{path} is damaged: {error}") from None
    if not isinstance(record, dict):
        raise CheckpointError(f"{path} is damaged: expected an object, found {type(record).__name__}")
    return record
