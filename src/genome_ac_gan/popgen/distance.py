"""Hamming distances between haplotypes: exact, in tiles; the nearest two rows, and equal rows.

Distances come from a single-precision matrix product, |x| + |y| - 2 x.y. Counts
below 2**24 are exact in single precision; wider arrays are summed in double.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from genome_ac_gan.popgen.frequency import column_blocks

EXACT_IN_SINGLE = 1 << 24
BLOCK_COLUMNS = 16384


@dataclass(frozen=True)
class Neighbours:
    """Nearest neighbours of each row.

    Attributes
    ----------
    distance : (n,) int64
        Hamming distance to the nearest row, in variants.
    second : (n,) float64
        Distance to the second nearest, equal to `distance` where two rows are
        as near; infinite where there is only one row.
    """

    distance: npt.NDArray[np.int64]
    second: npt.NDArray[np.float64]


def shared_ones(x: npt.NDArray[np.uint8], y: npt.NDArray[np.uint8] | None = None) -> npt.NDArray[np.floating]:
    """Return at how many variants each pair of rows both carry allele 1: the Gram matrix, exact.

    Parameters
    ----------
    x : (n, n_variants) uint8
    y : (m, n_variants) uint8, optional
        `x` itself when left out, at half the cost.

    Returns
    -------
    (n, m) float32, or float64 from 2**24 variants on; whole numbers
    """
    n_variants = x.shape[1]
    dtype = np.float32 if n_variants < EXACT_IN_SINGLE else np.float64
    out = np.zeros((len(x), len(x) if y is None else len(y)), dtype=dtype)
    for columns in column_blocks(n_variants, BLOCK_COLUMNS):
        left = x[:, columns].astype(np.float32)
        out += left @ (left.T if y is None else y[:, columns].astype(np.float32).T)
    return out


def hamming(x: npt.NDArray[np.uint8], y: npt.NDArray[np.uint8] | None = None) -> npt.NDArray[np.floating]:
    """Return the Hamming distance of each row of `x` to each row of `y` (`x` itself when left out).

    Shapes as in `shared_ones`; the whole (n, m) matrix is in memory.
    """
    distance = shared_ones(x, y)
    distance *= -2
    distance += x.sum(axis=1, dtype=np.int64)[:, None].astype(distance.dtype)
    distance += (x if y is None else y).sum(axis=1, dtype=np.int64).astype(distance.dtype)
    return distance


def nearest(x: npt.NDArray[np.uint8], y: npt.NDArray[np.uint8] | None = None, tile: int = 2048) -> Neighbours:
    """Return the nearest two rows of `y` for each row of `x`.

    Parameters
    ----------
    x : (n, n_variants) uint8
    y : (m, n_variants) uint8, optional
        When left out, the other rows of `x`: a row is never its own
        neighbour, but an identical other row is, at distance 0.
    tile
        Rows of either taken at a time: (tile, tile) distances are in memory.

    Raises
    ------
    ValueError
        When there is nobody to be a neighbour.
    """
    others = x if y is None else y
    if len(others) < (2 if y is None else 1):
        raise ValueError("nearest neighbours need at least one other row")
    best = np.full((len(x), 2), np.inf)
    for rows in column_blocks(len(x), tile):
        for columns in column_blocks(len(others), tile):
            own = y is None and rows == columns
            block = within(x[rows]) if own else hamming(x[rows], others[columns])
            found = np.concatenate([best[rows], _two_smallest(block)], axis=1)
            best[rows] = np.sort(found, axis=1)[:, :2]
    return Neighbours(best[:, 0].astype(np.int64), best[:, 1])


def nearest_in_matrix(distances: npt.NDArray[np.floating], tile: int = 1024) -> Neighbours:
    """Return the nearest two columns for each row of an (n, m) matrix of distances, which stays as it is."""
    parts = [_two_smallest(distances[rows].copy()) for rows in column_blocks(len(distances), tile)]
    best = np.concatenate(parts)
    return Neighbours(best[:, 0].astype(np.int64), best[:, 1])


def _two_smallest(block: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return the smallest two entries of each row, (n, 2), the second infinite in a single column; spoils `block`."""
    rows, nearest_column = np.arange(len(block)), block.argmin(axis=1)
    smallest = block[rows, nearest_column]
    block[rows, nearest_column] = np.inf
    return np.stack([smallest, block.min(axis=1)], axis=1).astype(np.float64)


