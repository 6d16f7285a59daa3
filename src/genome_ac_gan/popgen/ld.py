"""Linkage disequilibrium: r2 of all pairs of variants in tiles, and its decay with distance.

r2 is the squared Pearson correlation of two columns of phased alleles. Columns
are standardised to unit length, so that a tile of r2 is one matrix product and
a square; only one tile of pairs is ever in memory. `pairs` has r2 of chosen pairs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from genome_ac_gan.popgen.frequency import column_blocks

TILE = 1024
FINEST_CM = 1e-3  # about 1 kb; maps of the human genome are not finer
Places = npt.NDArray[np.int64] | npt.NDArray[np.float64]


def unit_rows(x: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return the columns of `x` as rows, (n_variants, n_haplotypes), centred and scaled to length 1.

    Columns with one allele only become 0.
    """
    out = np.empty((x.shape[1], len(x)), dtype=np.float32)
    for block in column_blocks(x.shape[1], TILE):
        rows = np.ascontiguousarray(x[:, block].T).astype(np.float32)
        rows -= rows.mean(axis=1, dtype=np.float64).astype(np.float32)[:, None]
        length = np.sqrt(np.vecdot(rows, rows))
        some = length > 0  # exactly 0 with one allele: the mean is then 0 or 1
        rows *= np.where(some, 1 / np.where(some, length, 1), 0)[:, None]
        out[block] = rows
    return out


def r2_tiles(
    x: npt.NDArray[np.uint8], tile: int = TILE
) -> Iterator[tuple[slice, slice, npt.NDArray[np.float32]]]:
    """Yield r2 of all pairs of variants, tile by tile, each unordered pair once.

    All columns are held in single precision at once, 4 bytes an allele.

    Parameters
    ----------
    x : (n_haplotypes, n_variants) uint8
    tile
        Variants on a side of a tile.

    Yields
    ------
    rows, columns : slice
        Variants of the tile; `rows` never lies after `columns`.
    r2 : (len(rows), len(columns)) float32
        In [0, 1] up to rounding; 0 where a variant has one allele only. In
        tiles on the diagonal everything but i < j is set to 0. The next tile
        is written over it.
    """
    blocks = list(column_blocks(x.shape[1], tile))
    unit = unit_rows(x)
    memory = np.empty(min(tile, x.shape[1]) ** 2, dtype=np.float32)  # new memory for each tile is slow
    for index, rows in enumerate(blocks):
        left = unit[rows]
        for columns in blocks[index:]:
            right = unit[columns]
            r = memory[: len(left) * len(right)].reshape(len(left), len(right))
            np.matmul(left, right.T, out=r)
            np.square(r, out=r)
            if columns == rows:
                r[np.tril_indices(len(r))] = 0
            yield rows, columns, r


def r2_matrix(x: npt.NDArray[np.uint8], tile: int = TILE) -> npt.NDArray[np.float32]:
    """Return the whole (n_variants, n_variants) matrix of r2, diagonal 0: for few variants, figures and tests."""
    out = np.zeros((x.shape[1], x.shape[1]), dtype=np.float32)
    for rows, columns, r2 in r2_tiles(x, tile):
        out[rows, columns] = r2
    return out + out.T


def compat_bins(longest: float) -> npt.NDArray[np.float64]:
    """Return the 50 bin edges in bp of the published figures, natural logarithms taken for powers of ten.

    The edges are 10**u for u evenly spaced from ln 1 to ln `longest`, so they
    rise by a factor of about two and leave the data after some twenty bins.
    Kept for comparison with Yelmen et al. 2021 (doi:10.1371/journal.pgen.1009303)
    and its followers.
    """
    return np.logspace(np.log(1), np.log(longest), 50)


def log_bins(longest: float) -> npt.NDArray[np.float64]:
    """Return 50 edges in bp, evenly spaced in the logarithm from 1 to `longest`."""
    return np.geomspace(1, longest, 50)


def cm_bins(longest: float) -> npt.NDArray[np.float64]:
    """Return 51 edges in cM: 0, then evenly spaced in the logarithm from `FINEST_CM` to `longest`.

    The first bin holds all shorter distances, 0 included: genetic maps do not
    tell them apart. `longest` counts as at least twice `FINEST_CM`.
    """
    return np.append(0, np.geomspace(FINEST_CM, max(longest, 2 * FINEST_CM), 50))


