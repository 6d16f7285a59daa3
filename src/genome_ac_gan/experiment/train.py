"""The training stage: hooks around `fit`, and the checkpoint that is kept."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from signal import Signals
from typing import Any

import torch

from genome_ac_gan.checkpoint import load_training, save_model, save_training
from genome_ac_gan.errors import GenomeACGANError
from genome_ac_gan.experiment.config import ExperimentConfig
from genome_ac_gan.experiment.run import RunDir
from genome_ac_gan.models import ConditionalModel, GradientModel, Model, create_model
from genome_ac_gan.panel import HaplotypePanel, load_panel
from genome_ac_gan.seeding import derived_seed, stream
from genome_ac_gan.training.hooks import Clock, Every, LogLosses, StopSignal, in_turn, stop_signal
from genome_ac_gan.training.log import Log
from genome_ac_gan.training.loop import UNLIMITED, Cadence, OnStep, TrainConfig
from genome_ac_gan.training.optimisers import load_optimisers
from genome_ac_gan.training.parallel import World, process_group
from genome_ac_gan.training.selection import FEWEST_ROWS, HeldOutScore, Score, Selection, likelihood_score

Notice = Callable[[str], None]
Progress = Callable[[GradientModel, TrainConfig, Clock], OnStep]


def silent(message: str) -> None:
    """Tell nobody."""


class InterruptedTrainingError(GenomeACGANError):
    """A signal ended the training; its checkpoint is on disk."""

    def __init__(self, message: str, number: Signals) -> None:
        super().__init__(message)
        self.exit_code = 128 + number


def train(
    run: RunDir,
    config: ExperimentConfig,
    *,
    device: torch.device | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    on_stage: Notice = silent,
    on_notice: Notice = silent,
) -> None:
    """Train the model of a run on its `train.npz` and keep the best checkpoint as `model/`, unless that is done.

    Parameters
    ----------
    run, config
        The folder and its settings.
    device
        Where to compute; the CPU when left out.
    resume
        Continue from `training.pt` where there is one.
    progress
        Makes a hook that tells a person how far the training is.
    on_stage
        Told `train` when there is something to train.
    on_notice
        Told what a person should know: signs of collapse, for instance.
    """
    device = device or torch.device("cpu")
    with ExitStack() as stack:
        world = stack.enter_context(process_group(device))
        if world.any(world.first and run.done("train")):
            return
        panel, validation = load_panel(run.panel("train")), load_panel(run.panel("validation"))
        stop = stack.enter_context(stop_signal())
        if world.first:
            on_stage("train")
        model = _model(config, device, world)
        if not isinstance(model, GradientModel) and not world.first:
            return  # nothing to share
        training = Training(run, config, model, panel, validation, stop, on_notice, resume=resume)
        training.fit(progress if world.first else None)
    if training.stopped:
        received = stop.received or Signals.SIGTERM
        raise InterruptedTrainingError(
            f"stopped by {received.name} at step {model.step}; --resume continues from there", received
        )


def _model(config: ExperimentConfig, device: torch.device, world: World) -> Model:
    model = create_model(config.model.name, preset=config.model.preset, **config.model.settings)
    model.device, model.precision, model.world = device, config.train.precision, world
    if isinstance(model, GradientModel):
        load_optimisers()
        model.last_step = last_step(config.train)
    return model


def last_step(config: TrainConfig) -> int | None:
    """Return the step to end at: the one that is set; none in sight for a budget; None for the preset's."""
    return config.n_steps if config.n_steps is not None or config.budget is None else UNLIMITED


