"""Which variants tell most of each other: mutual information of all pairs, and the tree that holds most of it."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from genome_ac_gan.popgen.frequency import column_blocks
from genome_ac_gan.popgen.ld import contig_blocks

PARTNERS = 64  # of each variant, those that tell most of it: candidates for the tree
WIDTH = 1024  # variants whose partners are found at a time

Alleles = npt.NDArray[np.uint8]
Single = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.intp]


def mutual_information(
    x: Alleles, codes: Codes, rows: slice, *, pseudocount: float = 1.0
) -> npt.NDArray[np.float32]:
    """Return the mutual information of some variants with all, given the population, in nats.

    Parameters
    ----------
    x : (n, l) uint8
        Alleles 0 or 1.
    codes : (n,) int64
        Population of each haplotype. With one code for all it is the plain mutual
        information; else the mean of that within each population, weighted by size.
    rows
        The variants whose information is wanted.
    pseudocount
        Haplotypes added to the table of a pair in each population, spread as if the two
        were independent, so that it never adds dependence.

    Returns
    -------
    (rows, l) float32
        At least 0. For a variant with itself: its entropy, less what the pseudocount takes.
    """
    total = np.zeros((len(range(*rows.indices(x.shape[1]))), x.shape[1]), np.float32)
    for code in np.unique(codes):
        own = x[codes == code].astype(np.float32)
        total += len(own) * _within(own, rows, pseudocount)
    total /= len(x)
    return total


def _within(own: Single, rows: slice, pseudocount: float) -> Single:
    """Return the mutual information (rows, l) in one population's alleles, (n, l)."""
    n, p = np.float32(len(own)), own.mean(axis=0)
    both: Single = own[:, rows].T @ own
    both /= n
    independent = p[rows, None] * p
    # D: how far the joint frequency is from independence; the pseudocount shrinks it
    D = (both - independent) * (n / (n + np.float32(pseudocount)))
    found: Single = np.zeros_like(D)
    for first, second, sign in (
        (p[rows], p, 1),
        (p[rows], 1 - p, -1),
        (1 - p[rows], p, -1),
        (1 - p[rows], 1 - p, 1),
    ):
        expected = np.maximum(first[:, None] * second, np.float32(1e-12))
        cell = np.maximum(expected + sign * D, 0)
        found += cell * np.log(np.maximum(cell, np.float32(1e-12)) / expected)
    np.maximum(found, 0, out=found)
    return found


def chow_liu_tree(
    x: Alleles, codes: Codes, contig: npt.NDArray[np.str_], *, partners: int = PARTNERS
) -> Numbers:
    """Return the maximum spanning tree of the mutual information given the population, for each contig.

    Parameters
    ----------
    x : (n, l) uint8
    codes : (n,) int64
    contig : (l,) str
        Variants of a contig are neighbours of each other in the array.
    partners
        Edges that are considered: from each variant to the so many that tell most of it,
        and to the next one of its contig. With at least l - 1 the tree is exact.

    Returns
    -------
    (l,) intp
        The variant that each hangs on; -1 for a root. The tree of a contig hangs by the
        middle of its longest path, so that it is as low as can be.

    References
    ----------
    Chow & Liu 1968, 10.1109/TIT.1968.1054142.
    """
    parent = np.full(x.shape[1], -1)
    for block in contig_blocks(contig):
        edges = _candidates(x[:, block], codes, min(partners, block.stop - block.start - 1))
        above = _rooted(minimum_spanning_tree(edges))
        parent[block] = np.where(above < 0, -1, above + block.start)
    return parent


def _candidates(x: Alleles, codes: Codes, partners: int) -> csr_array:
    """Return minus the information of candidate edges; scipy takes no edge of weight 0, so none has it."""
    n = x.shape[1]
    sources, targets, weights = [], [], []
    for columns in column_blocks(n, WIDTH):
        information = mutual_information(x, codes, columns)
        here = np.arange(columns.start, columns.stop)
        information[np.arange(len(here)), here] = -1  # not with itself
        best = np.argpartition(-information, max(partners - 1, 0), axis=1)[:, :partners]
        nexts = np.minimum(here + 1, n - 1)[:, None]
        found = np.concatenate([best, nexts], axis=1)
        sources.append(np.repeat(here, found.shape[1]))
        targets.append(found.ravel())
        weights.append(np.take_along_axis(information, found, axis=1).ravel())
    source, target, weight = map(np.concatenate, (sources, targets, weights))
    low, high = np.minimum(source, target), np.maximum(source, target)
    _, first = np.unique(low * n + high, return_index=True)
    first = first[low[first] < high[first]]
    return csr_array((-weight[first].astype(np.float64) - 1e-9, (low[first], high[first])), shape=(n, n))


def _rooted(tree: csr_array) -> Numbers:
    """Return the parent of each node of a connected tree hung up by its middle; -1 for the root."""
    end = breadth_first_order(tree, 0, directed=False, return_predecessors=False)[-1]
    order, above = breadth_first_order(tree, end, directed=False)
    path = [int(order[-1])]  # a longest path leads from one of its ends to the node found last
    while above[path[-1]] >= 0:
        path.append(int(above[path[-1]]))
    _, parent = breadth_first_order(tree, path[len(path) // 2], directed=False)
    return np.where(parent < 0, -1, parent).astype(np.intp)
