"""Random pairs of variants by their distance, and r2 of just these pairs.

Most pairs of a panel lie far apart: a few thousand of each distance tell the
mean r2 there as well as the millions. Alleles are packed to bits, so a pair
costs one instruction for 64 haplotypes.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genome_ac_gan.popgen.frequency import allele_counts, column_blocks
from genome_ac_gan.popgen.ld import Places, contig_blocks, first_beyond, per_pair, standard_error

CHUNK = 16384


@dataclass(frozen=True)
class Pairs:
    """Pairs of variants on one contig, sorted by bin of their distance.

    Attributes
    ----------
    first, second : (n_pairs,) int32
        Variants; `first` stands before `second`.
    ends : (n_bins,) int64
        Where the pairs of each bin end.
    edges : (n_bins + 1,) float64
        In the unit of the places.
    """

    first: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int64]
    edges: npt.NDArray[np.float64]

    @property
    def n_pairs(self) -> npt.NDArray[np.int64]:
        """(n_bins,) int64: pairs of each bin."""
        return np.diff(self.ends, prepend=0)

    def sums(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the sum of one value a pair in each bin, (n_bins,) float64."""
        n_pairs = self.n_pairs
        out = np.zeros(len(n_pairs))
        if len(values):
            filled = n_pairs > 0
            out[filled] = np.add.reduceat(values, (self.ends - n_pairs)[filled])
        return out


def random_pairs(
    contig: npt.NDArray[np.str_],
    place: Places,
    edges: npt.NDArray[np.float64],
    most: int,
    rng: np.random.Generator,
) -> Pairs:
    """Return at most `most` random pairs of each bin of distance, each pair of a bin equally likely.

    Parameters
    ----------
    contig : (n_variants,) str
    place : (n_variants,)
        In bp or cM, not falling within a contig.
    edges : (n_bins + 1,) float64
        Rising, not negative. Bins are half open, [a, b), the last one closed.
    """
    bounds = _partners(contig, place, edges)
    first, second = [], []
    for column in range(len(edges) - 1):
        n_partners = bounds[:, column + 1] - bounds[:, column]
        ends = np.cumsum(n_partners)
        total = int(ends[-1]) if len(ends) else 0
        chosen = np.sort(rng.choice(total, most, replace=False)) if total > most else np.arange(total)
        near = np.searchsorted(ends, chosen, side="right")
        first.append(near)
        second.append(bounds[near, column] + chosen - (ends - n_partners)[near])
    sizes = np.cumsum([len(each) for each in first])
    return Pairs(
        np.concatenate(first).astype(np.int32), np.concatenate(second).astype(np.int32), sizes, edges
    )


def _partners(
    contig: npt.NDArray[np.str_], place: Places, edges: npt.NDArray[np.float64]
) -> npt.NDArray[np.intp]:
    """Return the first later variant of its contig at each edge or beyond, (n_variants, n_edges)."""
    bounds = np.empty((len(place), len(edges)), dtype=np.intp)
    for block in contig_blocks(contig):
        bounds[block] = first_beyond(place[block], place[block], edges) + block.start
    return np.maximum(bounds, np.arange(1, len(place) + 1)[:, None])  # never itself, at distance 0 neither


def pair_r2(x: npt.NDArray[np.uint8], pairs: Pairs) -> npt.NDArray[np.float64]:
    """Return r2 of each pair over the rows of `x`, (n_pairs,) float64; 0 where a variant has one allele only."""
    n, count = len(x), allele_counts(x).astype(np.float64)
    spread = count * (n - count)
    scale = np.sqrt(np.where(spread > 0, 1 / np.where(spread > 0, spread, 1), 0))
    expected = count * scale
    words = _words(x)
    out = np.empty(len(pairs.first))
    for chunk in column_blocks(len(out), CHUNK):
        i, j = pairs.first[chunk], pairs.second[chunk]
        both = np.zeros(len(i), dtype=np.uint32)
        for word in words:
            both += np.bitwise_count(word.take(i) & word.take(j))
        r = (n * scale.take(i)) * (both * scale.take(j)) - expected.take(i) * expected.take(j)
        out[chunk] = np.square(r)
    return out


def _words(x: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """Return the columns as bits, 64 rows to a word, (n_words, n_variants); missing rows are 0."""
    n_words, n_variants = -(-len(x) // 64), x.shape[1]
    padded = np.zeros((n_words * 64, n_variants), dtype=np.uint8)
    padded[: len(x)] = x
    bits = padded.reshape(n_words, 8, 8, n_variants)  # words, bytes, bits, variants
    packed = np.zeros((n_words, 8, n_variants), dtype=np.uint8)
    for bit in range(8):  # several times as fast as np.packbits along the first axis
        packed |= bits[:, :, bit] << bit
    return np.ascontiguousarray(packed.transpose(0, 2, 1)).view(np.uint64)[..., 0]


def mean_r2(
    x: npt.NDArray[np.uint8], pairs: Pairs
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the mean r2 of the pairs of each bin and its `standard_error`, (n_bins,) each; NaN without pairs."""
    r2 = pair_r2(x, pairs)
    total, squares = pairs.sums(r2), pairs.sums(np.square(r2))
    return per_pair(total, pairs.n_pairs), standard_error(total, squares, pairs.n_pairs)
