"""Two samples of numbers compared by their ranks, with weights: ties are split, never decided by chance.

Weights are given for several weightings at once, (n_weightings, n): a row of
ones and some bootstrap weights, for instance.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Sample = npt.NDArray[Any]
Weights = npt.NDArray[np.floating]
Masses = npt.NDArray[np.float64]


def masses(sample: Sample, weights: Weights, grid: Sample) -> Masses:
    """Return the share of the weight that stands at each value, (n_weightings, n_grid).

    Parameters
    ----------
    sample : (n,)
        All its values are in `grid`.
    weights : (n_weightings, n)
    grid : (n_grid,)
        Different values, sorted.
    """
    place = np.searchsorted(grid, sample)
    found = np.array([np.bincount(place, weights=row, minlength=len(grid)) for row in weights])
    return np.asarray(found / found.sum(axis=1, keepdims=True), dtype=np.float64)


def on_one_grid(
    first: Sample, second: Sample, first_weights: Weights, second_weights: Weights
) -> tuple[Sample, Masses, Masses]:
    """Return the sorted values of two samples and the masses of each on them."""
    grid = np.unique(np.concatenate([first, second]))
    return grid, masses(first, first_weights, grid), masses(second, second_weights, grid)


def smaller(first: Masses, second: Masses) -> npt.NDArray[np.float64]:
    """Return the chance that a value of the first sample is below one of the second, ties one half.

    The Mann-Whitney U over the number of pairs; the area under the ROC curve of
    a score that is low in the first sample. Shape (n_weightings,).
    """
    below = np.cumsum(first, axis=1) - first / 2
    return _within_one((second * below).sum(axis=1))


def kolmogorov_smirnov(first: Masses, second: Masses) -> npt.NDArray[np.float64]:
    """Return the largest difference of the two distribution functions, (n_weightings,)."""
    return _within_one(np.abs(np.cumsum(first - second, axis=1)).max(axis=1))


def median(grid: Sample, mass: Masses) -> npt.NDArray[np.float64]:
    """Return the median of each weighting, the middle of the two when half the weight lies on either side."""
    reached = np.cumsum(mass, axis=1)
    lower, upper = (reached >= 0.5 - 1e-9).argmax(axis=1), (reached > 0.5 + 1e-9).argmax(axis=1)
    return np.asarray((grid[lower] + grid[upper]) / 2, dtype=np.float64)


def in_lowest_part(first: Masses, second: Masses, part: float) -> npt.NDArray[np.float64]:
    """Return the share of the first sample in the lowest `part` of the second, (n_weightings,).

    At the value where that part ends, the first sample counts in the
    proportion in which the second does: the share of two equal samples is
    `part`, however many ties there are.
    """
    reached = np.cumsum(second, axis=1)
    inside = np.clip(part - (reached - second), 0, second)
    taken = np.divide(inside, second, out=(reached < part - 1e-9).astype(np.float64), where=second > 0)
    return _within_one((first * taken).sum(axis=1))


def _within_one(shares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return shares without what rounding put beyond 0 and 1."""
    return np.asarray(np.clip(shares, 0, 1), dtype=np.float64)


def mann_whitney_deviation(grid: Sample, first: Sample, second: Sample) -> float:
    """Return the standard deviation of `smaller` for two samples of one distribution, ties corrected; 0 if all tie."""
    counts = sum(
        np.bincount(np.searchsorted(grid, sample), minlength=len(grid)) for sample in (first, second)
    )
    n, m = len(first), len(second)
    total = n + m
    ties = float((np.asarray(counts, dtype=np.float64) ** 3 - counts).sum()) / (total * (total - 1))
    return float(np.sqrt(max(total + 1 - ties, 0.0) / (12 * n * m)))


def true_positive_rates(
    members: Sample, others: Sample, member_weights: Weights, other_weights: Weights, rates: Sample
) -> npt.NDArray[np.float64]:
    """Return the share of members above the threshold that lets through a given share of others.

    Members must lie strictly above a threshold. Above the j-th highest of n
    others a member that is one of them lies with chance j / (n + 1): there the
    false-positive rate j / (n + 1) is put, and rates in between are
    interpolated. Without ties a guess has a true-positive rate equal to the
    false-positive rate on average, with ties less.

    Parameters
    ----------
    members, others : (n_members,), (n_others,)
        Scores; high for members.
    member_weights, other_weights : (n_weightings, ...)
    rates : (n_rates,)
        False-positive rates in [0, 1].

    Returns
    -------
    (n_weightings, n_rates)
    """
    rising, falling = np.argsort(members), np.argsort(-others)
    _, tied, counts = np.unique(others, return_inverse=True, return_counts=True)
    at_or_below = np.searchsorted(members[rising], others[falling], side="right")
    n = len(others)
    found = np.empty((len(member_weights), len(rates)))
    for index, (own, other) in enumerate(zip(member_weights, other_weights, strict=True)):
        weight = np.append(0.0, np.cumsum(own[rising]))
        above = 1 - weight[at_or_below] / weight[-1]
        shared = (np.bincount(tied, weights=other) / counts)[
            tied
        ]  # so that the order of ties does not matter
        reached = np.cumsum(shared[falling]) / other.sum() * (n / (n + 1))
        found[index] = np.interp(rates, np.r_[0, reached, 1], np.r_[0, above, 1])
    return found
