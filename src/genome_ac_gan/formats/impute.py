"""IMPUTE hap, legend and samples files, laid out as `bcftools convert --haplegendsample` does."""

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, cast

import numpy as np
import numpy.typing as npt

from genome_ac_gan.errors import PanelError, some
from genome_ac_gan.formats.labels import CONTINENT_COLUMNS, plain
from genome_ac_gan.formats.layout import WriteOptions, sample_starts
from genome_ac_gan.formats.legend import find_legend, legend_text, read_legend
from genome_ac_gan.formats.request import Request
from genome_ac_gan.formats.source import Source, column_tiles
from genome_ac_gan.formats.text import allele_characters, read_lines, read_text_lines, require_zero_or_one
from genome_ac_gan.panel import UNLABELLED, HaplotypePanel

SUFFIXES = (".hap.gz", ".hap")
LEVEL = 6


def stem(path: Path) -> str:
    """Return the name of a file without its suffix."""
    suffix = next((suffix for suffix in SUFFIXES if path.name.endswith(suffix)), path.suffix)
    return path.name.removesuffix(suffix)


def companions(_: Source, path: Path) -> list[Path]:
    """Return the legend and samples files written beside a hap file."""
    suffix = ".legend.gz" if path.name.endswith(".gz") else ".legend"
    return [path.with_name(stem(path) + suffix), path.with_name(stem(path) + ".samples")]


def read_impute(path: Path, request: Request) -> HaplotypePanel:
    """Read a hap file with its legend and the `.samples` (or `.sample`) file beside it.

    `1 -` is a haploid sample. Columns `population` and `group` of the samples
    file are labels unless they repeat the sample's id, as bcftools writes them.

    Raises
    ------
    PanelError
        When a companion is missing, the numbers of variants or samples do not
        agree, or an allele is neither 0 nor 1.
    """
    legend = request.legend or find_legend(path, stem(path), request.notice)
    variants = read_legend(legend)
    ids, labels = _read_samples(_samples_file(path))
    lines = read_lines(path)
    if len(lines) != len(variants):
        raise PanelError(f"{path} has {len(lines)} variants, {legend} {len(variants)}")
    characters = allele_characters(path, lines, 2 * len(ids), n_head=0).T  # (2 n_samples, n_variants)
    rows = _real_rows(path, characters, ids)
    person = rows // 2
    haplotypes = characters[rows]
    require_zero_or_one(path, haplotypes.T)
    columns = {name: np.array(column, dtype=np.str_)[person] for name, column in labels.items()}
    return HaplotypePanel(
        haplotypes=np.ascontiguousarray(haplotypes) - np.uint8(ord("0")),
        sample_id=np.array(ids, dtype=np.str_)[person], variants=variants,
        labels=columns or {"population": np.full(len(rows), UNLABELLED)}, label="population",
    )  # fmt: skip


def _real_rows(path: Path, characters: npt.NDArray[np.uint8], ids: list[str]) -> npt.NDArray[np.intp]:
    """Return the rows that are haplotypes; the second row of a haploid sample is `-` throughout."""
    absent = characters == ord("-")
    some_absent, all_absent = absent.any(axis=1), absent.all(axis=1)
    second = np.arange(len(characters)) % 2 == 1
    bad = some_absent & ~(all_absent & second)
    if bad.any():
        raise PanelError(
            f"{path}: sample {ids[int(np.argmax(bad)) // 2]} is haploid at some variants and diploid at others"
        )
    return np.flatnonzero(~all_absent)


def _samples_file(path: Path) -> Path:
    candidates = [path.with_name(stem(path) + suffix) for suffix in (".samples", ".sample")]
    found = next((candidate for candidate in candidates if candidate.exists()), None)
    if found is None:
        raise PanelError(f"{path} needs its samples: no {candidates[0].name} beside it")
    return found


def _read_samples(path: Path) -> tuple[list[str], Mapping[str, list[str]]]:
    """Return sample ids and label columns; Oxford's second header line (`0 0 0`) is skipped."""
    rows = [line.split() for line in read_text_lines(path) if line.strip()]
    header, rows = rows[0], rows[1:]
    names = [plain(name) for name in header]
    column = next((names.index(name) for name in ("id2", "sample", "id") if name in names), None)
    if column is None:
        raise PanelError(f"{path} has no sample column: its header names {some(header)}")
    if rows and all(cell in ("0", "D", "C", "P", "B") for cell in rows[0]):
        rows = rows[1:]
    for number, row in enumerate(rows, start=1):
        if len(row) < len(header):
            raise PanelError(f"{path}: sample {number} has {len(row)} values, the header names {len(header)}")
    ids = [row[column] for row in rows]
    if not ids:
        raise PanelError(f"{path} names no sample")
    labels = {
        name: [row[names.index(name)] for row in rows] for name in ("population", "group") if name in names
    }
    if labels.get("population", ids) == ids:
        return ids, {}
    return ids, {name: values for name, values in labels.items() if values != ids}


def write_impute(source: Source, files: Sequence[Path], _: WriteOptions) -> None:
    """Write hap, legend and samples; allele 0 is a0, the reference (`ref-first` for plink2)."""
    hap, legend, samples = files[:3]
    _write_bytes(legend, legend_text(source.variants).encode())
    samples.write_text(_samples_text(source), encoding="utf-8")
    template, columns = _template(source)
    with _opened(hap) as file:
        for tile in column_tiles(source):
            block = source.block(slice(None), tile)
            text = np.tile(template, (block.shape[1], 1))  # (tile, width)
            text[:, columns] = block.T + ord("0")
            file.write(text.tobytes())


def _template(source: Source) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.intp]]:
    """Return a line with every allele `-`, and where in it the haplotypes stand."""
    starts = sample_starts(source)
    second = np.ones(source.n_haplotypes, dtype=np.intp)
    second[starts] = 0
    sample = np.cumsum(1 - second) - 1
    line = np.frombuffer(b"- " * (2 * len(starts)), dtype=np.uint8).copy()
    line[-1] = ord("\n")
    return line, 2 * (2 * sample + second)


def _samples_text(source: Source) -> str:
    starts = sample_starts(source)
    group = next((name for name in source.labels if plain(name) in CONTINENT_COLUMNS), source.label)
    columns = (source.sample_id, source.population, source.labels[group])
    rows = zip(*(column[starts].tolist() for column in columns), strict=True)
    return "sample population group sex\n" + "".join(
        f"{_word(sample)} {_word(population)} {_word(value)} 0\n" for sample, population, value in rows
    )


def _word(text: str) -> str:
    """Return a text without blanks, which separate the columns."""
    return "_".join(text.split())


def _opened(path: Path) -> IO[bytes]:
    if not path.name.endswith(".gz"):
        return path.open("wb")
    return cast("IO[bytes]", gzip.GzipFile(path, "wb", compresslevel=LEVEL, mtime=0))


def _write_bytes(path: Path, data: bytes) -> None:
    with _opened(path) as file:
        file.write(data)
