"""Population structure: principal components of real and artificial haplotypes."""

from typing import TYPE_CHECKING

from genome_ac_gan.plots.chart import Chart, Facet, Mark, Style
from genome_ac_gan.plots.palette import GREY, REAL, Styles, set_names, source_name

if TYPE_CHECKING:
    from pandas import DataFrame

X_LABEL, Y_LABEL = "PC 1", "PC 2"


def components(curve: "DataFrame", styles: Styles) -> Chart | None:
    """Return the real and the artificial panels side by side on the same axes, coloured by population.

    Parameters
    ----------
    curve
        Columns source, panel (`holdout` or `synthetic`), population, pc1, pc2; a
        row is a haplotype. Anchors are left out.
    styles
        Looks of the populations.
    """
    panels = _panels(curve)
    facets = [Facet(title=title, marks=_by_population(rows, styles)) for title, rows in panels.items()]
    if len(facets) < 2:
        return None
    return Chart(
        name="pca",
        title="Population structure",
        caption="Each point is a haplotype on the first two principal components, which were fitted on the "
        "training people: held-out real people beside artificial genomes, on the same axes, coloured by population.",
        x_label=X_LABEL,
        y_label=Y_LABEL,
        facets=facets,
        columns=2,
        square=True,
    )


def components_by_population(curve: "DataFrame", styles: Styles) -> Chart | None:
    """Return a facet for each population, artificial over real; None when no set carries the real labels."""
    panels = _panels(curve)
    real = panels.pop(REAL, None)
    if real is None or not panels:
        return None
    sources = dict(zip(panels, set_names(curve["source"]), strict=True))
    shared = sorted(
        set(real["population"]) & {name for rows in panels.values() for name in rows["population"]}
    )
    if not shared:
        return None
    facets = []
    for population in shared:
        marks = [_mark(real, population, REAL, Style(colour=GREY))]
        for title, rows in panels.items():
            marks.append(_mark(rows, population, title, styles.source(sources[title])))
        facets.append(Facet(title=population, marks=marks))
    return Chart(
        name="pca-by-population",
        title="Population structure, one population at a time",
        caption="Artificial genomes of each population (coloured) over its held-out real people (grey), on the "
        "axes of the figure above.",
        x_label=X_LABEL,
        y_label=Y_LABEL,
        facets=facets,
        columns=3 if len(facets) <= 9 else 4,
        square=True,
    )


def _panels(curve: "DataFrame") -> "dict[str, DataFrame]":
    """Return the points by panel: the held-out people, then each artificial set."""
    panels: dict[str, DataFrame] = {}
    for source in set_names(curve["source"]):
        rows = curve[curve["source"] == source]
        panels.setdefault(REAL, rows[rows["panel"] == "holdout"])
        panels[source_name(source)] = rows[rows["panel"] == "synthetic"]
    return {title: rows for title, rows in panels.items() if len(rows)}


def _by_population(rows: "DataFrame", styles: Styles) -> list[Mark]:
    names = sorted(set(rows["population"]))
    return [_mark(rows, name, name, styles.population(name)) for name in names]


def _mark(rows: "DataFrame", population: str, name: str, style: Style) -> Mark:
    of = rows[rows["population"] == population]
    return Mark(
        name=name,
        x=of["pc1"].to_numpy(float),
        y=of["pc2"].to_numpy(float),
        kind="points",
        style=style,
        opacity=0.65,
        size=5.0,
    )
