"""The five stages, each reading and writing only inside the run folder, and all of them in order."""

import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from genome_ac_gan.checkpoint import kept_kind, load_model
from genome_ac_gan.errors import ConfigError, GenomeACGANError, PanelError, some
from genome_ac_gan.experiment.config import EMBEDDED, DataConfig, ExperimentConfig
from genome_ac_gan.experiment.matching import comparable
from genome_ac_gan.experiment.results import write_evaluation
from genome_ac_gan.experiment.run import RunDir
from genome_ac_gan.experiment.train import Notice, Progress, silent, train
from genome_ac_gan.files import replacing
from genome_ac_gan.formats import read_panel, write_blocks
from genome_ac_gan.formats.labels import read_split
from genome_ac_gan.metrics import METRICS, Comparison, evaluate_with_anchors, ignore, repeats_or_default
from genome_ac_gan.metrics import Progress as Judging
from genome_ac_gan.metrics.base import Imputer
from genome_ac_gan.models import ConditionalModel, LikelihoodModel, Model
from genome_ac_gan.models.base import require_trainable
from genome_ac_gan.panel import HaplotypePanel, Split, load_panel, save_panel, split_by_file, split_by_person
from genome_ac_gan.provenance import sha256_of_file
from genome_ac_gan.report import write_outputs
from genome_ac_gan.seeding import derived_seed, stream
from genome_ac_gan.simulate import embedded_file
from genome_ac_gan.training.parallel import launched_first

QUICK_LOOK = "a quick look (fast): at most 800 haplotypes of each panel, fewer repeats; not to be cited"
PARTS = ("train", "validation", "holdout")
IMPOSSIBLE = -1e9  # nats; no possible haplotype comes near
SMALLEST_FOR_VALIDATION = 5  # people; smaller populations give none of theirs to validation


def read_data(data: DataConfig, on_notice: Notice = silent) -> HaplotypePanel:
    """Return the panel that the settings name, with their label as its population."""
    return read_panel(
        embedded_file() if data.panel == EMBEDDED else data.panel,
        labels=Path(data.labels) if data.labels else None,
        label=data.label,
        region=data.region,
        samples=Path(data.samples) if data.samples else None,
        legend=Path(data.legend) if data.legend else None,
        genetic_map=Path(data.genetic_map) if data.genetic_map else None,
        missing=data.missing,
        multiallelic=data.multiallelic,
        variants=data.variants,
        conflicting=data.conflicting,
        children=data.children,
        on_notice=on_notice,
    )


def split(run: RunDir, config: ExperimentConfig, *, on_notice: Notice = silent) -> None:
    """Read the panel and write `train.npz`, `validation.npz` and `holdout.npz`."""
    panel = read_data(config.data, on_notice)
    require_trainable(panel)
    if config.data.split:
        halves = split_by_file(panel, read_split(Path(config.data.split)))
    else:
        halves = split_by_person(panel, config.data.holdout, stream(config.seed, "split"))
    _require_populations(halves, config)
    learning = halves.train[:], halves.train[:0]
    if config.train.validation:
        parts = split_by_person(
            halves.train,
            config.train.validation,
            stream(config.seed, "validation"),
            smallest=SMALLEST_FOR_VALIDATION,
        )
        learning = parts.train, parts.holdout
    require_trainable(learning[0])
    counts: dict[str, dict[str, int]] = {}
    for name, part in zip(PARTS, (*learning, halves.holdout), strict=True):
        save_panel(part, run.panel(name))
        counts[name] = dict(part.counts)
    run.finish("split", input=_input(config.data), panel_sha256=panel.sha256, counts=counts)


def take_split(run: RunDir, parts: RunDir) -> None:
    """Take the panels of another folder, split already, as `train.npz`, `validation.npz` and `holdout.npz`.

    They are hard links where the file system has them.
    """
    for name in PARTS:
        try:
            run.panel(name).hardlink_to(parts.panel(name))
        except OSError:
            shutil.copyfile(parts.panel(name), run.panel(name))
    facts = {key: value for key, value in parts.record()["stages"]["split"].items() if key != "finished"}
    run.finish("split", **facts)


