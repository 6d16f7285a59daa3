"""The site frequency spectrum, a line for each panel."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from genome_ac_gan.plots.chart import Chart, Facet, Mark, Style
from genome_ac_gan.plots.dots import population_order
from genome_ac_gan.plots.lines import line, population_title
from genome_ac_gan.plots.palette import REAL, SOURCES, Styles, ordered_sources, set_names, source_name

if TYPE_CHECKING:
    from pandas import DataFrame


def spectra(table: "DataFrame", curves: "Mapping[str, DataFrame]", styles: Styles) -> list[Chart]:
    """Return a facet for each population, all of them pooled first; nothing without a curve.

    Parameters
    ----------
    table
        Not used.
    curves
        `site-frequency-spectrum` has the columns source, population, panel
        (`holdout` or `synthetic`), minor_count, share and n (chromosomes). The line
        of the real people is that of the first set's holdout; the anchor `real`
        and sources at another number of chromosomes are left out.
    styles
        Looks of the sources.
    """
    del table
    curve = curves.get("site-frequency-spectrum")
    if curve is None or not set_names(curve["source"]):
        return []
    varying = curve[curve["minor_count"] > 0]
    facets = [
        _facet(varying[varying["population"] == name], name, styles)
        for name in population_order(varying["population"])
    ]
    return [
        Chart(
            name="site-frequency-spectrum",
            title="Site frequency spectrum",
            caption="Share of variants by the number of copies of their rarer allele, on a logarithmic axis, expected "
            "among n haplotypes of each set. Singletons stand at the left. Variants with one allele are part of the "
            "whole and are not drawn.",
            x_label="Copies of the rarer allele",
            y_label="Share of variants",
            facets=[facet for facet in facets if facet.marks],
            columns=min(3 if len(facets) <= 9 else 4, len(facets)),
            log_x=True,
        )
    ]


def _facet(rows: "DataFrame", population: str, styles: Styles) -> Facet:
    first = set_names(rows["source"])[:1]
    real = rows[rows["source"].isin(first) & (rows["panel"] == "holdout")]
    n = int(real["n"].iloc[0]) if len(real) else 0
    own = rows[(rows["panel"] == "synthetic") & (rows["n"] == n)]
    marks = [
        _line(own[own["source"] == source], source_name(source), styles.source(source))
        for source in ordered_sources(own["source"])
        if source != "real"
    ]
    if n:
        marks.append(_line(real, REAL, SOURCES["real"]))
    return Facet(title=population_title(population), marks=marks, note=f"n = {n}")


def _line(rows: "DataFrame", name: str, style: Style) -> Mark:
    return line(rows.sort_values("minor_count"), "minor_count", "share", name, style)
