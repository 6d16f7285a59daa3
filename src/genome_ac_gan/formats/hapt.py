"""The field's text of artificial genomes: `.hapt`, one haplotype a line, with a legend.

A line is `Real HG00096_A 0 1 ...`: a word that tells real from artificial, an
id, and one allele a variant. Ids that end in `_A` and `_B` on neighbouring lines
are the two haplotypes of one person.
"""

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from genome_ac_gan.errors import PanelError
from genome_ac_gan.formats.layout import WriteOptions, is_synthetic
from genome_ac_gan.formats.legend import find_legend, legend_text, read_legend
from genome_ac_gan.formats.request import Request
from genome_ac_gan.formats.source import Source, row_tiles
from genome_ac_gan.formats.text import allele_characters, read_lines, require_zero_or_one
from genome_ac_gan.panel import UNLABELLED, HaplotypePanel

SUFFIXES = (".hapt.zip", ".hapt.gz", ".hapt")
KINDS = {"Real", "AG"}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # zip members carry a time; a fixed one gives the same bytes


def read_hapt(path: Path, request: Request) -> HaplotypePanel:
    """Read `.hapt` text, plain, gzipped or zipped.

    The first word of the lines is a label only where it is another than `Real`
    or `AG`.

    Raises
    ------
    PanelError
        When there is no legend, a line has another number of alleles than the
        legend variants, or an allele is neither 0 nor 1.
    """
    lines = read_lines(path)
    legend = request.legend or find_legend(path, stem(path), request.notice)
    variants = read_legend(legend)
    characters = _alleles(path, lines, len(variants), legend)
    width = 2 * len(variants) - 1
    heads = [line.rstrip()[:-width].decode(errors="replace").split() for line in lines]
    ids = [name for _, name in heads]
    kinds = np.array([kind for kind, _ in heads], dtype=np.str_)
    labelled = not set(kinds.tolist()) <= KINDS
    return HaplotypePanel(
        haplotypes=characters - np.uint8(ord("0")), sample_id=np.array(_people(ids), dtype=np.str_),
        labels={"population": kinds if labelled else np.full(len(ids), UNLABELLED)},
        label="population", variants=variants,
    )  # fmt: skip


def stem(path: Path) -> str:
    """Return the name of a file without its suffix."""
    suffix = next((suffix for suffix in SUFFIXES if path.name.endswith(suffix)), path.suffix)
    return path.name.removesuffix(suffix)


def _alleles(path: Path, lines: list[bytes], n_variants: int, legend: Path) -> npt.NDArray[np.uint8]:
    try:
        characters = allele_characters(path, lines, n_variants, n_head=2)
    except PanelError as error:
        raise PanelError(f"{error} (the variants are those of {legend})") from None
    require_zero_or_one(path, characters)
    return characters


def _people(ids: Sequence[str]) -> list[str]:
    """Return the person of each line: `X` for neighbours `X_A`, `X_B`, else the id itself."""
    people = list(ids)
    for row in range(len(ids) - 1):
        name = ids[row][:-2]
        if ids[row] == name + "_A" and ids[row + 1] == name + "_B":
            people[row] = people[row + 1] = name
    return people


def companions(_: Source, path: Path) -> list[Path]:
    """Return the files written beside a `.hapt`."""
    return [path.with_name(stem(path) + ".legend")]


def write_hapt(source: Source, files: Sequence[Path], _: WriteOptions) -> None:
    """Write `.hapt` or `.hapt.zip`, and the legend.

    `X_A`, `X_B` are the rows of one person; a haploid person keeps the plain id.
    """
    path, legend = files[0], files[1]
    legend.write_text(legend_text(source.variants), encoding="utf-8")
    if path.name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            member = zipfile.ZipInfo(path.name.removesuffix(".zip"), date_time=_EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(member, "w", force_zip64=True) as file:
                for line in _lines(source):
                    file.write(line)
        return
    with path.open("wb") as plain:
        plain.writelines(_lines(source))


def _lines(source: Source) -> Iterator[bytes]:
    kind = "AG" if is_synthetic(source) else "Real"
    names = _row_names(source.sample_id.tolist())
    for rows in row_tiles(source):
        tile = source.block(rows, slice(None))
        text = np.full((len(tile), 2 * source.n_variants), ord(" "), dtype=np.uint8)
        text[:, ::2] = tile + ord("0")
        text[:, -1] = ord("\n")
        for name, line in zip(names[rows], text, strict=True):
            yield f"{kind} {name} ".encode() + line.tobytes()


def _row_names(ids: list[str]) -> list[str]:
    names = list(ids)
    for row in range(len(ids) - 1):
        if ids[row] == ids[row + 1]:
            names[row], names[row + 1] = f"{ids[row]}_A", f"{ids[row]}_B"
    return names