def _require_populations(halves: Split, config: ExperimentConfig) -> None:
    """Refuse what would fail only after the training: one-sided populations, counts of unknown ones."""
    one_sided = sorted(set(halves.train.populations) ^ set(halves.holdout.populations))
    if one_sided:
        raise PanelError(f"the split leaves {some(one_sided)} without people on one side")
    unknown = [name for name in config.generate.counts or {} if name not in halves.train.populations]
    if unknown:
        raise ConfigError(
            f"generate.counts: no population {some(unknown)} in the panel; it has {some(halves.train.populations, 30)}"
        )


def begin(
    run: RunDir,
    config: ExperimentConfig,
    *,
    parts: RunDir | None = None,
    force: bool = False,
    command: str = "",
    on_notice: Notice = silent,
) -> None:
    """Make a run folder with its panels already split: whole or not at all.

    With `parts`, the panels are taken from that folder instead of being split anew.

    Raises
    ------
    GenomeACGANError
        When something stands there: an earlier run without `force`, anything else
        with or without.
    """
    if run.folder.exists() and not (run.folder.is_dir() and not any(run.folder.iterdir())):
        if not run.provenance.is_file():
            raise GenomeACGANError(f"{run.folder} is there and is no run folder: give the name of a new one")
        if not force:
            raise GenomeACGANError(f"{run.folder} exists already: --resume continues it, --force starts anew")
    run.folder.parent.mkdir(parents=True, exist_ok=True)
    with replacing(run.folder) as temporary:
        fresh = RunDir(temporary)
        fresh.start(config, command=command)
        if parts is None:
            split(fresh, config, on_notice=on_notice)
        else:
            take_split(fresh, parts)


def _input(data: DataConfig) -> dict[str, dict[str, str]]:
    """Return path and hash of every input file."""
    files = {
        name: getattr(data, name) for name in ("panel", "labels", "split", "legend", "genetic_map", "samples")
    }
    return {
        name: {"path": path, "sha256": sha256_of_file(Path(path))} if Path(path).is_file() else {"path": path}
        for name, path in files.items()
        if path is not None
    }


def generate(
    run: RunDir,
    config: ExperimentConfig,
    *,
    device: torch.device | None = None,
    on_notice: Notice = silent,
) -> None:
    """Draw artificial genomes from the kept model into `synthetic.npz`."""
    spent = stopwatch()
    model = load_model(run.model).to(device or torch.device("cpu"))
    counts = config.generate.counts or model.counts
    seed = derived_seed(config.seed, "generate")
    write_blocks(model.sample_blocks(counts, seed=seed), run.panel("synthetic"), force=True)
    facts: dict[str, object] = {"shortfall": model.shortfall} if model.shortfall else {}
    if model.shortfall:
        on_notice(f"warning: {shortfall_of(model)}")
    run.finish("generate", seconds=spent(), counts=dict(counts), **facts)


def stopwatch() -> Callable[[], float]:
    """Return a function that tells the seconds since this call, to a tenth."""
    start = time.monotonic()
    return lambda: round(time.monotonic() - start, 1)


def shortfall_of(model: Model) -> str:
    """Say in words which labels of the last sample the model could not draw."""
    missed = ", ".join(f"{n} of {name}" for name, n in sorted(model.shortfall.items()))
    return f"{model.name} hardly ever draws some populations: the label of {missed} was put on rows drawn without it"


