"""Allele frequencies of populations from samples, each drawn towards those that its relatives have."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def shrunk_frequencies(frequencies: Floats, sizes: Floats) -> Floats:
    """Return the best linear prediction of populations' frequencies from those of samples, (k, l).

    Around the mean frequency m of all haplotypes, the deviations of k populations at
    a variant are taken to have covariance m (1 - m) C, with one matrix C of how much
    populations drifted, together and apart, for all variants; samples add the chance of
    drawing n haplotypes. What a sample says is trusted as far as C is large beside
    that chance, and relatives are asked for the rest.

    Parameters
    ----------
    frequencies : (k, l)
        Of allele 1 in the sample of each population.
    sizes : (k,)
        Haplotypes of each sample, at least 1. One haplotype alone tells nothing of chance,
        and is taken at its word.

    Returns
    -------
    (k, l) float64, between 0 and 1. The mean over haplotypes is kept, but for
    predictions outside of 0 to 1, which are cut; an allele that nobody carries stays
    at 0. With one population, or where samples vary no more than chance makes them:
    the mean of all haplotypes.

    References
    ----------
    Coop et al. 2010, 10.1534/genetics.110.114819 (the covariance of frequencies);
    Robinson 1991, 10.1214/ss/1177011926 (best linear unbiased prediction).
    """
    shares = sizes / sizes.sum()
    mean = shares @ frequencies
    deviation = frequencies - mean
    chance = _covariance_of_chance(frequencies, sizes)
    drift = _without_negative_part(deviation @ deviation.T - chance)
    trust = drift @ np.linalg.pinv(drift + chance, rcond=1e-8, hermitian=True)
    shrunk: Floats = np.clip(mean + trust @ deviation, 0, 1)
    return shrunk


def _covariance_of_chance(frequencies: Floats, sizes: Floats) -> Floats:
    """Return what drawing the samples adds to products of deviations from the mean, summed over variants."""
    variances = (frequencies * (1 - frequencies)).sum(axis=1) / np.maximum(sizes - 1, 1)
    around_mean = np.eye(len(sizes)) - sizes / sizes.sum()
    covariance: Floats = (around_mean * variances) @ around_mean.T
    return covariance


def _without_negative_part(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    positive: Floats = (vectors * values.clip(0)) @ vectors.T
    return positive
