"""Allele counts and frequencies of haplotype arrays."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt


def column_blocks(n_columns: int, width: int) -> Iterator[slice]:
    """Yield slices of at most `width` columns that together cover all of them."""
    for start in range(0, n_columns, width):
        yield slice(start, min(start + width, n_columns))


def evenly_spaced(n: int, most: int) -> npt.NDArray[np.intp]:
    """Return at most `most` of the indices 0 to n - 1, in order and evenly spaced, the ends among them."""
    return np.unique(np.linspace(0, n - 1, min(most, n)).astype(np.intp))


def allele_counts(x: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Return how many haplotypes carry allele 1 at each variant.

    Parameters
    ----------
    x : (n_haplotypes, n_variants) uint8

    Returns
    -------
    (n_variants,) int64
    """
    return np.asarray(x.sum(axis=0, dtype=np.int64))


def allele_frequencies(x: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Return the frequency of allele 1 at each variant, (n_variants,) float64; `x` must have a row."""
    return allele_counts(x) / len(x)


def weighted_counts(
    x: npt.NDArray[np.uint8], weights: npt.NDArray[np.floating], width: int = 4096
) -> npt.NDArray[np.float64]:
    """Return the summed weights of the haplotypes with allele 1, under several weightings of the rows at once.

    Parameters
    ----------
    x : (n_haplotypes, n_variants) uint8
    weights : (n_weightings, n_haplotypes)
        Not negative. How often a bootstrap drew each haplotype, for instance;
        sums of whole numbers are exact below 2**24, others have single precision.
    width
        Columns taken at a time; bounds the memory.

    Returns
    -------
    (n_weightings, n_variants) float64
    """
    single = weights.astype(np.float32)
    out = np.empty((len(weights), x.shape[1]))
    for columns in column_blocks(x.shape[1], width):
        out[:, columns] = single @ x[:, columns].astype(np.float32)
    return out


def weighted_frequencies(
    x: npt.NDArray[np.uint8], weights: npt.NDArray[np.floating], width: int = 4096
) -> npt.NDArray[np.float64]:
    """Return allele frequencies under several weightings of the rows at once.

    Parameters are those of `weighted_counts`; each weighting has a positive sum.

    Returns
    -------
    (n_weightings, n_variants) float64
    """
    out = weighted_counts(x, weights, width)
    out /= weights.sum(axis=1, dtype=np.float64)[:, None]
    return out


def minor_allele_frequencies(x: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Return the frequency of the rarer allele at each variant, (n_variants,) float64 in [0, .5]."""
    counts = allele_counts(x)
    return np.minimum(counts, len(x) - counts) / len(x)


def polymorphic(x: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return which variants show both alleles, (n_variants,) bool."""
    counts = allele_counts(x)
    return (counts > 0) & (counts < len(x))
