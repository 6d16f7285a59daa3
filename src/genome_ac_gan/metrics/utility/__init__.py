"""Utility metrics: what artificial genomes are good for."""
