"""Phased VCF and BCF out: bgzip and index, with the header that makes them fit for other tools."""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pysam
import pysam.bcftools
from cyvcf2 import Writer
from pysam.utils import SamtoolsError

from genome_ac_gan.errors import PanelError
from genome_ac_gan.formats.contigs import contig_lengths
from genome_ac_gan.formats.layout import Paired, WriteOptions, sample_starts
from genome_ac_gan.formats.source import Source, column_tiles
from genome_ac_gan.provenance import software

STDOUT = Path("-")
TBI_LIMIT = 2**29  # bp; a .tbi reaches no further
_INFO = {
    "AC": ("A", "Integer", "Count of the ALT allele"),
    "AN": ("1", "Integer", "Number of alleles"),
    "AF": ("A", "Float", "Frequency of the ALT allele"),
}


def write_vcf(source: Source, files: Sequence[Path], options: WriteOptions) -> None:
    """Write VCF 4.2 (`.vcf`, `.vcf.gz`) or BCF, with an index where one is possible.

    INFO holds AC, AN and AF over all haplotypes, and AF_<POP> for each
    population; the same panel and options give the same bytes.
    """
    path = files[0]
    with _sink(path, header(source, options), options.threads) as sink:
        for line in records(source):
            sink.write(line)
    if len(files) > 1 and files[1].suffix in (".tbi", ".csi"):
        _index(path, files[1])


def _index(path: Path, index: Path) -> None:
    """Index a file, and so read it whole: cyvcf2 does not tell of a write that failed."""
    flag = "-t" if index.suffix == ".tbi" else "-c"
    try:
        pysam.bcftools.index(flag, "-o", str(index), str(path), catch_stdout=False)
    except SamtoolsError:
        raise OSError("it was cut short; is the disk full?") from None


# -- header -------------------------------------------------------------------


def header(source: Source, options: WriteOptions) -> str:
    """Return the header, from `##fileformat` to the line of sample names."""
    samples = source.sample_id[sample_starts(source)].tolist()
    bad = next((name for name in samples if not name or re.search(r"[\s]", name)), None)
    if bad is not None:
        raise PanelError(f"sample id {bad!r} holds a blank, which VCF tools do not take: rename the sample")
    lines = [
        "##fileformat=VCFv4.2",
        '##FILTER=<ID=PASS,Description="All filters passed">',
        f"##source=genome-ac-gan {software()['genome-ac-gan']}",
        *(f"##genome-ac-gan_{_key(key)}={_value(value)}" for key, value in options.provenance.items()),
        *_pairing_lines(source),
        *_contig_lines(source, options.assembly),
        *_info_lines(source),
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Phased genotype">',
        "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples]),
    ]
    return "\n".join(lines) + "\n"


def _key(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z_.-]", "_", text)


def _value(text: object) -> str:
    value = " ".join(str(text).split())
    return f'"{value}"' if value.startswith("<") else value


def _pairing_lines(source: Source) -> list[str]:
    if not isinstance(source, Paired):
        return []
    return [
        "##genome-ac-gan_ploidy=artificial haplotypes of one population, drawn independently, stand in pairs as "
        "diploid samples; one without a partner is a haploid sample"
    ]


def _contig_lines(source: Source, assembly: str | None) -> list[str]:
    lengths, found = contig_lengths(source.variants, assembly)
    tag = "" if assembly is None else f",assembly={assembly}"
    basis = f"{found}, by the names of the contigs" if found else "last positions; the assembly is not known"
    stated = [] if assembly else [f"##genome-ac-gan_contig_lengths={basis}"]
    return [*(f"##contig=<ID={name},length={length}{tag}>" for name, length in lengths.items()), *stated]


def _info_lines(source: Source) -> list[str]:
    info = dict(_INFO)
    for name, key in _population_keys(source):
        info[key] = ("A", "Float", f"Frequency of the ALT allele in {name}".replace('"', "'"))
    return [
        f'##INFO=<ID={key},Number={number},Type={kind},Description="{text}">'
        for key, (number, kind, text) in info.items()
    ]


def _population_keys(source: Source) -> list[tuple[str, str]]:
    """Return each population with its INFO key; populations that differ in odd characters only are numbered."""
    keys: dict[str, str] = {}
    for name in sorted(set(source.population.tolist())):
        key = base = "AF_" + re.sub(r"[^0-9A-Za-z_.]", "_", name)
        number = 2
        while key in keys.values():
            key, number = f"{base}_{number}", number + 1
        keys[name] = key
    return list(keys.items())


