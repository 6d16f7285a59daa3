"""Differentiation of populations: F_ST and differences of frequencies, for all pairs at once.

Everything is a ratio of sums over variants of frequencies and of products of
two frequencies, so that one matrix product serves all pairs. Letters: `k`
populations; leading axes are independent cases, such as bootstrap draws.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Moments:
    """Sums over variants, of frequencies and of their products; blocks of variants are added with `+`.

    Attributes
    ----------
    n_variants
        Number of variants.
    sums : (..., k)
        Sum of each population's frequency.
    products : (..., k, k)
        Sum of the product of two populations' frequencies.
    """

    n_variants: int
    sums: Floats
    products: Floats

    def __add__(self, other: "Moments") -> "Moments":
        """Return the moments of both blocks of variants."""
        return Moments(
            n_variants=self.n_variants + other.n_variants,
            sums=self.sums + other.sums,
            products=self.products + other.products,
        )


def moments(frequencies: Floats) -> Moments:
    """Return the moments of allele frequencies, (..., k, n_variants)."""
    return Moments(
        n_variants=frequencies.shape[-1],
        sums=frequencies.sum(axis=-1),
        products=frequencies @ frequencies.swapaxes(-1, -2),
    )


def hudson_fst(of: Moments, sizes: Floats) -> Floats:
    """Return Hudson's F_ST of every pair of populations as a ratio of averages, (..., k, k).

    With frequencies p and q in samples of n and m haplotypes, the sum over
    variants of (p - q)**2 - p(1 - p)/(n - 1) - q(1 - q)/(m - 1), divided by the
    sum of p(1 - q) + q(1 - p) (Bhatia et al. 2013, doi:10.1101/gr.154831.113).
    Not clipped: two samples of one population average 0. NaN on the diagonal,
    for a population of one haplotype, and where no variant differs.

    Parameters
    ----------
    sizes : (..., k)
        Haplotypes of each population; of a weighted sample the effective number
        (sum of weights)**2 / (sum of squared weights), which keeps the
        numerator unbiased.
    """
    within = _quotient(_heterozygosity(of), sizes - 1, sizes > 1 + 1e-9)
    between = of.sums[..., :, None] + of.sums[..., None, :] - 2 * of.products
    return _ratio(_squared_differences(of) - within[..., :, None] - within[..., None, :], between)


def weir_cockerham_fst(of: Moments, sizes: Floats) -> Floats:
    """Return Weir and Cockerham's theta of every pair of populations, haploid form, (..., k, k).

    Haplotypes are the sampled units, so there is no component for the two
    alleles of a person: theta = sum of a / sum of (a + b) over variants, with
    b the mean square within populations, a = (mean square between - b) / n_c
    and n_c = 2nm / (n + m) (Weir and Cockerham 1984,
    doi:10.1111/j.1558-5646.1984.tb05657.x). It is what the diploid form gives
    for people who carry each haplotype twice. Not clipped. NaN on the diagonal,
    for two populations of one haplotype each, and where no variant differs.

    Parameters
    ----------
    sizes : (..., k)
        As in `hudson_fst`.
    """
    n, m = sizes[..., :, None], sizes[..., None, :]
    spread = sizes * _heterozygosity(of)
    within = _quotient(spread[..., :, None] + spread[..., None, :], n + m - 2, n + m > 2 + 1e-9)
    n_c = 2 * n * m / (n + m)
    component = _squared_differences(of) / 2 - within / n_c
    return _ratio(component, component + within)


def difference_correlations(of: Moments, k: int) -> Floats:
    """Return how far differences of frequencies between populations agree in two sets, (..., k, k).

    For each pair of populations the Pearson correlation over variants of
    f(a) - f(b) in the first set and in the second.

    Parameters
    ----------
    of
        Of 2k populations: k in the first set, then the same k in the second.
    k
        Number of populations; the result is NaN on its diagonal and where a
        difference is the same at all variants.
    """
    centred = of.products - of.sums[..., :, None] * of.sums[..., None, :] / of.n_variants
    first, second, across = centred[..., :k, :k], centred[..., k:, k:], centred[..., :k, k:]
    own = np.diagonal(across, axis1=-2, axis2=-1)
    covariance = own[..., :, None] + own[..., None, :] - across - across.swapaxes(-1, -2)
    size = np.sqrt(_variances(first) * _variances(second))
    return _quotient(covariance, size, size > 0)


def _variances(centred: Floats) -> Floats:
    """Return the summed squares of each difference, 0 where no more than rounding is left of it."""
    own = np.diagonal(centred, axis1=-2, axis2=-1)
    total = own[..., :, None] + own[..., None, :]
    left = total - centred - centred.swapaxes(-1, -2)
    return np.where(left > 1e-10 * total, left, 0)


def _heterozygosity(of: Moments) -> Floats:
    """Return the sum over variants of p(1 - p), (..., k)."""
    return np.asarray(of.sums - np.diagonal(of.products, axis1=-2, axis2=-1))


def _squared_differences(of: Moments) -> Floats:
    """Return the sum over variants of (p - q)**2, (..., k, k)."""
    own = np.diagonal(of.products, axis1=-2, axis2=-1)
    return np.asarray(own[..., :, None] + own[..., None, :] - 2 * of.products)


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Return the ratio for pairs of two populations, NaN where nothing varies."""
    some = (denominator > 1e-9) & ~np.eye(denominator.shape[-1], dtype=bool)
    return _quotient(numerator, denominator, some)


def _quotient(numerator: Floats, denominator: Floats, where: npt.NDArray[np.bool_]) -> Floats:
    """Return the quotient, NaN elsewhere."""
    out = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    np.divide(numerator, denominator, out=out, where=where)
    return out
