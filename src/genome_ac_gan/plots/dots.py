"""The plot of any tidy table: a dot with its interval for each source and population."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from genome_ac_gan.plots.chart import Chart, Facet, Mark
from genome_ac_gan.plots.palette import Styles, ordered_sources, source_name

if TYPE_CHECKING:
    from pandas import DataFrame


def dots(
    table: "DataFrame",
    styles: Styles,
    *,
    heading: str = "",
    name: str = "",
    statistics: Mapping[str, str] | None = None,
) -> Chart | None:
    """Return the rows of one metric as a dot plot, or None when there is none or no value is a number.

    A facet for each statistic, a row for each population (`all` first), a
    series for each source; a dotted line stands at the ideal.

    Parameters
    ----------
    table
        Columns metric, source, population, statistic, value, lower, upper, ideal.
    styles
        Looks of the sources.
    heading, name
        Title and file name; made from the metric's name when empty.
    statistics
        Which statistics to draw, each with its title; all when None.
    """
    table = table[np.isfinite(table["value"].to_numpy(float))]
    if table.empty:
        return None
    metric = str(table["metric"].iloc[0])
    found = {name: name.replace("_", " ") for name in dict.fromkeys(table["statistic"])}
    shown = {name: words for name, words in (statistics or found).items() if name in found}
    if not shown:
        return None
    facets = [_facet(words, table[table["statistic"] == name], styles) for name, words in shown.items()]
    return Chart(
        name=name or f"{metric}-values",
        title=heading or metric.replace("-", " ").capitalize(),
        caption="Values by population with their intervals, for the artificial genomes and the panels "
        "they are judged between; the dotted line is the ideal.",
        x_label="Value",
        y_label="",
        facets=facets,
        columns=2 if len(facets) in (2, 4) else min(3, len(facets)),
        shared=False,
        categories=population_order(table["population"]),
    )


def population_order(populations: Iterable[str]) -> list[str]:
    """Return populations sorted, the pooled `all` first."""
    return sorted(set(populations), key=lambda name: (name != "all", name))


def _facet(title: str, rows: "DataFrame", styles: Styles) -> Facet:
    ideal = rows["ideal"].to_numpy(float)
    return Facet(
        title=title,
        marks=[
            _mark(rows[rows["source"] == source], source, styles)
            for source in ordered_sources(rows["source"])
        ],
        lines=[float(ideal[0])] if len(ideal) and np.isfinite(ideal[0]) else [],
    )


def _mark(rows: "DataFrame", source: str, styles: Styles) -> Mark:
    return Mark(
        name=source_name(source),
        x=rows["value"].to_numpy(float),
        y=rows["population"].to_numpy(str),
        kind="interval",
        style=styles.source(source),
        size=8.0,
        lower=rows["lower"].to_numpy(float),
        upper=rows["upper"].to_numpy(float),
    )
