"""The panel stage: a panel is read and split once, its anchors and sets made elsewhere are judged once."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from genome_ac_gan.errors import PanelError, some
from genome_ac_gan.experiment.benchmark.config import BenchmarkConfig
from genome_ac_gan.experiment.benchmark.layout import BenchmarkDir
from genome_ac_gan.experiment.judging import read_artificial
from genome_ac_gan.experiment.results import write_evaluation
from genome_ac_gan.experiment.run import RunDir
from genome_ac_gan.experiment.stages import begin, split, stopwatch
from genome_ac_gan.experiment.train import Notice, silent
from genome_ac_gan.files import locked, write_text
from genome_ac_gan.metrics import (
    Comparison,
    Evaluation,
    Progress,
    evaluate_anchors,
    evaluate_with_anchors,
    ignore,
)
from genome_ac_gan.panel import UNLABELLED, HaplotypePanel, load_panel
from genome_ac_gan.provenance import now, sha256_of_file, to_json

ANCHORS = "anchors"


def make_panel(
    folder: BenchmarkDir,
    config: BenchmarkConfig,
    name: str,
    *,
    force: bool = False,
    command: str = "",
    on_notice: Notice = silent,
) -> None:
    """Split a panel into `panels/NAME` unless that is done; with `force` anew.

    Whoever makes it at the same time makes the same one; the first to end wins.
    """
    panel = folder.panel(name)
    if panel.provenance.is_file() and not force:
        return
    on_notice(f"panel {name}: split")
    if force:
        begin(panel, config.panel_experiment(name), force=True, command=command, on_notice=on_notice)
        return
    with _appearing(panel.folder) as temporary:
        fresh, settings = RunDir(temporary), config.panel_experiment(name)
        fresh.start(settings, command=command)
        split(fresh, settings, on_notice=on_notice)


@contextmanager
def _appearing(path: Path) -> Iterator[Path]:
    """Yield a temporary folder that becomes `path`, or is dropped when another stands there by then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(prefix=".tmp-", dir=path.parent))
    try:
        yield room / path.name
        try:
            (room / path.name).rename(path)
        except OSError:
            if not path.is_dir():
                raise
    finally:
        shutil.rmtree(room, ignore_errors=True)


def judge_panel(
    folder: BenchmarkDir,
    config: BenchmarkConfig,
    name: str,
    *,
    on_notice: Notice = silent,
    judging: Callable[[], Progress] = lambda: ignore,
) -> None:
    """Judge the anchors of a panel and the sets made elsewhere, each unless that is done.

    Raises
    ------
    PanelError
        When a set lacks a population: it could not be judged against the people by
        whom the models are judged.
    """
    if _todo(folder, config, name):
        with locked(folder.panel(name).folder.parent / f".{name}.lock", wait=True):
            _judge(folder, config, name, on_notice, judging)


def _todo(folder: BenchmarkDir, config: BenchmarkConfig, name: str) -> dict[str, dict[str, Any]]:
    """Return the sources that are not judged yet, or otherwise than wanted, with what decides their evaluation."""
    wanted = _origins(config, name)
    return {
        source: origin
        for source, origin in wanted.items()
        if not _fits(_origin(folder.judged(name, source)), origin)
    }


def judged_sources(folder: BenchmarkDir, config: BenchmarkConfig, name: str) -> dict[str, Path]:
    """Return where the sets of a panel and then its anchors were judged, those that were and as is wanted."""
    wanted, todo = _origins(config, name), _todo(folder, config, name)
    return {
        source: folder.judged(name, source)
        for source in (*config.panels[name].synthetic, ANCHORS)
        if source in wanted and source not in todo
    }


def _judge(
    folder: BenchmarkDir,
    config: BenchmarkConfig,
    name: str,
    on_notice: Notice,
    judging: Callable[[], Progress],
) -> None:
    todo = _todo(folder, config, name)  # another process may have done it meanwhile
    if not todo:
        return
    panel = folder.panel(name)
    train, holdout = load_panel(panel.panel("train")), load_panel(panel.panel("holdout"))
    files = config.panels[name].synthetic
    legend = config.panels[name].legend
    sets = {
        source: read_artificial(
            Path(files[source]),
            label=train.label,
            legend=Path(legend) if legend else None,
            on_notice=on_notice,
        )
        for source in todo
        if source != ANCHORS
    }
    comparisons = {
        source: Comparison(train=train, holdout=holdout, synthetic=_complete(source, each, holdout))
        for source, each in sets.items()
    }
    for source in todo:
        on_notice(f"panel {name}: judge {source}")
        spent = stopwatch()
        if source == ANCHORS:
            outcome = _anchors(config, train, holdout, judging())
        else:
            outcome = _set(config, source, comparisons[source], judging())
        _write(outcome, folder.judged(name, source), todo[source], spent())


def _origins(config: BenchmarkConfig, name: str) -> dict[str, dict[str, Any]]:
    """Return what decides the evaluation of each source: how it is judged, and its file."""
    judging = config.judging.model_dump(mode="json", exclude={"anchors"})
    origins = {ANCHORS: {"evaluate": judging}} if config.evaluate.anchors else {}
    for source, file in config.panels[name].synthetic.items():
        path = Path(file)
        known = {"path": file, "sha256": sha256_of_file(path)} if path.is_file() else {"path": file}
        origins[source] = {"evaluate": judging, "input": known}
    return origins


def _origin(judged: Path) -> dict[str, Any] | None:
    path = judged / "origin.json"
    if not path.is_file():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError:
        return None
    return {key: value for key, value in record.items() if key in ("evaluate", "input")}


def _fits(judged: dict[str, Any] | None, wanted: Mapping[str, Any]) -> bool:
    """Return whether an evaluation is the one wanted; a file that is gone is taken to be the one that was judged."""
    file = wanted.get("input", {})
    if judged and "input" in judged and "sha256" not in file:
        judged = {**judged, "input": {"path": judged["input"]["path"]}}
    return judged == wanted


def _complete(name: str, panel: HaplotypePanel, holdout: HaplotypePanel) -> HaplotypePanel:
    lacking = [each for each in holdout.populations if each not in panel.populations]
    if lacking and panel.populations != (UNLABELLED,):
        raise PanelError(
            f"the set {name} has none of {some(lacking)}: it cannot be judged against the people by whom the "
            "models are judged"
        )
    return panel


def _anchors(
    config: BenchmarkConfig, train: HaplotypePanel, holdout: HaplotypePanel, on_progress: Progress
) -> Evaluation:
    judging = config.judging
    assert judging.seed is not None
    return evaluate_anchors(
        train, holdout, judging.metrics, seed=judging.seed, repeats=judging.repeats, fast=judging.fast,
        on_progress=on_progress,
    )  # fmt: skip


def _set(config: BenchmarkConfig, name: str, comparison: Comparison, on_progress: Progress) -> Evaluation:
    judging = config.judging
    assert judging.seed is not None
    return evaluate_with_anchors(
        comparison, judging.metrics, seed=judging.seed, repeats=judging.repeats, fast=judging.fast, name=name,
        anchors=False, on_progress=on_progress,
    )  # fmt: skip


def _write(outcome: Evaluation, judged: Path, origin: Mapping[str, Any], seconds: float) -> None:
    """Write an evaluation; its origin, which makes it count as done, comes last."""
    judged.parent.mkdir(parents=True, exist_ok=True)
    write_evaluation(outcome, judged)
    write_text(judged / "origin.json", to_json({**origin, "seconds": seconds, "finished": now()}))
