"""What a figure shows, before any library draws it: charts made of facets made of marks.

Every plot is written once, as a function from tidy tables to a `Chart`; the
renderers `static` (matplotlib) and `page` (plotly) know nothing of genetics.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Symbol = Literal["circle", "square", "triangle", "diamond"]
Dash = Literal["solid", "dash", "dot", "dashdot"]


@dataclass(frozen=True, kw_only=True)
class Style:
    """How one population or source looks wherever it appears."""

    colour: str
    symbol: Symbol = "circle"
    dash: Dash = "solid"


@dataclass(frozen=True, eq=False, kw_only=True)
class Mark:
    """One named series of a facet.

    Attributes
    ----------
    name
        Legend entry; equal names share an entry and are toggled together.
    x, y
        (n,) values. `y` may hold names, which then stand on the axis in the chart's order;
        numbers are then rows from the top, the first being 0.
    kind
        `points`, `line` (points joined in the given order) or `interval` (points with a
        bar from `lower` to `upper` along x, and from `y_lower` to `y_upper` along y).
    style
        Colour, symbol and dash.
    opacity
        1 is opaque.
    size
        Diameter of a point in pixels.
    lower, upper, y_lower, y_upper
        (n,) ends of the bars of an `interval`; None for no bars.
    labels
        (n,) texts shown beside the pointer, on the page only.
    """

    name: str
    x: npt.NDArray[Any]
    y: npt.NDArray[Any]
    kind: Literal["points", "line", "interval"]
    style: Style
    opacity: float = 1.0
    size: float = 5.0
    lower: npt.NDArray[np.float64] | None = None
    upper: npt.NDArray[np.float64] | None = None
    y_lower: npt.NDArray[np.float64] | None = None
    y_upper: npt.NDArray[np.float64] | None = None
    labels: Sequence[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Facet:
    """One pair of axes.

    `note` is a short text inside the frame; `lines` and `levels` are the places of
    vertical and horizontal reference lines, which the caption explains.
    """

    title: str
    marks: Sequence[Mark]
    note: str = ""
    lines: Sequence[float] = ()
    levels: Sequence[float] = ()


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A whole figure.

    Attributes
    ----------
    name
        Stem of the file and id on the page; letters, digits and hyphens.
    title, caption
        The caption says in sentences what is seen; it also is the text for
        those who cannot see the figure.
    x_label, y_label
        Names of the axes with their units.
    facets
        In reading order.
    columns
        Facets in a row on a wide page.
    log_x, diagonal, square
        Logarithmic x axis; the line y = x; axes of equal length.
    shared
        Whether all facets have the same ranges.
    categories
        Order of the names on the y axis, top first; empty when y holds numbers.
    """

    name: str
    title: str
    caption: str
    x_label: str
    y_label: str
    facets: Sequence[Facet]
    columns: int = 1
    log_x: bool = False
    diagonal: bool = False
    square: bool = False
    shared: bool = True
    categories: Sequence[str] = ()

    @property
    def n_rows(self) -> int:
        """Rows of facets."""
        return -(-len(self.facets) // self.columns)

    @property
    def has_legend(self) -> bool:
        """Whether names need a legend: not when each facet holds one series and has its name as title."""
        return any(mark.name != facet.title for facet in self.facets for mark in facet.marks)


def extent(
    marks: Sequence[Mark], axis: Literal["x", "y"], *, log: bool = False, places: Sequence[float] = ()
) -> tuple[float, float]:
    """Return the range of the numbers of `marks` and of `places` along an axis with a margin of 4% either side.

    On a logarithmic axis the margin is one of ratios and values that are not
    positive do not count. Without any number the range is (0, 1).
    """
    values = np.concatenate(
        [
            np.asarray(places, np.float64),
            *[np.asarray(part, np.float64) for mark in marks for part in _parts(mark, axis)],
        ]
    )
    values = values[np.isfinite(values) & ((values > 0) | (not log))]
    if not len(values):
        return (0.1, 1.0) if log else (0.0, 1.0)
    low, high = (np.log10(values.min()), np.log10(values.max())) if log else (values.min(), values.max())
    margin = 0.04 * (high - low) or 0.5
    low, high = low - margin, high + margin
    return (float(10**low), float(10**high)) if log else (float(low), float(high))


def _parts(mark: Mark, axis: str) -> list[npt.NDArray[Any]]:
    values = (mark.x, mark.lower, mark.upper) if axis == "x" else (mark.y, mark.y_lower, mark.y_upper)
    return [part for part in values if part is not None]


def rows_of(chart: Chart, mark: Mark) -> npt.NDArray[Any]:
    """Return a mark's y as numbers.

    Names become the number of their row in the chart's categories, shifted by
    series so that intervals of different series do not hide each other.
    """
    if not chart.categories or np.issubdtype(mark.y.dtype, np.number):
        return mark.y
    names = list(dict.fromkeys(one.name for facet in chart.facets for one in facet.marks))
    shift = (names.index(mark.name) - (len(names) - 1) / 2) * 0.6 / max(len(names), 3)
    row = {name: index for index, name in enumerate(chart.categories)}
    return np.array([row[name] for name in mark.y.tolist()], dtype=np.float64) + shift


def limits(chart: Chart, facet: Facet, axis: Literal["x", "y"]) -> tuple[float, float]:
    """Return the range of a facet's axis: over all facets when they share it, reference lines included."""
    facets = chart.facets if chart.shared else [facet]
    marks = [mark for one in facets for mark in one.marks]
    places = [place for one in facets for place in (one.lines if axis == "x" else one.levels)]
    return extent(marks, axis, log=chart.log_x and axis == "x", places=places)