def evaluate(
    run: RunDir,
    config: ExperimentConfig,
    *,
    on_notice: Notice = silent,
    on_progress: Judging = ignore,
) -> None:
    """Judge `synthetic.npz` against the other panels and write `evaluation/`."""
    spent = stopwatch()
    train, holdout, synthetic = (load_panel(run.panel(name)) for name in ("train", "holdout", "synthetic"))
    train, holdout, sets = comparable(train, holdout, {"synthetic": synthetic}, on_notice=on_notice)
    known = log_likelihoods(run.model, {"train": train, "holdout": holdout}, seed=config.seed)
    settings = config.evaluate
    if settings.fast:
        on_notice(QUICK_LOOK)
    outcome = evaluate_with_anchors(
        Comparison(
            train=train,
            holdout=holdout,
            synthetic=sets["synthetic"],
            log_likelihood=known,
            imputer=imputer(run.model) if known else None,
        ),
        settings.metrics,
        seed=config.seed if settings.seed is None else settings.seed,
        repeats=settings.repeats,
        fast=settings.fast,
        anchors=settings.anchors,
        on_progress=on_progress,
    )
    write_evaluation(outcome, run.evaluation)
    repeats = repeats_or_default(settings.repeats, fast=settings.fast)
    facts: dict[str, object] = {"log_likelihood": _means(known)} if known else {}
    run.finish(
        "evaluate", seconds=spent(), metrics=list(settings.metrics or METRICS), repeats=repeats,
        fast=settings.fast, **facts,
    )  # fmt: skip


def log_likelihoods(
    folder: Path, panels: Mapping[str, HaplotypePanel], *, seed: int
) -> dict[str, npt.NDArray[np.float64]] | None:
    """Return the log-probability of each row of some panels under a kept model, in nats.

    None when the model knows none or is no longer there, or the panels are about
    other variants or populations than it. Rows that the model holds for impossible (plain counts do)
    get `IMPOSSIBLE`, so that they can be ranked and subtracted like others.
    """
    if not folder.exists() or not issubclass(kept_kind(folder), LikelihoodModel):
        return None
    model = load_model(folder)
    assert isinstance(model, LikelihoodModel)
    for panel in panels.values():
        if not (
            panel.variants.same_sites(model.variants) and set(panel.populations) <= set(model.populations)
        ):
            return None
    return {
        name: np.maximum(model.log_likelihood(panel, seed=seed), IMPOSSIBLE) for name, panel in panels.items()
    }


def imputer(folder: Path) -> Imputer | None:
    """Return what imputes by a kept model itself; None when it cannot."""
    if not issubclass(kept_kind(folder), ConditionalModel):
        return None

    def impute(panel: HaplotypePanel, typed: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
        model = load_model(folder)  # once it is asked: few metrics do
        assert isinstance(model, ConditionalModel)
        observed = np.zeros(panel.n_variants, dtype=bool)
        observed[typed] = True
        return model.expected_alleles(panel, observed)

    return impute


def _means(values: Mapping[str, npt.NDArray[np.float64]]) -> dict[str, float | None]:
    """Return the mean over the rows of each panel; None where a row is impossible."""
    return {
        name: None if (rows <= IMPOSSIBLE).any() else round(float(rows.mean()), 3)
        for name, rows in values.items()
    }


def report(run: RunDir) -> None:
    """Draw the figures and write `report.html`."""
    write_outputs(run.folder, force=True)
    run.finish("report")


def run_stages(
    run: RunDir,
    config: ExperimentConfig,
    *,
    device: torch.device | None = None,
    progress: Progress | None = None,
    on_notice: Notice = silent,
    on_judging: Judging = ignore,
) -> None:
    """Go through the stages of a run that has begun and are not done yet.

    Under ``torchrun`` the training is shared, and the first process does the rest.
    """
    stages: dict[str, Callable[[], None]] = {
        "generate": lambda: generate(run, config, device=device, on_notice=on_notice),
        "evaluate": lambda: evaluate(run, config, on_notice=on_notice, on_progress=on_judging),
        "report": lambda: report(run),
    }

    def begins(stage: str) -> None:
        on_notice(f"stage: {stage}")

    train(run, config, device=device, resume=True, progress=progress, on_stage=begins, on_notice=on_notice)
    for name, stage in stages.items():
        if launched_first() and not run.done(name):
            begins(name)
            stage()
