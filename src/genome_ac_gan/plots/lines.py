"""Lines of the judged sets beside that of real people, as many figures of curves have them."""

from typing import TYPE_CHECKING

from genome_ac_gan.plots.chart import Facet, Mark, Style
from genome_ac_gan.plots.dots import population_order
from genome_ac_gan.plots.palette import REAL, SOURCES, Styles, ordered_sources, source_name

if TYPE_CHECKING:
    from pandas import DataFrame


def line(rows: "DataFrame", x: str, y: str, name: str, style: Style) -> Mark:
    """Return two columns as a line, in the order of the rows."""
    return Mark(
        name=name, x=rows[x].to_numpy(float), y=rows[y].to_numpy(float), kind="line", style=style, size=0.0
    )


def panel_lines(rows: "DataFrame", styles: Styles, x: str, y: str) -> list[Mark]:
    """Return a line for each source but the halves of real people, and one for the first source's holdout set.

    Parameters
    ----------
    rows
        Columns source, panel (`holdout` or `synthetic`), and those named `x` and `y`.
    """
    sources = [name for name in ordered_sources(rows["source"]) if name != "real"]
    lines = [(source, "synthetic", source_name(source), styles.source(source)) for source in sources]
    lines.extend((source, "holdout", REAL, SOURCES["real"]) for source in sources[:1])
    marks = [
        line(rows[(rows["source"] == source) & (rows["panel"] == panel)], x, y, name, style)
        for source, panel, name, style in lines
    ]
    return [mark for mark in marks if len(mark.x)]


def population_facets(curve: "DataFrame", styles: Styles, x: str, y: str) -> list[Facet]:
    """Return a facet of `panel_lines` for each population, all of them pooled first."""
    return [
        Facet(
            title=population_title(name), marks=panel_lines(curve[curve["population"] == name], styles, x, y)
        )
        for name in population_order(curve["population"])
    ]


def population_title(population: str) -> str:
    """Return what a population is called in a figure."""
    return "All populations" if population == "all" else population
