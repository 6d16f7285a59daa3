"""Panels from files and into files: VCF/BCF, `.hapt`, IMPUTE hap/legend/samples, and our own npz."""

import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from genome_ac_gan.errors import PanelError, some
from genome_ac_gan.files import refuse_existing, replacing
from genome_ac_gan.formats import hapt, impute, npz, vcf, vcf_writer
from genome_ac_gan.formats.genetic_map import GeneticMap, read_genetic_map
from genome_ac_gan.formats.labels import LabelTable, default_label, read_labels, read_split
from genome_ac_gan.formats.layout import WriteOptions, arranged, panel_text, unpaired
from genome_ac_gan.formats.people import Notice, People, read_sample_list, rows_of
from genome_ac_gan.formats.region import Region
from genome_ac_gan.formats.request import Request, require_choices
from genome_ac_gan.formats.sniff import sniff
from genome_ac_gan.formats.source import Source, Spool, spooled
from genome_ac_gan.formats.text import require_file
from genome_ac_gan.panel import HaplotypePanel

__all__ = [
    "READERS",
    "WRITERS",
    "GeneticMap",
    "LabelTable",
    "ReadFormat",
    "Region",
    "Source",
    "Spool",
    "WriteFormat",
    "default_label",
    "read_genetic_map",
    "read_labels",
    "read_panel",
    "read_sample_list",
    "read_split",
    "spooled",
    "write_blocks",
    "write_panel",
    "writer_of",
]

logger = logging.getLogger(__name__)

STDIO = Path("-")


@dataclass(frozen=True, kw_only=True)
class ReadFormat:
    """A format that can be read: its suffixes, one line about it, and its reader."""

    suffixes: tuple[str, ...]
    description: str
    read: Callable[[Path, Request], HaplotypePanel]


@dataclass(frozen=True, kw_only=True)
class WriteFormat:
    """A format that can be written: its suffixes, one line about it, its writer and the files that go with it."""

    suffixes: tuple[str, ...]
    description: str
    write: Callable[[Source, Sequence[Path], WriteOptions], None]
    companions: Callable[[Source, Path], list[Path]]
    diploid: bool
    labels_beside: bool = True


READERS: Mapping[str, ReadFormat] = {
    "vcf": ReadFormat(
        suffixes=(".vcf.gz", ".vcf.bgz", ".vcf", ".bcf"),
        description="phased VCF or BCF, also from a pipe (-)",
        read=vcf.read_vcf,
    ),
    "hapt": ReadFormat(
        suffixes=hapt.SUFFIXES,
        description="one haplotype a line, with a .legend; the text of published artificial genomes",
        read=hapt.read_hapt,
    ),
    "impute": ReadFormat(
        suffixes=impute.SUFFIXES,
        description="IMPUTE hap with .legend and .samples beside it",
        read=impute.read_impute,
    ),
    "npz": ReadFormat(
        suffixes=(".npz",),
        description="packed NumPy arrays, one bit an allele; the fastest",
        read=npz.read_npz,
    ),
}

WRITERS: Mapping[str, WriteFormat] = {
    "vcf": WriteFormat(
        suffixes=(".vcf.gz", ".vcf.bgz", ".vcf", ".bcf"),
        description="phased VCF 4.2 or BCF with index and .panel, also into a pipe (-)",
        write=vcf_writer.write_vcf,
        companions=vcf_writer.companions,
        diploid=True,
    ),
    "hapt": WriteFormat(
        suffixes=(".hapt.zip", ".hapt"),
        description="one haplotype a line, with .legend and .panel",
        write=hapt.write_hapt,
        companions=hapt.companions,
        diploid=False,
    ),
    "impute": WriteFormat(
        suffixes=impute.SUFFIXES,
        description="IMPUTE hap, .legend and .samples, with .panel; ref-first for plink2",
        write=impute.write_impute,
        companions=impute.companions,
        diploid=True,
    ),
    "npz": WriteFormat(
        suffixes=(".npz",),
        description="packed NumPy arrays, one bit an allele, labels within",
        write=npz.write_npz,
        companions=npz.companions,
        diploid=False,
        labels_beside=False,
    ),
}


def log(message: str) -> None:
    """Log a notice: what was left out of a panel, or guessed about a file."""
    logger.warning("%s", message)


