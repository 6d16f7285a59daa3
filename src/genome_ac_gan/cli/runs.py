"""The verbs around a run folder: run, train, report."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from genome_ac_gan.cli import options
from genome_ac_gan.cli.console import is_quiet, notice, verbosity

if TYPE_CHECKING:
    from genome_ac_gan.experiment import ExperimentConfig, RunDir
    from genome_ac_gan.experiment.train import Progress
    from genome_ac_gan.metrics import Progress as Judging

F = TypeVar("F", bound=Callable[..., Any])

_SHORTHANDS = {  # flag -> the setting it stands for
    "panel": "data.panel",
    "labels": "data.labels",
    "label": "data.label",
    "region": "data.region",
    "genetic_map": "data.genetic_map",
    "legend": "data.legend",
    "split": "data.split",
    "model": "model.name",
    "preset": "model.preset",
    "budget": "train.budget",
    "n_steps": "train.n_steps",
    "seed": "seed",
}

_EXPERIMENT = (
    click.argument("config_file", metavar="[CONFIG]", required=False, type=options.FILE),
    click.option(
        "-o", "--output", required=True, type=options.FILE, metavar="FOLDER", help="The run folder."
    ),
    click.option("--panel", metavar="FILE", help="The real haplotypes; the embedded panel when left out."),
    click.option("--labels", metavar="FILE", help="Labels by sample, with a header."),
    click.option("--label", metavar="COLUMN", help="The column that is the population."),
    click.option("-r", "--region", metavar="CHR[:FROM-TO]", help="Only the variants at these positions."),
    click.option("--map", "genetic_map", metavar="FILE", help="Genetic map that gives each variant its cM."),
    click.option("--legend", metavar="FILE", help="Variants of a .hapt or .hap file, when not beside it."),
    click.option("--split", metavar="FILE", help="Table of samples and sides (train, test)."),
    click.option(
        "--model", metavar="NAME", help="The model: see `list models`; genome-ac-gan when left out."
    ),
    click.option("--preset", metavar="NAME", help="A preset of the model: see `list models`."),
    click.option("--budget", metavar="TIME", help="Train at most this long: 90s, 2min, 1.5h."),
    click.option("--n-steps", type=click.IntRange(min=1), metavar="N", help="Train this many updates."),
    options.seed,
    options.assignments,
    click.option("--device", metavar="NAME", default="auto", help="cpu, cuda, mps or auto."),
    options.threads,
    click.option("--resume", is_flag=True, help="Go on where an earlier command in this folder ended."),
    click.option("--force", is_flag=True, help="Replace what an earlier command left in this folder."),
    verbosity,
)


def experiment(command: F) -> F:
    """Add the options of an experiment; the command gets the run folder, its settings, and the device."""

    @wraps(command)
    def with_experiment(*, output: Path, device: str, threads: int | None, **values: Any) -> Any:
        from genome_ac_gan.training.device import choose_device, prepare_cpu

        prepare_cpu(threads)
        chosen = choose_device(device)
        folder, config = _opened(output, **values)
        return command(folder, config, device=chosen)

    decorated: Any = with_experiment
    for option in reversed(_EXPERIMENT):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


def _opened(
    output: Path,
    *,
    config_file: Path | None,
    assignments: tuple[str, ...],
    resume: bool,
    force: bool,
    **flags: Any,
) -> "tuple[RunDir, ExperimentConfig]":
    """Return the run folder and the settings; nothing is written when either is refused."""
    from genome_ac_gan.experiment import RunDir, begin, read_config
    from genome_ac_gan.training.parallel import launched_first

    folder = RunDir(output)
    pairs = [f"{_SHORTHANDS[name]}={value}" for name, value in flags.items() if value is not None]
    if resume and config_file is None and folder.config.is_file():
        config_file = folder.config
    config = read_config(config_file, pairs=[*pairs, *assignments])
    if not launched_first():
        return folder, config
    if resume:
        folder.reopen(config)
    else:
        begin(folder, config, force=force, command=options.command_line(), on_notice=notice)
    return folder, config


def _progress() -> "Progress | None":
    from genome_ac_gan.cli.progress import TrainingProgress

    return None if is_quiet() else TrainingProgress


def _judging() -> "Judging | None":
    from genome_ac_gan.cli.progress import EvaluationProgress

    return None if is_quiet() else EvaluationProgress()


def tell_output(path: Path) -> None:
    """Write the path of the result to standard output, once however many processes there are."""
    from genome_ac_gan.training.parallel import launched_first

    if launched_first():
        click.echo(path)


@click.command()
@experiment
def run(folder: "RunDir", config: "ExperimentConfig", device: Any) -> None:
    """Split a panel, train, generate, evaluate and report, in one folder.

    CONFIG is a YAML file (`config default` writes one); flags win over it.

    \b
    genome-ac-gan run --budget 2min -o runs/demo
    genome-ac-gan run --panel my.vcf.gz --labels my.panel --label super_pop -o runs/mine
    """
    from genome_ac_gan.experiment import run_stages

    run_stages(
        folder, config, device=device, progress=_progress(), on_notice=notice,
        **options.given(on_judging=_judging()),
    )  # fmt: skip
    tell_output(folder.folder / "report.html")


@click.command()
@experiment
def train(folder: "RunDir", config: "ExperimentConfig", device: Any) -> None:
    """Split a panel and train a model on it; `generate` and `run --resume` go on from there.

    \b
    genome-ac-gan train --panel my.vcf.gz --labels my.panel --budget 20min -o runs/mine
    torchrun --nproc-per-node 2 -m genome_ac_gan train -o runs/mine
    """
    from genome_ac_gan.experiment import train as train_stage

    train_stage(
        folder, config, device=device, resume=True, progress=_progress(), on_notice=notice,
        on_stage=lambda stage: notice(f"stage: {stage}"),
    )  # fmt: skip
    tell_output(folder.model)


@click.command()
@click.argument("folder", type=options.FILE)
@click.option("--force", is_flag=True, help="Replace a report that is there.")
@verbosity
def report(folder: Path, force: bool) -> None:
    """Write figures, report.html and MultiQC's tables from the files of a run or evaluation folder."""
    from genome_ac_gan.report import write_outputs

    click.echo(write_outputs(folder, force=force))
