"""Probabilities of the next allele from counts of contexts, interpolated with those of shorter contexts.

A context that was seen n times is believed as far as n outweighs `back_off`, the
weight of the next shorter one; contexts of half the length follow each other down
to none (as in the interpolated n-gram models of MacKay & Peto 1995,
doi:10.1017/S1351324900000218).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genome_ac_gan.popgen.contexts import Stretch

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Weights:
    """What counts are smoothed with, each as a number of haplotypes.

    Attributes
    ----------
    back_off
        Weight of the next shorter context.
    share
        Weight of the same context in all populations together.
    pseudocount
        Weight of one half, behind the frequency at the site.
    """

    back_off: float
    share: float
    pseudocount: float


@dataclass(frozen=True, eq=False)
class Level:
    """The contexts of one length in a stretch.

    Attributes
    ----------
    group : (n,)
        For each full context, which of these it ends with.
    parent : (n_groups,)
        For each of these, which of the next shorter ones it ends with.
    counts : (n_groups, 1 + k, 2)
        Of everybody, and of each of k populations.
    tells : (n_groups,) bool
        Whether there are more alleles before the site than the shorter context has;
        where not, both are the same and nothing is to be learned from this one.
    """

    group: npt.NDArray[np.int64]
    parent: npt.NDArray[np.int64]
    counts: Floats
    tells: npt.NDArray[np.bool_]


def ladder(order: int) -> list[int]:
    """Return the lengths of context that are used: `order` halved again and again, down to 0; rising."""
    lengths = [order]
    while lengths[-1]:
        lengths.append(lengths[-1] // 2)
    return lengths[::-1]


def levels(stretch: Stretch, available: npt.NDArray[np.int64]) -> list[Level]:
    """Return the contexts of each length of the ladder.

    Parameters
    ----------
    available : (n_sites,)
        How many alleles come before each site of the stretch on its contig.
    """
    lengths = ladder(stretch.order)
    is_head = [stretch.is_first | (stretch.common < length) for length in lengths]
    group = [np.cumsum(heads) - 1 for heads in is_head]
    counts = [stretch.counts]
    for heads, longer in zip(is_head[-2::-1], group[:0:-1], strict=True):
        counts.append(np.add.reduceat(counts[-1], longer[heads], axis=0))
    counts.reverse()
    before = available[stretch.site]
    return [
        Level(
            group=group[i],
            parent=group[max(i - 1, 0)][is_head[i]],
            counts=counts[i],
            tells=before[is_head[i]] > (lengths[i - 1] if i else -1),
        )
        for i in range(len(lengths))
    ]


def probabilities(contexts: Sequence[Level], weights: Weights, allele: int) -> list[Floats]:
    """Return the probability of an allele after the contexts of each level, (n_groups, k).

    With C haplotypes of the population that carry the context, C_a of them with
    the allele next, T and T_a likewise over all populations, and p and q the
    probabilities after the next shorter context:

        Q = (T_a + back_off * q) / (T + back_off)
        P = (C_a + back_off * p + share * Q) / (C + back_off + share)

    and at the frequencies of the site

        Q = (T_a + pseudocount / 2) / (T + pseudocount)
        P = (C_a + pseudocount / 2 + share * Q) / (C + pseudocount + share).

    Where a denominator is 0, the shorter context decides alone; behind the
    frequencies stands one half. P of both alleles sums to 1.
    """
    return _interpolated(contexts, weights, allele, 0.0)


def left_out_log_likelihood(contexts: Sequence[Level], weights: Weights) -> float:
    """Return the log-probability of all alleles in a stretch of k populations, each after the other haplotypes alone.

    The formula of `probabilities` with every haplotype taken out of the counts
    when its own allele is asked for. Weights must be above 0.
    """
    total = 0.0
    for allele in (0, 1):
        counts = contexts[-1].counts[:, 1:, allele]
        seen = counts > 0
        total += float(counts[seen] @ np.log(_interpolated(contexts, weights, allele, 1.0)[-1][seen]))
    return total


def _interpolated(contexts: Sequence[Level], weights: Weights, allele: int, left_out: float) -> list[Floats]:
    """Return the probabilities of an allele at each level, `left_out` haplotypes that carry it not counted."""
    result: list[Floats] = []
    pooled = own = np.full((1, 1), 0.5)
    for level in contexts:
        back_off = weights.back_off if result else weights.pseudocount
        shorter = (pooled[level.parent], own[level.parent]) if result else (pooled, own)
        carriers = level.counts[..., allele] - left_out  # (n_groups, 1 + k)
        n = level.counts[..., 0] + level.counts[..., 1] - left_out
        everybody = n[:, :1]
        pooled = _ratio(carriers[:, :1] + back_off * shorter[0], everybody + back_off, shorter[0])
        own = _ratio(
            carriers[:, 1:] + back_off * shorter[1] + weights.share * pooled,
            n[:, 1:] + (back_off + weights.share),
            shorter[1],
        )
        tells = level.tells[:, None] & ((everybody > 0) | (len(result) == 0))
        if not tells.all():
            pooled, own = np.where(tells, pooled, shorter[0]), np.where(tells, own, shorter[1])
        result.append(own)
    return result


def _ratio(numerator: Floats, denominator: Floats, otherwise: Floats) -> Floats:
    """Return numerator / denominator, and `otherwise` where the denominator is not above 0."""
    defined = denominator > 0
    if defined.all():
        return numerator / denominator
    return np.where(defined, numerator / np.where(defined, denominator, 1.0), otherwise)
