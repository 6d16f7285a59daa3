"""Options that several commands share, spelled as bcftools spells them."""

import shlex
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from genome_ac_gan.cli.console import PROGRAMME, is_quiet, notice
from genome_ac_gan.errors import GenomeACGANError

if TYPE_CHECKING:
    from genome_ac_gan.experiment.ways import Ways
    from genome_ac_gan.formats import Source
    from genome_ac_gan.panel import HaplotypePanel

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(path_type=Path)
STDIO = Path("-")


@dataclass(frozen=True, kw_only=True)
class PanelInput:
    """A panel to read, as the options say; None leaves the choice to `read_panel`.

    Without a path it is the embedded panel.
    """

    path: Path | None = None
    labels: Path | None = None
    label: str | None = None
    region: str | None = None
    samples: str | None = None
    samples_file: Path | None = None
    legend: Path | None = None
    genetic_map: Path | None = None
    missing: str | None = None
    multiallelic: str | None = None
    variants: str | None = None
    conflicting: str | None = None
    children: str | None = None

    def settings(self) -> dict[str, Any]:
        """Return the options that were given, under the names `read_panel` has for them."""
        settings = given(**vars(self))
        settings.pop("path", None)
        by_file = settings.pop("samples_file", None)
        if by_file is not None and self.samples is not None:
            raise GenomeACGANError("give the samples by -s or by -S, not by both")
        if by_file is not None:
            settings["samples"] = by_file
        elif self.samples is not None:
            settings["samples"] = [name for name in self.samples.split(",") if name]
        return settings

    def read(self, threads: int | None = None) -> "HaplotypePanel":
        """Read the panel; notices go to standard error."""
        from genome_ac_gan.formats import read_panel
        from genome_ac_gan.simulate import embedded_file

        settings = {**self.settings(), **given(threads=threads)}
        return read_panel(self.path or embedded_file(), **settings, on_notice=notice)


@dataclass(frozen=True, kw_only=True)
class PanelOutput:
    """Where and how to write a panel; None leaves the choice to `write_panel`."""

    output: Path
    force: bool = False
    ploidy: str | None = None
    assembly: str | None = None
    no_version: bool = False

    def require_free(self) -> None:
        """Refuse an output of no known format, without a folder or in the way, before any work is done for it."""
        from genome_ac_gan.files import refuse_existing
        from genome_ac_gan.formats import writer_of

        writer_of(self.output)
        if self.output == STDIO:
            return
        if not self.output.parent.is_dir():
            raise GenomeACGANError(f"{self.output}: the folder {self.output.parent} does not exist")
        refuse_existing(self.output, force=self.force)

    def write(
        self, panel: "Source", *, threads: int | None = None, provenance: Mapping[str, str] | None = None
    ) -> None:
        """Write the panel with its origin, and tell on standard error what was written."""
        from genome_ac_gan.formats import write_panel

        for file in write_panel(panel, self.output, **self._settings(threads, provenance)):
            notice(f"wrote {file}")

    def write_blocks(
        self,
        blocks: "Iterable[HaplotypePanel]",
        *,
        threads: int | None = None,
        provenance: Mapping[str, str] | None = None,
    ) -> None:
        """Write a panel that comes in blocks of rows, in bounded memory."""
        from genome_ac_gan.formats import write_blocks

        for file in write_blocks(blocks, self.output, **self._settings(threads, provenance)):
            notice(f"wrote {file}")

    def _settings(self, threads: int | None, provenance: Mapping[str, str] | None) -> dict[str, Any]:
        origin = {} if self.no_version else {"command": command_line(), **(provenance or {})}
        chosen = given(ploidy=self.ploidy, assembly=self.assembly, threads=threads)
        return {"force": self.force, "provenance": origin, "on_notice": notice, **chosen}


def given(**options: Any) -> dict[str, Any]:
    """Return the options that were given, neither None nor empty; whoever is called knows the defaults."""
    return {name: value for name, value in options.items() if value is not None and value != {}}


def command_line() -> str:
    """Return the command as it was typed."""
    return shlex.join([PROGRAMME, *sys.argv[1:]])


def ways(device: str, threads: int | None) -> "Ways":
    """Return how long work is done, as the options say and the terminal shows."""
    from genome_ac_gan.cli.progress import EvaluationProgress, TrainingProgress
    from genome_ac_gan.experiment.ways import Ways
    from genome_ac_gan.training.device import choose_device, prepare_cpu

    prepare_cpu(threads)
    how = {} if is_quiet() else {"progress": TrainingProgress, "judging": EvaluationProgress}
    return Ways(device=choose_device(device), command=command_line(), on_notice=notice, **how)


