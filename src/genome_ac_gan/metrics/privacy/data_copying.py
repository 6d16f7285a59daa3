"""Test of data copying: whether synthetic rows lie nearer to train than unseen people of the same kind."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from genome_ac_gan.metrics.base import (
    POOLED,
    Comparison,
    Metric,
    MetricResult,
    Statistic,
    as_table,
    statistics,
    weighted_row,
)
from genome_ac_gan.metrics.draws import MIN_ROWS, id_order, weightings
from genome_ac_gan.metrics.privacy.neighbours import nearest_rows
from genome_ac_gan.metrics.shared import distances, pooled, remembered
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.frequency import allele_frequencies, column_blocks
from genome_ac_gan.popgen.ranks import mann_whitney_deviation, on_one_grid, smaller
from genome_ac_gan.popgen.structure import principal_coordinates

Floats = npt.NDArray[np.float64]
CELLS, COMPONENTS = 10, 10
ROWS_A_CELL = 100  # of train, at least, on average
TILE = 1024
Rows = Mapping[str, npt.NDArray[np.bool_]]


def data_copying(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Mann-Whitney z-score of the distances to the nearest training row, synthetic against holdout, within cells.

    Below 0 synthetic rows are nearer to train than unseen people of the same
    cell are (copying), above 0 farther (underfitting). Between two samples of
    one distribution a z-score has mean 0 and standard deviation 1; that of one
    difference grows with the square root of the number of rows.

    - `c_t`: mean of the z-scores of the cells, weighted by their share of the
      holdout rows. The cells are those of k-means (10 clusters, fewer than one a
      hundred train rows) on 10 principal components of train; a row belongs to
      the cell whose centroid, the mean of its train rows over all variants, is
      nearest. Cells with fewer than 20 holdout or synthetic rows are left out;
      when all are, the whole is one cell. The mean of k cells of like size has a
      standard deviation near 1 / sqrt(k) by chance. Of a population (20 rows in
      either set): the z-score of its rows.
    - `c_t_worst`: the lowest z-score of a cell; of ten it is below 0 by chance,
      near -1.5.

    Distances are Hamming distances to the nearest of all train rows. Ties count
    one half and shrink the standard deviation; when all distances are equal the
    z-score is 0. Values are of the full sets; intervals from weighting the
    people of synthetic and holdout set at random (Bayesian bootstrap). `n` is
    the number of synthetic rows judged. The curve holds the cells. Meehan et al.
    2020 (arXiv:2004.05675), whose distances are to the train rows of the cell.
    """
    import pandas as pd

    panels = {"synthetic": data.synthetic, "holdout": data.holdout}
    test = _Test(data, {name: weightings(panel, repeats, rng) for name, panel in panels.items()})
    cells = {name: _cells(panel, _centroids(data)) for name, panel in panels.items()}
    members: list[Rows] = [
        {name: of == cell for name, of in cells.items()} for cell in range(len(_centroids(data)))
    ]
    large = [rows for rows in members if _size(rows) >= MIN_ROWS] or [_whole(panels)]
    scores = np.array([test.z(rows) for rows in large])  # (n_cells, 1 + repeats)
    share = np.array([rows["holdout"].sum() for rows in large], dtype=np.float64)
    n = sum(int(rows["synthetic"].sum()) for rows in large)
    table = [
        weighted_row(POOLED, "c_t", share @ scores / share.sum(), n),
        weighted_row(POOLED, "c_t_worst", scores.min(axis=0), n),
    ]
    for population in data.populations:
        rows = {name: data.rows_of(panel, population) for name, panel in panels.items()}
        if _size(rows) >= MIN_ROWS:
            table.append(weighted_row(population, "c_t", test.z(rows), int(rows["synthetic"].sum())))
    curve = pd.DataFrame([_described(rows, z[0]) for rows, z in zip(large, scores, strict=True)])
    return MetricResult(table=as_table(table), curves={"data-copying": curve})


class _Test:
    """Distances to train of both sets and the weights of their rows."""

    def __init__(self, data: Comparison, weights: Mapping[str, Floats]) -> None:
        self.weights = weights
        self.distance = {
            "synthetic": nearest_rows(data.synthetic, data.train).distance,
            "holdout": nearest_rows(data.holdout, data.train).distance,
        }

    def z(self, rows: Rows) -> Floats:
        """Return the z-score of some rows of each set under each weighting."""
        holdout, synthetic = (self.distance[name][rows[name]] for name in ("holdout", "synthetic"))
        weights = (self.weights[name][:, rows[name]] for name in ("holdout", "synthetic"))
        grid, below, above = on_one_grid(holdout, synthetic, *weights)
        deviation = mann_whitney_deviation(grid, holdout, synthetic)
        return (smaller(below, above) - 0.5) / (deviation or np.inf)


def _centroids(data: Comparison) -> Floats:
    """Return the allele frequencies of the cells, (n_cells, n_variants); they depend on train alone."""
    train = pooled(data).train
    return remembered(train, "k-means-centroids", lambda: _clustered(train))


def _clustered(train: HaplotypePanel) -> Floats:
    from sklearn.cluster import KMeans

    by_id = id_order(train)  # what k-means starts from must not depend on a file
    gram = distances(train, train)[np.ix_(by_id, by_id)] * np.float32(-0.5)
    points = principal_coordinates(gram, COMPONENTS)
    different = len(np.unique(points.round(6), axis=0))
    n_cells = max(1, min(CELLS, train.n_haplotypes // ROWS_A_CELL, different))
    cell = KMeans(n_cells, n_init=4, random_state=0).fit(points).labels_
    return np.array([allele_frequencies(train.haplotypes[by_id[cell == each]]) for each in range(n_cells)])


def _cells(panel: HaplotypePanel, centroids: Floats) -> npt.NDArray[np.intp]:
    """Return the cell of each row: squared Euclidean distance to its centroid, less what all cells share."""
    slope = (1 - 2 * centroids).T.astype(np.float32)  # (n_variants, n_cells)
    constant = (centroids**2).sum(axis=1)
    tiles = [
        (panel.haplotypes[rows].astype(np.float32) @ slope + constant).argmin(axis=1)
        for rows in column_blocks(panel.n_haplotypes, TILE)
    ]
    return np.concatenate(tiles)


def _size(rows: Rows) -> int:
    return int(min(own.sum() for own in rows.values()))


def _whole(panels: Mapping[str, HaplotypePanel]) -> Rows:
    return {name: np.ones(panel.n_haplotypes, dtype=bool) for name, panel in panels.items()}


def _described(rows: Rows, z: float) -> dict[str, float]:
    return {"synthetic": int(rows["synthetic"].sum()), "holdout": int(rows["holdout"].sum()), "z": float(z)}


METRIC = Metric(
    function=data_copying, title="Data copying", group="privacy", headline="c_t",
    statistics={
        "c_t": Statistic(
            ideal=0, name="data-copying score (C_T)",
            about="Are artificial genomes nearer to the training haplotypes than unseen people of the same kind are? "
            "Far below 0 they copy; far above 0 they are unlike people. Chance stays within 1 of 0 where there are "
            "ten cells, within 2 where there is one.",
        ),
        **statistics(c_t_worst=0),
    },
)  # fmt: skip
