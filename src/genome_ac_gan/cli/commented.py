"""Settings as YAML in which every key is explained by the docstring of its section."""

import re
from collections.abc import Iterator, Mapping
from inspect import cleandoc
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import yaml

from genome_ac_gan.config import Config

if TYPE_CHECKING:
    from genome_ac_gan.experiment import ExperimentConfig


def commented_experiment(config: "ExperimentConfig") -> str:
    """Return the settings of an experiment with comments, those of its model included."""
    from genome_ac_gan.models import MODELS

    settings = MODELS[config.model.name].Config.model_validate(config.model.settings)
    return commented_yaml(config, {"model.settings": settings})


def commented_yaml(config: Config, inner: Mapping[str, Config] = MappingProxyType({})) -> str:
    """Return all settings with comments; read as YAML it says the same as `to_yaml`.

    Comments are the section *Attributes* of the docstrings, so that a setting is
    explained in one place.

    Parameters
    ----------
    config
        The settings.
    inner
        For settings that are a plain mapping, by dotted name, the Config that explains it.
    """
    return "\n".join(_lines(config, inner, "")) + "\n"


def _lines(config: Config, inner: Mapping[str, Config], place: str) -> Iterator[str]:
    comments = attribute_comments(type(config))
    margin = "  " * place.count(".")
    for name in type(config).model_fields:
        yield from (f"{margin}# {line}" for line in comments.get(name, ()))
        value = inner.get(place + name, getattr(config, name))
        if isinstance(value, Config) and type(value).model_fields:
            yield f"{margin}{name}:"
            yield from _lines(value, inner, f"{place}{name}.")
        else:
            plain = config.model_dump(mode="json", include={name})[name]
            yield from (margin + line for line in _yaml(name, plain).splitlines())


def _yaml(name: str, plain: Any) -> str:
    """Return `name: value`; a list stays on its line."""
    if isinstance(plain, list):
        return f"{name}: {yaml.safe_dump(plain, default_flow_style=True, allow_unicode=True, width=10**6)}"
    return str(yaml.safe_dump({name: plain}, sort_keys=False, allow_unicode=True))


def attribute_comments(kind: type[Config]) -> dict[str, list[str]]:
    """Return the lines that the docstrings of a section, and of those it derives from, say of each attribute.

    Of several attributes named together, the lines stand at the first.
    """
    comments: dict[str, list[str]] = {}
    for section in reversed(kind.__mro__):
        if issubclass(section, Config):
            comments |= _own_comments(section)
    return comments


def _own_comments(kind: type[Config]) -> dict[str, list[str]]:
    _, _, attributes = cleandoc(vars(kind)["__doc__"] or "").partition("Attributes\n----------\n")
    comments: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in re.split(r"\n\n(?=\S+\n-)", attributes)[0].splitlines():
        if line and not line.startswith(" "):
            lines = comments.setdefault(re.split(r"[ ,:]", line)[0], [])
        elif line.strip():
            lines.append(line.strip())
    return comments
