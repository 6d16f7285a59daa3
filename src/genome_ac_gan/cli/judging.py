"""The verbs that use a model or judge its output: generate, complete, likelihood, evaluate."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from genome_ac_gan.cli import options
from genome_ac_gan.cli.console import is_quiet, notice, verbosity
from genome_ac_gan.cli.progress import EvaluationProgress
from genome_ac_gan.files import is_file_name

if TYPE_CHECKING:
    from genome_ac_gan.metrics import Evaluation

ANY_WIDTH = 10_000


@click.command()
@click.argument("model", type=options.FILE)
@options.counts("-n", "--count", help="Haplotypes of a population; may be repeated.")
@click.option(
    "--like", type=options.FILE, metavar="PANEL", help="As many of each population as this panel has."
)
@click.option("--labels", type=options.FILE, metavar="FILE", help="Labels of the --like panel.")
@click.option(
    "--given",
    type=options.FILE,
    metavar="FILE",
    help="Alleles that all carry: a file of one haplotype (models hclt, li-stephens).",
)
@options.seed
@options.panel_output
@click.option("--device", metavar="NAME", default="auto", help="cpu, cuda, mps or auto.")
@options.threads
@verbosity
def generate(
    model: Path,
    count: Mapping[str, int],
    like: Path | None,
    labels: Path | None,
    given: Path | None,
    seed: int | None,
    target: options.PanelOutput,
    device: str,
    threads: int | None,
) -> None:
    """Draw artificial genomes from MODEL, a model or run folder, in any number.

    Without -n or --like there are as many as the model was trained on.

    \b
    genome-ac-gan generate runs/demo -n YRI=500 -n CEU=500 -o artificial.vcf.gz
    genome-ac-gan generate runs/demo -n YRI=10 -o - | bcftools view -H | head
    genome-ac-gan generate runs/exact -n YRI=100 --given sites.vcf.gz -o carriers.vcf.gz
    """
    from genome_ac_gan.experiment import draw

    if count and like:
        raise click.UsageError("give -n or --like, not both", click.get_current_context())
    target.require_free()
    blocks, provenance = draw(
        model,
        counts=count,
        like=like,
        labels=labels,
        given=given,
        seed=seed,
        device=device,
        threads=threads,
        on_notice=notice,
    )
    target.write_blocks(blocks, provenance=provenance)


@click.command()
@click.argument("model", type=options.FILE)
@options.panel_input
@click.option("--population", metavar="NAME", help="The population of all of them, in the place of --labels.")
@options.seed
@options.panel_output
@click.option("--device", metavar="NAME", default="auto", help="cpu, cuda, mps or auto.")
@options.threads
@verbosity
def complete(
    model: Path,
    panel: options.PanelInput,
    population: str | None,
    seed: int | None,
    target: options.PanelOutput,
    device: str,
    threads: int | None,
) -> None:
    """Fill in the variants that the phased haplotypes of PANEL lack, drawn from MODEL given those they have.

    For models that know alleles given others exactly: hclt, li-stephens. People and their alleles stay.

    \b
    genome-ac-gan complete runs/exact array.vcf.gz --population YRI -o whole.vcf.gz
    """
    from genome_ac_gan.experiment import complete as completed

    if panel.labels and population:
        raise click.UsageError("give --labels or --population, not both", click.get_current_context())
    if panel.path is None:
        raise click.UsageError("Missing argument 'PANEL'.", click.get_current_context())
    target.require_free()
    whole, provenance = completed(
        model,
        panel.read(threads),
        name=panel.path,
        population=population,
        seed=1 if seed is None else seed,
        device=device,
        threads=threads,
        on_notice=notice,
    )
    target.write(whole, threads=threads, provenance=provenance)


@click.command()
@click.argument("model", type=options.FILE)
@options.panel_input
@click.option(
    "-o", "--output", type=options.FILE, metavar="FILE", help="Where to write; standard output when left out."
)
@click.option("--force", is_flag=True, help="Replace what is there.")
@click.option("--device", metavar="NAME", default="auto", help="cpu, cuda, mps or auto.")
@options.threads
@verbosity
def likelihood(
    model: Path,
    panel: options.PanelInput,
    output: Path | None,
    force: bool,
    device: str,
    threads: int | None,
) -> None:
    """Print how probable each haplotype of PANEL is to MODEL, in nats, and each population given the haplotype.

    For models that know it: hclt, li-stephens, markov, independent, and vae with a bound. PANEL has the model's
    variants; it needs no labels. A TSV with a row for each haplotype.

    \b
    genome-ac-gan likelihood runs/exact people.vcf.gz | cut -f 1-5
    """
    from genome_ac_gan.experiment import likelihoods
    from genome_ac_gan.files import refuse_existing, tsv, write_text

    if panel.path is None:
        raise click.UsageError("Missing argument 'PANEL'.", click.get_current_context())
    if output:
        refuse_existing(output, force=force)
    table = likelihoods(model, panel.read(threads), device=device, threads=threads, on_notice=notice)
    text = tsv(table)
    if output:
        write_text(output, text)
    else:
        click.echo(text, nl=False)


def _named(_: click.Context, __: click.Parameter, values: Sequence[str]) -> dict[str, Path]:
    """Turn NAME=FILE, or FILE alone, into a mapping; a name must be new."""
    named: dict[str, Path] = {}
    for value in values:
        name, equals, path = value.partition("=")
        key, file = (name, path) if equals else ("synthetic", value)
        if key in named:
            raise click.BadParameter(f"two sets are called {key}: write NAME=FILE")
        if key in ("train", "real", "independent"):
            raise click.BadParameter(f"{key} is the name of an anchor row: take another")
        if not is_file_name(key):
            raise click.BadParameter(f"{key!r}: the name of a set is made of letters, digits and . _ -")
        named[key] = Path(file)
    return named


@click.command()
@click.option(
    "--train",
    "train_panel",
    required=True,
    type=options.FILE,
    metavar="PANEL",
    help="The real haplotypes that the model saw.",
)
@click.option(
    "--holdout", required=True, type=options.FILE, metavar="PANEL", help="Real haplotypes it never saw."
)
@click.option(
    "--synthetic",
    required=True,
    multiple=True,
    callback=_named,
    metavar="[NAME=]PANEL",
    help="Artificial genomes from any tool; may be repeated with names.",
)
@click.option("--labels", type=options.FILE, metavar="FILE", help="Labels by sample, of the real panels.")
@click.option("--label", metavar="COLUMN", help="The column that is the population.")
@click.option("--legend", type=options.FILE, metavar="FILE", help="Variants of .hapt files.")
@click.option(
    "--split",
    type=options.FILE,
    metavar="FILE",
    help="Table of samples and sides: take only its train people from --train, its test people from --holdout.",
)
@click.option("--metrics", metavar="LIST", help="Only these, parted by commas (see `list metrics`).")
@click.option(
    "--repeats",
    type=click.IntRange(min=2),
    metavar="N",
    help="Draws behind each interval; 10, with --fast 3.",
)
@click.option(
    "--fast",
    is_flag=True,
    help="A quick look, not to be cited: at most 800 haplotypes of each panel.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "tsv", "json"]),
    help="What goes to standard output: a compact table (on a terminal), all rows as TSV (elsewhere), or JSON.",
)
@click.option(
    "-o",
    "--output",
    type=options.FILE,
    metavar="FOLDER",
    help="Write tables, curves, figures and report.html here.",
)
@click.option("--force", is_flag=True, help="Replace what is there.")
@options.seed
@options.threads
@verbosity
def evaluate(
    train_panel: Path,
    holdout: Path,
    synthetic: Mapping[str, Path],
    labels: Path | None,
    label: str | None,
    legend: Path | None,
    split: Path | None,
    metrics: str | None,
    repeats: int | None,
    fast: bool,
    form: str | None,
    output: Path | None,
    force: bool,
    seed: int | None,
    threads: int | None,
) -> None:  # fmt: skip
    """Judge artificial genomes against real ones, any number of sets side by side, between anchor rows.

    Needs no model. The anchors are `train` (the training rows judged as if they
    were synthetic), `real` (one half of the holdout people against the other)
    and `independent` (sites drawn one by one). Sets without labels are judged
    pooled only.

    \b
    genome-ac-gan evaluate --train train.npz --holdout holdout.npz --synthetic gan=a.vcf.gz --synthetic rbm=b.npz
    genome-ac-gan evaluate --fast --train train.npz --holdout holdout.npz --synthetic ag.vcf.gz --format tsv
    """
    from genome_ac_gan.experiment import judge  # `threads` has acted already, while options were read

    chosen = options.given(
        metrics=metrics.split(",") if metrics else None, repeats=repeats, seed=seed, output=output,
        on_progress=None if is_quiet() else EvaluationProgress(),
    )  # fmt: skip
    outcome = judge(
        train_panel, holdout, synthetic, labels=labels, label=label, legend=legend, split=split,
        fast=fast, force=force, command=options.command_line(), on_notice=notice, **chosen,
    )  # fmt: skip
    click.echo(_written(outcome, form or ("table" if sys.stdout.isatty() else "tsv")), nl=False)


def _written(outcome: "Evaluation", form: str) -> str:
    """Return an evaluation as text for standard output."""
    from genome_ac_gan.cli.verdict import side_by_side
    from genome_ac_gan.experiment import as_json

    if form == "json":
        return as_json(outcome)
    if form == "tsv":
        return str(outcome.table.to_csv(sep="\t", index=False))
    return side_by_side(
        outcome.table, shutil.get_terminal_size().columns if sys.stdout.isatty() else ANY_WIDTH
    )
