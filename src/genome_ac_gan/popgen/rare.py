"""Rare alleles, and combinations of them that only one person carries on one haplotype.

Who carries what is kept in bits, a row for each variant, so that many
combinations are looked up at once.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from genome_ac_gan.popgen.frequency import column_blocks

Alleles = npt.NDArray[np.uint8]
Bits = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.intp]
Uniform = npt.NDArray[np.float64]

RARE = 0.01  # frequency below which an allele is rare
ENOUGH = 100  # variants with such an allele; with fewer, the rarest half of the polymorphic ones


def rare_variants(counts: npt.NDArray[np.int64], n: int) -> Indices:
    """Return the variants whose rarer allele is rare: a frequency below 1%, and not 0.

    When fewer than 100 variants are so rare (panels of common variants), the
    polymorphic ones whose rarer allele is not more frequent than their median.

    Parameters
    ----------
    counts : (n_variants,)
        Haplotypes with allele 1 among n.
    """
    rarer = np.minimum(counts, n - counts)
    polymorphic = rarer > 0
    rare = polymorphic & (rarer < RARE * n)
    if rare.sum() < ENOUGH and polymorphic.any():
        rare = polymorphic & (rarer <= np.median(rarer[polymorphic]))
    return np.flatnonzero(rare)


def rarer_alleles(counts: npt.NDArray[np.int64], n: int) -> Alleles:
    """Return the rarer allele of each variant, 1 when both are as frequent."""
    return (2 * counts <= n).astype(np.uint8)


def carrier_bits(x: Alleles, alleles: Alleles, width: int = 4096) -> Bits:
    """Return which rows carry the given allele of each variant, (n_variants, n / 8 rounded up).

    Parameters
    ----------
    x : (n, n_variants) uint8
    alleles : (n_variants,) uint8
    width
        Columns taken at a time.
    """
    bits = np.empty((x.shape[1], -(-len(x) // 8)), dtype=np.uint8)
    for columns in column_blocks(x.shape[1], width):
        bits[columns] = np.packbits(x[:, columns] == alleles[columns], axis=0).T
    return bits


def carriers_together(bits: Bits, combinations: Indices, tile: int = 20_000) -> npt.NDArray[np.int64]:
    """Return how many rows carry all alleles of each combination.

    Parameters
    ----------
    bits : (n_variants, n_bytes)
        Of `carrier_bits`.
    combinations : (m, k)
        Variants.

    Returns
    -------
    (m,) int64
    """
    counts = np.empty(len(combinations), dtype=np.int64)
    for rows in column_blocks(len(combinations), tile):
        together = np.bitwise_and.reduce(bits[combinations[rows]], axis=1)  # (tile, k, n_bytes) at first
        counts[rows] = np.bitwise_count(together).sum(axis=1, dtype=np.int64)
    return counts


def only_carriers(x: Alleles, alleles: Alleles, person: Indices) -> Indices:
    """Return the one person who carries the given allele of each variant, -1 when nobody or several do.

    Parameters
    ----------
    x : (n, n_variants) uint8
    alleles : (n_variants,) uint8
    person : (n,)
        Number of each row's person; a person has one row or two neighbouring ones.
    """
    result = np.full(x.shape[1], -1, dtype=np.intp)
    ones = x.sum(axis=0, dtype=np.int64)
    count = np.where(alleles == 1, ones, len(x) - ones)
    few = np.flatnonzero((count == 1) | (count == 2))
    carried = x[:, few] == alleles[few]
    first = person[carried.argmax(axis=0)]
    last = person[len(x) - 1 - carried[::-1].argmax(axis=0)]
    result[few] = np.where(first == last, first, -1)
    return result


def distinct_ranks(uniform: Uniform, n: int) -> Indices:
    """Return k different numbers below n for every k uniform ones, all choices equally likely.

    Parameters
    ----------
    uniform : (..., k)
        In [0, 1).
    n
        At least k.
    """
    k = uniform.shape[-1]
    ranks = (uniform * (n - np.arange(k))).astype(np.intp)
    for index in range(1, k):  # a rank among those not yet taken
        earlier = np.sort(ranks[..., :index], axis=-1)
        for taken in range(index):
            ranks[..., index] += ranks[..., index] >= earlier[..., taken]
    return ranks


@dataclass(frozen=True)
class Combinations:
    """Combinations of rare alleles, each carried by a haplotype.

    Attributes
    ----------
    variants : (m, k)
        Rising in each row.
    row : (m,)
        The haplotype.
    """

    variants: Indices
    row: Indices


def private_combinations(
    x: Alleles, alleles: Alleles, bits: Bits, partner: Indices, rows: Indices, uniform: Uniform, most: int
) -> Combinations:
    """Return random combinations of alleles that a haplotype carries and no other person does.

    For each of the given haplotypes, random combinations of the alleles that it
    carries are tried, and the first `most` private ones kept, each once.

    Parameters
    ----------
    x : (n, n_variants) uint8
        Everybody, at variants with a rare allele.
    alleles : (n_variants,) uint8
        The rare ones.
    bits : (n_variants, n_bytes)
        `carrier_bits(x, alleles)`.
    partner : (n,)
        The other haplotype of each row's person, the row itself when there is none.
    rows : (n_rows,)
        Haplotypes whose combinations are wanted.
    uniform : (n_rows, n_tries, k)
        Random numbers in [0, 1), one for each allele tried.
    """
    k = uniform.shape[-1]
    found, owners = [np.empty((0, k), dtype=np.intp)], [np.empty(0, dtype=np.intp)]
    for row, numbers in zip(rows, uniform, strict=True):
        carried = np.flatnonzero(x[row] == alleles)
        if len(carried) < k:
            continue
        tried = np.sort(carried[distinct_ranks(numbers, len(carried))], axis=1)
        _, first = np.unique(tried, axis=0, return_index=True)
        tried = tried[np.sort(first)]
        other = partner[row]
        both = (x[other][tried] == alleles[tried]).all(axis=1) & (other != row)
        private = tried[carriers_together(bits, tried) == 1 + both]
        found.append(private[:most])
        owners.append(np.full(len(private[:most]), row))
    return Combinations(np.concatenate(found), np.concatenate(owners))


def shuffled_combinations(combinations: Indices, group: npt.NDArray[Any], uniform: Uniform) -> Indices:
    """Return the combinations with their first variants shuffled, their second, and so on, within groups.

    The same variants as often, in combinations that need not exist; a variant
    may stand in one twice. Rising in each row.

    Parameters
    ----------
    combinations : (m, k)
    group : (m,)
    uniform : (k, m)
        Random numbers that decide the order.
    """
    result = combinations.copy()
    for name in np.unique(group):
        own = np.flatnonzero(group == name)
        for column, numbers in enumerate(uniform):
            result[own, column] = combinations[own[np.argsort(numbers[own])], column]
    return np.sort(result, axis=1)
