"""The trainings of the experiment: which there are, and one of them from its panel to its checkpoints."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from genome_ac_gan.errors import PanelError
from genome_ac_gan.experiment.config import ExperimentConfig, ModelConfig
from genome_ac_gan.experiment.reproduction.polyloss.class_head import ClassHead
from genome_ac_gan.experiment.reproduction.polyloss.config import PolylossConfig
from genome_ac_gan.experiment.run import RunDir
from genome_ac_gan.experiment.stages import PARTS, SMALLEST_FOR_VALIDATION, begin
from genome_ac_gan.experiment.train import train
from genome_ac_gan.experiment.ways import Ways
from genome_ac_gan.files import locked, replacing
from genome_ac_gan.models import GradientModel
from genome_ac_gan.panel import load_panel, save_panel, split_by_person
from genome_ac_gan.seeding import stream
from genome_ac_gan.training.hooks import Clock, in_turn
from genome_ac_gan.training.loop import OnStep, TrainConfig
from genome_ac_gan.training.parallel import World

CCE: Mapping[str, Any] = {"class_loss": "cce"}
Judges = Literal["test", "validation"]


@dataclass(frozen=True, kw_only=True)
class Training:
    """One training.

    Attributes
    ----------
    task
        Name of its task.
    loss
        Settings of the model's class loss.
    seed
        Decides initial weights, batches and noise: runs of one seed differ in the loss alone.
    n_epochs, every
        As in the settings.
    judges
        Who judges the class head: the test people, or people cut out of the training people.
    """

    task: str
    loss: Mapping[str, Any]
    seed: int
    n_epochs: int
    every: int
    judges: Judges = "test"


def runs(config: PolylossConfig) -> dict[tuple[str, int], Training]:
    """Return the runs by loss and seed, both losses of a seed one after the other."""
    plce = {"class_loss": config.own_reading, "epsilon": config.epsilon, "alpha": config.alpha}
    return {
        (name, seed): Training(
            task=f"{name}/seed-{seed}", loss=loss, seed=seed, n_epochs=config.n_epochs, every=config.every
        )
        for seed in config.seeds
        for name, loss in (("plce", plce), ("cce", CCE))
    }


def grid(config: PolylossConfig) -> dict[tuple[float, float] | None, Training]:
    """Return the trainings of the grid by epsilon and alpha, first one with plain cross-entropy under None."""
    settings, reading = config.grid, config.grid_reading
    pairs = [(epsilon, alpha) for epsilon in settings.epsilon for alpha in settings.alpha]
    losses: dict[tuple[float, float] | None, Mapping[str, Any]] = {None: CCE} if pairs else {}
    for epsilon, alpha in pairs:
        losses[epsilon, alpha] = {"class_loss": reading, "epsilon": epsilon, "alpha": alpha}
    return {
        pair: Training(
            task="grid/cce" if pair is None else f"grid/epsilon-{pair[0]:g}-alpha-{pair[1]:g}", loss=loss,
            seed=config.seed, n_epochs=settings.n_epochs, every=settings.every, judges="validation",
        )
        for pair, loss in losses.items()
    }  # fmt: skip


# -- panels ---------------------------------------------------------------------------------------


def panel(folder: Path, config: PolylossConfig, judges: Judges, ways: Ways) -> RunDir:
    """Return the folder of a split panel, whose holdout are the judges; made unless it is there.

    Who comes while another process makes it waits.
    """
    place = RunDir(folder / "panels" / judges)
    with locked(folder / "panels" / f".{judges}.lock", wait=True):
        if place.provenance.is_file():
            return place
        settings = ExperimentConfig(seed=config.seed, data=config.data, train=TrainConfig(validation=0))
        if judges == "test":
            begin(place, settings, command=ways.command, on_notice=ways.on_notice)
        else:
            _cut(place, panel(folder, config, "test", ways), settings, config.grid.validation)
    return place


def _cut(place: RunDir, whole: RunDir, settings: ExperimentConfig, share: float) -> None:
    """Split the training people of a panel once more, without its test people."""
    learning = load_panel(whole.panel("train"))
    halves = split_by_person(
        learning, share, stream(settings.seed, "validation"), smallest=SMALLEST_FOR_VALIDATION
    )
    if not halves.holdout.n_haplotypes:
        raise PanelError(
            f"no population has {SMALLEST_FOR_VALIDATION} training people, of whom some could judge the grid: "
            "set grid.epsilon=[]"
        )
    with replacing(place.folder) as temporary:
        fresh = RunDir(temporary)
        fresh.start(settings)
        counts = {}
        for name, part in zip(PARTS, (halves.train, halves.train[:0], halves.holdout), strict=True):
            save_panel(part, fresh.panel(name))
            counts[name] = dict(part.counts)
        fresh.finish("split", panel_sha256=learning.sha256, counts=counts)


# -- a training -----------------------------------------------------------------------------------


def do(training: Training, config: PolylossConfig, experiment: Path, folder: Path, ways: Ways) -> None:
    """Train in `folder/run` and leave the class head's record beside it; go on with what an earlier call left.

    What only a training under way needs goes with its end, and the networks too unless
    they are to be kept.
    """
    parts = panel(experiment, config, training.judges, ways)
    run, settings, epoch = RunDir(folder / "run"), *experiment_of(training, config, parts)
    if not run.provenance.is_file():
        begin(run, settings, parts=parts, force=True, command=ways.command)
    judges = load_panel(run.panel("holdout"))

    def watched(model: GradientModel, how: TrainConfig, clock: Clock) -> OnStep:
        head = ClassHead(model, judges, folder, every=training.every, epoch=epoch)
        hooks: list[OnStep] = [head]
        hooks += [ways.progress(model, how, clock)] if ways.progress else []
        return in_turn(hooks, World())

    train(run, settings, device=ways.device, resume=True, progress=watched, on_notice=ways.on_notice)
    run.training.unlink(missing_ok=True)
    if not config.keep_models:
        shutil.rmtree(run.model, ignore_errors=True)


def experiment_of(training: Training, config: PolylossConfig, parts: RunDir) -> tuple[ExperimentConfig, int]:
    """Return the settings of a training as an ordinary experiment, and the updates of an epoch."""
    model = ModelConfig(preset=config.preset, settings={"loss": dict(training.loss)})
    n_rows = sum(parts.record()["stages"]["split"]["counts"]["train"].values())
    passes = model.settings["sampling"] == "epochs"
    epoch = max(1, n_rows // model.settings["batch_size"]) if passes else 1
    settings = ExperimentConfig(
        seed=training.seed,
        data=config.data,
        model=model,
        train=TrainConfig(
            n_steps=training.n_epochs * epoch, validation=0, precision=config.precision,
            checkpoint_every=config.checkpoint_every,
        ),
    )  # fmt: skip
    return settings, epoch
