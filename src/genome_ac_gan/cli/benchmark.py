"""The verb `benchmark`: models x panels x seeds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from genome_ac_gan.cli import options
from genome_ac_gan.cli.console import FAILED, notice, verbosity

if TYPE_CHECKING:
    from genome_ac_gan.experiment.benchmark import BenchmarkConfig, BenchmarkDir, Cell
    from genome_ac_gan.experiment.ways import Ways


def _sets(_: click.Context, __: click.Parameter, values: Sequence[str]) -> Mapping[tuple[str, str], Path]:
    """Turn [PANEL:]NAME=FILE into a mapping of (panel, name) to files."""
    sets: dict[tuple[str, str], Path] = {}
    for value in values:
        key, equals, path = value.partition("=")
        panel, _colon, name = key.rpartition(":")
        if not equals or not name or not path:
            raise click.BadParameter(f"{value!r}: expected NAME=FILE or PANEL:NAME=FILE")
        if (panel, name) in sets:
            raise click.BadParameter(f"two sets are called {key}")
        sets[panel, name] = Path(path)
    return sets


@click.command()
@click.argument("config_file", metavar="[CONFIG]", required=False, type=options.FILE)
@click.option(
    "-o", "--output", required=True, type=options.FILE, metavar="FOLDER", help="The benchmark folder."
)
@click.option(
    "--synthetic",
    multiple=True,
    callback=_sets,
    metavar="[PANEL:]NAME=FILE",
    help="Artificial genomes made elsewhere, one more row; may be repeated.",
)
@click.option("--list", "listed", is_flag=True, help="Print the cells and how far each is; compute nothing.")
@click.option(
    "--cell", metavar="PANEL/MODEL/SEED", help="Compute this cell alone, its panel first when needed."
)
@click.option("--panel", metavar="NAME", help="Split this panel and judge its anchors and sets; no cell.")
@click.option("--collect", is_flag=True, help="Write tables and report from what is done; compute no cell.")
@click.option("--retry", is_flag=True, help="Go on with cells that failed before.")
@click.option("--force", is_flag=True, help="Start anew: everything, or the cell named by --cell.")
@options.assignments
@click.option("--device", metavar="NAME", default="auto", help="cpu, cuda, mps or auto.")
@options.threads
@verbosity
def benchmark(
    config_file: Path | None,
    output: Path,
    synthetic: Mapping[tuple[str, str], Path],
    listed: bool,
    cell: str | None,
    panel: str | None,
    collect: bool,
    retry: bool,
    force: bool,
    assignments: tuple[str, ...],
    device: str,
    threads: int | None,
) -> None:  # fmt: skip
    """Train every model on every panel with every seed, judge all alike, and write one table and one report.

    CONFIG is a YAML file; without it, the one that FOLDER holds. Cells that are
    done are skipped, one that was stopped goes on where it stood. A cell that
    fails does not stop the others; the exit code is then 1.

    \b
    genome-ac-gan benchmark examples/benchmark.yaml -o runs/benchmark
    genome-ac-gan benchmark examples/benchmark.yaml -o runs/benchmark --list
    genome-ac-gan benchmark examples/benchmark.yaml -o runs/benchmark --cell toy/stable/1
    """
    from genome_ac_gan.experiment.benchmark import BenchmarkDir, find_cell, read_benchmark

    if sum(map(bool, (listed, cell, panel, collect))) > 1:
        raise click.UsageError("give one of --list, --cell, --panel, --collect", click.get_current_context())
    if (force or retry) and (listed or panel or collect):
        raise click.UsageError(
            "--force and --retry compute cells: give --cell or none", click.get_current_context()
        )
    folder = BenchmarkDir(output)
    config = read_benchmark(config_file or folder.config, pairs=assignments, synthetic=synthetic)
    if listed:
        click.echo(_list(folder, config), nl=False)
        return
    only = find_cell(config, cell) if cell else None
    failed: Sequence[Cell] = ()
    if not collect:
        failed = _compute(
            folder, config, only, panel, force=force, retry=retry, ways=options.ways(device, threads)
        )
    click.echo(_result(folder, config, only, panel))
    if failed:
        notice(
            f"{len(failed)} of the cells failed: {folder.costs if only is None else folder.failure(only)} says why"
        )
        click.get_current_context().exit(FAILED)


def _compute(
    folder: "BenchmarkDir",
    config: "BenchmarkConfig",
    only: "Cell | None",
    panel: str | None,
    *,
    force: bool,
    retry: bool,
    ways: "Ways",
) -> "Sequence[Cell]":
    from genome_ac_gan.experiment.benchmark import run_benchmark, run_panel

    if panel:
        run_panel(folder, config, panel, ways=ways)
        return ()
    return run_benchmark(folder, config, only=only, force=force, retry=retry, ways=ways)


def _result(
    folder: "BenchmarkDir", config: "BenchmarkConfig", only: "Cell | None", panel: str | None
) -> Path:
    """Write tables and report, unless one panel or cell alone was asked for; return what to look at."""
    from genome_ac_gan.experiment.benchmark import collect

    if only:
        return folder.run(only).folder
    if panel:
        return folder.panel(panel).folder
    return collect(folder, config)


def _list(folder: "BenchmarkDir", config: "BenchmarkConfig") -> str:
    from genome_ac_gan.experiment.benchmark import all_cells

    lines = [
        (cell.panel, cell.model, str(cell.seed), folder.status(cell, config)) for cell in all_cells(config)
    ]
    return "".join("\t".join(line) + "\n" for line in [("panel", "model", "seed", "status"), *lines])
