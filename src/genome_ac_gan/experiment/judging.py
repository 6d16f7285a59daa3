"""Artificial genomes from a kept model, and the judgement of any, outside a run's own stages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from genome_ac_gan.checkpoint import require_variants
from genome_ac_gan.errors import GenomeACGANError, PanelError, some
from genome_ac_gan.experiment.completing import given_alleles, require_conditional
from genome_ac_gan.experiment.kept import open_kept
from genome_ac_gan.experiment.matching import comparable
from genome_ac_gan.experiment.results import write_evaluation
from genome_ac_gan.experiment.stages import QUICK_LOOK, shortfall_of
from genome_ac_gan.experiment.train import Notice, silent
from genome_ac_gan.files import replacing, write_text
from genome_ac_gan.formats import read_panel, read_split
from genome_ac_gan.metrics import Comparison, Evaluation, Progress, evaluate_with_anchors, ignore
from genome_ac_gan.models import Model
from genome_ac_gan.panel import UNLABELLED, HaplotypePanel, split_by_file
from genome_ac_gan.provenance import machine, now, sha256_of_file, software, to_json
from genome_ac_gan.report import write_outputs

Drawn = tuple[Iterator[HaplotypePanel], dict[str, str]]


def draw(
    path: Path,
    *,
    counts: Mapping[str, int],
    like: Path | None = None,
    labels: Path | None = None,
    given: Path | None = None,
    seed: int | None = None,
    device: str = "auto",
    threads: int | None = None,
    on_notice: Notice = silent,
) -> Drawn:
    """Return blocks of artificial genomes and the facts that belong into the header of their file.

    When the last block has been taken, a notice tells of labels that the model could not draw.

    Parameters
    ----------
    path
        Model or run folder.
    counts
        Haplotypes of each population; when empty, as in `like`, else as in training.
    like, labels
        A panel whose label counts are taken, and its label table.
    given
        A file of one haplotype, whose alleles all artificial genomes carry; of models that
        know alleles given others.
    seed
        The model's own seed when left out.
    """
    kept = open_kept(path, device=device, threads=threads, on_notice=on_notice)
    model = kept.model
    if not counts and like is not None:
        panel = read_panel(like, labels=labels, label=model.label, on_notice=on_notice)
        require_variants(model, panel.variants, kept.folder)
        counts = panel.counts
    counts = dict(counts or model.counts)
    seed = int(kept.card.get("seed", 1)) if seed is None else seed
    if given is None:
        return _told(model.sample_blocks(counts, seed=seed), model, on_notice), kept.origin(seed)
    exact = require_conditional(model, kept.folder)
    columns, alleles = given_alleles(model.variants, given, on_notice=on_notice)
    on_notice(f"all carry the alleles of {given} at {len(columns)} variants")
    return exact.sample_carrying(counts, columns, alleles, seed=seed), kept.origin(seed)


def _told(blocks: Iterator[HaplotypePanel], model: Model, on_notice: Notice) -> Iterator[HaplotypePanel]:
    """Pass blocks on, then tell what the model fell short of."""
    yield from blocks
    if model.shortfall:
        on_notice(f"warning: {shortfall_of(model)}")


def judge(
    train: Path,
    holdout: Path,
    synthetic: Mapping[str, Path],
    *,
    labels: Path | None = None,
    label: str | None = None,
    legend: Path | None = None,
    split: Path | None = None,
    metrics: Sequence[str] | None = None,
    repeats: int | None = None,
    fast: bool = False,
    seed: int = 1,
    output: Path | None = None,
    force: bool = False,
    command: str = "",
    on_notice: Notice = silent,
    on_progress: Progress = ignore,
) -> Evaluation:
    """Judge artificial genomes from any tool; write tables, figures and report to `output` when given.

    Parameters
    ----------
    train, holdout
        Real panels; the same file for both when `split` says who is on which side.
    synthetic
        Name -> panel, any number; they stand side by side.
    labels, label, legend
        As in `read_panel`; a synthetic set without labels is judged pooled only.
    split
        Table of sample ids and sides.
    metrics, repeats, fast, seed, on_progress
        As in `evaluate_with_anchors`.
    output, force
        Folder to make; an earlier judgement there is replaced when forced, nothing else is.
    """
    if output is not None:
        require_free(output, force=force)
    read = partial(read_panel, labels=labels, label=label, legend=legend, on_notice=on_notice)
    sides = (read(train), read(holdout)) if split is None else _sides(read, train, holdout, read_split(split))
    sets = {
        name: read_artificial(path, label=sides[0].label, legend=legend, on_notice=on_notice)
        for name, path in synthetic.items()
    }
    learned, unseen, sets = comparable(*sides, sets, on_notice=on_notice)
    if fast:
        on_notice(QUICK_LOOK)
    name, *others = sets
    outcome = evaluate_with_anchors(
        Comparison(train=learned, holdout=unseen, synthetic=sets[name]),
        metrics,
        seed=seed,
        repeats=repeats,
        fast=fast,
        name=name,
        others={other: sets[other] for other in others},
        on_progress=on_progress,
    )
    if output is not None:
        files = {"train": train, "holdout": holdout, **synthetic}
        _write(outcome, output, files, seed=seed, command=command)
    return outcome


def require_free(output: Path, *, force: bool) -> None:
    """Refuse an output folder that is in the way, before any work is done for it."""
    if not output.parent.is_dir():
        raise GenomeACGANError(f"{output}: the folder {output.parent} does not exist")
    if not output.exists() or (output.is_dir() and not any(output.iterdir())):
        return
    judged = (output / "evaluation").is_dir() and not (output / "config.yaml").exists()
    if not judged:
        raise GenomeACGANError(
            f"{output} is there and holds no judgement alone: give the name of a new folder"
        )
    if not force:
        raise GenomeACGANError(f"{output} exists already: give another name, or --force to replace it")


def _sides(
    read: Callable[[Path], HaplotypePanel], train: Path, holdout: Path, sides: Mapping[str, str]
) -> tuple[HaplotypePanel, HaplotypePanel]:
    """Return the train people of one file and the test people of another, or of the same, read once."""
    first = read(train)
    second = first if holdout == train else read(holdout)
    return split_by_file(first, sides).train, split_by_file(second, sides).holdout


def read_artificial(path: Path, *, label: str, legend: Path | None, on_notice: Notice) -> HaplotypePanel:
    """Read a set of artificial genomes whose population is a label column, or which carries none."""
    panel = read_panel(path, legend=legend, on_notice=on_notice)
    if label in panel.labels:
        panel = panel.with_population(label)
    elif panel.populations != (UNLABELLED,):
        raise PanelError(f"{path} has no label column {label!r}; it has: {some(panel.labels)}")
    if panel.populations == (UNLABELLED,):
        on_notice(f"{path} carries no labels: judged pooled only")
    return panel


def _write(outcome: Evaluation, output: Path, files: Mapping[str, Path], *, seed: int, command: str) -> None:
    record = {
        "format_version": 1,
        "command": command,
        "seed": seed,
        "inputs": {name: {"path": str(path), "sha256": sha256_of_file(path)} for name, path in files.items()},
        "software": software(),
        "machine": machine(),
        "finished": now(),
    }
    with replacing(output) as temporary:
        temporary.mkdir()
        write_evaluation(outcome, temporary / "evaluation")
        write_text(temporary / "provenance.json", to_json(record))
        write_outputs(temporary, force=True)
