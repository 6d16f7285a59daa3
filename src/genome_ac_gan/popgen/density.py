"""How probable a haplotype is under a set of others: sites one by one, or copies of whole haplotypes with errors.

Both are probabilities over all haplotypes of 0 and 1, in nats, so that they can
be held against the likelihood of a model.
"""

import numpy as np
import numpy.typing as npt

from genome_ac_gan.popgen.frequency import allele_counts, column_blocks

Floats = npt.NDArray[np.float64]


def smoothed_frequencies(x: npt.NDArray[np.uint8]) -> Floats:
    """Return (carriers of allele 1 + 1/2) / (n + 1) at each variant, never 0 or 1; (n_variants,)."""
    return (allele_counts(x) + 0.5) / (len(x) + 1)


def log_site_density(x: npt.NDArray[np.uint8], frequencies: Floats, tile: int = 1024) -> Floats:
    """Return the log-probability of each row of `x` when sites are drawn independently, (n,).

    Parameters
    ----------
    x : (n, n_variants) uint8
    frequencies : (n_variants,)
        Of allele 1, in (0, 1).
    """
    zero = np.log1p(-frequencies)
    slope = (np.log(frequencies) - zero).astype(np.float32)
    tiles = [x[rows].astype(np.float32) @ slope for rows in column_blocks(len(x), tile)]
    return np.asarray(np.concatenate(tiles) + zero.sum(dtype=np.float64), dtype=np.float64)


def copying_error(nearest: npt.NDArray[np.number], n_variants: int) -> float:
    """Return the error rate of `log_copy_density`: the median distance to the nearest other row, per variant.

    At least half an error a haplotype, at most one half.
    """
    return float(np.clip(np.median(nearest), 0.5, n_variants / 2) / n_variants)


def log_copy_density(
    distances: npt.NDArray[np.floating], n_variants: int, error: float, tile: int = 1024
) -> Floats:
    """Return the log-probability of rows as copies of a random row of a set, every allele wrong at a rate `error`.

    A kernel density on Hamming distances d, the mean of
    error**d * (1 - error)**(n_variants - d): a kernel exp(-d / h) with
    1 / h = log((1 - error) / error), normalised over all haplotypes.

    Parameters
    ----------
    distances : (n, m)
        Of n rows to the m rows of the set.

    Returns
    -------
    (n,) float64
    """
    slope = np.log((1 - error) / error)
    result = np.empty(len(distances))
    for rows in column_blocks(len(distances), tile):
        nearest = distances[rows].min(axis=1)
        relative = np.exp((nearest[:, None] - distances[rows]) * np.float32(slope))
        result[rows] = np.log(relative.mean(axis=1, dtype=np.float64)) - nearest * slope
    return np.asarray(result + n_variants * np.log1p(-error))
