"""Haplotypes of short windows of variants: their diversity and homozygosity."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genome_ac_gan.popgen.frequency import column_blocks
from genome_ac_gan.popgen.ld import contig_blocks

Alleles = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
BLOCK = 32  # windows counted at a time, to bound the memory


def windows(contig: npt.NDArray[np.str_], width: int) -> list[slice]:
    """Return consecutive windows of `width` variants, each on one contig, without overlap.

    What remains at the end of a contig is left out; a contig of fewer variants
    is one window.
    """
    return [
        slice(start, min(start + width, block.stop))
        for block in contig_blocks(contig)
        for start in range(block.start, max(block.stop - width, block.start) + 1, width)
    ]


def window_haplotypes(x: Alleles, among: list[slice]) -> npt.NDArray[np.int32]:
    """Return which haplotype each row carries in each window, (n, n_windows) int32.

    Haplotypes of a window are numbered from 0; rows with equal alleles there
    have equal numbers.
    """
    numbers = np.empty((len(x), len(among)), dtype=np.int32)
    for column, window in enumerate(among):
        numbers[:, column] = _numbered(x[:, window])
    return numbers


def _numbered(x: Alleles) -> npt.NDArray[np.int64]:
    """Return equal numbers for equal rows: 64 variants at a time, then joined with those before."""
    number = np.zeros(len(x), dtype=np.int64)
    for columns in column_blocks(x.shape[1], 64):
        packed = np.zeros((len(x), 8), dtype=np.uint8)
        bits = np.packbits(x[:, columns], axis=1)
        packed[:, : bits.shape[1]] = bits
        words, word = np.unique(packed.view(np.uint64)[:, 0], return_inverse=True)
        number = np.unique(number * len(words) + word, return_inverse=True)[1]
    return number


@dataclass(frozen=True)
class Diversity:
    """Statistics of the haplotype frequencies p1 >= p2 >= ... of each window, (n_windows,) float64 each.

    Attributes
    ----------
    diversity
        n / (n - 1) * (1 - sum of p**2): the probability that two of the n rows
        differ (Nei 1987, Molecular Evolutionary Genetics, equation 8.4).
    h1
        Haplotype homozygosity, the sum of p**2.
    h12
        The same with the two commonest haplotypes as one: h1 + 2 p1 p2.
    h2_h1
        (h1 - p1**2) / h1. The last three: Garud et al. 2015
        (doi:10.1371/journal.pgen.1005004).
    """

    diversity: Floats
    h1: Floats
    h12: Floats
    h2_h1: Floats


def haplotype_diversity(numbers: npt.NDArray[np.integer], weights: Floats | None = None) -> Diversity:
    """Return diversity and homozygosity of each window.

    Parameters
    ----------
    numbers : (n, n_windows)
        Haplotypes as `window_haplotypes` numbers them; at least two rows.
    weights : (n,), optional
        Of the rows, with a positive sum; they change the frequencies, not n.
    """
    n = len(numbers)
    h1, first, second = np.concatenate(
        [_leading(numbers[:, block], weights) for block in column_blocks(numbers.shape[1], BLOCK)], axis=1
    )
    return Diversity(
        diversity=n / (n - 1) * (1 - h1), h1=h1, h12=h1 + 2 * first * second, h2_h1=(h1 - first**2) / h1
    )


def _leading(numbers: npt.NDArray[np.integer], weights: Floats | None) -> Floats:
    """Return the sum of squared frequencies and the two largest of each window, (3, n_windows)."""
    n, n_windows = numbers.shape
    n_numbers = int(numbers.max()) + 1
    cells = (numbers.T + np.arange(n_windows)[:, None] * n_numbers).ravel()  # window by window
    counts = np.bincount(cells)
    present = np.flatnonzero(counts)
    window = present // n_numbers
    starts = np.searchsorted(window, np.arange(n_windows))
    if weights is None:
        p = counts[present] / n
    else:
        p = np.bincount(cells, np.tile(weights, n_windows))[present] / weights.sum()
    h1, first = np.add.reduceat(np.square(p), starts), np.maximum.reduceat(p, starts)
    commonest = np.flatnonzero(p == first[window])
    p[commonest[np.searchsorted(window[commonest], np.arange(n_windows))]] = 0
    return np.stack([h1, first, np.maximum.reduceat(p, starts)])