class Training:
    """One training under way: what its hooks share."""

    def __init__(
        self,
        run: RunDir,
        config: ExperimentConfig,
        model: Model,
        panel: HaplotypePanel,
        validation: HaplotypePanel,
        stop: StopSignal,
        on_notice: Notice,
        *,
        resume: bool,
    ) -> None:
        self.run, self.config, self.model, self.panel, self.stop = run, config, model, panel, stop
        self.first, self.stopped = model.world.first, False
        state = load_training(run.training) if resume and run.training.exists() else None
        self.on_notice = on_notice
        self.clock = Clock(config.train.budget, before=state["seconds"] if state else 0.0)
        n_haplotypes = panel.n_haplotypes
        self.cadence = model.cadence(n_haplotypes) if isinstance(model, GradientModel) else Cadence()
        self.selection_rng = stream(config.seed, "selection")  # chooses the samples that are compared
        self.selection = self._selection(validation)
        if self.first:
            self.log = Log(run.log, after=state["step"] if state else 0)
            self.losses = LogLosses(self.log, self.clock, config.train.log_every or self.cadence.log_every)
        if state is not None and isinstance(model, GradientModel):
            model.resume_from(state)
            self._restore(state)

    def fit(self, progress: Progress | None) -> None:
        """Train, keep the best checkpoint, and note that the stage is done.

        A model without updates is fitted in one go.
        """
        if isinstance(self.model, GradientModel):
            self._take_steps(self.model, progress)
        else:
            self._fit_at_once()
        if self.first and not self.stopped:
            self._judge_the_last()
            for remark in self.model.remarks:
                self.on_notice(f"warning: {remark}")
            self.run.finish("train", **self._facts())

    def _fit_at_once(self) -> None:
        settings = self.config.train
        given = [f"train.{name}" for name in ("n_steps", "budget") if getattr(settings, name) is not None]
        if given:
            self.on_notice(f"{self.model.name} is fitted in one go: {' and '.join(given)} left aside")
        self.model.fit(self.panel, seed=self.config.seed)

    def _take_steps(self, model: GradientModel, progress: Progress | None) -> None:
        """Train step by step between hooks.

        The first process has the clock, the log and the scores; a signal ends the
        training wherever it arrives. What ends is saved after the last step.
        """
        hooks: list[OnStep] = []
        if self.first:
            settings = self.config.train
            hooks += [self.clock, self.losses]
            hooks += [progress(model, settings, self.clock)] if progress else []
            hooks += [self.selection] if self.selection else []
            save = partial(self.save_state, model)
            hooks += [Every(settings.checkpoint_every, save, steps=settings.checkpoint_steps)]
        hooks.append(self.stop)
        model.fit(self.panel, seed=self.config.seed, on_step=in_turn(hooks, model.world))
        self.stopped = model.world.any(self.stop.received is not None)
        if self.first:
            self.save_state(model)

    def _judge_the_last(self) -> None:
        if self.selection:
            self.selection.judge(self.model.step)
        else:
            self._keep(self.model.step, None)

    # -- the checkpoint to keep -------------------------------------------

    def _selection(self, validation: HaplotypePanel) -> Selection | None:
        if not self.first:
            return None
        if validation.n_haplotypes < FEWEST_ROWS:
            if self.config.train.validation:  # 0 asks for the last checkpoint
                self.on_notice(
                    f"only {validation.n_haplotypes} validation haplotypes (train.validation): "
                    "the last checkpoint is kept, not the best"
                )
            return None
        return Selection(
            self._score_on(validation),
            every=self.config.train.score_every or self.cadence.score_every,
            patience=self.cadence.patience,
            on_score=self._scored,
        )

    def _score_on(self, validation: HaplotypePanel) -> Callable[[], Score]:
        """Return what scores the model: by likelihood where it is exact and learned, else by samples."""
        model, seed = self.model, self.config.seed
        if isinstance(model, GradientModel) and isinstance(model, ConditionalModel):
            return lambda: likelihood_score(model.log_likelihood(validation))
        score = HeldOutScore(self.panel, validation, stream(seed, "held-out score"))
        return lambda: score(
            model.sample(score.counts(), seed=derived_seed(seed, "selection")), self.selection_rng
        )

    def _scored(self, step: int, score: Score, best: bool) -> None:
        self.log.write(
            "score",
            step,
            seconds=self.clock.seconds,
            score=score.value,
            components=dict(score.components),
            best=best,
        )
        where = f"step {step}: " if isinstance(self.model, GradientModel) else ""
        for warning in score.warnings:
            self.on_notice(f"warning: {where}{warning}")
        if best:
            self._keep(step, score)

    def _keep(self, step: int, score: Score | None) -> None:
        facts = {"score": score.value, "score_components": dict(score.components)} if score else {}
        save_model(
            self.model,
            self.run.model,
            seed=self.config.seed,
            preset=self.config.model.preset,
            step=step,
            seconds=round(self.clock.seconds, 1),
            train_sha256=self.panel.sha256,
            **facts,
        )

    # -- the state to resume from -----------------------------------------

    def save_state(self, model: GradientModel) -> None:
        """Write the state of the step just made."""
        state = {**model.training_state(), "seconds": self.clock.seconds, "losses": self.losses.recent}
        if self.selection:
            state["selection"] = {
                "best": self.selection.best,
                "waited": self.selection.waited,
                "rng": self.selection_rng.bit_generator.state,
            }
        save_training(state, self.run.training)

    def _restore(self, state: dict[str, Any]) -> None:
        """Go on choosing and logging where the state was saved."""
        if self.first:
            self.losses.recent = state["losses"]
        if self.selection:
            self.selection_rng.bit_generator.state = state["selection"]["rng"]
            if self.run.model.exists():
                self.selection.best = state["selection"]["best"]
                self.selection.waited = state["selection"]["waited"]

    def _facts(self) -> dict[str, Any]:
        """Return what is noted of the training; updates only of a model that makes them."""
        steps = {"steps": self.model.step} if isinstance(self.model, GradientModel) else {}
        return {
            "seconds": round(self.clock.seconds, 1),
            **steps,
            "device": str(self.model.device),
            "threads": torch.get_num_threads(),
            "processes": self.model.world.size,
        }
