"""Which alleles follow which: sparse counts of what comes after every context of haplotypes.

A context is what a haplotype carries at the last sites before a site. At each
site the contexts are kept in the order of their last allele, then the last but
one, and so on (the order of a positional Burrows-Wheeler transform), so that
those which agree in their last m alleles are neighbours for every m: counts of
all shorter contexts are sums over neighbours and need no room of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from genome_ac_gan.popgen.frequency import column_blocks
from genome_ac_gan.popgen.ld import contig_blocks
from genome_ac_gan.popgen.matching import advance

Alleles = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.integer]
WIDTH = 256  # sites copied at a time, so that the alleles of a site are neighbours in memory


@dataclass(frozen=True, eq=False)
class ContextCounts:
    """How often each allele followed each context, in each population.

    Attributes
    ----------
    order : int
        Length of a context; shorter, with all there is, near the start of a contig.
    n_populations : int
    n_contexts : (n_variants,)
        Different contexts before each site.
    common : (n,)
        In how many of its last alleles each context agrees with the one above it; `order`
        where they agree in all that the contig has; 0 for the first of a site.
    n_entries : (n,)
        In how many populations each context was seen, one at least.
    population, zeros, ones : (m,)
        For each of those: which one, and how often allele 0 and allele 1 came next.
    """

    order: int
    n_populations: int
    n_contexts: Integers
    common: Integers
    n_entries: Integers
    population: Integers
    zeros: Integers
    ones: Integers

    @cached_property
    def first(self) -> npt.NDArray[np.int64]:
        """(n_variants + 1,): where the contexts of each site begin."""
        return _offsets(self.n_contexts)

    @cached_property
    def first_entry(self) -> npt.NDArray[np.int64]:
        """(n + 1,): where the entries of each context begin."""
        return _offsets(self.n_entries)

    def stretches(self, most: int, widest: int) -> list[slice]:
        """Return runs of sites that together cover all, of about `most` contexts and at most `widest` sites each."""
        borders, start, n = [], 0, len(self.n_contexts)
        while start < n:
            stop = int(np.searchsorted(self.first, self.first[start] + most, side="right")) - 1
            borders.append(slice(start, min(max(stop, start + 1), start + widest, n)))
            start = borders[-1].stop
        return borders


def context_counts(
    x: Alleles, codes: Integers, n_populations: int, contig: npt.NDArray[np.str_], order: int
) -> ContextCounts:
    """Count what follows every context of some haplotypes.

    Parameters
    ----------
    x : (n, n_variants) uint8
    codes : (n,)
        Population of each row, from 0 on.
    contig : (n_variants,) str
        Contexts begin anew with each contig.
    order
        Length of the contexts, 0 or more.
    """
    parts = [
        part
        for block in contig_blocks(contig)
        for part in _of_contig(x[:, block], codes, n_populations, order)
    ]
    n_contexts = narrow(np.array([len(common) for common, _, _ in parts]))
    common, n_entries, entries = (np.concatenate(each) for each in zip(*parts, strict=True))
    population, zeros, ones = (narrow(column) for column in entries.T)
    return ContextCounts(
        order, n_populations, n_contexts, narrow(common), narrow(n_entries), population, zeros, ones
    )


def _of_contig(
    x: Alleles, codes: Integers, n_populations: int, order: int
) -> Iterator[tuple[Integers, Integers, Integers]]:
    """Yield for each site of a contig: `common` and `n_entries` of its contexts, and its entries (m, 3)."""
    n, n_sites = x.shape
    rows = np.arange(n, dtype=np.int32)
    begin = np.zeros(n + 1, dtype=np.int32)  # from where on each row agrees with the one above
    for columns in column_blocks(n_sites, WIDTH):
        for site, alleles in enumerate(np.ascontiguousarray(x[:, columns].T), columns.start):
            common = np.where(begin[:-1] == 0, order, np.minimum(site - begin[:-1], order))
            is_first = common < order
            common[0], is_first[0] = 0, True
            context = np.cumsum(is_first) - 1
            keys = (context * n_populations + codes[rows]) * 2 + alleles[rows]
            table = np.bincount(keys, minlength=2 * n_populations * (context[-1] + 1)).reshape(-1, 2)
            seen = np.flatnonzero(table.any(axis=1))
            n_entries = np.bincount(seen // n_populations)
            entries = np.column_stack([seen % n_populations, table[seen]])
            yield common[is_first].astype(np.int32), n_entries.astype(np.int32), entries.astype(np.int32)
            begin[[0, -1]] = site + 1
            rows = advance(rows, begin, alleles, site)


def narrow(values: Integers) -> Integers:
    """Return numbers that are not negative in the narrowest type that holds them and that torch knows."""
    most = int(values.max(initial=0))
    kinds = (np.uint8, np.int16, np.int32, np.int64)
    return values.astype(next(kind for kind in kinds if most <= np.iinfo(kind).max))


def _offsets(counts: Integers) -> npt.NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


@dataclass(frozen=True, eq=False)
class Stretch:
    """The contexts of some neighbouring sites, ready to be walked through.

    Attributes
    ----------
    order : int
    site : (n,)
        Number of each context's site, from 0 on.
    first : (n_sites + 1,)
        Where the contexts of each site begin.
    is_first : (n,) bool
        Whether a context is the first of its site.
    common : (n,) int64
    counts : (n, 1 + k, 2) float64
        Of everybody, and of each of the k populations that were asked for.
    """

    order: int
    site: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    is_first: npt.NDArray[np.bool_]
    common: npt.NDArray[np.int64]
    counts: npt.NDArray[np.float64]

    @classmethod
    def of(cls, counts: ContextCounts, sites: slice, populations: Integers) -> "Stretch":
        """Return the contexts of some sites, counted in some populations."""
        bounds = counts.first[sites.start : sites.stop + 1]
        rows = slice(int(bounds[0]), int(bounds[-1]))
        n = rows.stop - rows.start
        entries = slice(int(counts.first_entry[rows.start]), int(counts.first_entry[rows.stop]))
        context = np.repeat(np.arange(n), counts.n_entries[rows])
        starts = counts.first_entry[rows] - entries.start
        population = counts.population[entries]
        table = np.zeros((n, 1 + len(populations), 2))
        for allele, column in enumerate((counts.zeros, counts.ones)):
            carriers = column[entries].astype(np.float64)
            table[:, 0, allele] = np.add.reduceat(carriers, starts)
            for place, code in enumerate(populations, 1):
                own = population == code
                table[context[own], place, allele] = carriers[own]
        is_first = np.zeros(n, dtype=bool)
        first = bounds - bounds[0]
        is_first[first[:-1]] = True
        site = np.repeat(np.arange(len(first) - 1), np.diff(first))
        return cls(counts.order, site, first, is_first, counts.common[rows].astype(np.int64), table)

    @property
    def n_sites(self) -> int:
        """Number of sites."""
        return len(self.first) - 1

    @cached_property
    def steps(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """What each allele makes of each context: two arrays (n, 2).

        The first is the number of the context at the next site, counted within that
        site; the second how many of its last alleles a haplotype may keep on the way.
        A haplotype that agrees with a context in its last m alleles and carries the
        allele next agrees with the new one in min(m, kept) + 1, at most `order`, and
        with no other in more. `kept` is `order` where the allele was seen after the
        context. Where it was not, the way leads over the context most like it after
        which it was; -1 is kept where there is none at the site.
        """
        carried = self.counts[:, 0] > 0  # (n, 2)
        n_new = np.zeros(self.n_sites, dtype=np.int64)
        to, kept = np.empty((2, *carried.shape), dtype=np.int64)
        for allele in (0, 1):
            numbers, here = self._numbers(carried[:, allele])
            above, below, agree_above, agree_below = self._nearest(carried[:, allele])
            numbers = numbers + (n_new[self.site[carried[:, allele]]] if self.order else 0)
            nearest = np.where(agree_above >= agree_below, above, below)
            kept[:, allele] = np.where(carried[:, allele], self.order, np.maximum(agree_above, agree_below))
            to[:, allele] = np.where(
                kept[:, allele] < 0, 0, numbers[np.maximum(nearest, 0)] if len(numbers) else 0
            )
            n_new += here
        return to, kept

    def _numbers(self, carried: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return the contexts that those before an allele become, numbered within a site, and how many at each.

        Neighbours that agree in all but the oldest of `order` alleles become one.
        """
        at = np.flatnonzero(carried)
        if not len(at):
            return at, np.zeros(self.n_sites, dtype=np.int64)
        agree = np.minimum.reduceat(self.common[: at[-1] + 1], np.concatenate([[0], at[:-1] + 1]))
        site = self.site[at]
        starts = np.concatenate([[True], site[1:] != site[:-1]])
        is_new = starts | (agree + 1 < self.order)
        number = np.cumsum(is_new) - 1
        before = np.zeros(self.n_sites, dtype=np.int64)
        before[site[starts]] = number[starts]
        return number - before[site], np.bincount(site[is_new], minlength=self.n_sites)

    def _nearest(self, carried: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], ...]:
        """Return which of the contexts before an allele stand next above and below each, and how far they agree.

        A context that is one itself stands above itself. Agreement is -1 where there is
        none at the site.
        """
        n = np.cumsum(carried)
        before = np.concatenate([[0], n])[self.first]  # (n_sites + 1,): those of earlier sites
        above: npt.NDArray[np.int64] = n - 1
        below: npt.NDArray[np.int64] = n - carried
        upwards = _running_least(self.common, carried)
        lower = np.concatenate([self.common[1:], [0]])
        downwards = _running_least(lower[::-1], carried[::-1])[::-1]
        agree_above = np.where(n > before[self.site], upwards, -1)
        agree_below = np.where(below < before[self.site + 1], downwards, -1)
        return above, below, agree_above, agree_below


def _running_least(values: npt.NDArray[np.int64], begins: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return the least value so far, begun anew (with a large number) wherever `begins` is set.

    Numbers that fall from run to run let one running minimum serve them all.
    """
    large = int(values.max(initial=0)) + 1
    fall = np.cumsum(begins) * (large + 1)
    return np.asarray(np.minimum.accumulate(np.where(begins, large, values) - fall) + fall)