def nearest_both_ways(
    x: npt.NDArray[np.uint8], y: npt.NDArray[np.uint8], tile: int = 2048
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the distance of each row of `x` to its nearest in `y`, and of each row of `y` to its nearest in `x`.

    One pass over the pairs for both; shapes (n,) and (m,) int64.
    """
    forward = np.empty(len(x), dtype=np.int64)
    backward = np.full(len(y), np.inf)
    for rows in column_blocks(len(x), tile):
        block = hamming(x[rows], y)
        forward[rows] = block.min(axis=1)
        np.minimum(backward, block.min(axis=0), out=backward)
    return forward, backward.astype(np.int64)


@dataclass(frozen=True)
class Verdicts:
    """Whether each row's nearest neighbour is of its own set.

    Attributes
    ----------
    truth, syn : (n,) float64
        1 where a row of the real (synthetic) set is nearer to its own set, 0
        where it is nearer to the other set, 1/2 where both are as near.
    """

    truth: npt.NDArray[np.float64]
    syn: npt.NDArray[np.float64]


def nearest_neighbour_verdicts(real: npt.NDArray[np.uint8], synthetic: npt.NDArray[np.uint8]) -> Verdicts:
    """Return for each row whether its nearest neighbour belongs to its own set.

    The mean of the verdicts is the nearest-neighbour adversarial accuracy of
    Yale et al. 2020 (doi:10.1016/j.neucom.2019.12.136). Of two exchangeable
    sets of n rows a row has n - 1 others of its own set and n of the other:
    (n - 1) / (2n - 1) is expected, just under 1/2. The sets should have the
    same number of rows, at least two.
    """
    real_to_synthetic, synthetic_to_real = nearest_both_ways(real, synthetic)
    return Verdicts(
        _nearer(nearest(real).distance, real_to_synthetic),
        _nearer(nearest(synthetic).distance, synthetic_to_real),
    )


def verdicts_of_matrices(
    real: npt.NDArray[np.floating], synthetic: npt.NDArray[np.floating], across: npt.NDArray[np.floating]
) -> Verdicts:
    """Return the same from distance matrices, parts of larger ones for instance.

    Parameters
    ----------
    real, synthetic : (n, n) and (m, m)
        Distances within each set, infinite on the diagonal (`within`).
    across : (n, m)
    """
    return Verdicts(
        _nearer(real.min(axis=1), across.min(axis=1)), _nearer(synthetic.min(axis=1), across.min(axis=0))
    )


def within(x: npt.NDArray[np.uint8]) -> npt.NDArray[np.floating]:
    """Return the Hamming distances of the rows to each other, (n, n), infinite to themselves."""
    distance = hamming(x)
    np.fill_diagonal(distance, np.inf)
    return distance


def _nearer(own: npt.NDArray[Any], other: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    return np.where(own == other, 0.5, np.where(own < other, 1.0, 0.0))


def _keys(x: npt.NDArray[np.uint8]) -> list[bytes]:
    return [row.tobytes() for row in np.packbits(x, axis=1)]


def found_in(x: npt.NDArray[np.uint8], y: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return which rows of `x` are identical to a row of `y`, (n,) bool."""
    known = set(_keys(y))
    return np.array([key in known for key in _keys(x)], dtype=bool)


def repeated(x: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return which rows of `x` are identical to another row of `x`, (n,) bool."""
    keys = _keys(x)
    seen: dict[bytes, int] = {}
    for key in keys:
        seen[key] = seen.get(key, 0) + 1
    return np.array([seen[key] > 1 for key in keys], dtype=bool)
