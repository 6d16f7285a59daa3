"""Figures 5 and 6: how far subsets of a set lie from the test people on two principal components."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from genome_ac_gan.metrics import Comparison
from genome_ac_gan.metrics.draws import MAX_ROWS, Rows, draw, proportional_counts
from genome_ac_gan.metrics.fidelity.pca_wasserstein import train_axes
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.distance import shared_ones
from genome_ac_gan.popgen.structure import assignment_cost, principal_coordinates

if TYPE_CHECKING:
    from pandas import DataFrame

Points = npt.NDArray[np.float64]
DECIMALS = 3  # of coordinates in tables


def subset_costs(
    data: Comparison, n_subsets: int, rng: np.random.Generator
) -> tuple["DataFrame", "DataFrame"]:
    """Return W of subsets of the synthetic set, and the coordinates of the subset with the lowest W.

    W is the cost of the optimal one-to-one assignment of a subset to the
    holdout haplotypes on two principal components. Readings:

    - `compat`: the components of holdout and subset each fitted on itself, the sum over
      the pairs (the paper's Figure 5). Their signs are arbitrary, so that a subset may
      lie mirrored at a far higher cost.
    - `aligned`: the same, each component turned as the component of train points.
    - `corrected`: both projected on the components of train, the mean over the pairs.

    The metric `pca-wasserstein` has `compat` and `corrected` without what each subset gave.

    A subset is as large as the holdout set, rows drawn without replacement in
    proportion to the synthetic labels. To a smaller synthetic set the holdout
    set is cut once; then all subsets are the whole set. More than 2,000 pairs
    are never formed.

    Returns
    -------
    costs : DataFrame
        Columns reading, subset (from 1), value, n (pairs), mirrored (whether a component
        of the subset and that of the holdout set point different ways, 0 or 1).
    points : DataFrame
        Columns reading (`compat`, `corrected`), panel (`holdout` or `synthetic`), row (of
        that panel), pc1, pc2, of the subset with the lowest `compat`.
    """
    import pandas as pd

    n = min(data.holdout.n_haplotypes, data.synthetic.n_haplotypes, MAX_ROWS)
    place = _Planes(data)
    first = _rows(data, data.holdout, n, rng)
    real = place(data.holdout, first)
    costs: list[dict[str, float | str]] = []
    best: tuple[float, Rows, dict[str, Points]] = (np.inf, first, real)
    for number in range(1, n_subsets + 1):
        rows = _rows(data, data.synthetic, n, rng)
        found = place(data.synthetic, rows)
        values, mirrored = _costs(real, found)
        shared = {"subset": number, "n": n, "mirrored": int(mirrored)}
        costs += [{"reading": name, "value": value, **shared} for name, value in values.items()]
        if values["compat"] < best[0]:
            best = values["compat"], rows, found
    shown = {"holdout": (first, real), "synthetic": best[1:]}
    points = [
        _points(reading, panel, rows, of[reading]) for reading in real for panel, (rows, of) in shown.items()
    ]
    return pd.DataFrame(costs), pd.concat(points, ignore_index=True)


def _costs(real: dict[str, Points], found: dict[str, Points]) -> tuple[dict[str, float], bool]:
    """Return W by reading, and whether the subset lies mirrored; if not, `aligned` is `compat`."""
    turn = _signs(real) * _signs(found)
    mirrored = bool((turn < 0).any())
    compat = assignment_cost(real["compat"], found["compat"])
    aligned = assignment_cost(real["compat"], found["compat"] * turn) if mirrored else compat
    corrected = assignment_cost(real["corrected"], found["corrected"]) / len(found["corrected"])
    return {"compat": compat, "aligned": aligned, "corrected": corrected}, mirrored


def _signs(of: dict[str, Points]) -> Points:
    """Return by which signs own components point as those of train do, (2,)."""
    along = (of["compat"] * (of["corrected"] - of["corrected"].mean(axis=0))).sum(axis=0)
    return np.where(along < 0, -1.0, 1.0)


class _Planes:
    """The first two components in either reading."""

    def __init__(self, data: Comparison) -> None:
        self.axes = train_axes(data.train, 2)

    def __call__(self, panel: HaplotypePanel, rows: Rows) -> dict[str, Points]:
        """Return the coordinates of some rows of a panel by reading, (n, 2) each."""
        return {
            "compat": own_coordinates(panel, rows),
            "corrected": self.axes.project(panel.haplotypes[rows]),
        }


def own_coordinates(panel: HaplotypePanel, rows: Rows) -> Points:
    """Return the coordinates of some rows on their own first two components, (n, 2).

    Signs are arbitrary; the coordinate of largest size along each is positive.
    """
    return principal_coordinates(shared_ones(panel.haplotypes[rows]))


def _rows(data: Comparison, panel: HaplotypePanel, n: int, rng: np.random.Generator) -> Rows:
    strata = data.strata(panel)
    return draw(panel, strata, proportional_counts(strata, n), rng)


def _points(reading: str, panel: str, rows: Rows, points: Points) -> "DataFrame":
    import pandas as pd

    pc1, pc2 = points.round(DECIMALS).T
    return pd.DataFrame({"reading": reading, "panel": panel, "row": rows, "pc1": pc1, "pc2": pc2})
