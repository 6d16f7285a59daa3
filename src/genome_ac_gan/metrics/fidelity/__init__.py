"""Metrics of how well synthetic haplotypes follow the real distribution."""
