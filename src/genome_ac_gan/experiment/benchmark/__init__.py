"""A benchmark: models x panels x seeds, an ordinary run folder for each, one table and one report."""

from genome_ac_gan.experiment.benchmark.collecting import collect
from genome_ac_gan.experiment.benchmark.config import BenchmarkConfig, read_benchmark
from genome_ac_gan.experiment.benchmark.layout import BenchmarkDir, Cell, all_cells, find_cell
from genome_ac_gan.experiment.benchmark.run import (
    run_benchmark,
    run_panel,
)
from genome_ac_gan.experiment.benchmark.tables import write_tables

__all__ = [
    "BenchmarkConfig",
    "BenchmarkDir",
    "Cell",
    "all_cells",
    "collect",
    "find_cell",
    "read_benchmark",
    "run_benchmark",
    "run_panel",
    "write_tables",
]
