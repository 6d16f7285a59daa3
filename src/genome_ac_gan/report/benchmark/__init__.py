"""The report of a benchmark: one HTML page, a function of the tables and records of its folder."""

from genome_ac_gan.report.benchmark.page import write_benchmark_report

__all__ = ["write_benchmark_report"]