def read_panel(
    path: Path | str,
    *,
    labels: Path | None = None,
    label: str | None = None,
    region: str | None = None,
    samples: Sequence[str] | Path | None = None,
    legend: Path | None = None,
    genetic_map: Path | None = None,
    missing: str = "error",
    multiallelic: str = "skip",
    variants: str = "snps",
    conflicting: str = "drop",
    children: str = "keep",
    threads: int = 1,
    on_notice: Notice = log,
) -> HaplotypePanel:
    """Read a panel in any format of `READERS`.

    Parameters
    ----------
    path
        The format follows from the suffix, else from the content; `-` is a VCF
        or BCF on the standard input.
    labels
        Label table with a header (see `read_labels`). Without it the labels of
        the file itself are taken, or those of `<name>.panel` beside it, or every
        haplotype is `unlabelled`.
    label
        Column that is the label; by default `super_pop`, else `pop`, else the only one.
    region
        `15`, `15:100-200`, `15:100-`: variants whose POS lies in it, ends included.
    samples
        Sample ids, or a file with one a line, in the order wanted.
    legend
        Variants of `.hapt` and hap files, when they do not lie beside the file.
    genetic_map
        Map from which each variant gets its centimorgans.
    missing
        Missing genotypes of a VCF: `error`, `drop` the variant, fill with `ref` or the `major` allele.
    multiallelic
        Records with several ALT alleles: `skip`, `split`, `error`.
    variants
        `snps`, or `all` biallelic variants with spelled-out alleles.
    conflicting
        A person with two labels: `drop` or `error`.
    children
        A person whose father or mother is read too: `keep` (with a notice) or `drop`.
    threads
        Threads with which htslib unpacks.
    on_notice
        Called with one line for everything left out or guessed.

    Raises
    ------
    PanelError
        When the file is missing, damaged or breaks a promise of the panel.
    """
    path = Path(path)
    require_choices(conflicting=conflicting, children=children)
    name = _reader_name(path)
    table = _label_table(path, name, labels, on_notice)
    people = People(
        samples=_sample_ids(samples), table=table, label=label,
        conflicting=conflicting, children=children, notice=on_notice,
    )  # fmt: skip
    wanted = None if region is None else Region.parse(region)
    request = Request(
        people=people, region=wanted, legend=None if legend is None else Path(legend),
        missing=missing, multiallelic=multiallelic, variants=variants, threads=threads,
    )  # fmt: skip
    panel = READERS[name].read(path, request)
    if name != "vcf":
        panel = _narrowed(panel, people, wanted, path)
    panel = people.labelled(panel, path)
    if genetic_map is None:
        return panel
    return panel.with_variants(panel.variants.with_cm(read_genetic_map(Path(genetic_map)).cm(panel.variants)))


def _reader_name(path: Path) -> str:
    if path == STDIO:
        return "vcf"
    require_file(path)
    name = _by_suffix(READERS, path) or sniff(path)
    if name is None:
        raise PanelError(f"{path} is of no known format; known suffixes: {_suffixes(READERS)}")
    return name


Format = TypeVar("Format", ReadFormat, WriteFormat)


def _by_suffix(formats: Mapping[str, Format], path: Path) -> str | None:
    return next((name for name, form in formats.items() if path.name.endswith(form.suffixes)), None)


def _suffixes(formats: Mapping[str, Format]) -> str:
    return some((suffix for form in formats.values() for suffix in form.suffixes), 20)


def _sample_ids(samples: Sequence[str] | Path | None) -> list[str] | None:
    if samples is None:
        return None
    if isinstance(samples, Path | str):
        return read_sample_list(Path(samples))
    return list(samples)


def _label_table(path: Path, name: str, labels: Path | None, notice: Notice) -> LabelTable | None:
    if labels is not None:
        return read_labels(Path(labels))
    beside = _label_file(path, READERS[name].suffixes)
    if path == STDIO or name == "npz" or not beside.is_file():
        return None
    notice(f"{path}: labels taken from {beside}")
    return read_labels(beside)


def _label_file(path: Path, suffixes: tuple[str, ...]) -> Path:
    suffix = next((suffix for suffix in suffixes if path.name.endswith(suffix)), path.suffix)
    return path.with_name(path.name.removesuffix(suffix) + ".panel")


