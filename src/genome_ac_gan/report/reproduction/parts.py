"""What the page of an experiment is made of: its words, and parts with figures and tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from genome_ac_gan.plots import Chart

if TYPE_CHECKING:
    from pandas import DataFrame

Tables = Mapping[str, "DataFrame"]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the page.

    Attributes
    ----------
    id, title
        Letters, digits and hyphens; words.
    text
        What is seen, and how the paper has it, in sentences.
    charts
        Figures.
    table
        Column -> values as they are shown, one row below the other; empty for none.
    """

    id: str
    title: str
    text: str = ""
    charts: Sequence[Chart] = ()
    table: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Account:
    """How an experiment is told.

    Attributes
    ----------
    title, lead
        Words at the top of the page.
    methods
        What was done, as sentences, from the settings.
    parts
        The parts of the page, from tables by file name and the settings; those of tables that are missing are left
        out.
    limits
        What could not be done as in the paper, and what must not be concluded.
    documented
        Parts whose tables stand on the page of the documentation as well, by id.
    """

    title: str
    lead: str
    methods: Callable[[Mapping[str, Any]], str]
    parts: Callable[[Tables, Mapping[str, Any]], Sequence[Part]]
    limits: Sequence[str]
    documented: Sequence[str] = ()
