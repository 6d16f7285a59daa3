"""Regions in the spelling of bcftools, and contig names in two spellings."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genome_ac_gan.errors import PanelError, some
from genome_ac_gan.panel import VariantTable

_PLACE = re.compile(r"(?P<contig>.+):(?P<start>[0-9][0-9,]*)(?P<open>-(?P<end>[0-9,]*))?")


@dataclass(frozen=True)
class Region:
    """An interval of one contig, both ends 1-based and included.

    A variant lies in a region when its POS does. This differs from htslib, which
    also returns a deletion that begins before the region and reaches into it.
    """

    contig: str
    start: int = 1
    end: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Region":
        """Read `15`, `15:100-200`, `15:100-` or `15:100` (that position alone); commas in numbers are allowed."""
        match = _PLACE.fullmatch(text)
        if match is None:
            return cls(contig=text)
        start = int(match["start"].replace(",", ""))
        end = int(match["end"].replace(",", "")) if match["end"] else None
        if match["open"] is None:
            end = start
        if start < 1 or (end is not None and end < start):
            raise PanelError(
                f"region {text}: positions count from 1, and the end may not lie before the start"
            )
        return cls(contig=match["contig"], start=start, end=end)

    def __str__(self) -> str:
        if self.start == 1 and self.end is None:
            return self.contig
        return f"{self.contig}:{self.start}-{'' if self.end is None else self.end}"

    def holds(self, contig: str, position: int) -> bool:
        """Return whether a position lies in the region."""
        return contig == self.contig and self.start <= position and not self.is_before(position)

    def is_before(self, position: int) -> bool:
        """Return whether the region ends before a position of its contig."""
        return self.end is not None and position > self.end

    def mask(self, variants: VariantTable) -> npt.NDArray[np.bool_]:
        """(n_variants,) bool: the variants that lie in the region."""
        end = np.iinfo(np.int64).max if self.end is None else self.end
        position = variants.position
        return np.asarray((variants.contig == self.contig) & (position >= self.start) & (position <= end))

    def require_contig(self, contigs: Iterable[str], where: object) -> None:
        """Raise when the contig is none of those known, with the other spelling if that one is there."""
        known = list(contigs)
        if self.contig in known:
            return
        other = next((name for name in known if bare(name) == bare(self.contig)), None)
        hint = f"did you mean {other!r}?" if other else f"it has {some(known)}"
        raise PanelError(f"{where} has no contig {self.contig!r} (region {self}): {hint}")


def bare(contig: str) -> str:
    """Return a contig name without the prefix `chr`, and with M for MT: what two spellings share."""
    name = contig[3:] if contig[:3].lower() == "chr" else contig
    return "M" if name == "MT" else name
