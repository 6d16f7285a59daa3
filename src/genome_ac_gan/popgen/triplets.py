"""Three-point correlations: the third joint central moment of the alleles of three variants."""

import numpy as np
import numpy.typing as npt

from genome_ac_gan.popgen.frequency import column_blocks, weighted_frequencies
from genome_ac_gan.popgen.ld import contig_blocks

BLOCK = 1024
NOTHING = 1e-12  # smaller moments are rounding: those with a fixed variant are 0
Triplets = npt.NDArray[np.intp]


def gap_triplets(contig: npt.NDArray[np.str_], gap: int, most: int, rng: np.random.Generator) -> Triplets:
    """Return triplets of variants on one contig with `gap` others between neighbours.

    Parameters
    ----------
    contig : (n_variants,) str
    most
        That many random ones when there are more.

    Returns
    -------
    (n_triplets, 3) int
        Rising in each row; none when no contig is long enough.
    """
    step = gap + 1
    starts = [np.arange(block.start, block.stop - 2 * step) for block in contig_blocks(contig)]
    first = np.concatenate([np.empty(0, np.intp), *starts])
    if len(first) > most:
        first = np.sort(rng.choice(first, most, replace=False))
    return first[:, None] + step * np.arange(3)


def random_triplets(contig: npt.NDArray[np.str_], n: int, rng: np.random.Generator) -> Triplets:
    """Return n random triplets of variants on one contig, each equally likely; some may come twice.

    (n, 3) int, rising in each row; none when no contig has three variants.
    """
    blocks = [block for block in contig_blocks(contig) if block.stop - block.start > 2]
    if not blocks:
        return np.empty((0, 3), dtype=np.intp)
    size = np.array([block.stop - block.start for block in blocks], dtype=np.float64)
    weight = size * (size - 1) * (size - 2)
    chosen = rng.choice(len(blocks), n, p=weight / weight.sum())
    return np.array([
        blocks[index].start + np.sort(rng.choice(int(size[index]), 3, replace=False)) for index in chosen
    ])  # fmt: skip


def three_point(
    x: npt.NDArray[np.uint8], triplets: Triplets, weights: npt.NDArray[np.floating]
) -> npt.NDArray[np.float64]:
    """Return C = F_abc - F_ab F_c - F_bc F_a - F_ac F_b + 2 F_a F_b F_c for the alleles 1 of triplets.

    F is the frequency of haplotypes that carry these alleles. C is the mean of
    the product of the three deviations from the mean; the other allele of a
    variant turns its sign, so the eight combinations of alleles all have the
    same size, four of either sign.

    Parameters
    ----------
    x : (n_haplotypes, n_variants) uint8
    triplets : (n_triplets, 3) int
    weights : (n_weightings, n_haplotypes)
        As in `weighted_frequencies`; equal ones for the plain value.

    Returns
    -------
    (n_weightings, n_triplets) float64
        0 where a variant has one allele only.
    """
    out = np.empty((len(weights), len(triplets)))
    for block in column_blocks(len(triplets), BLOCK):
        a, b, c = (np.take(x, column, axis=1) for column in triplets[block].T)
        ab = a & b
        f_a, f_b, f_c, f_ab, f_bc, f_ac, f_abc = (
            weighted_frequencies(alleles, weights) for alleles in (a, b, c, ab, b & c, a & c, ab & c)
        )
        out[:, block] = f_abc - f_ab * f_c - f_bc * f_a - f_ac * f_b + 2 * f_a * f_b * f_c
    out[np.abs(out) < NOTHING] = 0
    return out


def correlation(real: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return Pearson's r of C of two sets with all eight combinations of alleles stacked, along the last axis.

    Four of the eight have the opposite sign, so the means are 0 and r is the
    cosine of the two vectors. NaN where one of them is 0 throughout.
    """
    scale = np.sqrt((real**2).sum(axis=-1) * (other**2).sum(axis=-1))
    products = (real * other).sum(axis=-1)
    return np.where(scale > 0, products / np.where(scale > 0, scale, 1), np.nan)
