"""The verbs that use a model or judge its output: generate, evaluate."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from genome_ac_gan.cli import options
from genome_ac_gan.cli.console import notice, verbosity


@click.command()
@click.argument("model", type=options.FILE)
@options.counts("-n", "--count", help="Haplotypes of a population; may be repeated.")
@click.option(
    "--like", type=options.FILE, metavar="PANEL", help="As many of each population as this panel has."
)
@click.option("--labels", type=options.FILE, metavar="FILE", help="Labels of the --like panel.")
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
    seed: int | None,
    target: options.PanelOutput,
    device: str,
    threads: int | None,
) -> None:
    r"""Draw artificial genomes from MODEL, a model or run folder, in any number.

    Without -n or --like there are as many as the model was trained on.

    \b
    genome-ac-gan generate runs/demo -n YRI=500 -n CEU=500 -o artificial.vcf.gz
    genome-ac-gan generate runs/demo -n YRI=10 -o - | bcftools view -H | head
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
        seed=seed,
        device=device,
        threads=threads,
        on_notice=notice,
    )
    target.write_blocks(blocks, provenance=provenance)


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
    default=10,
    show_default=True,
    help="Resamples behind each interval.",
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
    output: Path | None,
    force: bool,
    seed: int | None,
    threads: int | None,
) -> None:  # fmt: skip
    r"""Judge artificial genomes against real ones, between anchor rows; the table goes to standard output.

    Needs no model. The anchors are `train` (the training rows judged as if they
    were synthetic), `real` (one half of the holdout people against the other)
    and `independent` (sites drawn one by one).

    \b
    genome-ac-gan evaluate --train train.npz --holdout holdout.npz --synthetic ag.vcf.gz -o judged
    """
    from genome_ac_gan.experiment import judge  # `threads` has acted already, while options were read

    chosen = options.given(
        metrics=metrics.split(",") if metrics else None, repeats=repeats, seed=seed, output=output,
    )  # fmt: skip
    outcome = judge(
        train_panel, holdout, synthetic, labels=labels, label=label, legend=legend, split=split,
        force=force, command=options.command_line(), on_notice=notice, **chosen,
    )  # fmt: skip
    click.echo(outcome.table.to_csv(sep="\t", index=False), nl=False)
