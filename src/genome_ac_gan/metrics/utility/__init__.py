"""Metrics of what synthetic haplotypes are good for in analyses of real people."""
