"""The log of a training: one JSON object a line, readable while it grows."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Log:
    """Append events to a file, one JSON object a line.

    Parameters
    ----------
    path
        The file; made when missing.
    after
        Keep earlier lines up to this step and drop the rest: what a resumed training
        will write again. 0 starts anew.
    """

    def __init__(self, path: Path, *, after: int = 0) -> None:
        kept = [line for line in _lines(path) if line.get("step", 0) <= after] if after else []
        path.write_text("".join(_json(line) for line in kept), encoding="utf-8")
        self.path = path

    def write(self, event: str, step: int, **numbers: Any) -> None:
        """Add one line and hand it to the operating system at once."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(_json({"event": event, "step": step, **numbers}))


def _json(record: Mapping[str, Any]) -> str:
    return json.dumps({key: _short(value) for key, value in record.items()}) + "\n"


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, Mapping):
        return {key: _short(part) for key, part in value.items()}
    return value


def _lines(path: Path) -> list[dict[str, Any]]:
    """Return the whole lines of a log; a last line that was cut is left out."""
    if not path.exists():
        return []
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return found
