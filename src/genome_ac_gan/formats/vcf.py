"""Phased VCF and BCF, from a file or from a pipe, through htslib (cyvcf2)."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from cyvcf2 import VCF

from genome_ac_gan.errors import PanelError
from genome_ac_gan.formats.contigs import assembly_of
from genome_ac_gan.formats.genotypes import HAPLOID, Genotypes
from genome_ac_gan.formats.region import bare
from genome_ac_gan.formats.request import Request
from genome_ac_gan.formats.sites import Sites
from genome_ac_gan.formats.text import GZIP_MAGIC, require_file
from genome_ac_gan.panel import UNLABELLED, HaplotypePanel

STDIN = Path("-")
RECORDS = 64  # decoded together: the block stays in the processor's cache
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
SUSPECT = 20  # variants on X from which two identical haplotypes are worth a notice


def read_vcf(path: Path, request: Request) -> HaplotypePanel:
    """Read a phased VCF or BCF; `-` is the standard input.

    Raises
    ------
    PanelError
        When the file is damaged, not sorted, not phased, without genotypes, or
        leaves no record that is a variant of the kind asked for.
    """
    if path != STDIN:
        require_whole(path)
    with _opened(path, request.threads) as vcf:
        columns = _choose_samples(vcf, path, request)
        _tell_assembly(vcf, path, request)
        sites = Sites(path, request.variants, request.multiallelic)
        reading = _Reading(Genotypes(path, vcf.samples, sites, request.missing))
        for record in _wanted_records(vcf, path, request):
            reading.add(record)
        reading.flush()
    sites.report(request.notice)
    reading.genotypes.finish()
    panel = _panel(reading, columns)
    _tell_doubled_men(panel, path, request)
    return panel


def require_whole(path: Path) -> None:
    """Raise when a file compressed by bgzip lacks the block that marks its end."""
    require_file(path)
    with path.open("rb") as file:
        head = file.read(18)
        if not (head.startswith(GZIP_MAGIC) and head[12:14] == b"BC"):
            return
        file.seek(-min(len(BGZF_END), path.stat().st_size), 2)
        if file.read() != BGZF_END:
            raise PanelError(
                f"{path} is truncated: the end marker of bgzip is missing; copy or download the file again"
            )


@contextmanager
def _opened(path: Path, threads: int) -> Iterator[Any]:
    """Open a VCF; Python warnings of cyvcf2 within the block are answered by errors of our own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            vcf = VCF(str(path), lazy=True, threads=threads if threads > 1 else None)
        except Exception as error:  # noqa: BLE001 (cyvcf2 raises OSError, ValueError or bare Exception)
            raise PanelError(f"{path} is no readable VCF or BCF: {_first_line(error)}") from None
        try:
            yield vcf
        finally:
            vcf.close()


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _choose_samples(vcf: Any, path: Path, request: Request) -> npt.NDArray[np.intp]:
    """Restrict the file to the samples wanted; return the column of each, in the order wanted."""
    if not vcf.samples:
        raise PanelError(f"{path} has no samples: a list of sites cannot make a panel")
    chosen = request.people.choose(vcf.samples, path)
    if len(chosen) < len(vcf.samples):
        vcf.set_samples(chosen)
    column = {sample: index for index, sample in enumerate(vcf.samples)}
    return np.array([column[sample] for sample in chosen], dtype=np.intp)


def _contigs(vcf: Any) -> list[str]:
    try:
        return list(vcf.seqnames)
    except AttributeError:
        return []


def _tell_assembly(vcf: Any, path: Path, request: Request) -> None:
    try:
        lengths = dict(zip(vcf.seqnames, vcf.seqlens, strict=True))
    except AttributeError:  # a header whose contig lines have no length
        return
    assembly = assembly_of(lengths)
    if assembly:
        request.notice(f"{path}: positions are those of {assembly}, by the contig lengths of its header")


# -- records ------------------------------------------------------------------


def _wanted_records(vcf: Any, path: Path, request: Request) -> Iterator[Any]:
    region = request.region
    if region is None:
        yield from _records(vcf, path)
        return
    contigs = _contigs(vcf)
    if contigs:
        region.require_contig(contigs, path)
    indexed = _has_index(path)
    if not indexed:
        request.notice(f"{path} has no index: reading all of it for region {region}")
    records = _records(vcf(str(region)) if indexed else vcf, path)
    found = False
    for record in records:
        contig, position = record.CHROM, record.POS
        if region.holds(contig, position):
            found = True
            yield record
        elif found and (contig != region.contig or region.is_before(position)):
            return


def _has_index(path: Path) -> bool:
    return any(path.with_name(path.name + suffix).exists() for suffix in (".tbi", ".csi"))


