"""The columns of a panel: where each variant is and what its two alleles are."""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from genome_ac_gan.errors import PanelError
from genome_ac_gan.provenance import sha256_of_parts


def read_only(array: npt.ArrayLike, dtype: Any = None) -> npt.NDArray[Any]:
    """Return a read-only view of an array; the caller's own array stays writable."""
    view = np.asarray(array, dtype=dtype).view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, eq=False, kw_only=True)
class VariantTable:
    """Biallelic variants in genome order.

    Attributes
    ----------
    contig : (n_variants,) str
        Contig names; the variants of a contig are neighbours.
    position : (n_variants,) int64
        1-based position in bp, strictly increasing within a contig.
    ref, alt : (n_variants,) str
        Alleles, different from each other.
    cm : (n_variants,) float64 or None
        Cumulative genetic position in centimorgans, never falling within a
        contig; None when no map is known.

    Raises
    ------
    PanelError
        When one of these promises is broken; the message names the variant.
    """

    contig: npt.NDArray[np.str_]
    position: npt.NDArray[np.int64]
    ref: npt.NDArray[np.str_]
    alt: npt.NDArray[np.str_]
    cm: npt.NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        for name, dtype in (("contig", np.str_), ("position", np.int64), ("ref", np.str_), ("alt", np.str_)):
            object.__setattr__(self, name, read_only(getattr(self, name), dtype))
        if self.cm is not None:
            object.__setattr__(self, "cm", read_only(self.cm, np.float64))
        self._check()

    def _check(self) -> None:
        for field in fields(self):
            column = getattr(self, field.name)
            if column is not None and column.shape != (len(self.position),):
                raise PanelError(
                    f"variants.{field.name} has shape {column.shape}, expected ({len(self.position)},)"
                )
        same = self.contig[1:] == self.contig[:-1]
        if np.count_nonzero(~same) + 1 != len(set(self.contig.tolist())) and len(self):
            raise PanelError(
                "variants of one contig must be neighbours: sort the variants by contig and position"
            )
        self._require(
            np.concatenate([[True], ~same | (np.diff(self.position) > 0)])[: len(self)],
            "position must rise within a contig (one variant a position)",
        )
        self._require(self.ref != self.alt, "ref and alt must differ")
        if self.cm is not None:
            self._require(np.isfinite(self.cm), "cm must be finite")
            self._require(
                np.concatenate([[True], ~same | (np.diff(self.cm) >= 0)])[: len(self)],
                "cm must not fall within a contig",
            )

    def _require(self, good: npt.NDArray[np.bool_], promise: str) -> None:
        if not good.all():
            first = int(np.argmin(good))
            raise PanelError(f"{promise}: variant {first} ({self.name(first)})")

    def __len__(self) -> int:
        return len(self.position)

    def __getitem__(self, columns: Any) -> "VariantTable":
        """Return the variants that `columns` (a slice, mask or index) selects."""
        cm = None if self.cm is None else self.cm[columns]
        return VariantTable(
            contig=self.contig[columns], position=self.position[columns],
            ref=self.ref[columns], alt=self.alt[columns], cm=cm,
        )  # fmt: skip

    def name(self, index: int) -> str:
        """Return `contig:position` of one variant, for messages."""
        return f"{self.contig[index]}:{self.position[index]}"

    @cached_property
    def ids(self) -> npt.NDArray[np.str_]:
        """(n_variants,) str: `contig:position_ref_alt`, the identity of a site."""
        parts = zip(self.contig, self.position, self.ref, self.alt, strict=True)
        return np.array(
            [f"{contig}:{position}_{ref}_{alt}" for contig, position, ref, alt in parts], dtype=np.str_
        )

    @cached_property
    def contigs(self) -> tuple[str, ...]:
        """Contig names in order of appearance."""
        return tuple(dict.fromkeys(self.contig.tolist()))

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of contigs, positions and alleles; the genetic map does not enter."""
        return sha256_of_parts(["\n".join(self.ids.tolist()).encode()])

    def same_sites(self, other: "VariantTable") -> bool:
        """Return whether both tables hold the same sites with the same alleles in the same order."""
        return self.sha256 == other.sha256

    def with_cm(self, cm: npt.ArrayLike | None) -> "VariantTable":
        """Return the same variants with other genetic positions."""
        return VariantTable(contig=self.contig, position=self.position, ref=self.ref, alt=self.alt,
                            cm=None if cm is None else np.asarray(cm, dtype=np.float64))  # fmt: skip
