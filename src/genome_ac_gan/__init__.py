"""Artificial human genomes by population: learn, generate, judge, report."""

from genome_ac_gan.errors import (
    CheckpointError,
    ConfigError,
    GenomeACGANError,
    NotFittedError,
    PanelError,
)
from genome_ac_gan.panel import HaplotypePanel, VariantTable, load_panel, save_panel

__version__ = "0.1.0"

__all__ = [
    "CheckpointError",
    "ConfigError",
    "GenomeACGANError",
    "HaplotypePanel",
    "NotFittedError",
    "PanelError",
    "VariantTable",
    "__version__",
    "load_panel",
    "save_panel",
]
