"""Kinds of haplotypes within populations."""

import numpy as np
import numpy.typing as npt

from genome_ac_gan.popgen.structure import principal_axes

AXES = 8
SMALLEST = 20  # haplotypes of a component, on average


def components(
    x: npt.NDArray[np.uint8], codes: npt.NDArray[np.int64], n_components: int, seed: int
) -> npt.NDArray[np.int64]:
    """Return the component of each haplotype within its population: clusters along its principal components.

    Parameters
    ----------
    x : (n, l) uint8
        Alleles 0 or 1.
    codes : (n,) int64
        Population of each haplotype.
    n_components
        Clusters of each population; fewer of one with less than 20 haplotypes for each.
    seed
        Decides where k-means starts.

    Returns
    -------
    (n,) int64
        From 0 on within each population.
    """
    from sklearn.cluster import KMeans

    found = np.zeros(len(x), np.int64)
    for code in np.unique(codes):
        rows = np.flatnonzero(codes == code)
        n = max(1, min(n_components, len(rows) // SMALLEST))
        if n > 1:
            own = x[rows]
            coordinates = principal_axes(own, AXES).project(own)
            found[rows] = KMeans(n, random_state=seed, n_init=4).fit(coordinates).labels_
    return found