def longest_distance(contig: npt.NDArray[np.str_], position: npt.NDArray[np.int64]) -> int:
    """Return the largest distance in bp of two variants on one contig, at least 2 so that bins exist."""
    return max(2, int(contig_length(contig, position)))


def contig_length(contig: npt.NDArray[np.str_], place: Places) -> float:
    """Return the largest distance of two variants on one contig, in the unit of `place`."""
    blocks = contig_blocks(contig)
    return max((float(place[block.stop - 1] - place[block.start]) for block in blocks), default=0.0)


def contig_blocks(contig: npt.NDArray[np.str_]) -> list[slice]:
    """Return where the variants of each contig stand."""
    if not len(contig):
        return []
    starts = [0, *(np.flatnonzero(contig[1:] != contig[:-1]) + 1).tolist()]
    return [slice(a, b) for a, b in pairwise([*starts, len(contig)])]


@dataclass
class Decay:
    """Sums of r2 per bin of distance; tiles are added one by one.

    Only pairs on one contig count. Bins are half open, [a, b), the last one
    closed.

    Attributes
    ----------
    contig : (n_variants,) str
    position : (n_variants,) int64
        Rising within a contig.
    edges : (n_bins + 1,) float64
        In bp, rising, positive.
    total, squares : (n_bins,) float64
        Sums of r2 and of its square.
    n_pairs : (n_bins,) int64
    blocks
        Variants of each contig.
    """

    contig: npt.NDArray[np.str_]
    position: npt.NDArray[np.int64]
    edges: npt.NDArray[np.float64]
    total: npt.NDArray[np.float64] = field(init=False)
    squares: npt.NDArray[np.float64] = field(init=False)
    n_pairs: npt.NDArray[np.int64] = field(init=False)
    blocks: list[slice] = field(init=False)

    def __post_init__(self) -> None:
        self.blocks = contig_blocks(self.contig)
        self.total, self.squares = np.zeros((2, len(self.edges) - 1))
        self.n_pairs = np.zeros(len(self.edges) - 1, dtype=np.int64)

    @property
    def mean(self) -> npt.NDArray[np.float64]:
        """(n_bins,) float64: mean r2; NaN in bins without a pair."""
        return per_pair(self.total, self.n_pairs)

    @property
    def sem(self) -> npt.NDArray[np.float64]:
        """(n_bins,) float64: standard error of the mean r2; see `standard_error`."""
        return standard_error(self.total, self.squares, self.n_pairs)

    def add(self, rows: slice, columns: slice, r2: npt.NDArray[np.float32]) -> None:
        """Add one tile of r2."""
        for block in self.blocks:
            part, others = _overlap(block, rows), _overlap(block, columns)
            if part.start >= part.stop or others.start >= others.stop:
                continue
            bounds = first_beyond(self.position[part], self.position[others], self.edges)
            left, top = others.start - columns.start, part.start - rows.start
            tile = r2[top : part.stop - rows.start, left : others.stop - columns.start]
            self.total += _bin_sums(tile, bounds)
            self.squares += _bin_sums(np.square(tile), bounds)
            self.n_pairs += np.diff(bounds.sum(axis=0))


def _overlap(block: slice, window: slice) -> slice:
    return slice(max(block.start, window.start), min(block.stop, window.stop))


