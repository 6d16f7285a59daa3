"""What is done of an experiment, put together: its tables, the printed values beside ours, and the report."""

from pathlib import Path
from typing import Any

from genome_ac_gan.experiment.reproduction.base import COMPARED, Experiment
from genome_ac_gan.files import locked, tsv, write_text
from genome_ac_gan.report.reproduction import write_reproduction_report


def collect(experiment: Experiment[Any]) -> Path:
    """Write `tables/*.tsv`, `compared.tsv` and `report.html` from whatever is done; return the report."""
    folder = experiment.folder
    with locked(folder / ".collect.lock", wait=True):
        (folder / "tables").mkdir(exist_ok=True)
        for name, table in experiment.tables().items():
            write_text(folder / "tables" / f"{name}.tsv", tsv(table))
        write_text(folder / "compared.tsv", tsv(experiment.compared()[list(COMPARED)]))
        return write_reproduction_report(folder)
