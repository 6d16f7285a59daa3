"""The verbs about what there is to choose from: list and config."""

from collections.abc import Callable, Iterable, Sequence
from inspect import getdoc
from pathlib import Path

import click

from genome_ac_gan.cli import options
from genome_ac_gan.cli.console import verbosity

Rows = Iterable[Sequence[object]]


@click.command(name="list")
@click.argument("what", type=click.Choice(["models", "metrics", "formats"]))
@verbosity
def list_names(what: str) -> None:
    """List the models, metrics or formats by the names that other commands and settings know them by."""
    from genome_ac_gan.cli.text import columns

    click.echo(columns(LISTS[what]()), nl=False)


def _models() -> Rows:
    from genome_ac_gan.models import MODELS

    yield "model", "presets", "what it is"
    for name, kind in MODELS.items():
        yield name, ", ".join(kind.presets), _first_line(kind)


def _metrics() -> Rows:
    from genome_ac_gan.metrics import METRICS

    yield "metric", "group", "headline", "ideal", "what it measures"
    for name, metric in METRICS.items():
        yield name, metric.group, metric.headline, metric.ideal, metric.description


def _formats() -> Rows:
    from genome_ac_gan.formats import READERS, WRITERS

    yield "format", "use", "suffixes", "what it is"
    for name, reader in READERS.items():
        yield name, "read", " ".join(reader.suffixes), reader.description
    for name, writer in WRITERS.items():
        yield name, "write", " ".join(writer.suffixes), writer.description


LISTS: dict[str, Callable[[], Rows]] = {"models": _models, "metrics": _metrics, "formats": _formats}


def _first_line(thing: object) -> str:
    return (getdoc(thing) or "").partition("\n")[0]


@click.group()
@verbosity
def config() -> None:
    """Show, check or start a settings file."""


@config.command()
@click.argument("file", required=False, type=options.FILE)
@options.assignments
@verbosity
def show(file: Path | None, assignments: Sequence[str]) -> None:
    """Print every setting of an experiment, defaults written out: those of FILE with --set on top."""
    from genome_ac_gan.config import to_yaml
    from genome_ac_gan.experiment import read_config

    click.echo(to_yaml(read_config(file, pairs=assignments)), nl=False)


@config.command()
@click.argument("files", nargs=-1, required=True, type=options.FILE, metavar="FILE...")
@options.assignments
@verbosity
def check(files: Sequence[Path], assignments: Sequence[str]) -> None:
    """Check settings files; the first that is wrong ends in one line and exit code 2."""
    from genome_ac_gan.experiment import read_config

    for file in files:
        read_config(file, pairs=assignments)
        click.echo(f"{file}: good")


@config.command()
@click.argument("model", required=False)
@click.option("--preset", metavar="NAME", help="One of the model's presets.")
@verbosity
def default(model: str | None, preset: str | None) -> None:
    """Print a settings file with every default and what it means, ready to be changed."""
    from genome_ac_gan.cli.commented import commented_experiment
    from genome_ac_gan.experiment import read_config

    chosen = options.given(name=model, preset=preset)
    click.echo(commented_experiment(read_config(settings={"model": chosen})), nl=False)
