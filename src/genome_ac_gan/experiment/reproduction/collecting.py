"""What is done of an experiment, put together: its tables, the printed values beside ours, and the report."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from genome_ac_gan.experiment.reproduction.base import COMPARED, Experiment
from genome_ac_gan.files import locked, write_text
from genome_ac_gan.report.reproduction import write_reproduction_report

if TYPE_CHECKING:
    from pandas import DataFrame


def collect(experiment: Experiment[Any]) -> Path:
    """Write `tables/*.tsv`, `compared.tsv` and `report.html` from whatever is done; return the report."""
    folder = experiment.folder
    with locked(folder / ".collect.lock", wait=True):
        (folder / "tables").mkdir(exist_ok=True)
        for name, table in experiment.tables().items():
            write_text(folder / "tables" / f"{name}.tsv", _tsv(table))
        write_text(folder / "compared.tsv", _tsv(experiment.compared()[list(COMPARED)]))
        return write_reproduction_report(folder)


def _tsv(table: "DataFrame") -> str:
    text: str = table.to_csv(sep="\t", index=False, float_format="%.6g", lineterminator="\n")
    return text
