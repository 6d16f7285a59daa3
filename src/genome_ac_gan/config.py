"""Settings: YAML to validated, frozen objects and back; knows nothing of genetics."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from genome_ac_gan.errors import ConfigError


class Config(BaseModel):
    """Base of every section of the settings: frozen, and no key is unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


C = TypeVar("C", bound=Config)

Count = Annotated[int, Field(gt=0)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, lt=1)]

_UNITS = {"": 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600}


def parse_duration(value: object) -> object:
    """Turn `90`, `"90s"`, `"2min"` or `"1.5h"` into seconds; leave anything else to the validator."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*([a-z]*)\s*", value)
    if match is None or match[2] not in _UNITS:
        raise ValueError(f"{value!r} is no duration: write 90s, 2min or 1.5h")
    return float(match[1]) * _UNITS[match[2]]


Seconds = Annotated[float, BeforeValidator(parse_duration)]


def validate(kind: type[C], settings: Mapping[str, Any], where: str = "") -> C:
    """Build a `kind` from plain settings, or raise a ConfigError that names every wrong place.

    Parameters
    ----------
    kind
        The Config class to build.
    settings
        Nested mappings as YAML gives them.
    where
        Prefix of the places in the message, a file name for instance.
    """
    try:
        return kind.model_validate(settings)
    except ValidationError as error:
        problems = "; ".join(_explain(kind, problem) for problem in error.errors())
        raise ConfigError(f"{where}: {problems}" if where else problems) from None


def _explain(kind: type[Config], problem: Any) -> str:
    place = [str(part) for part in problem["loc"]]
    name = ".".join(place) or "settings"
    if problem["type"] == "extra_forbidden":
        known = sorted(_section(kind, place[:-1]).model_fields)
        return f"{name}: unknown; known: {', '.join(known) or 'none'}"
    message: str = problem["msg"].removeprefix("Value error, ")
    if not place:
        return message
    # Of a whole section the message names the place itself; all its settings would only bury that.
    return (
        f"{name}: {message}"
        if isinstance(problem["input"], Mapping)
        else f"{name}: {message}, not {problem['input']!r}"
    )


def _section(kind: type[Config], place: Sequence[str]) -> type[Config]:
    """Follow the names of `place` down to the Config class found there; a mapping of sections takes any name."""
    annotation: Any = kind
    for part in place:
        if get_origin(annotation) is dict:
            annotation = get_args(annotation)[1]
        elif isinstance(annotation, type) and issubclass(annotation, Config):
            field = annotation.model_fields.get(part)
            annotation = field.annotation if field else None
        if isinstance(annotation, type) and issubclass(annotation, Config):
            kind = annotation
    return kind


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds one mapping."""
    try:
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise ConfigError(f"{path} is a folder, no file of settings") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    if settings is None:
        return {}
    if not isinstance(settings, dict):
        raise ConfigError(f"{path}: expected `key: value` lines, found {type(settings).__name__}")
    return settings


def merge(settings: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `settings` with those of `over` on top, section by section."""
    merged = dict(settings)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = (
            merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
        )
    return merged


def assignments(pairs: Sequence[str]) -> dict[str, Any]:
    """Turn `["train.n_steps=10", "seed=2"]` into nested settings; values are read as YAML."""
    settings: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise ConfigError(f"--set {pair}: expected KEY=VALUE, for instance train.n_steps=10")
        nested: Any = yaml.safe_load(value)
        for part in reversed(key.split(".")):
            nested = {part: nested}
        settings = merge(settings, nested)
    return settings


def to_yaml(config: Config) -> str:
    """Write every setting, defaults included, as YAML; reading it back gives an equal config."""
    return str(yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True))
