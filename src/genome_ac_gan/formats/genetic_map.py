"""Genetic maps: centimorgans at each variant by linear interpolation."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from genome_ac_gan.errors import PanelError, some
from genome_ac_gan.formats.labels import plain
from genome_ac_gan.formats.region import bare
from genome_ac_gan.formats.text import read_text_lines
from genome_ac_gan.panel import VariantTable

ANY = "*"  # the contig of a map that names none
_CONTIG = ("chr", "chrom", "chromosome", "contig")
_POSITION = ("pos", "position", "positionbp", "bp")
_CM = ("cm", "mapcm", "geneticmapcm", "geneticmap", "pgd")


@dataclass(frozen=True)
class GeneticMap:
    """Positions (bp, strictly rising) and centimorgans (never falling) of each contig.

    Between two points the map is linear. Beyond its ends it goes on at the mean
    rate of the contig's map, so that no two variants out there lie at one place;
    centimorgans may so become negative before the first point.
    """

    path: Path
    points: Mapping[str, tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]]

    def cm(self, variants: VariantTable) -> npt.NDArray[np.float64]:
        """(n_variants,) float64: centimorgans at each variant.

        Raises
        ------
        PanelError
            When the map lacks a contig of the variants (`15` and `chr15` are one).
        """
        cm = np.empty(len(variants), dtype=np.float64)
        for contig in variants.contigs:
            here = variants.contig == contig
            cm[here] = _interpolate(variants.position[here], *self._of(contig, variants))
        return cm

    def _of(
        self, contig: str, variants: VariantTable
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        if ANY in self.points:
            if len(variants.contigs) > 1:
                raise PanelError(
                    f"{self.path} does not name its contig, and the variants lie on {some(variants.contigs)}"
                )
            return self.points[ANY]
        for name, points in self.points.items():
            if bare(name) == bare(contig):
                return points
        raise PanelError(f"{self.path} has no contig {contig}; it has {some(self.points)}")


def _interpolate(
    position: npt.NDArray[np.int64], bp: npt.NDArray[np.int64], cm: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    inside: npt.NDArray[np.float64] = np.interp(position, bp, cm)
    rate = (cm[-1] - cm[0]) / (bp[-1] - bp[0])
    beyond = np.minimum(position - bp[0], 0) + np.maximum(position - bp[-1], 0)  # bp, 0 within the map
    return np.asarray(inside + rate * beyond, dtype=np.float64)


def read_genetic_map(path: Path) -> GeneticMap:
    """Read a genetic map.

    Understood by their headers: SHAPEIT (`pos chr cM`), HapMap (`Chromosome
    Position(bp) Rate(cM/Mb) Map(cM)`) and IMPUTE (`position COMBINED_rate
    Genetic_Map`, no contig: for a panel of one contig). Without a header:
    PLINK `.map` (contig, id, cM, bp).

    Raises
    ------
    PanelError
        When columns are missing, a value is no number, or a contig has fewer
        than two points or points that do not rise; the message names the line.
    """
    path = Path(path)
    numbered = [(i, line.split()) for i, line in enumerate(read_text_lines(path), start=1) if line.strip()]
    first = numbered[0][1]
    if len(first) == 4 and _is_number(first[2]) and _is_number(first[3]):
        columns: tuple[int | None, int, int] = (0, 3, 2)
    else:
        columns = _by_header(path, first)
        numbered = numbered[1:]
    points: dict[str, list[tuple[int, int, float]]] = {}
    for number, cells in numbered:
        contig, position, cm = _point(path, number, cells, columns)
        points.setdefault(contig, []).append((number, position, cm))
    if not points:
        raise PanelError(f"{path} has no point")
    return GeneticMap(path, {contig: _checked(path, contig, rows) for contig, rows in points.items()})


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _by_header(path: Path, header: list[str]) -> tuple[int | None, int, int]:
    names = [plain(name) for name in header]
    contig = next((names.index(name) for name in _CONTIG if name in names), None)
    position = next((names.index(name) for name in _POSITION if name in names), None)
    cm = next((names.index(name) for name in _CM if name in names), None)
    if position is None or cm is None:
        raise PanelError(
            f"{path} is no genetic map: its first line is {' '.join(header)[:60]!r}; expected `pos chr cM`, "
            "a HapMap or IMPUTE header, or the four columns of a PLINK .map"
        )
    return contig, position, cm


def _point(
    path: Path, number: int, cells: list[str], columns: tuple[int | None, int, int]
) -> tuple[str, int, float]:
    contig, position, cm = columns
    try:
        return ANY if contig is None else cells[contig], int(cells[position]), float(cells[cm])
    except (ValueError, IndexError):
        raise PanelError(
            f"{path}, line {number}: no point of a genetic map: {' '.join(cells)[:60]!r}"
        ) from None


def _checked(
    path: Path, contig: str, rows: list[tuple[int, int, float]]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    where = "" if contig == ANY else f" of contig {contig}"
    if len(rows) < 2:
        raise PanelError(f"{path}: one point{where} is no map")
    for (_, bp, cm), (number, next_bp, next_cm) in pairwise(rows):
        if next_bp <= bp or not next_cm >= cm:
            raise PanelError(f"{path}, line {number}: the points{where} must rise in bp and not fall in cM")
    if not rows[-1][2] > rows[0][2]:
        raise PanelError(f"{path}: the points{where} are all at {rows[0][2]} cM: it has no genetic positions")
    return np.array([bp for _, bp, _ in rows], dtype=np.int64), np.array([cm for *_, cm in rows])
