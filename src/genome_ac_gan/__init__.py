"""Artificial human genomes by population: learn, generate, judge, report."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from genome_ac_gan.errors import (
    CheckpointError,
    ConfigError,
    GenomeACGANError,
    NotFittedError,
    PanelError,
)

if TYPE_CHECKING:
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

# Names that are imported when they are first asked for: NumPy alone would double the time of `--help`.
_HOMES = {
    "HaplotypePanel": "genome_ac_gan.panel",
    "VariantTable": "genome_ac_gan.panel",
    "load_panel": "genome_ac_gan.panel",
    "save_panel": "genome_ac_gan.panel",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