def _narrowed(panel: HaplotypePanel, people: People, region: Region | None, path: Path) -> HaplotypePanel:
    """Return the people and the region wanted of a panel read whole."""
    ids = panel.sample_id[panel.first_rows].tolist()
    chosen = people.choose(ids, path)
    if chosen != ids:
        panel = panel[rows_of(panel.sample_id, chosen)]
    if region is None:
        return panel
    region.require_contig(panel.variants.contigs, path)
    inside = region.mask(panel.variants)
    if not inside.any():
        raise PanelError(f"{path} has no variant in region {region}")
    return panel.select_variants(inside)


def write_panel(
    panel: Source,
    path: Path | str,
    *,
    force: bool = False,
    ploidy: str = "auto",
    provenance: Mapping[str, str] | None = None,
    assembly: str | None = None,
    threads: int = 1,
    on_notice: Notice = log,
) -> list[Path]:
    """Write a panel in any format of `WRITERS`, each file whole or not at all.

    Parameters
    ----------
    panel
        A HaplotypePanel, or anything with its ids, labels, variants and `block`.
    path
        The suffix names the format; `-` writes VCF text to the standard output.
    force
        Replace files that exist.
    ploidy
        `keep`: rows of one person stay one sample, haploid stays haploid.
        `pair`: single haplotypes become diploid samples with their neighbour in
        the population, numbered anew. `auto` pairs artificial haplotypes (one
        row an id, ids that begin with AG) in VCF and IMPUTE files.
    provenance
        Header lines of a VCF: command, seed, hash of the model.
    assembly
        `GRCh37` or `GRCh38`, for the contig lines of a VCF.
    threads
        Threads with which htslib packs a BCF; other formats take one.
    on_notice
        Called with one line when a haplotype finds no partner.

    Returns
    -------
    list of Path
        Every file written: data, index or companions, and the `.panel` of labels.

    Raises
    ------
    PanelError
        When the suffix is unknown or the panel cannot be written in the format.
    GenomeACGANError
        When a file exists and `force` is not given.
    """
    path = Path(path)
    form = writer_of(path)
    options = WriteOptions(provenance=provenance or {}, assembly=assembly, threads=threads)
    source = arranged(panel, ploidy, diploid_format=form.diploid)
    alone = unpaired(source)
    if alone:
        on_notice(f"{path}: {alone}")
    if path == STDIO:
        form.write(source, [path], options)
        return []
    beside = [_label_file(path, form.suffixes)] if form.labels_beside else []
    files = [path, *form.companions(source, path), *beside]
    for file in files:
        refuse_existing(file, force=force)
    with ExitStack() as stack, _full_disk(path):
        temporary = [stack.enter_context(replacing(file)) for file in files]
        form.write(source, temporary, options)
        if beside:
            temporary[-1].write_text(panel_text(source), encoding="utf-8")
    return files


def write_blocks(
    blocks: Iterable[HaplotypePanel],
    path: Path | str,
    *,
    force: bool = False,
    ploidy: str = "auto",
    provenance: Mapping[str, str] | None = None,
    assembly: str | None = None,
    threads: int = 1,
    on_notice: Notice = log,
) -> list[Path]:
    """Write a panel that comes in blocks of rows, in bounded memory.

    The blocks wait in a temporary file beside the output, one bit an allele. The
    other parameters, the files and the errors are those of `write_panel`.
    """
    path = Path(path)
    writer_of(path)
    if path == STDIO:
        folder = Path(tempfile.gettempdir())
    else:
        refuse_existing(path, force=force)
        folder = path.parent
        if not folder.is_dir():
            raise PanelError(f"{path}: the folder {folder} does not exist")
    with _full_disk(path), spooled(blocks, folder) as spool:
        return write_panel(
            spool, path, force=force, ploidy=ploidy, provenance=provenance,
            assembly=assembly, threads=threads, on_notice=on_notice,
        )  # fmt: skip


def writer_of(path: Path) -> WriteFormat:
    """Return the format that the suffix of a path names, or raise a PanelError that lists the known ones."""
    name = "vcf" if path == STDIO else _by_suffix(WRITERS, path)
    if name is None:
        raise PanelError(f"{path}: no format has this suffix; known: {_suffixes(WRITERS)}")
    return WRITERS[name]


@contextmanager
def _full_disk(path: Path) -> Iterator[None]:
    """Turn what the system says of a file that cannot be written into one line."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise PanelError(f"{path} cannot be written: {error.strerror or error}") from None
