"""Intervals over random splits of the same people."""

import numpy as np
import numpy.typing as npt

ENOUGH = 3  # splits for an interval


def resampled_interval(
    values: npt.NDArray[np.float64], ratio: float, level: float = 0.95
) -> tuple[float, float, float]:
    """Return the mean of values from random splits of the same people, and its corrected interval.

    Splits overlap, so that the variance of a mean of n of them does not fall as 1 / n: it is
    taken to be (1 / n + ratio) times that of the values, with n - 1 degrees of freedom.

    Parameters
    ----------
    values : (n,)
        One a split; differences for a paired comparison.
    ratio
        Test people to training people.
    level
        Coverage.

    Returns
    -------
    mean, lower, upper
        NaN for the ends with fewer than three splits: two say too little of their spread.

    References
    ----------
    Nadeau & Bengio 2003, 10.1023/A:1024068626366 (corrected resampled t-test).
    """
    from scipy.stats import t

    n, mean = len(values), float(values.mean())
    if n < ENOUGH:
        return mean, float("nan"), float("nan")
    half = float(t.ppf((1 + level) / 2, n - 1) * values.std(ddof=1) * np.sqrt(1 / n + ratio))
    return mean, mean - half, mean + half


def single_interval(values: npt.NDArray[np.float64], level: float = 0.95) -> tuple[float, float]:
    """Return the prediction interval of one further split: what a study with a single split may find.

    Parameters
    ----------
    values : (n,)
        One a split.
    level
        Coverage.

    Returns
    -------
    lower, upper
        mean -+ t sd sqrt(1 + 1 / n), t with n - 1 degrees of freedom; NaN with fewer than three splits.
    """
    from scipy.stats import t

    n = len(values)
    if n < ENOUGH:
        return float("nan"), float("nan")
    half = float(t.ppf((1 + level) / 2, n - 1) * values.std(ddof=1) * np.sqrt(1 + 1 / n))
    return float(values.mean()) - half, float(values.mean()) + half
