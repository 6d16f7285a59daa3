"""Everything a report writes, in order."""

from pathlib import Path

from genome_ac_gan.files import refuse_existing
from genome_ac_gan.plots import SUFFIXES
from genome_ac_gan.report.html import write_report
from genome_ac_gan.report.judged import is_fast
from genome_ac_gan.report.multiqc import write_multiqc
from genome_ac_gan.report.run import read_run
from genome_ac_gan.report.sections import write_figures

QUICK_SUFFIXES = (".png",)


def write_outputs(folder: Path, *, force: bool = False) -> Path:
    """Write figures, MultiQC's files and the page of a run or evaluation folder; return the path of the page.

    Of a quick look the figures are PNG only.
    """
    refuse_existing(folder / "report.html", force=force)
    write_figures(folder, QUICK_SUFFIXES if is_fast(read_run(folder)) else SUFFIXES)
    write_multiqc(folder)
    return write_report(folder, force=force)
