"""Are two losses different? Tests of accuracies that were read at checkpoints of a few runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
NONE = float("nan")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A difference of two means, with its 95% interval and its test; NaN where something is undefined.

    `n` is how many observations either mean counts for.
    """

    difference: float
    lower: float = NONE
    upper: float = NONE
    t: float = NONE
    df: float = NONE
    p: float = NONE
    n: tuple[float, float]


def without_extremes(values: Sequence[float] | Floats, n: int) -> Floats:
    """Return values sorted, without the n smallest and the n largest; none are left of 2 n or fewer."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    return ordered[n : max(n, len(ordered) - n)]


def t_test(
    a: Sequence[float] | Floats,
    b: Sequence[float] | Floats,
    *,
    equal_variances: bool = False,
    n: tuple[float, float] | None = None,
) -> Difference:
    """Return a two-sided t-test of mean a minus mean b.

    Parameters
    ----------
    a, b
        Observations. Means alone are compared when one has fewer than two, or both have no variance.
    equal_variances
        Student's test with the pooled variance, else Welch's.
    n
        How many independent observations they count for; as many as there are when left out.

    References
    ----------
    Welch 1947, 10.1093/biomet/34.1-2.28.
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    sizes = n or (float(len(first)), float(len(second)))
    if not (len(first) and len(second)):
        return Difference(difference=NONE, n=sizes)
    difference = float(first.mean() - second.mean())
    if min(*sizes, len(first), len(second)) <= 1:
        return Difference(difference=difference, n=sizes)
    variances = float(first.var(ddof=1)), float(second.var(ddof=1))
    error, df = _error(variances, sizes, equal=equal_variances)
    if not error > 0:
        return Difference(difference=difference, n=sizes)
    t, reach = difference / error, float(stats.t.ppf(0.975, df)) * error
    return Difference(
        difference=difference, lower=difference - reach, upper=difference + reach, t=t, df=df,
        p=float(2 * stats.t.sf(abs(t), df)), n=sizes,
    )  # fmt: skip


def _error(variances: tuple[float, float], n: tuple[float, float], *, equal: bool) -> tuple[float, float]:
    """Return the standard error of a difference of means and its degrees of freedom."""
    if equal:
        df = n[0] + n[1] - 2
        pooled = ((n[0] - 1) * variances[0] + (n[1] - 1) * variances[1]) / df
        return float(np.sqrt(pooled * (1 / n[0] + 1 / n[1]))), df
    parts = variances[0] / n[0], variances[1] / n[1]
    total = sum(parts)
    below = parts[0] ** 2 / (n[0] - 1) + parts[1] ** 2 / (n[1] - 1)
    return float(np.sqrt(total)), total**2 / below if below else NONE


def permutation_test(a: Sequence[float], b: Sequence[float]) -> Difference:
    """Return mean a minus mean b, with the share of all ways to part the values so that it is at least as far from 0.

    All ways are tried, so the smallest p is 1 over half their number: .1 of three and three.
    """
    values, k = np.array([*a, *b], dtype=np.float64), len(a)
    if not (len(a) and len(b)):
        return Difference(difference=NONE, n=(len(a), len(b)))
    sums = np.array([values[list(chosen)].sum() for chosen in combinations(range(len(values)), k)])
    differences = sums / k - (values.sum() - sums) / (len(values) - k)
    far = np.abs(differences) >= abs(differences[0]) - 1e-12  # the first way is the one observed
    return Difference(difference=float(differences[0]), p=float(far.mean()), n=(len(a), len(b)))


def autocorrelations(values: Sequence[float] | Floats) -> Floats:
    """Return the autocorrelation of a series at lags 0 to n - 1, (n,); NaN of a series without variance.

    Sums of products of deviations from the mean, over that at lag 0.
    """
    x = np.asarray(values, dtype=np.float64)
    x = x - x.mean()
    found: Floats = np.correlate(x, x, mode="full")[len(x) - 1 :]
    return found / found[0] if found[0] > 0 else np.full(len(x), np.nan)


def effective_number(values: Sequence[float] | Floats) -> float:
    """Return how many independent values say as much about the mean of a series as its n values do.

    ``n / (1 + 2 sum of autocorrelations)``, summed in pairs of lags as long as these are
    positive; between 1 and n, and 1 of a series without variance.

    References
    ----------
    Geyer 1992, 10.1214/ss/1177011137 (the initial positive sequence).
    """
    n, rho = len(values), autocorrelations(values)
    if n < 2 or not np.isfinite(rho).all():
        return 1.0
    pairs = rho[: n - n % 2].reshape(-1, 2).sum(axis=1)
    ends = np.flatnonzero(pairs <= 0)
    positive = pairs[: ends[0]] if len(ends) else pairs
    return float(np.clip(n / max(2 * positive.sum() - 1, 1e-12), 1, n)) if len(positive) else float(n)
