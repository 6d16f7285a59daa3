"""Phased haplotypes with a label each: checked once, frozen, aware of people."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from genome_ac_gan.errors import PanelError, some
from genome_ac_gan.panel.variants import VariantTable, read_only
from genome_ac_gan.provenance import sha256_of_parts

if TYPE_CHECKING:
    import xarray

UNLABELLED = "unlabelled"
MISSING = 2  # in the place of an allele that is not known; panels have none


@dataclass(frozen=True, eq=False, kw_only=True)
class HaplotypePanel:
    """Phased haplotypes with a population label each.

    Attributes
    ----------
    haplotypes : (n_haplotypes, n_variants) uint8
        0 is the reference allele, 1 the alternative; never missing. A
        read-only view: the array it was made from stays writable.
    sample_id : (n_haplotypes,) str
        Rows of one person (two, or one if haploid) are neighbours and share an id.
    labels : mapping of str to (n_haplotypes,) str
        Every label column by name, for instance `pop` and `super_pop`; both
        rows of a person carry the same.
    label : str
        Name of the column that is *the* label, `population`: what models are
        conditioned on and metrics are grouped by.
    variants : VariantTable
        The n_variants columns.

    Raises
    ------
    PanelError
        When one of these promises is broken; the message names the place.
    """

    haplotypes: npt.NDArray[np.uint8]
    sample_id: npt.NDArray[np.str_]
    labels: Mapping[str, npt.NDArray[np.str_]]
    label: str
    variants: VariantTable

    def __post_init__(self) -> None:
        haplotypes = np.asarray(self.haplotypes)
        if haplotypes.dtype not in (np.uint8, np.int8, np.bool_):
            raise PanelError(f"haplotypes must be of type uint8, not {haplotypes.dtype}")
        object.__setattr__(self, "haplotypes", read_only(haplotypes.view(np.uint8)))
        object.__setattr__(self, "sample_id", read_only(self.sample_id, np.str_))
        labels = {name: read_only(column, np.str_) for name, column in self.labels.items()}
        object.__setattr__(self, "labels", MappingProxyType(labels))
        self._check_shapes()
        self._check_alleles()
        self._check_people()

    def _check_shapes(self) -> None:
        if self.haplotypes.ndim != 2:
            raise PanelError(
                f"haplotypes must have two axes (haplotypes, variants), not {self.haplotypes.ndim}"
            )
        if len(self.variants) != self.n_variants:
            raise PanelError(
                f"haplotypes have {self.n_variants} variants, the variant table {len(self.variants)}"
            )
        for name, column in {"sample_id": self.sample_id, **self.labels}.items():
            if column.shape != (self.n_haplotypes,):
                raise PanelError(f"{name} has shape {column.shape}, expected ({self.n_haplotypes},)")
        if self.label not in self.labels:
            raise PanelError(f"no label column {self.label!r}; the panel has: {some(self.labels)}")

    def _check_alleles(self) -> None:
        if self.haplotypes.size and self.haplotypes.max() > 1:
            row, column = np.argwhere(self.haplotypes > 1)[0]
            where = f"row {row} ({self.sample_id[row]}), variant {column} ({self.variants.name(column)})"
            raise PanelError(f"haplotypes must be 0 or 1: {where} is {self.haplotypes[row, column]}")

    def _check_people(self) -> None:
        rows = np.diff(np.append(self.first_rows, self.n_haplotypes))
        ids = self.sample_id[self.first_rows]
        if (rows > 2).any():
            raise PanelError(
                f"sample {ids[rows > 2][0]} has {rows.max()} haplotypes; a person has one or two"
            )
        if len(set(ids.tolist())) != len(ids):
            twice = Counter(ids.tolist()).most_common(1)[0][0]
            raise PanelError(f"the rows of sample {twice} are not neighbours: sort the rows by sample")
        for name, column in self.labels.items():
            other = column != column[self.first_rows][self.person]
            if other.any():
                row = int(np.argmax(other))
                raise PanelError(
                    f"sample {self.sample_id[row]} carries two labels in column {name!r} (row {row})"
                )
            if (column == "").any():
                raise PanelError(
                    f"sample {self.sample_id[int(np.argmax(column == ''))]} has no label in {name!r}"
                )

    # -- shape ------------------------------------------------------------

    @property
    def n_haplotypes(self) -> int:
        """Number of rows."""
        return int(self.haplotypes.shape[0])

    @property
    def n_variants(self) -> int:
        """Number of columns."""
        return int(self.haplotypes.shape[1])

    @property
    def n_people(self) -> int:
        """Number of people, haploid ones included."""
        return len(self.first_rows)

    @property
    def population(self) -> npt.NDArray[np.str_]:
        """(n_haplotypes,) str: the label of each row."""
        return self.labels[self.label]

    @cached_property
    def first_rows(self) -> npt.NDArray[np.intp]:
        """(n_people,) intp: the first row of each person."""
        if self.n_haplotypes == 0:
            return np.empty(0, dtype=np.intp)
        return np.flatnonzero(np.append(True, self.sample_id[1:] != self.sample_id[:-1]))

    @cached_property
    def person(self) -> npt.NDArray[np.intp]:
        """(n_haplotypes,) intp: the person of each row, counted from 0 in row order."""
        starts = np.zeros(self.n_haplotypes, dtype=np.intp)
        starts[self.first_rows[1:]] = 1
        return np.cumsum(starts)

    @cached_property
    def populations(self) -> tuple[str, ...]:
        """The different populations, sorted."""
        return tuple(sorted(set(self.population.tolist())))

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Number of haplotypes of each population, sorted by name."""
        counter = Counter(self.population.tolist())
        return MappingProxyType({name: counter[name] for name in self.populations})

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of variants, haplotypes, sample ids and labels; equal for equal panels."""
        columns = [part for name in sorted(self.labels) for part in (name, *self.labels[name].tolist())]
        text = "\n".join([self.variants.sha256, self.label, *self.sample_id.tolist(), *columns])
        return sha256_of_parts([text.encode(), np.packbits(self.haplotypes, axis=1).tobytes()])

    def block(self, rows: slice, columns: slice) -> npt.NDArray[np.uint8]:
        """Return a (rows, columns) block of alleles; what writers read a panel by."""
        return self.haplotypes[rows, columns]

    # -- parts ------------------------------------------------------------

    def __getitem__(self, rows: Any) -> "HaplotypePanel":
        """Return the rows that a slice, mask or index selects; a slice shares memory, the others copy."""
        return HaplotypePanel(
            haplotypes=self.haplotypes[rows], sample_id=self.sample_id[rows],
            labels={name: column[rows] for name, column in self.labels.items()},
            label=self.label, variants=self.variants,
        )  # fmt: skip

    def select_variants(self, columns: Any) -> "HaplotypePanel":
        """Return the columns that a slice, mask or index selects."""
        return self._with(haplotypes=self.haplotypes[:, columns], variants=self.variants[columns])

    def with_population(self, label: str) -> "HaplotypePanel":
        """Return the same panel with another of its label columns as *the* label; nothing is copied."""
        return self._with(label=label)

    def with_variants(self, variants: VariantTable) -> "HaplotypePanel":
        """Return the same haplotypes over another table of as many variants (a genetic map added, say)."""
        return self._with(variants=variants)

    def of(self, population: str) -> "HaplotypePanel":
        """Return the rows of one population."""
        return self[self.population == population]

    def _with(self, **changes: Any) -> "HaplotypePanel":
        parts = {"haplotypes": self.haplotypes, "sample_id": self.sample_id, "labels": self.labels,
                 "label": self.label, "variants": self.variants}  # fmt: skip
        return HaplotypePanel(**{**parts, **changes})

    def equals(self, other: "HaplotypePanel") -> bool:
        """Return whether both panels hold the same haplotypes, people, labels and sites."""
        return self.sha256 == other.sha256

    def to_xarray(self) -> "xarray.Dataset":
        """Return the panel as a dataset with sgkit's variable names (needs the extra `xarray`).

        `call_genotype` is (variants, samples, ploidy) int8, -2 where a haploid
        person has no second allele; every label column becomes `sample_<name>`.
        """
        import xarray

        genotype = np.full((self.n_variants, self.n_people, 2), -2, dtype=np.int8)
        second = np.ones(self.n_haplotypes, dtype=np.intp)
        second[self.first_rows] = 0
        genotype[:, self.person, second] = self.haplotypes.T
        contig_index = {name: index for index, name in enumerate(self.variants.contigs)}
        alleles = np.stack([self.variants.ref, self.variants.alt], axis=1)  # (n_variants, 2)
        data: dict[str, Any] = {
            "call_genotype": (("variants", "samples", "ploidy"), genotype),
            "call_genotype_phased": (("variants", "samples"), np.ones(genotype.shape[:2], dtype=bool)),
            "variant_contig": (
                "variants",
                np.array([contig_index[c] for c in self.variants.contig.tolist()]),
            ),
            "variant_position": ("variants", self.variants.position.astype(np.int32)),
            "variant_allele": (("variants", "alleles"), alleles),
            "variant_id": ("variants", self.variants.ids),
            "contig_id": ("contigs", np.array(self.variants.contigs)),
            "sample_id": ("samples", self.sample_id[self.first_rows]),
        }
        for name, column in self.labels.items():
            data[f"sample_{name}"] = ("samples", column[self.first_rows])
        if self.variants.cm is not None:
            data["variant_cm"] = ("variants", self.variants.cm)
        return xarray.Dataset(data, attrs={"source": "genome-ac-gan", "population": f"sample_{self.label}"})


def concat(panels: Sequence[HaplotypePanel]) -> HaplotypePanel:
    """Stack panels over the same sites and with the same label; label columns that not all have are dropped."""
    if not panels:
        raise PanelError("concat needs at least one panel")
    first = panels[0]
    for panel in panels[1:]:
        if not panel.variants.same_sites(first.variants):
            raise PanelError("panels over different variants cannot be stacked")
        if panel.label != first.label:
            raise PanelError(
                f"panels with different labels cannot be stacked: {first.label!r}, {panel.label!r}"
            )
    names = [name for name in first.labels if all(name in panel.labels for panel in panels)]
    return HaplotypePanel(
        haplotypes=np.concatenate([panel.haplotypes for panel in panels]),
        sample_id=np.concatenate([panel.sample_id for panel in panels]),
        labels={name: np.concatenate([panel.labels[name] for panel in panels]) for name in names},
        label=first.label, variants=first.variants,
    )  # fmt: skip
