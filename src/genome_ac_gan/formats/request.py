"""What a reader is asked for besides the path."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from genome_ac_gan.errors import PanelError
from genome_ac_gan.formats.people import Notice, People
from genome_ac_gan.formats.region import Region

Missing = Literal["error", "drop", "ref", "major"]
Multiallelic = Literal["skip", "split", "error"]
Variants = Literal["snps", "all"]

_CHOICES = {
    "missing": get_args(Missing),
    "multiallelic": get_args(Multiallelic),
    "variants": get_args(Variants),
    "conflicting": ("drop", "error"),
    "children": ("keep", "drop"),
    "ploidy": ("auto", "keep", "pair"),
}


@dataclass(frozen=True, kw_only=True)
class Request:
    """The options of one read, checked; see `read_panel` for their meaning."""

    people: People
    region: Region | None = None
    legend: Path | None = None
    missing: str = "error"
    multiallelic: str = "skip"
    variants: str = "snps"
    threads: int = 1

    @property
    def notice(self) -> Notice:
        """Where notices go."""
        return self.people.notice

    def __post_init__(self) -> None:
        require_choices(missing=self.missing, multiallelic=self.multiallelic, variants=self.variants)


def require_choices(**options: str) -> None:
    """Raise when an option has a value that it does not know."""
    for name, value in options.items():
        if value not in _CHOICES[name]:
            raise PanelError(f"{name} must be one of {', '.join(_CHOICES[name])}, not {value!r}")