def _bin_sums(tile: npt.NDArray[np.float32], bounds: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """Return the sums of a tile between the bounds of each row, added up over rows: (n_edges - 1,)."""
    n_rows, width = tile.shape
    padded = np.zeros((n_rows, width + 1), dtype=np.float32)  # bounds may lie behind the last column
    padded[:, :width] = tile
    starts = bounds + (np.arange(n_rows) * (width + 1))[:, None]
    sums = np.add.reduceat(padded.ravel(), starts.ravel()).reshape(starts.shape)[:, :-1]
    empty = bounds[:, :-1] == bounds[:, 1:]  # there reduceat returns one element, not none
    return np.asarray(np.where(empty, 0, sums).sum(axis=0, dtype=np.float64))


def first_beyond(near: Places, far: Places, edges: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Return for each variant and edge the first of the `far` variants at that distance or beyond.

    Pairs count from the nearer to the farther variant, so each is seen once.
    The last edge is inclusive.
    """
    limits = near[:, None] + edges
    limits[:, -1] = np.nextafter(limits[:, -1], np.inf)
    return np.searchsorted(far, limits)


def per_pair(total: npt.NDArray[np.float64], n_pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return sums as means over pairs; NaN in bins without a pair."""
    empty = n_pairs == 0
    return np.where(empty, np.nan, total / np.where(empty, 1, n_pairs))


def standard_error(
    total: npt.NDArray[np.float64], squares: npt.NDArray[np.float64], n_pairs: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Return the standard error of the mean over pairs, as if the pairs were independent.

    The error bars of published figures. Pairs share variants and people, so
    it is too small. 0 for one pair, NaN for none.
    """
    variance = per_pair(squares, n_pairs) - per_pair(total, n_pairs) ** 2
    return np.asarray(np.sqrt(np.maximum(variance, 0) / np.maximum(n_pairs - 1, 1)))


def decay(
    x: npt.NDArray[np.uint8],
    contig: npt.NDArray[np.str_],
    position: npt.NDArray[np.int64],
    edges: npt.NDArray[np.float64],
    tile: int = TILE,
) -> Decay:
    """Return the mean r2 of variants by their distance; all columns of `x` count, r2 is 0 for fixed ones."""
    result = Decay(contig, position, edges)
    for rows, columns, r2 in r2_tiles(x, tile):
        result.add(rows, columns, r2)
    return result


@dataclass
class Agreement:
    """Pearson correlation and RMSE of r2 over all pairs of variants of two arrays, from sums."""

    n_pairs: int = 0
    sums: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(6))

    def add(
        self, rows: slice, columns: slice, a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]
    ) -> None:
        """Add the tiles of both arrays for the same variants."""
        difference = a - b
        products = (a, b), (a, a), (b, b), (difference, difference)
        squares = [np.vecdot(p, q).sum(dtype=np.float64) for p, q in products]
        self.sums += [a.sum(dtype=np.float64), b.sum(dtype=np.float64), *squares]
        n, m = a.shape
        self.n_pairs += n * (n - 1) // 2 if rows == columns else n * m

    @property
    def rmse(self) -> float:
        """Root of the mean squared difference; 0 without pairs."""
        return float(np.sqrt(self.sums[5] / max(self.n_pairs, 1)))

    @property
    def r(self) -> float:
        """Pearson correlation; NaN when undefined (no variation in one of the arrays)."""
        if self.n_pairs == 0:
            return float("nan")
        a, b, ab, aa, bb = self.sums[:5] / self.n_pairs
        variances = (aa - a * a) * (bb - b * b)
        return float((ab - a * b) / np.sqrt(variances)) if variances > 0 else float("nan")


def agreement(x: npt.NDArray[np.uint8], y: npt.NDArray[np.uint8], tile: int = TILE) -> Agreement:
    """Return how far two arrays agree on r2, over all pairs i < j."""
    result = Agreement()
    for (rows, columns, a), (_, _, b) in zip(r2_tiles(x, tile), r2_tiles(y, tile), strict=True):
        result.add(rows, columns, a, b)
    return result


@dataclass(frozen=True)
class PairwiseComparison:
    """The decay of two arrays over the same variants, and the agreement of all their pairs."""

    first: Decay
    second: Decay
    agreement: Agreement


def compare_r2(
    x: npt.NDArray[np.uint8],
    y: npt.NDArray[np.uint8],
    contig: npt.NDArray[np.str_],
    position: npt.NDArray[np.int64],
    edges: npt.NDArray[np.float64],
    tile: int = TILE,
) -> PairwiseComparison:
    """Return decay and pairwise agreement of two arrays in one pass over the pairs.

    The agreement is over all pairs i < j, on one contig or on two; the decay
    over pairs on one contig.
    """
    result = PairwiseComparison(Decay(contig, position, edges), Decay(contig, position, edges), Agreement())
    for (rows, columns, a), (_, _, b) in zip(r2_tiles(x, tile), r2_tiles(y, tile), strict=True):
        result.first.add(rows, columns, a)
        result.second.add(rows, columns, b)
        result.agreement.add(rows, columns, a, b)
    return result


def decay_rmse(real: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """Return the root mean squared difference of two decay curves over the bins that hold pairs in both."""
    filled = ~(np.isnan(real) | np.isnan(other))
    return float(np.sqrt(np.mean((real[filled] - other[filled]) ** 2))) if filled.any() else float("nan")