# -- records ------------------------------------------------------------------


def records(source: Source) -> Iterator[bytes]:
    """Yield one line for each variant."""
    keys = _population_keys(source)
    member = [np.flatnonzero(source.population == name) for name, _ in keys]  # k arrays of rows
    totals = np.array([len(rows) for rows in member])
    template = _template(source)
    for tile in column_tiles(source):
        block = source.block(slice(None), tile)  # (n, tile)
        counts = np.stack([_column_sums(block, rows) for rows in member], axis=1)  # (tile, k)
        text = np.tile(template, (block.shape[1], 1))  # (tile, width)
        text[:, ::2] = block.T + np.uint8(ord("0"))
        for head, line in zip(
            _heads(source, tile, counts, totals, [key for _, key in keys]), text, strict=True
        ):
            yield head + line.tobytes()


def _column_sums(block: npt.NDArray[np.uint8], rows: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
    """Sum some rows of zeros and ones; 255 at a time, so that the sums fit into bytes."""
    parts = [block[rows[i : i + 255]].sum(axis=0, dtype=np.uint8) for i in range(0, len(rows), 255)]
    return np.asarray(np.sum(parts, axis=0, dtype=np.int64))


def _heads(
    source: Source,
    tile: slice,
    counts: npt.NDArray[np.int64],
    totals: npt.NDArray[np.int64],
    keys: list[str],
) -> Iterator[bytes]:
    """Yield the fixed columns of each line: CHROM to FORMAT; counts is (tile, k), totals (k,)."""
    variants, n = source.variants, int(totals.sum())
    form = "".join(f";{key}=%.6g" for key in keys)
    frequencies = counts / totals  # (tile, k)
    rows = zip(
        variants.contig[tile].tolist(), variants.position[tile].tolist(), variants.ids[tile].tolist(),
        variants.ref[tile].tolist(), variants.alt[tile].tolist(), counts.sum(axis=1).tolist(),
        frequencies.tolist(), strict=True,
    )  # fmt: skip
    for contig, position, name, ref, alt, ac, af in rows:
        info = f"AC={ac};AN={n};AF={ac / n:.6g}" + form % tuple(af)
        yield f"{contig}\t{position}\t{name}\t{ref}\t{alt}\t.\tPASS\t{info}\tGT\t".encode()


def _template(source: Source) -> npt.NDArray[np.uint8]:
    """Return the genotype columns of a line; the haplotypes stand at its even places."""
    starts = sample_starts(source)
    sizes = np.diff(np.append(starts, source.n_haplotypes)).tolist()
    line = "\t".join("0|0" if size == 2 else "0" for size in sizes) + "\n"
    return np.frombuffer(line.encode(), dtype=np.uint8)


# -- where the lines go -------------------------------------------------------


class _Sink(Protocol):
    def write(self, line: bytes) -> object: ...


class _Bcf:
    """Lines of VCF text into a BCF file."""

    def __init__(self, path: Path, head: str, threads: int) -> None:
        self.writer = Writer.from_string(str(path), head, mode="wb")
        if threads > 1:
            self.writer.set_threads(threads)
        self.writer.write_header()

    def write(self, line: bytes) -> None:
        self.writer.write_record(self.writer.variant_from_string(line.rstrip().decode()))

    def close(self) -> None:
        self.writer.close()


@contextmanager
def _sink(path: Path, head: str, threads: int) -> Iterator[_Sink]:
    if path == STDOUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(head.encode())
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if path.name.endswith(".bcf"):
        with closing(_Bcf(path, head, threads)) as sink:
            yield sink
        return
    compressed = path.name.endswith((".gz", ".bgz"))
    with pysam.BGZFile(str(path), "wb", None) if compressed else path.open("wb") as file:
        file.write(head.encode())
        yield file


def companions(source: Source, path: Path) -> list[Path]:
    """Return the index written beside a VCF or BCF."""
    if path == STDOUT or path.name.endswith(".vcf"):
        return []
    long = int(source.variants.position.max(initial=0)) >= TBI_LIMIT
    return [path.with_name(path.name + (".csi" if long or path.name.endswith(".bcf") else ".tbi"))]
