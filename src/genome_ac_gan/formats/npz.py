"""Our own npz: read as it is, written from anything a block at a time."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from genome_ac_gan.formats.layout import WriteOptions
from genome_ac_gan.formats.request import Request
from genome_ac_gan.formats.source import Source, Spool, row_tiles
from genome_ac_gan.panel import HaplotypePanel, load_panel
from genome_ac_gan.panel.npz import panel_arrays, save_arrays


def read_npz(path: Path, _: Request) -> HaplotypePanel:
    """Read a panel written by `save_panel` or `write_npz`."""
    return load_panel(path)


def companions(_: Source, __: Path) -> list[Path]:
    """Return nothing: the file holds labels and variants itself."""
    return []


def write_npz(source: Source, files: Sequence[Path], _: WriteOptions) -> None:
    """Write a panel as npz; at most its packed bits are in memory, and of a spool only a buffer."""
    packed = source.packed if isinstance(source, Spool) else _packed(source)
    save_arrays(files[0], panel_arrays(source, packed))


def _packed(source: Source) -> npt.NDArray[np.uint8]:
    packed = np.empty((source.n_haplotypes, -(-source.n_variants // 8)), dtype=np.uint8)
    for rows in row_tiles(source):
        packed[rows] = np.packbits(source.block(rows, slice(None)), axis=1)
    return packed
