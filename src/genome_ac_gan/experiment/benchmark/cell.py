"""One cell: its run folder, its stages, and the record of its failure."""

from collections.abc import Callable

import torch

from genome_ac_gan.experiment.benchmark.config import BenchmarkConfig
from genome_ac_gan.experiment.benchmark.layout import BenchmarkDir, Cell, changed_section
from genome_ac_gan.experiment.failures import FAILURES, record_failure
from genome_ac_gan.experiment.run import RunDir
from genome_ac_gan.experiment.stages import begin, evaluate, generate
from genome_ac_gan.experiment.train import InterruptedTrainingError, Notice, Progress, silent, train
from genome_ac_gan.metrics import Progress as Judging
from genome_ac_gan.metrics import ignore


def start_cell(
    folder: BenchmarkDir,
    config: BenchmarkConfig,
    cell: Cell,
    *,
    retry: bool = False,
    command: str = "",
) -> RunDir:
    """Make the run folder of a cell from the parts of its panel, or open the one that is there.

    With `retry`, one that failed goes on, or is made anew when its settings have
    changed; the record of the failure goes.
    """
    run, settings = folder.run(cell), config.experiment(cell.panel, cell.model, cell.seed)
    failed = retry and folder.failure(cell).is_file()
    if run.provenance.is_file():
        before = run.stored_config()
        if not (failed and changed_section(before, settings)):
            if run.done("train"):  # how often to log or save no longer matters
                settings = settings.model_copy(update={"train": before.train})
            run.reopen(settings)
            folder.failure(cell).unlink(missing_ok=True)
            return run
    begin(run, settings, parts=folder.panel(cell.panel), force=True, command=command)
    return run


def run_cell(
    folder: BenchmarkDir,
    cell: Cell,
    *,
    device: torch.device | None = None,
    progress: Progress | None = None,
    on_stage: Notice = silent,
    on_notice: Notice = silent,
    on_judging: Judging = ignore,
) -> bool:
    """Go through the stages of a cell that are not done yet; return False when one failed, and record how."""
    run = folder.run(cell)
    config = run.stored_config()

    stages: dict[str, Callable[[], None]] = {
        "train": lambda: train(
            run, config, device=device, resume=True, progress=progress, on_notice=on_notice
        ),
        "generate": lambda: generate(run, config, device=device, on_notice=on_notice),
        "evaluate": lambda: evaluate(run, config, on_notice=on_notice, on_progress=on_judging),
    }
    for name, stage in stages.items():
        if run.done(name):
            continue
        on_stage(name)
        try:
            stage()
        except InterruptedTrainingError:
            raise
        except FAILURES as error:
            record_failure(folder.failure(cell), error, stage=name)
            return False
    return True
