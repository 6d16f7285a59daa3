"""How many variants two haplotypes differ at: densities of real and of artificial pairs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from genome_ac_gan.plots.chart import Chart, Facet, Mark, Style
from genome_ac_gan.plots.dots import population_order
from genome_ac_gan.plots.lines import line
from genome_ac_gan.plots.palette import REAL, SOURCES, Styles, ordered_sources, set_names, source_name

if TYPE_CHECKING:
    from pandas import DataFrame

X_LABEL, Y_LABEL = "Variants at which two haplotypes differ", "Density per variant"
_KINDS = {"synthetic": "Two artificial genomes", "between": "Artificial genome, real person"}


def distances(table: "DataFrame", curves: "Mapping[str, DataFrame]", styles: Styles) -> list[Chart]:
    """Return densities of pairwise distances over all populations, and in each population.

    Parameters
    ----------
    table
        Not used.
    curves
        `haplotype-distances`: columns source, population, pairs (`holdout`,
        `synthetic` or `between`), distance (variants), density. The line of real
        pairs is that of the first set's holdout; the anchor `real` is left out,
        and by population all anchors are.
    styles
        Looks of the sources.
    """
    curve = curves.get("haplotype-distances")
    if curve is None:
        return []
    return [chart for chart in (_over_all(curve, styles), _by_population(curve, styles)) if chart]


def _over_all(curve: "DataFrame", styles: Styles) -> Chart | None:
    pooled = curve[curve["population"] == "all"]
    sources = [name for name in ordered_sources(curve["source"]) if name != "real"]
    facets = [
        Facet(title=title, marks=marks)
        for kind, title in _KINDS.items()
        if (marks := _lines(pooled, kind, sources, styles))
    ]
    if not facets:
        return None
    return Chart(
        name="haplotype-distances",
        title="Distances between haplotypes",
        caption="Distribution of the number of variants at which two haplotypes differ. The dashed line is that of "
        "pairs of real people. Left of it artificial genomes are too much alike; a peak near 0 means copies.",
        x_label=X_LABEL,
        y_label=Y_LABEL,
        facets=facets,
        columns=2,
    )


def _by_population(curve: "DataFrame", styles: Styles) -> Chart | None:
    sets = set_names(curve["source"])
    names = [name for name in population_order(curve["population"]) if name != "all"]
    facets = [
        Facet(title=name, marks=marks)
        for name in names
        if (marks := _lines(curve[curve["population"] == name], "synthetic", sets, styles))
    ]
    if not facets:
        return None
    return Chart(
        name="haplotype-distances-by-population",
        title="Distances between haplotypes of one population",
        caption="The same within each population: pairs of artificial genomes against pairs of real people.",
        x_label=X_LABEL,
        y_label=Y_LABEL,
        facets=facets,
        columns=min(3, len(facets)),
    )


def _lines(curve: "DataFrame", kind: str, sources: Sequence[str], styles: Styles) -> list[Mark]:
    marks = []
    for source in sources:
        rows = curve[(curve["source"] == source) & (curve["pairs"] == kind)]
        marks.append(_line(rows, source_name(source), styles.source(source)))
    if not any(len(mark.x) for mark in marks):
        return []
    real = curve["source"].isin(set_names(curve["source"])[:1]) & (curve["pairs"] == "holdout")
    marks.append(_line(curve[real], REAL, SOURCES["real"]))
    return [mark for mark in marks if len(mark.x)]


def _line(rows: "DataFrame", name: str, style: Style) -> Mark:
    return line(rows.sort_values("distance"), "distance", "density", name, style)
