"""All sources on one plane: how far from real people, and how much they tell about the training people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from genome_ac_gan.plots.chart import Chart, Facet, Mark
from genome_ac_gan.plots.palette import Styles, ordered_sources, source_name

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, kw_only=True)
class Axis:
    """A statistic as an axis of the plane: where it is found, its words, and its ideal."""

    metric: str
    statistic: str
    words: str
    ideal: float


CORNERS = (
    "Where the dotted lines, the ideals, cross (bottom left) lies a good set: it cannot be told from real people and "
    "tells nothing about the training people. The training haplotypes lie at the left and high: perfect likeness, no "
    "privacy. Independent sites lie low and to the right: private, but not alike."
)
PLAIN = "The dotted lines are the ideals; the nearer to where they cross, the better."


def plane(table: "DataFrame", styles: Styles, x: Axis, y: Axis, *, corners: bool) -> Chart | None:
    """Return a point with both intervals for each source, over all populations; None when no source has both.

    Parameters
    ----------
    table
        Columns metric, source, population, statistic, value, lower, upper.
    styles
        Looks of the sources.
    x, y
        A statistic of fidelity and one of privacy.
    corners
        Whether larger values are worse on both axes, so that the corners have the
        meaning that the caption then explains.
    """
    across, up = (_pooled(table, axis) for axis in (x, y))
    sources = [name for name in ordered_sources(table["source"]) if name in across and name in up]
    if not sources:
        return None
    marks = [_mark(source, across[source], up[source], styles) for source in sources]
    caption = f"Fidelity (across: {x.words}) against privacy (up: {y.words}), with the interval of each. "
    return Chart(
        name="overview",
        title="Fidelity and privacy",
        caption=caption + (CORNERS if corners else PLAIN),
        x_label=f"Fidelity: {x.words}",
        y_label=f"Privacy: {y.words}",
        facets=[Facet(title="", marks=marks, lines=[x.ideal], levels=[y.ideal])],
    )


def _pooled(table: "DataFrame", axis: Axis) -> Mapping[str, Any]:
    rows = table[
        (table["metric"] == axis.metric)
        & (table["statistic"] == axis.statistic)
        & (table["population"] == "all")
    ]
    return {str(row.source): row for row in rows.itertuples()}


def _mark(source: str, x: Any, y: Any, styles: Styles) -> Mark:
    name = source_name(source)
    return Mark(
        name=name,
        x=np.array([x.value]),
        y=np.array([y.value]),
        kind="interval",
        style=styles.source(source),
        size=11.0,
        lower=np.array([x.lower]),
        upper=np.array([x.upper]),
        y_lower=np.array([y.lower]),
        y_upper=np.array([y.upper]),
        labels=[f"{name}: {x.value:.4g} across, {y.value:.4g} up"],
    )