def _records(vcf: Any, path: Path) -> Iterator[Any]:
    """Yield the records of a file; damage becomes an error that tells the last good place."""
    records, last = iter(vcf), None
    while True:
        try:
            record = next(records)
        except StopIteration:
            return
        except AssertionError as error:
            raise PanelError(
                f"{path}: its index cannot be used ({_first_line(error)}); make it anew"
            ) from None
        except Exception as error:  # noqa: BLE001 (cyvcf2 raises a bare Exception for damaged input)
            place = f"after {last.CHROM}:{last.POS}" if last is not None else "at the first record"
            raise PanelError(f"{path} is truncated or corrupt {place} ({_first_line(error)})") from None
        yield record
        last = record


@dataclass
class _Reading:
    """Collects accepted records into blocks of alleles, (records, columns)."""

    genotypes: Genotypes
    blocks: list[npt.NDArray[np.uint8]] = field(default_factory=list)
    n_records: int = 0
    _filled: int = 0

    def __post_init__(self) -> None:
        self._raw = np.empty((RECORDS, len(self.genotypes.samples), 3), dtype=np.int16)

    def add(self, record: Any) -> None:
        """Take a record if it is a variant of the kind asked for."""
        self.n_records += 1
        number = self.genotypes.sites.accept(record)
        if number:
            _copy_calls(self._calls(record), number, record, self._raw[self._filled])
            self._filled += 1
            if self._filled == RECORDS:
                self.flush()

    def _calls(self, record: Any) -> npt.NDArray[np.int16]:
        """(n, ploidy + 1) int16: the calls of a record, the phase flag in the last column."""
        path, place = self.genotypes.path, f"{record.CHROM}:{record.POS}"
        try:
            calls: npt.NDArray[np.int16] = record.genotype.array()
        except Exception:  # noqa: BLE001 (cyvcf2 raises a bare Exception where FORMAT lacks GT)
            raise PanelError(f"{path} has no genotypes (GT) at {place}") from None
        if calls.shape[1] > 3:
            raise PanelError(
                f"{path}: {place} has {calls.shape[1] - 1} alleles a sample; at most two are understood"
            )
        return calls

    def flush(self) -> None:
        """Decode the records collected."""
        if self._filled:
            self.blocks.append(self.genotypes.decode(self._raw[: self._filled]))
            self._filled = 0


def _copy_calls(calls: npt.NDArray[np.int16], number: int, record: Any, out: npt.NDArray[np.int16]) -> None:
    """Copy calls to (n, 3), with ALT allele `number` as 1 and the other ALT alleles as 0.

    A record where every sample has one allele comes with two columns, allele and
    phase: its last column is the flag, whatever the width.
    """
    if calls.shape[1] == 3:
        out[:] = calls
    else:
        out[:, 0], out[:, 1], out[:, 2] = calls[:, 0], -2, 1
    if len(record.ALT) > 1:
        alleles = out[:, :2]
        alleles[alleles > 0] = alleles[alleles > 0] == number


# -- the panel ----------------------------------------------------------------


def _panel(reading: _Reading, columns: npt.NDArray[np.intp]) -> HaplotypePanel:
    genotypes = reading.genotypes
    sites = genotypes.sites
    if not sites.position:
        raise PanelError(f"{sites.path}: {reading.n_records} records read, none of them left as a variant")
    rows = genotypes.rows(columns)
    person = np.repeat(columns, np.where(genotypes.ploidy[columns] == HAPLOID, 1, 2))
    sample_id = np.array(genotypes.samples, dtype=np.str_)[person]
    return HaplotypePanel(
        haplotypes=_transposed(reading.blocks, rows), sample_id=sample_id, variants=sites.table(),
        labels={"population": np.full(len(rows), UNLABELLED)}, label="population",
    )  # fmt: skip


def _transposed(blocks: list[npt.NDArray[np.uint8]], rows: npt.NDArray[np.intp]) -> npt.NDArray[np.uint8]:
    """Return (len(rows), n_variants) from blocks of (records, columns); the blocks are given up."""
    out = np.empty((len(rows), sum(len(block) for block in blocks)), dtype=np.uint8)
    everything = len(blocks) and np.array_equal(rows, np.arange(blocks[0].shape[1]))
    start = 0
    blocks.reverse()
    while blocks:
        block = blocks.pop()
        out[:, start : start + len(block)] = block.T if everything else block[:, rows].T
        start += len(block)
    return out


def _tell_doubled_men(panel: HaplotypePanel, path: Path, request: Request) -> None:
    """Give notice of people on X with two identical haplotypes: men written as homozygous diploids."""
    variants = panel.variants
    on_x = np.array([bare(contig).upper() == "X" for contig in variants.contig.tolist()])
    first = panel.first_rows[np.diff(np.append(panel.first_rows, panel.n_haplotypes)) == 2]
    if np.count_nonzero(on_x) < SUSPECT or not len(first):
        return
    same = (panel.haplotypes[first][:, on_x] == panel.haplotypes[first + 1][:, on_x]).all(axis=1)
    if same.any():
        name = panel.sample_id[first[int(np.argmax(same))]]
        request.notice(
            f"{path}: {np.count_nonzero(same)} people have two identical haplotypes on X (first {name}): men "
            "written as homozygous diploids count twice; bcftools +fixploidy makes them haploid"
        )
