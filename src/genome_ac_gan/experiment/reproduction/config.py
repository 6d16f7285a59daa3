"""Settings of the experiments: a file for each, with what differs between scales in it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from genome_ac_gan.config import C, assignments, merge, read_yaml, validate
from genome_ac_gan.errors import ConfigError

SCALES = ("small", "full")


def read_settings(kind: type[C], path: Path, scale: str | None = None, pairs: Sequence[str] = ()) -> C:
    """Return the settings of a file at a scale, with others on top.

    Parameters
    ----------
    kind
        Class of the settings.
    path
        YAML file; its section `scales` holds, by scale, the settings that differ.
    scale
        One of `SCALES`; None for a file without scales, as an experiment's folder has it.
    pairs
        `KEY=VALUE` strings that replace the file's.

    Raises
    ------
    ConfigError
        For a scale the file does not have, and anything unknown or out of range.
    """
    given = read_yaml(path)
    scales = given.pop("scales", {})
    if not isinstance(scales, Mapping):
        raise ConfigError(f"{path}: scales: expected a section for each of {', '.join(SCALES)}")
    if scale and scale not in scales:
        raise ConfigError(f"{path}: no scale {scale!r}; it has: {', '.join(map(str, scales)) or 'none'}")
    over: Mapping[str, Any] = scales[scale] or {} if scale else {}
    return validate(kind, merge(merge(given, over), assignments(pairs)), str(path))
