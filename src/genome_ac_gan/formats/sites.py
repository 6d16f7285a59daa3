"""Which records of a VCF become variants of the panel, and why the others do not."""

import re
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np

from genome_ac_gan.errors import PanelError
from genome_ac_gan.formats.people import Notice
from genome_ac_gan.formats.region import bare
from genome_ac_gan.panel import VariantTable

_BASES = frozenset("ACGTacgt")
_SEQUENCE = re.compile(r"[ACGTNacgtn]+")

DUPLICATE = "at a position taken before"
MISSING = "with missing genotypes"


@dataclass
class Tally:
    """How many records share a fate, and the first of them."""

    first: str
    count: int = 0


@dataclass
class Sites:
    """Accepts records in genome order and counts the rest by reason.

    Parameters
    ----------
    path
        For messages.
    variants
        `snps`: one base against one base. `all`: any two spelled-out alleles.
    multiallelic
        `skip` leaves a record with several ALT alleles out, `error` refuses it,
        `split` takes its first ALT allele that is a variant of the kind asked
        for; haplotypes with another ALT allele count as not carrying it, as
        after `bcftools norm -m -any`.
    """

    path: Path
    variants: str
    multiallelic: str
    left_out: dict[str, Tally] = field(default_factory=dict)
    contig: list[str] = field(default_factory=list)
    position: list[int] = field(default_factory=list)
    ref: list[str] = field(default_factory=list)
    alt: list[str] = field(default_factory=list)
    _here: tuple[str, int] = ("", 0)
    _taken: tuple[str, int] = ("", 0)
    _done: set[str] = field(default_factory=set)

    def accept(self, record: Any) -> int:
        """Return the number of the ALT allele that becomes allele 1, or 0 to leave the record out."""
        contig, position = record.CHROM, record.POS
        if (contig, position) != self._here:
            self._advance(contig, position)
        ref, alts = record.REF, record.ALT
        number, reason = self._choose(ref, alts)
        if number == 0:
            self.leave_out(reason, f"{contig}:{position}")
        elif self._taken == (contig, position):
            self.leave_out(DUPLICATE, f"{contig}:{position}")
            number = 0
        else:
            self._taken = (contig, position)
            self.contig.append(contig)
            self.position.append(position)
            self.ref.append(ref)
            self.alt.append(alts[number - 1])
        return number

    def _advance(self, contig: str, position: int) -> None:
        before, at = self._here
        if contig != before:
            self._done.add(before)
            if contig in self._done:
                raise PanelError(
                    f"{self.path}: contig {contig} comes back at {contig}:{position}; run bcftools sort"
                )
            if bare(contig).upper() in ("Y", "M"):
                raise PanelError(
                    f"{self.path}: {contig}:{position} does not recombine; Y and the mitochondrion are not modelled: "
                    "read the others with a region, or drop it with bcftools view -t ^" + contig
                )
        elif position < at:
            raise PanelError(
                f"{self.path} is not sorted: {contig}:{position} follows {contig}:{at}; run bcftools sort"
            )
        self._here = (contig, position)

    def _choose(self, ref: str, alts: list[str]) -> tuple[int, str]:
        if not alts:
            return 0, "without an ALT allele"
        if len(alts) == 1:
            reason = self._fault(ref, alts[0])
            return (0, reason) if reason else (1, "")
        if self.multiallelic == "split":
            for number, alt in enumerate(alts, start=1):
                if not self._fault(ref, alt):
                    return number, ""
        return 0, "multiallelic"

    def _fault(self, ref: str, alt: str) -> str:
        """Return why two alleles are no variant of the kind asked for, or nothing."""
        if ref in _BASES and alt in _BASES:
            return "" if ref != alt else "with REF equal to ALT"
        if not _SEQUENCE.fullmatch(alt) or not _SEQUENCE.fullmatch(ref):
            return "with a symbolic allele"
        if self.variants == "snps":
            return "not SNPs"
        return "" if ref != alt else "with REF equal to ALT"

    def leave_out(self, reason: str, place: str) -> None:
        """Count a record that is left out."""
        self.left_out.setdefault(reason, Tally(place)).count += 1

    def remove(self, keep: list[bool], reason: str) -> None:
        """Take out again those of the last `len(keep)` accepted records that are not to be kept."""
        start = len(self.position) - len(keep)
        for index, kept in enumerate(keep, start=start):
            if not kept:
                self.leave_out(reason, self.place(index))
        columns: tuple[list[Any], ...] = (self.contig, self.position, self.ref, self.alt)
        for column in columns:
            column[start:] = compress(column[start:], keep)

    def place(self, index: int) -> str:
        """Return `contig:position` of an accepted record."""
        return f"{self.contig[index]}:{self.position[index]}"

    def report(self, notice: Notice) -> None:
        """Give notice of what was left out; refuse multiallelic records when that was asked for."""
        tally = self.left_out.get("multiallelic")
        if self.multiallelic == "error" and tally:
            raise PanelError(
                f"{self.path}: {tally.count} multiallelic records (first {tally.first}); split them with "
                "bcftools norm -m -any, or read with --multiallelic skip"
            )
        if self.left_out:
            reasons = (f"{t.count} {reason} (first {t.first})" for reason, t in self.left_out.items())
            notice(f"{self.path}: records left out: {', '.join(reasons)}")

    def table(self) -> VariantTable:
        """Return the accepted records as a variant table."""
        return VariantTable(
            contig=np.array(self.contig, dtype=np.str_), position=np.array(self.position, dtype=np.int64),
            ref=np.array(self.ref, dtype=np.str_), alt=np.array(self.alt, dtype=np.str_),
        )  # fmt: skip
