"""Boxes with whiskers, lying along the x axis, as marks of a chart whose rows have names."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from genome_ac_gan.plots.chart import Mark, Style

BREAK = np.nan  # ends a stroke of a line


def boxes(
    name: str, rows: npt.ArrayLike, fives: Sequence[npt.ArrayLike], style: Style, *, height: float = 0.3
) -> Mark:
    """Return boxes as one mark: from the first quartile to the third, a stroke at the median, whiskers to the ends.

    Parameters
    ----------
    name
        Legend entry.
    rows : (n,)
        Where the middle of each box stands: rows of the chart's categories from the top.
    fives : (n, 5)
        Smallest value, first quartile, median, third quartile, largest value of each.
    style
        Colour.
    height
        Of a box, in rows.
    """
    strokes = [
        _box(row, five, height / 2) for row, five in zip(np.asarray(rows), np.asarray(fives), strict=True)
    ]
    x, y = np.concatenate(strokes, axis=1) if strokes else np.empty((2, 0))
    return Mark(name=name, x=x, y=y, kind="line", style=style, size=0.0)


def _box(row: float, five: npt.NDArray[np.float64], half: float) -> npt.NDArray[np.float64]:
    """Return the strokes of one box (2, n): whisker, rectangle, median, whisker."""
    smallest, q1, median, q3, largest = five
    x = [smallest, q1, BREAK, q1, q3, q3, q1, q1, BREAK, median, median, BREAK, q3, largest, BREAK]
    y = [0, 0, BREAK, -half, -half, half, half, -half, BREAK, -half, half, BREAK, 0, 0, BREAK]
    return np.array([x, row + np.array(y)])
