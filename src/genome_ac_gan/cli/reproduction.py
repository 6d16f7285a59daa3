"""The verb `reproduce`: the paper's experiments."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from genome_ac_gan.cli import options
from genome_ac_gan.cli.console import FAILED, notice, verbosity

if TYPE_CHECKING:
    from genome_ac_gan.experiment.reproduction import Experiment


@click.command()
@click.argument("name", metavar="EXPERIMENT")
@click.argument("config_file", metavar="[CONFIG]", required=False, type=options.FILE)
@click.option(
    "-o", "--output", required=True, type=options.FILE, metavar="FOLDER", help="The experiment's folder."
)
@click.option("--scale", metavar="SCALE", help="One that CONFIG has; small by default, full is the paper's.")
@click.option(
    "--list", "listed", is_flag=True, help="Print the tasks and whether each is done; compute nothing."
)
@click.option("--task", metavar="NAME", help="Do this task alone.")
@click.option(
    "--collect", "collected", is_flag=True, help="Write tables and report from what is done; do no task."
)
@click.option("--force", is_flag=True, help="Start anew.")
@options.assignments
@click.option("--device", metavar="NAME", default="auto", help="cpu, cuda, mps or auto.")
@options.threads
@verbosity
def reproduce(
    name: str,
    config_file: Path | None,
    output: Path,
    scale: str | None,
    listed: bool,
    task: str | None,
    collected: bool,
    force: bool,
    assignments: tuple[str, ...],
    device: str,
    threads: int | None,
) -> None:  # fmt: skip
    """Do an experiment of the paper: polyloss, comparison or augmentation; its values stand beside the printed ones.

    CONFIG is a YAML file; without it, the one that FOLDER holds. Tasks that are
    done are skipped, so that the same command goes on where it was stopped; one that
    fails is recorded, and tried again by the next call.

    \b
    genome-ac-gan reproduce polyloss examples/reproduce-polyloss.yaml -o runs/polyloss --scale small
    genome-ac-gan reproduce augmentation examples/reproduce-augmentation.yaml -o runs/augmentation --list
    """
    from genome_ac_gan.experiment import reproduction

    if sum(map(bool, (listed, task, collected))) > 1:
        raise click.UsageError("give one of --list, --task, --collect", click.get_current_context())
    if force and (listed or task or collected):
        raise click.UsageError("--force starts the whole experiment anew", click.get_current_context())
    experiment = _experiment(name, config_file, output, scale, assignments)
    if listed:
        click.echo(_list(experiment), nl=False)
        return
    only = [reproduction.find_task(experiment, task)] if task else None
    ways = options.ways(device, threads)
    scale = reproduction.chosen_scale(config_file, scale) if config_file else None
    reproduction.open_experiment(experiment, force=force, command=ways.command, scale=scale)
    failed = [] if collected else reproduction.run_tasks(experiment, only or experiment.tasks(), ways)
    click.echo(reproduction.collect(experiment) if only is None else experiment.place(only[0].name))
    if failed:
        notice(f"{len(failed)} of the tasks failed: {experiment.failure(failed[0])} says why")
        click.get_current_context().exit(FAILED)


def _experiment(
    name: str, config_file: Path | None, output: Path, scale: str | None, assignments: tuple[str, ...]
) -> "Experiment[Any]":
    from genome_ac_gan.errors import ConfigError
    from genome_ac_gan.experiment.reproduction import EXPERIMENTS, SETTINGS, read_settings

    if name not in EXPERIMENTS:
        raise ConfigError(f"no experiment {name!r}; there are: {', '.join(EXPERIMENTS)}")
    kind = EXPERIMENTS[name]
    if config_file is None and scale:
        raise ConfigError("--scale chooses between the scales of CONFIG, which is missing")
    settings = read_settings(kind.Config, config_file or output / SETTINGS, scale, assignments)
    return kind(settings, output)


def _list(experiment: "Experiment[Any]") -> str:
    lines = [("task", "status")]
    lines += [(task.name, experiment.status(task.name)) for task in experiment.tasks()]
    return "".join("\t".join(line) + "\n" for line in lines)
