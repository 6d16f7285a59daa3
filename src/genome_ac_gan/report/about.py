"""Metrics in plain words: which statistics stand in the headline table, what they say, and where they are from."""

import inspect
import re
from collections.abc import Iterable
from dataclasses import dataclass

from genome_ac_gan.metrics import METRICS


@dataclass(frozen=True, kw_only=True)
class Headline:
    """A statistic of the headline table: its name and one sentence."""

    metric: str
    statistic: str
    name: str
    about: str


def headlines(metric: str, statistics: Iterable[str]) -> list[Headline]:
    """Return what stands for a metric in the headline table.

    Those with words of their own in the registry; where none was computed, the
    registered headline statistic or the first one, with the first paragraph of
    the metric's documentation; of an unregistered metric the first.

    Parameters
    ----------
    metric
        Name in the evaluation table.
    statistics
        The statistics found there, in order.
    """
    found = list(dict.fromkeys(statistics))
    registered = METRICS.get(metric)
    if registered is None:
        return [Headline(metric=metric, statistic=found[0], name=words(found[0]), about="")]
    known = [
        Headline(metric=metric, statistic=key, name=each.name or words(key), about=each.about)
        for key, each in registered.statistics.items()
        if each.about and key in found
    ]
    if known:
        return known
    statistic = registered.headline if registered.headline in found else found[0]
    return [Headline(metric=metric, statistic=statistic, name=words(statistic), about=registered.description)]


def words(key: str) -> str:
    """Return a key with spaces."""
    return key.replace("-", " ").replace("_", " ")


def title(metric: str) -> str:
    """Return the title of a metric; its name with spaces when it is not registered."""
    registered = METRICS.get(metric)
    return registered.title if registered else words(metric)[:1].upper() + words(metric)[1:]


def description(metric: str) -> str:
    """Return the first paragraph of a registered metric's documentation; empty for others."""
    registered = METRICS.get(metric)
    return registered.description.replace("`", "") if registered else ""


def dois(metric: str) -> list[str]:
    """Return the DOIs that a registered metric's documentation names, those of arXiv included; none for others."""
    registered = METRICS.get(metric)
    return dois_in(inspect.getdoc(registered.function) or "") if registered else []


def dois_in(text: str) -> list[str]:
    """Return the DOIs that a text names, those of arXiv included, with or without `doi:` before them."""
    found = re.finditer(r"(?<![\w./])(10\.\d{4,9}/[^\s),;]+)|\barXiv[: ]\s*(\d{4}\.\d{4,5})", text)
    names = [
        (doi or f"10.48550/arXiv.{arxiv}").rstrip(".") for doi, arxiv in (each.groups() for each in found)
    ]
    return list(dict.fromkeys(names))


def page(metric: str) -> str:
    """Return the name of a registered metric's documentation page; empty for others."""
    return f"docs/metrics/{metric}.md" if metric in METRICS else ""
