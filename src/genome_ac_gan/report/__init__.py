"""The report of a run: one HTML page that needs nothing else, and the same figures as files."""

from genome_ac_gan.report.html import write_report
from genome_ac_gan.report.run import RunFiles, read_run
from genome_ac_gan.report.sections import write_figures

__all__ = ["RunFiles", "read_run", "write_figures", "write_report"]
