"""What writers write from, and the temporary file in which blocks of rows wait for them."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from genome_ac_gan.errors import PanelError
from genome_ac_gan.panel import HaplotypePanel, VariantTable, concat

ROW_TILE_BYTES = 4 * 2**20
COLUMN_TILE_BYTES = 16 * 2**20
COLUMNS = 512  # in one tile at most: more do not make it faster


class Source(Protocol):
    """Labelled haplotypes that can be read a block at a time; a HaplotypePanel is one."""

    @property
    def variants(self) -> VariantTable:
        """The columns."""
        ...

    @property
    def sample_id(self) -> npt.NDArray[np.str_]:
        """(n_haplotypes,) str: rows of one person are neighbours with one id."""
        ...

    @property
    def labels(self) -> Mapping[str, npt.NDArray[np.str_]]:
        """Every label column by name, each (n_haplotypes,) str."""
        ...

    @property
    def label(self) -> str:
        """Name of the column that is the label."""
        ...

    @property
    def population(self) -> npt.NDArray[np.str_]:
        """(n_haplotypes,) str: the label of each row."""
        ...

    @property
    def n_haplotypes(self) -> int:
        """Number of rows."""
        ...

    @property
    def n_variants(self) -> int:
        """Number of columns."""
        ...

    def block(self, rows: slice, columns: slice) -> npt.NDArray[np.uint8]:
        """Return (rows, columns) alleles."""
        ...


def row_tiles(source: Source) -> Iterator[slice]:
    """Yield slices of rows that together are all rows, of about 4 MB of alleles each."""
    yield from _tiles(source.n_haplotypes, max(1, ROW_TILE_BYTES // max(source.n_variants, 1)))


def column_tiles(source: Source) -> Iterator[slice]:
    """Yield slices of variants that together are all variants, of at most 16 MB of alleles each."""
    step = max(8, COLUMN_TILE_BYTES // max(source.n_haplotypes, 1) // 8 * 8)
    yield from _tiles(source.n_variants, min(step, COLUMNS))


def _tiles(n: int, step: int) -> Iterator[slice]:
    for start in range(0, n, step):
        yield slice(start, min(start + step, n))


class Spool:
    """Haplotypes in a temporary file, one bit an allele.

    Attributes
    ----------
    people
        A panel of the same rows without variants: ids and labels, checked.
    packed
        (n_haplotypes, ceil(n_variants / 8)) uint8, mapped from the file.
    """

    def __init__(self, people: HaplotypePanel, variants: VariantTable, packed: npt.NDArray[np.uint8]) -> None:
        self.people, self.variants, self.packed = people, variants, packed
        self.sample_id, self.labels, self.label = people.sample_id, people.labels, people.label
        self.population, self.n_haplotypes = people.population, people.n_haplotypes
        self.n_variants = len(variants)

    def block(self, rows: slice, columns: slice) -> npt.NDArray[np.uint8]:
        """Return (rows, columns) alleles."""
        start, stop, _ = columns.indices(self.n_variants)
        first = start // 8
        packed = self.packed[rows, first : -(-stop // 8)]
        return np.unpackbits(packed, axis=1)[:, start - 8 * first : stop - 8 * first]


@contextmanager
def spooled(blocks: Iterable[HaplotypePanel], folder: Path) -> Iterator[Spool]:
    """Gather blocks of rows in a temporary file of `folder`, and remove it afterwards.

    At no moment is more than one block in memory.

    Raises
    ------
    PanelError
        When there is no row, or the blocks differ in variants or label columns.
    """
    with tempfile.NamedTemporaryFile(prefix=".tmp-spool-", dir=folder) as file:
        rows: list[HaplotypePanel] = []
        variants: VariantTable | None = None
        for block in blocks:
            if variants is None:
                variants = block.variants
            if block.variants is not variants and not block.variants.same_sites(variants):
                raise PanelError("blocks over different variants cannot go into one file")
            file.write(np.packbits(block.haplotypes, axis=1).tobytes())
            rows.append(_without_variants(block))
        file.flush()
        people = _stacked(rows)
        if variants is None or people is None:
            raise PanelError("there is no haplotype to write")
        width = -(-len(variants) // 8)
        packed = np.memmap(file.name, dtype=np.uint8, mode="r", shape=(people.n_haplotypes, width))
        yield Spool(people, variants, packed)
        del packed


def _without_variants(panel: HaplotypePanel) -> HaplotypePanel:
    return HaplotypePanel(
        haplotypes=np.empty((panel.n_haplotypes, 0), dtype=np.uint8), sample_id=panel.sample_id,
        labels=panel.labels, label=panel.label, variants=_NO_VARIANTS,
    )  # fmt: skip


def _stacked(rows: list[HaplotypePanel]) -> HaplotypePanel | None:
    filled = [part for part in rows if part.n_haplotypes]
    if not filled:
        return None
    if any((part.label, set(part.labels)) != (filled[0].label, set(filled[0].labels)) for part in filled):
        raise PanelError("blocks with different label columns cannot go into one file")
    return concat(filled)


_NO_VARIANTS = VariantTable(
    contig=np.empty(0, dtype=np.str_), position=np.empty(0, dtype=np.int64),
    ref=np.empty(0, dtype=np.str_), alt=np.empty(0, dtype=np.str_),
)  # fmt: skip
