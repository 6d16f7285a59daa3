"""Balls around the rows of two sets, to their k-th neighbours: who lies among whom."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.floating]


@dataclass(frozen=True)
class ManifoldVerdicts:
    """What each row contributes to the four means.

    Attributes
    ----------
    precision : (n_synthetic,) float64
        1 where a synthetic row is in the ball of any real row.
    density : (n_synthetic,) float64
        In how many balls of real rows it is, over k.
    recall : (n_real,) float64
        1 where a real row is in the ball of any synthetic row.
    coverage : (n_real,) float64
        1 where its ball holds any synthetic row.
    """

    precision: Array
    density: Array
    recall: Array
    coverage: Array


def manifold_verdicts(real: Matrix, synthetic: Matrix, across: Matrix, k: int) -> ManifoldVerdicts:
    """Return whether rows lie in the balls of the other set, from distance matrices.

    The ball of a row reaches to its k-th nearest neighbour in its own set,
    surface included (Kynkaanniemi et al. 2019, doi:10.48550/arXiv.1904.06991;
    Naeem et al. 2020, doi:10.48550/arXiv.2002.09797).

    Parameters
    ----------
    real, synthetic : (n, n) and (m, m)
        Distances within each set, infinite on the diagonal.
    across : (n, m)
    k
        Which neighbour a ball reaches to; the last one in a smaller set.
    """
    in_real = across <= _radius(real, k)[:, None]  # (n, m): synthetic row j is in the ball of real row i
    in_synthetic = across <= _radius(synthetic, k)
    return ManifoldVerdicts(
        precision=_float(in_real.any(axis=0)),
        density=in_real.sum(axis=0) / min(k, len(real) - 1),
        recall=_float(in_synthetic.any(axis=1)),
        coverage=_float(in_real.any(axis=1)),
    )


def _radius(own: Matrix, k: int) -> Matrix:
    nth = min(k, len(own) - 1) - 1
    radius: Matrix = np.partition(own, nth, axis=1)[:, nth]
    return radius


def _float(verdicts: Any) -> Array:
    return np.asarray(verdicts, dtype=np.float64)