_INPUT = (
    click.argument("path", metavar="[PANEL]", required=False, type=FILE),
    click.option("--labels", type=FILE, metavar="FILE",
                 help="Labels by sample, with a header: 1000 Genomes .panel, IGSR pedigree, PLINK .psam, any TSV."),
    click.option("--label", metavar="COLUMN", help="The column that is the population."),
    click.option("-r", "--region", metavar="CHR[:FROM-TO]",
                 help="Only the variants at these positions (from 1, both ends included)."),
    click.option("-s", "--samples", metavar="LIST", help="Only these samples, parted by commas, in this order."),
    click.option("-S", "--samples-file", type=FILE, metavar="FILE", help="The same, one sample a line."),
    click.option("--legend", type=FILE, metavar="FILE",
                 help="Variants of a .hapt or .hap file, when they do not lie beside it."),
    click.option("--map", "genetic_map", type=FILE, metavar="FILE", help="Genetic map that gives each variant its cM."),
    click.option("--missing", metavar="POLICY",
                 help="Missing genotypes: error, drop (the variant), fill with ref or major (the commoner allele)."),
    click.option("--multiallelic", metavar="POLICY", help="Records with several ALT alleles: skip, split or error."),
    click.option("--types", "variants", metavar="KIND", help="Which biallelic variants: snps or all."),
    click.option("--conflicting", metavar="POLICY", help="A person with two labels: drop or error."),
    click.option("--children", metavar="POLICY", help="A person whose parent is read too: keep or drop."),
)  # fmt: skip

_OUTPUT = (
    click.option("-o", "--output", required=True, type=FILE, metavar="FILE",
                 help="Where to write; the suffix names the format; - is VCF on standard output."),
    click.option("--force", is_flag=True, help="Replace what is there."),
    click.option("--ploidy", metavar="POLICY",
                 help="Samples of a VCF: keep the people, pair single haplotypes, or auto."),
    click.option("--assembly", metavar="NAME", help="GRCh37 or GRCh38, for the contig lines of a VCF."),
    click.option("--no-version", is_flag=True, help="Leave the command line out of a VCF header."),
)  # fmt: skip


def _prepare_libraries(_: click.Context, __: click.Parameter, number: int | None) -> int | None:
    """Tell libraries how to use the machine while options are read: they look when they are loaded, which is later."""
    from genome_ac_gan.resources import limit_threads, use_large_pages

    limit_threads(number)
    use_large_pages()
    return number


threads = click.option("--threads", type=click.IntRange(min=1), metavar="N", callback=_prepare_libraries,
                       help="Threads to use; by default as many as the job may use.")  # fmt: skip
seed = click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Same seed, same result.")

assignments = click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE",
                           help="A setting, as in --set train.n_steps=10; may be repeated.")  # fmt: skip


def panel_input(command: F) -> F:
    """Add the argument PANEL and the options of reading one; the command gets `panel`, a `PanelInput`."""
    return _gathered(command, "panel", PanelInput, _INPUT)


def panel_output(command: F) -> F:
    """Add the options of writing a panel; the command gets `target`, a `PanelOutput`."""
    return _gathered(command, "target", PanelOutput, _OUTPUT)


def _gathered(command: F, name: str, kind: type[Any], options: Sequence[Callable[[Any], Any]]) -> F:
    """Add options to a command and hand it their values as one object."""

    @wraps(command)
    def with_object(**values: Any) -> Any:
        mine = {field.name: values.pop(field.name) for field in fields(kind)}
        return command(**{name: kind(**mine)}, **values)

    decorated: Any = with_object
    for option in reversed(options):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


def counts(*names: str, help: str) -> Callable[[F], F]:  # noqa: A002 - click's own word
    """Return an option `NAME=COUNT` that may be repeated and gives the command a mapping of names to numbers."""
    return click.option(*names, metavar="NAME=COUNT", multiple=True, callback=_as_mapping, help=help)


def _as_mapping(_: click.Context, __: click.Parameter, pairs: Sequence[str]) -> Mapping[str, int]:
    mapping: dict[str, int] = {}
    for pair in pairs:
        name, _equals, number = pair.rpartition("=")
        if not name or not number.isascii() or not number.isdecimal():
            raise click.BadParameter(f"{pair!r}: expected a population and a number, as in AFR=500")
        if name in mapping:
            raise click.BadParameter(f"{name} is given twice")
        mapping[name] = int(number)
    return mapping
