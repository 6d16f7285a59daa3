"""Runs of identical alleles that a pair of haplotypes shares around a place of the genome."""

import numpy as np
import numpy.typing as npt

from genome_ac_gan.popgen.frequency import column_blocks
from genome_ac_gan.popgen.ld import contig_blocks

CHUNK = 256  # pairs compared at a time; (CHUNK, n_variants) bytes are in memory


def gaps_at(
    contig: npt.NDArray[np.str_], position: npt.NDArray[np.int64], share: npt.NDArray[np.float64]
) -> npt.NDArray[np.intp]:
    """Return the variant before each of some places, given as shares of the length of all contigs.

    Parameters
    ----------
    contig : (n_variants,) str
    position : (n_variants,) int64
    share : any shape
        In [0, 1). Uniform numbers give places uniform in bp between the first
        and the last variant of the contigs.

    Returns
    -------
    intp, of the shape of `share`
        Variant i when the place is between variants i and i + 1 of one contig.

    Raises
    ------
    ValueError
        When no contig has two variants.
    """
    gaps = np.where(contig[1:] == contig[:-1], np.diff(position), 0)
    ends = np.cumsum(gaps)
    if not len(ends) or not ends[-1]:
        raise ValueError("places between variants need a contig with two variants")
    return np.asarray(np.searchsorted(ends, share * ends[-1], side="right"))


def shared_runs(
    x: npt.NDArray[np.uint8],
    pairs: npt.NDArray[np.intp],
    before: npt.NDArray[np.intp],
    contig: npt.NDArray[np.str_],
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return between which variants each pair of rows agrees, around each of its places.

    Parameters
    ----------
    x : (n, n_variants) uint8
    pairs : (n_pairs, 2) intp
        Rows.
    before : (n_pairs, n_places) intp
        The variant before each place, as `gaps_at` gives it.
    contig : (n_variants,) str

    Returns
    -------
    left, right : (n_pairs, n_places) intp
        The nearest variants on either side of the place at which the two rows
        differ; the first or last variant of the contig where they differ
        nowhere on that side.
    """
    n_variants = x.shape[1]
    borders = np.array([(block.start, block.stop - 1) for block in contig_blocks(contig)]).ravel()
    left, right = np.empty_like(before), np.empty_like(before)
    for chunk in column_blocks(len(pairs), CHUNK):
        differs = x[pairs[chunk, 0]] != x[pairs[chunk, 1]]
        differs[:, borders] = True
        found = np.flatnonzero(differs)
        offset = np.arange(len(differs))[:, None] * n_variants
        after = np.searchsorted(found, before[chunk] + offset, side="right")
        left[chunk], right[chunk] = found[after - 1] - offset, found[after] - offset
    return left, right
