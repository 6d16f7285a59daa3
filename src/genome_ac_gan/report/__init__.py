"""The report of a run: one HTML page that needs nothing else, the same figures as files, and tables for MultiQC."""

from genome_ac_gan.report.best import best
from genome_ac_gan.report.html import write_report
from genome_ac_gan.report.multiqc import write_multiqc
from genome_ac_gan.report.output import write_outputs
from genome_ac_gan.report.run import RunFiles, read_run
from genome_ac_gan.report.sections import write_figures

__all__ = [
    "RunFiles",
    "best",
    "read_run",
    "write_figures",
    "write_multiqc",
    "write_outputs",
    "write_report",
]
