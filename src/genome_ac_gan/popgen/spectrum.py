"""The site frequency spectrum: projected to fewer chromosomes, and folded."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@lru_cache(maxsize=8)
def projection(n: int, m: int) -> Floats:
    """Return the chance that m of n chromosomes, drawn without replacement, carry j of the i copies, (n + 1, m + 1).

    Hypergeometric: C(i, j) C(n - i, m - j) / C(n, m); rows are i, columns j.
    Read-only and remembered.
    """
    factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])  # logarithms
    i, j = np.arange(n + 1)[:, None], np.arange(m + 1)[None, :]
    possible = (j <= i) & (m - j <= n - i)
    kept, rest = np.where(possible, i - j, 0), np.where(possible, n - i - (m - j), 0)
    chance = factorial[i] - factorial[j] - factorial[kept]
    chance = chance + factorial[n - i] - factorial[m - j] - factorial[rest]
    chance -= factorial[n] - factorial[m] - factorial[n - m]
    result = np.where(possible, np.exp(np.where(possible, chance, 0)), 0)
    result.flags.writeable = False
    return result


def projected_spectrum(counts: npt.NDArray[np.int64], n: int, m: int) -> Floats:
    """Return the expected number of variants with 0 to m copies of allele 1 among m of the n chromosomes, (m + 1,).

    Exact: each variant's count is spread by `projection`; with m = n the
    spectrum is counted and nothing is spread.

    Parameters
    ----------
    counts : (n_variants,) int64
        Copies of allele 1 among n chromosomes.
    """
    return np.asarray(np.bincount(counts, minlength=n + 1) @ projection(n, m))


def folded(spectrum: Floats) -> Floats:
    """Return the spectrum by copies of the rarer allele, 0 to m // 2, (m // 2 + 1,)."""
    m = len(spectrum) - 1
    both = spectrum + spectrum[::-1]
    if m % 2 == 0:
        both[m // 2] = spectrum[m // 2]
    return both[: m // 2 + 1]


def pairwise_differences(spectrum: Floats, m: int) -> float:
    """Return theta_pi: how many variants differ between two of m chromosomes, on average, from a folded spectrum."""
    j = np.arange(len(spectrum))
    return float((spectrum * j * (m - j)).sum() / (m * (m - 1) / 2))
