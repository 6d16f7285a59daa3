"""The report of an experiment of the paper: one HTML page, a function of the tables in its folder."""

from genome_ac_gan.report.reproduction.page import write_reproduction_report

__all__ = ["write_reproduction_report"]
