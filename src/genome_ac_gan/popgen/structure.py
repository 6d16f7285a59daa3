"""Population structure: principal components, and distances of two clouds of points."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genome_ac_gan.popgen.distance import shared_ones

Matrix = npt.NDArray[np.floating]


@dataclass(frozen=True)
class PrincipalAxes:
    """Principal components of one array, onto which others can be projected.

    Attributes
    ----------
    mean : (n_variants,) float64
        Allele frequencies that are subtracted.
    axes : (n_components, n_variants) float64
        Unit vectors, that of the largest variance first; the largest entry of
        each is positive.
    explained : (n_components,) float64
        Share of the total variance along each axis.
    """

    mean: npt.NDArray[np.float64]
    axes: npt.NDArray[np.float64]
    explained: npt.NDArray[np.float64]

    def project(self, x: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
        """Return the coordinates of other haplotypes, (n, n_components) float64."""
        single = np.asarray(x.astype(np.float32) @ self.axes.T.astype(np.float32), dtype=np.float64)
        return single - self.axes @ self.mean


def principal_axes(x: npt.NDArray[np.uint8], n_components: int = 2) -> PrincipalAxes:
    """Fit principal components: centred, not scaled, as the field's figures are.

    Parameters
    ----------
    x : (n_haplotypes, n_variants) uint8
    n_components
        Along axes without variance, those beyond the smaller side of `x`
        included, everything is 0.
    """
    mean = x.mean(axis=0, dtype=np.float64)
    single = x.astype(np.float32)
    if len(x) <= x.shape[1]:
        values, vectors = _leading(centred_gram(shared_ones(x)), n_components)
        axes = vectors.T.astype(np.float32) @ single - np.outer(vectors.sum(axis=0), mean)
        axes = axes / np.sqrt(np.where(values > 0, values, np.inf))[:, None]
    else:
        covariance = (single.T @ single).astype(np.float64) - len(x) * np.outer(mean, mean)
        values, vectors = _leading(covariance, n_components)
        axes = vectors.T * (values > 0)[:, None]
    sign = np.sign(np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1))
    total = float((mean * (1 - mean)).sum()) * len(x)  # of 0/1 columns: sum of squares about the mean
    return PrincipalAxes(mean, np.asarray(axes * sign, dtype=np.float64), values / total if total else values)


def principal_coordinates(gram: Matrix, n_components: int = 2) -> npt.NDArray[np.float64]:
    """Return the principal-component coordinates of the rows behind a Gram matrix.

    Parameters
    ----------
    gram : (n, n)
        Inner products of the rows, not centred (`distance.shared_ones`).

    Returns
    -------
    (n, n_components) float64
        What PCA fitted on those rows gives, up to the sign of each column;
        the entry of largest size in a column is positive.
    """
    values, vectors = _leading(centred_gram(gram), n_components)
    coordinates = vectors * np.sqrt(values)
    sign = np.sign(np.take_along_axis(coordinates, np.abs(coordinates).argmax(axis=0)[None], axis=0))
    return np.asarray(coordinates * sign, dtype=np.float64)


def centred_gram(gram: Matrix) -> Matrix:
    """Return the Gram matrix of the rows after their mean was subtracted, of the same type."""
    mean = gram.mean(axis=0, dtype=np.float64)
    centre: Matrix = mean[:, None] + mean - mean.mean()
    return np.subtract(gram, centre, dtype=gram.dtype, casting="same_kind")


def _leading(symmetric: Matrix, n: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the n largest eigenvalues, none below 0, largest first, and their vectors as columns.

    A matrix with fewer than n gets zeros in their place.
    """
    from scipy.linalg import eigh
    from scipy.sparse.linalg import eigsh

    size = len(symmetric)
    if not symmetric.any():  # identical rows: Lanczos has nothing to start from
        return np.zeros(n), np.zeros((size, n))
    if size <= 256:
        values, vectors = eigh(symmetric.astype(np.float64), subset_by_index=[max(size - n, 0), size - 1])
    else:
        start = np.random.default_rng(0).standard_normal(
            size
        )  # fixed: the result depends on the matrix alone
        values, vectors = eigsh(symmetric, k=n, v0=start.astype(symmetric.dtype), which="LA")
    order = np.argsort(values)[::-1]
    floor = np.finfo(np.float32).eps * size * max(float(np.trace(symmetric)), 0.0) * 1e-3
    values = np.where(values > floor, values, 0.0)
    missing = max(n - size, 0)
    return (
        np.pad(values[order].astype(np.float64), (0, missing)),
        np.pad(vectors[:, order].astype(np.float64), ((0, 0), (0, missing))),
    )


def assignment_cost(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    """Return the sum of Euclidean distances over the optimal one-to-one assignment of two clouds.

    Parameters
    ----------
    a, b : (n, n_dimensions)
        As many points in both. The sum grows with n; divided by n it is the
        Wasserstein-1 distance of the two empirical distributions.
    """
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    if len(a) != len(b):
        raise ValueError(f"a one-to-one assignment needs as many points in both: {len(a)}, {len(b)}")
    cost = cdist(a, b)
    return float(cost[linear_sum_assignment(cost)].sum())


def sliced_distance(
    a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], directions: npt.NDArray[np.float64]
) -> float:
    """Return the Wasserstein-1 distance of two clouds along a direction, as a mean over directions.

    Parameters
    ----------
    a, b : (n, n_dimensions)
        As many points in both: along a line the optimal assignment is by rank.
    directions : (n_dimensions, n_directions)
        Unit vectors; random ones give the sliced Wasserstein distance (Rabin et
        al. 2012, doi:10.1007/978-3-642-24785-9_37), the axes themselves the mean
        over components.
    """
    if len(a) != len(b):
        raise ValueError(f"ranks of two clouds need as many points in both: {len(a)}, {len(b)}")
    first, second = (np.sort(points @ directions, axis=0) for points in (a, b))
    return float(np.abs(first - second).mean())


def random_directions(n_dimensions: int, n: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return unit vectors as columns, (n_dimensions, n), evenly distributed over the sphere."""
    normal = rng.standard_normal((n_dimensions, n))
    return np.asarray(normal / np.linalg.norm(normal, axis=0))
