"""The whole benchmark: panels, then cells one by one, skipping what is done."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from genome_ac_gan.config import to_yaml
from genome_ac_gan.errors import ConfigError, GenomeACGANError, some
from genome_ac_gan.experiment.benchmark.cell import run_cell, start_cell
from genome_ac_gan.experiment.benchmark.config import BenchmarkConfig
from genome_ac_gan.experiment.benchmark.layout import (
    BenchmarkDir,
    Cell,
    all_cells,
    require_unchanged_cells,
    require_unchanged_panels,
)
from genome_ac_gan.experiment.benchmark.panels import judge_panel, make_panel
from genome_ac_gan.experiment.ways import Ways, interruptible
from genome_ac_gan.files import locked, write_text


def open_benchmark(folder: BenchmarkDir, config: BenchmarkConfig) -> None:
    """Make the folder of a benchmark, or take the one that is there, and write the settings.

    Raises
    ------
    GenomeACGANError
        When something else stands there, settings alone included. Empty folders are
        nothing, and so are hidden ones: another process may be opening the same benchmark.
    """
    path, known = folder.folder, folder.config.is_file() and folder.panels.is_dir()
    if not known and (path.is_file() or any(_visible(path))):
        raise GenomeACGANError(f"{path} is there and is no benchmark folder: give the name of a new one")
    folder.panels.mkdir(parents=True, exist_ok=True)
    write_text(folder.config, to_yaml(config))


def _visible(folder: Path) -> Iterator[Path]:
    return (
        each
        for each in folder.rglob("*")
        if each.is_file() and not any(part.startswith(".") for part in each.relative_to(folder).parts)
    )


def run_benchmark(
    folder: BenchmarkDir,
    config: BenchmarkConfig,
    *,
    only: Cell | None = None,
    force: bool = False,
    retry: bool = False,
    ways: Ways | None = None,
) -> list[Cell]:
    """Compute every cell that is not done, or one alone; return those that failed, now or before.

    Panels come first: a panel that cannot be read is found before any training. The
    anchors of a panel and its sets made elsewhere are judged before its cells, and
    not at all for the sake of one cell.

    Parameters
    ----------
    force
        Start the cells anew, and without `only` the panels too.
    retry
        Go on with cells that failed.

    Raises
    ------
    GenomeACGANError
        When panels or cells on disk were made under other settings (unless forced).
    InterruptedWorkError
        After SIGINT or SIGTERM.
    """
    ways = ways or Ways()
    wanted = all_cells(config) if only is None else [only]
    _check(folder, config, wanted, whole=only is None, force=force, retry=retry)
    open_benchmark(folder, config)
    with interruptible() as place:
        panels = list(dict.fromkeys(cell.panel for cell in wanted))
        for name in panels:
            place.append(f"in panel {name}")
            again = force and only is None
            make_panel(folder, config, name, force=again, command=ways.command, on_notice=ways.on_notice)
        if force:
            for cell in wanted:
                shutil.rmtree(folder.run(cell).folder, ignore_errors=True)
        for name in panels:
            if only is None:
                place.append(f"in panel {name}")
                judge_panel(folder, config, name, on_notice=ways.on_notice, judging=ways.judging)
            _run_cells(folder, config, name, wanted, place, retry=retry, ways=ways)
    return [cell for cell in wanted if folder.status(cell, config) == "failed"]


def run_panel(folder: BenchmarkDir, config: BenchmarkConfig, name: str, *, ways: Ways | None = None) -> None:
    """Split one panel and judge its anchors and sets made elsewhere, as far as that is not done."""
    ways = ways or Ways()
    if name not in config.panels:
        raise ConfigError(f"no panel {name!r}; there are: {some(config.panels)}")
    require_unchanged_panels(folder, config, [name])
    open_benchmark(folder, config)
    with interruptible() as place:
        place.append(f"in panel {name}")
        make_panel(folder, config, name, command=ways.command, on_notice=ways.on_notice)
        judge_panel(folder, config, name, on_notice=ways.on_notice, judging=ways.judging)


def _check(
    folder: BenchmarkDir,
    config: BenchmarkConfig,
    wanted: Sequence[Cell],
    *,
    whole: bool,
    force: bool,
    retry: bool,
) -> None:
    """Refuse changed settings before anything is computed."""
    if force and whole:
        return
    require_unchanged_panels(folder, config, dict.fromkeys(cell.panel for cell in wanted))
    if not force:
        again = [cell for cell in wanted if retry and folder.failure(cell).is_file()]
        require_unchanged_cells(folder, config, [cell for cell in wanted if cell not in again])


def _run_cells(
    folder: BenchmarkDir,
    config: BenchmarkConfig,
    panel: str,
    wanted: Sequence[Cell],
    place: list[str],
    *,
    retry: bool,
    ways: Ways,
) -> None:
    for number, cell in enumerate(wanted, 1):
        if cell.panel != panel:
            continue
        place.append(f"in cell {cell}")
        with locked(folder.lock(cell)) as mine:
            status = folder.status(cell, config)
            if status == "done" or (status == "failed" and not retry):
                continue
            name = f"cell {number}/{len(wanted)} {cell}"
            if not mine:
                ways.on_notice(f"{name}: at work elsewhere")
                continue
            _run_cell(folder, config, cell, name, retry=retry, ways=ways)


def _run_cell(
    folder: BenchmarkDir, config: BenchmarkConfig, cell: Cell, name: str, *, retry: bool, ways: Ways
) -> None:
    start_cell(folder, config, cell, retry=retry, command=ways.command)
    good = run_cell(
        folder,
        cell,
        device=ways.device,
        progress=ways.progress,
        on_stage=lambda stage: ways.on_notice(f"{name}: {stage}"),
        on_notice=lambda message: ways.on_notice(f"{name}: {message}"),
        on_judging=ways.judging(),
    )
    if not good:
        ways.on_notice(f"{name}: failed: {folder.failed_with(cell)['message']}")
