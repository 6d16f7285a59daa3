"""Local haplotypes: how long segments are that are copied or shared, and homozygosity along the genome."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from genome_ac_gan.plots.chart import Chart, Facet, Mark
from genome_ac_gan.plots.dots import dots, population_order
from genome_ac_gan.plots.lines import panel_lines, population_facets, population_title
from genome_ac_gan.plots.palette import Styles, set_names, source_name

if TYPE_CHECKING:
    from pandas import DataFrame

_UNITS = {"bp": "bp", "cm": "cM"}
FEWEST_WINDOWS = 3  # for a line along a contig


def copied_segments(table: "DataFrame", curves: "Mapping[str, DataFrame]", styles: Styles) -> list[Chart]:
    """Return the share of rows whose longest copied segment has at least a given length, a chart for each unit."""
    return _survivals(
        curves.get("copied-segments"), styles, name="copied-segments",
        title="Longest segment shared with a training haplotype",
        caption="Share of haplotypes whose longest segment in common with one training haplotype is at least as "
        "long, on a logarithmic axis. Unseen people share such segments with training people by descent; a line to "
        "the right of theirs means that longer pieces are copied.",
        y_label="Share of haplotypes",
    )  # fmt: skip


def shared_haplotypes(table: "DataFrame", curves: "Mapping[str, DataFrame]", styles: Styles) -> list[Chart]:
    """Return the share of pairs that agree over at least a given length around a place, a chart for each unit."""
    return _survivals(
        curves.get("shared-haplotypes"), styles, name="shared-haplotypes",
        title="Stretches on which two haplotypes agree",
        caption="Share of random pairs of haplotypes of one set that agree over at least a given length around a "
        "random place, on a logarithmic axis. The closer the artificial genomes come to the real line, the better "
        "they keep the lengths of shared haplotypes.",
        y_label="Share of pairs and places",
    )  # fmt: skip


def _survivals(
    curve: "DataFrame | None", styles: Styles, *, name: str, title: str, caption: str, y_label: str
) -> list[Chart]:
    """Return a chart for each unit with a facet for each population.

    `curve` has the columns source, unit, population, panel (`holdout` or
    `synthetic`), length, share; lengths of 0 cannot be drawn.
    """
    charts: list[Chart] = []
    if curve is None:
        return charts
    for unit, words in _UNITS.items():
        drawn = curve[(curve["unit"] == unit) & (curve["length"] > 0)]
        facets = population_facets(drawn, styles, "length", "share")
        if facets:
            chart = Chart(
                name=name if unit == "bp" else f"{name}-{unit}",
                title=title if unit == "bp" else f"{title}, in {words}",
                caption=caption, x_label=f"Length ({words})", y_label=y_label, facets=facets,
                columns=min(3 if len(facets) <= 9 else 4, len(facets)), log_x=True,
            )  # fmt: skip
            charts.append(chart)
    return charts


def haplotype_diversity(table: "DataFrame", curves: "Mapping[str, DataFrame]", styles: Styles) -> list[Chart]:
    """Return H12 along each contig, and that of each window against real people in a facet for each population.

    Contigs of fewer than three windows are left out of the first. Where neither
    can be drawn, the table is, as dots.

    Parameters
    ----------
    table
        Rows of the metric.
    curves
        `haplotype-diversity`: columns source, contig, position, population,
        panel (`holdout` or `synthetic`), h12.
    styles
        Looks of the sources.
    """
    curve = curves.get("haplotype-diversity")
    if curve is None or curve.empty:
        return []
    sets = set_names(curve["source"])
    charts = [_along(curve, styles), _windows(curve, sets, styles) if sets else None]
    if not any(charts):
        charts = [dots(table, styles)]
    return [chart for chart in charts if chart is not None]


def _along(curve: "DataFrame", styles: Styles) -> Chart | None:
    """Return H12 along each contig that has enough windows for a line."""
    pooled = curve[curve["population"] == "all"].assign(megabase=lambda rows: rows["position"] / 1e6)
    windows = pooled.groupby("contig", sort=False)["position"].nunique()
    contigs = windows.index[windows >= FEWEST_WINDOWS].tolist()
    if not contigs:
        return None
    return Chart(
        name="haplotype-diversity",
        title="Homozygosity of local haplotypes along the genome",
        caption="H12, the probability that two haplotypes agree in a window of consecutive variants when the two "
        "commonest count as one. Peaks of the real line are places with common haplotypes; artificial genomes should "
        "follow them. Of many windows, evenly spaced ones are drawn; contigs of fewer than three are left out.",
        x_label="Position (Mb)",
        y_label="H12",
        facets=[
            Facet(
                title=f"Contig {name}",
                marks=panel_lines(pooled[pooled["contig"] == name], styles, "megabase", "h12"),
            )
            for name in contigs
        ],
        columns=1 if len(contigs) <= 3 else 3,
        shared=False,
    )


def _windows(curve: "DataFrame", sets: list[str], styles: Styles) -> Chart:
    facets = []
    for population in population_order(curve["population"]):
        of = curve[curve["population"] == population]
        marks = [_points(of[of["source"] == name], name, styles) for name in sets]
        facets.append(
            Facet(title=population_title(population), marks=[mark for mark in marks if len(mark.x)])
        )
    return Chart(
        name="haplotype-diversity-windows",
        title="Homozygosity of local haplotypes by window",
        caption="H12 of each window among artificial genomes against held-out real people, for all together and by "
        "population; on the line they agree. Below it, artificial genomes hold more different haplotypes than real "
        "people do; above it, fewer.",
        x_label="H12 among real people",
        y_label="H12 among artificial genomes",
        facets=facets,
        columns=min(3 if len(facets) <= 9 else 4, len(facets)),
        square=True,
        diagonal=True,
    )


def _points(rows: "DataFrame", source: str, styles: Styles) -> Mark:
    panels = {name: rows[rows["panel"] == name] for name in ("holdout", "synthetic")}
    both = panels["holdout"].merge(panels["synthetic"], on=["contig", "position"], suffixes=("_real", ""))
    return Mark(
        name=source_name(source), x=both["h12_real"].to_numpy(float), y=both["h12"].to_numpy(float),
        kind="points", style=styles.source(source), opacity=0.6, size=4.5,
    )  # fmt: skip
