"""Legends: the variants of `.hapt` and IMPUTE files, `id position a0 a1` a line."""

import re
from pathlib import Path

import numpy as np

from genome_ac_gan.errors import PanelError, some
from genome_ac_gan.formats.people import Notice
from genome_ac_gan.formats.text import read_text_lines
from genome_ac_gan.panel import VariantTable

_ID = re.compile(r"(?P<contig>[^\s:]+):(?P<position>[0-9]+)[_:].+")
_COLUMNS = ("id", "position", "a0", "a1")


def read_legend(path: Path) -> VariantTable:
    """Read a legend; ids must begin with the contig, as in `CHROM:POS_REF_ALT`.

    Raises
    ------
    PanelError
        When a column is missing, or an id does not name its contig or another
        position than the column; the message names the line.
    """
    lines = read_text_lines(path)
    header = lines[0].split()
    missing = [name for name in _COLUMNS if name not in header]
    if missing:
        raise PanelError(
            f"{path} is no legend: its header lacks {some(missing)} (expected id position a0 a1)"
        )
    columns = [header.index(name) for name in _COLUMNS]
    rows = [_row(path, number, line.split(), columns) for number, line in enumerate(lines[1:], start=2)]
    if not rows:
        raise PanelError(f"{path} names no variant")
    contig, position, ref, alt = zip(*rows, strict=True)
    try:
        return VariantTable(contig=np.array(contig), position=np.array(position, dtype=np.int64),
                            ref=np.array(ref), alt=np.array(alt))  # fmt: skip
    except PanelError as error:
        raise PanelError(f"{path}: {error}") from None


def _row(path: Path, number: int, cells: list[str], columns: list[int]) -> tuple[str, int, str, str]:
    if len(cells) <= max(columns):
        raise PanelError(f"{path}, line {number}: {len(cells)} values, expected id position a0 a1")
    name, position, ref, alt = (cells[column] for column in columns)
    match = _ID.fullmatch(name)
    if match is None:
        raise PanelError(
            f"{path}, line {number}: id {name} does not name its contig (expected CHROM:POS_REF_ALT)"
        )
    if match["position"] != position:
        raise PanelError(f"{path}, line {number}: id {name} contradicts position {position}")
    return match["contig"], int(position), ref, alt


def legend_text(variants: VariantTable) -> str:
    """Return the legend of a variant table."""
    rows = zip(variants.ids, variants.position, variants.ref, variants.alt, strict=True)
    return "id position a0 a1\n" + "".join(f"{name} {pos} {ref} {alt}\n" for name, pos, ref, alt in rows)


def find_legend(path: Path, stem: str, notice: Notice) -> Path:
    """Return the legend beside a file.

    One of the same name (`x.hapt.zip`, `x.legend`) is taken as it is; failing
    that, the one whose name begins the file's name, or the only one of the
    folder, with a notice.
    """
    exact = [path.with_name(stem + suffix) for suffix in (".legend", ".legend.gz")]
    for candidate in exact:
        if candidate.exists():
            return candidate
    others = sorted(path.parent.glob("*.legend")) + sorted(path.parent.glob("*.legend.gz"))
    alike = [other for other in others if stem.startswith(other.name.split(".legend")[0])]
    found = max(alike, key=lambda other: len(other.name), default=None)
    if found is None and len(others) == 1:
        found = others[0]
    if found is None:
        raise PanelError(f"{path} needs a legend: no {exact[0].name} beside it; name one (--legend)")
    notice(f"{path}: variants taken from {found}")
    return found
