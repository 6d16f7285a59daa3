"""Runs of identical alleles that a pair of haplotypes shares around a gap between two variants."""

import numpy as np
import numpy.typing as npt

from genome_ac_gan.popgen.frequency import column_blocks
from genome_ac_gan.popgen.ld import contig_blocks

CHUNK = 256  # pairs compared at a time; (CHUNK, n_variants) bytes are in memory


def gaps_at(contig: npt.NDArray[np.str_], share: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Return gaps between neighbouring variants, each given as a share of all gaps in order.

    Parameters
    ----------
    contig : (n_variants,) str
    share : any shape
        In [0, 1). Uniform numbers make each gap equally likely, however wide it
        is: places uniform in bp would crowd in the few stretches without variants.

    Returns
    -------
    intp, of the shape of `share`
        i for the gap between the variants i and i + 1 of one contig.

    Raises
    ------
    ValueError
        When no contig has two variants.
    """
    gaps = np.flatnonzero(contig[1:] == contig[:-1])
    if not len(gaps):
        raise ValueError("a gap between variants needs a contig with two variants")
    return gaps[(share * len(gaps)).astype(np.intp)]


def shared_runs(
    x: npt.NDArray[np.uint8],
    pairs: npt.NDArray[np.intp],
    before: npt.NDArray[np.intp],
    contig: npt.NDArray[np.str_],
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return between which variants each pair of rows agrees, around each of its gaps.

    Parameters
    ----------
    x : (n, n_variants) uint8
    pairs : (n_pairs, 2) intp
        Rows.
    before : (n_pairs, n_gaps) intp
        The variant before each gap, as `gaps_at` gives it.
    contig : (n_variants,) str

    Returns
    -------
    left, right : (n_pairs, n_gaps) intp
        The nearest variants on either side of the gap at which the two rows
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
