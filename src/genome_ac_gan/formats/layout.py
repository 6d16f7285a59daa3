"""How rows become the samples of a file: people as they are, or single haplotypes in pairs."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from genome_ac_gan.errors import PanelError
from genome_ac_gan.formats.labels import CONTINENT_COLUMNS, POPULATION_COLUMNS, plain
from genome_ac_gan.formats.request import require_choices
from genome_ac_gan.formats.source import Source


@dataclass(frozen=True, kw_only=True)
class WriteOptions:
    """The options of one write; see `write_panel` for their meaning."""

    provenance: Mapping[str, str] = field(default_factory=dict)
    assembly: str | None = None
    threads: int = 1


class Paired:
    """Single haplotypes of a source as the two haplotypes of new diploid samples.

    Each row is paired with the next of its population (and of equal other
    labels); the samples are numbered within their population from 1, as in
    `AG_EUR_000001`. A row left over becomes a haploid sample. Models draw
    haplotypes independently within a population, so that pairing neighbours is
    as good as pairing at random.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.order, first = _pairs(source)
        self.labels = {name: column[self.order] for name, column in source.labels.items()}
        self.label, self.population = source.label, source.population[self.order]
        self.sample_id = _new_names(self.population, first)
        self.variants = source.variants
        self.n_haplotypes, self.n_variants = source.n_haplotypes, source.n_variants

    def block(self, rows: slice, columns: slice) -> npt.NDArray[np.uint8]:
        """Return (rows, columns) alleles."""
        order = self.order[rows]
        if not len(order):
            return self.source.block(slice(0, 0), columns)
        start = int(order.min())
        if np.array_equal(order, np.arange(start, start + len(order))):
            return self.source.block(slice(start, start + len(order)), columns)
        return self.source.block(slice(start, int(order.max()) + 1), columns)[order - start]


def _pairs(source: Source) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Return rows in their new order, and which of them begin a sample."""
    groups: dict[tuple[str, ...], list[int]] = {}
    columns = [source.population.tolist(), *(column.tolist() for column in source.labels.values())]
    for row, key in enumerate(zip(*columns, strict=True)):
        groups.setdefault(key, []).append(row)
    pairs = [rows[at : at + 2] for rows in groups.values() for at in range(0, len(rows), 2)]
    pairs.sort()
    order = np.array([row for pair in pairs for row in pair], dtype=np.intp)
    first = np.array([place == 0 for pair in pairs for place in range(len(pair))], dtype=np.bool_)
    return order, first


def _new_names(population: npt.NDArray[np.str_], first: npt.NDArray[np.bool_]) -> npt.NDArray[np.str_]:
    numbers: Counter[str] = Counter()
    names: list[str] = []
    for name, begins in zip(population.tolist(), first.tolist(), strict=True):
        if not begins:
            names.append(names[-1])
            continue
        safe = re.sub(r"[^0-9A-Za-z_.-]", "_", name)
        numbers[safe] += 1
        names.append(f"AG_{safe}_{numbers[safe]:06d}")
    return np.array(names, dtype=np.str_)


def is_haploid(source: Source) -> bool:
    """Return whether every row is a person of its own."""
    return not (source.sample_id[1:] == source.sample_id[:-1]).any()


def is_synthetic(source: Source) -> bool:
    """Return whether the ids say that the haplotypes are artificial: all begin with `AG`."""
    return bool(np.char.startswith(source.sample_id, "AG").all())


def arranged(source: Source, ploidy: str, *, diploid_format: bool) -> Source:
    """Return the samples to write.

    `keep` people, `pair` single haplotypes, or `auto`: pair artificial ones in a
    format whose samples are diploid.
    """
    require_choices(ploidy=ploidy)
    haploid = is_haploid(source)
    if ploidy == "pair" and not haploid:
        raise PanelError(
            "haplotypes that belong to people cannot be paired anew: write them with ploidy keep"
        )
    paired = ploidy == "pair" or (ploidy == "auto" and diploid_format and haploid and is_synthetic(source))
    return Paired(source) if paired else source


def unpaired(source: Source) -> str | None:
    """Return one line about haplotypes that found no partner, or None."""
    if not isinstance(source, Paired):
        return None
    starts = sample_starts(source)
    alone = starts[np.diff(np.append(starts, source.n_haplotypes)) == 1]
    if not len(alone):
        return None
    return (
        f"{len(alone)} haplotypes without a partner in their population become haploid samples "
        f"(first {source.sample_id[alone[0]]}); plink counts such a sample twice"
    )


def sample_starts(source: Source) -> npt.NDArray[np.intp]:
    """(n_samples,) intp: the first row of each sample."""
    return np.flatnonzero(np.append(True, source.sample_id[1:] != source.sample_id[:-1]))


def label_columns(source: Source) -> list[str]:
    """Return the label columns with `pop` and `super_pop` first, as in the panel files of the 1000 Genomes."""
    levels = POPULATION_COLUMNS + CONTINENT_COLUMNS
    rank = {
        name: levels.index(plain(name)) if plain(name) in levels else len(levels) for name in source.labels
    }
    return sorted(source.labels, key=lambda name: rank[name])


def panel_text(source: Source) -> str:
    """Return the label table of a source: `sample` and its label columns, tabs between them."""
    names, starts = label_columns(source), sample_starts(source)
    columns = [source.sample_id[starts], *(source.labels[name][starts] for name in names)]
    rows = ("\t".join(row) for row in zip(*(column.tolist() for column in columns), strict=True))
    return "\n".join(["\t".join(["sample", *names]), *rows]) + "\n"
