"""Longest segments that haplotypes share, by a positional Burrows-Wheeler transform in numpy.

At each site all rows are kept in the order of their reversed prefixes, and
beside each row the site from which on it agrees with the row above it (Durbin
2014, doi:10.1093/bioinformatics/btu014). In that order the row that agrees
longest with a given one stands next to it. A site costs a few passes over the
rows, whatever their number of pairs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genome_ac_gan.popgen.frequency import column_blocks
from genome_ac_gan.popgen.ld import contig_blocks

Alleles = npt.NDArray[np.uint8]
Index = npt.NDArray[np.integer]
WIDTH = 256  # sites copied at a time, so that the alleles of a site are neighbours in memory


@dataclass(frozen=True)
class Segments:
    """One run of consecutive variants of each row.

    Attributes
    ----------
    first, last : (n,) int64
        Its ends, both within. `last` is `first` - 1 where there is none.
    """

    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]

    @property
    def n_variants(self) -> npt.NDArray[np.int64]:
        """(n,) int64: number of variants."""
        return self.last - self.first + 1

    def span(self, place: npt.NDArray[np.number]) -> npt.NDArray[np.float64]:
        """Return place[last] - place[first], (n,) float64; 0 where there is no segment.

        A segment of one variant spans 0.
        """
        found = self.n_variants > 0
        first, last = np.where(found, self.first, 0), np.where(found, self.last, 0)
        return (place[last] - place[first]).astype(np.float64)


def longest_matches(
    queries: Alleles,
    references: Alleles | None,
    contig: npt.NDArray[np.str_],
    scales: Sequence[npt.NDArray[np.number]],
) -> list[Segments]:
    """Return for each query the longest segment that it shares with any one reference haplotype.

    Parameters
    ----------
    queries : (n, n_variants) uint8
    references : (m, n_variants) uint8 or None
        None for the other rows of `queries`: a row is never compared with itself.
    contig : (n_variants,) str
        A segment never crosses from one contig to the next.
    scales
        What is longest is measured on: (n_variants,) places, not falling within
        a contig, for instance bp, cM, or the numbers 0, 1, 2... of the variants.

    Returns
    -------
    list of Segments
        One for each scale; of equally long segments the first.
    """
    longest = _Longest(len(queries), scales)
    for block in contig_blocks(contig):
        others = None if references is None else references[:, block]
        before = np.full(len(queries), block.start)
        last = block.start
        for site, starts in enumerate(match_starts(queries[:, block], others), block.start):
            now = starts + block.start
            ended = np.flatnonzero((now != before) & (before < site))
            longest.compare(ended, before[ended], site - 1)
            before, last = now, site
        ended = np.flatnonzero(before <= last)
        longest.compare(ended, before[ended], last)
    return longest.segments


class _Longest:
    """The longest segment so far of each row, on each scale."""

    def __init__(self, n: int, scales: Sequence[npt.NDArray[np.number]]) -> None:
        self.scales = scales
        self.length = np.full((len(scales), n), -1.0)
        self.segments = [Segments(np.zeros(n, np.int64), np.full(n, -1, np.int64)) for _ in scales]

    def compare(self, rows: Index, first: Index, last: int) -> None:
        """Keep the segments [first, last] of some rows where they are longer than those before."""
        for place, length, segments in zip(self.scales, self.length, self.segments, strict=True):
            span = place[last] - place[first]
            longer = span > length[rows]
            kept = rows[longer]
            length[kept], segments.first[kept], segments.last[kept] = span[longer], first[longer], last


def match_starts(queries: Alleles, references: Alleles | None) -> Iterator[npt.NDArray[np.int32]]:
    """Yield for each site k the start of the longest match with any reference haplotype that ends at k.

    Parameters
    ----------
    queries, references
        As in `longest_matches`, on one contig.

    Yields
    ------
    (n,) int32
        The first site of the match; k + 1 where no reference carries the allele at k.
    """
    n_queries, n_sites = queries.shape
    n_references = 0 if references is None else len(references)
    order = np.arange(n_references + n_queries, dtype=np.int32)  # references first, then queries
    begin = np.zeros(len(order) + 1, dtype=np.int32)  # with the row above; the last is below all
    for columns in column_blocks(n_sites, WIDTH):
        parts = [queries[:, columns]] if references is None else [references[:, columns], queries[:, columns]]
        for site, alleles in enumerate(np.ascontiguousarray(np.concatenate(parts).T), columns.start):
            begin[[0, -1]] = site + 1
            order = advance(order, begin, alleles, site)
            starts = np.empty(n_queries, dtype=np.int32)
            if references is None:
                starts[order] = np.minimum(begin[:-1], begin[1:])
            else:
                at = np.flatnonzero(order >= n_references)
                starts[order[at] - n_references] = _nearest_reference(begin, at, n_sites)
            yield starts


def advance(
    order: npt.NDArray[np.int32], begin: npt.NDArray[np.int32], alleles: Alleles, site: int
) -> npt.NDArray[np.int32]:
    """Return the order of the rows after one more site, rows with allele 0 first; `begin` is changed in place.

    Parameters
    ----------
    order : (n,)
        Rows, sorted by their reversed prefixes.
    begin : (n + 1,)
        From which site on each agrees with the one above it; both ends must be set to
        `site` + 1.
    alleles : (n,)
        At `site`, by row.

    A row whose upper neighbour carries the other allele gets as its new
    neighbour the last row before that with its own allele; they agree from
    where all between them do.
    """
    carried = alleles.take(order)
    heads = np.flatnonzero(carried[1:] != carried[:-1]) + 1  # first rows of runs, but for the very first run
    if not len(heads):
        return order
    runs = np.maximum.reduceat(begin[: heads[-1]], np.concatenate([[0], heads[:-1]]))
    begin[heads] = np.maximum(begin[heads], runs)
    zeros = np.flatnonzero(carried == 0)
    moved = np.concatenate([zeros, np.flatnonzero(carried)])
    begin[:-1] = begin.take(moved)
    begin[[0, len(zeros)]] = site + 1
    return order.take(moved)


def _nearest_reference(
    begin: npt.NDArray[np.int32], at: npt.NDArray[np.intp], n_sites: int
) -> npt.NDArray[np.int64]:
    """Return from where the rows at places `at` agree with the nearest row above or below that is not at one.

    That is the largest `begin` in between. Places with equally many other rows
    before them form a group; numbers that rise from group to group let one
    running maximum serve them all.
    """
    group = (at - np.arange(len(at))) * (n_sites + 1)
    above = np.maximum.accumulate(begin.take(at) + group) - group
    below = np.maximum.accumulate((begin.take(at + 1) - group)[::-1])[::-1] + group
    return np.asarray(np.minimum(above, below))
