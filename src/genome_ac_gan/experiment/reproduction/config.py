"""Settings of the experiments: a file for each, with what differs between scales in it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from genome_ac_gan.config import C, assignments, merge, read_yaml, validate
from genome_ac_gan.errors import ConfigError

SCALES = ("small", "full")  # the default, and the paper's own; a file may have others


def read_settings(kind: type[C], path: Path, scale: str | None = None, pairs: Sequence[str] = ()) -> C:
    """Return the settings of a file at a scale, with others on top.

    Parameters
    ----------
    kind
        Class of the settings.
    path
        YAML file; its section `scales` holds, by scale, the settings that differ.
    scale
        One that the file has; None for the first of `SCALES`, or the settings as they are where the file has no
        scales (that of an experiment's folder has none).
    pairs
        `KEY=VALUE` strings that replace the file's.

    Raises
    ------
    ConfigError
        For a scale the file does not have, and anything unknown or out of range.
    """
    given = read_yaml(path)
    scales = given.pop("scales", {})
    if not isinstance(scales, Mapping) or not all(
        isinstance(each or {}, Mapping) for each in scales.values()
    ):
        raise ConfigError(f"{path}: scales: expected a section for each of {', '.join(SCALES)}")
    scale = scale or (SCALES[0] if scales else None)
    if scale and scale not in scales:
        raise ConfigError(f"{path}: no scale {scale!r}; it has: {', '.join(map(str, scales)) or 'none'}")
    over: Mapping[str, Any] = scales[scale] or {} if scale else {}
    return validate(kind, merge(merge(given, over), assignments(pairs)), str(path))


def chosen_scale(path: Path, scale: str | None = None) -> str | None:
    """Return the scale at which `read_settings` reads a file; None where the file has no scales."""
    return scale or (SCALES[0] if read_yaml(path).get("scales") else None)
