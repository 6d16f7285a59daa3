"""Local haplotypes: how long segments are that are copied or shared, and homozygosity along the genome."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from genome_ac_gan.plots.chart import Chart, Facet, Mark
from genome_ac_gan.plots.dots import population_order
from genome_ac_gan.plots.palette import REAL, SOURCES, Styles, ordered_sources, set_names, source_name

if TYPE_CHECKING:
    from pandas import DataFrame

_UNITS = {"bp": "bp", "cm": "cM"}


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
        facets = [
            _facet(drawn[drawn["population"] == population], _title(population), styles, "length", "share")
            for population in population_order(drawn["population"])
        ]
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
    """Return H12 along each contig, and that of each window against real people in a facet for each population."""
    curve = curves.get("haplotype-diversity")
    if curve is None or curve.empty:
        return []
    pooled = curve[curve["population"] == "all"].assign(megabase=lambda rows: rows["position"] / 1e6)
    contigs = list(dict.fromkeys(pooled["contig"]))
    along = Chart(
        name="haplotype-diversity",
        title="Homozygosity of local haplotypes along the genome",
        caption="H12, the probability that two haplotypes agree in a window of consecutive variants when the two "
        "commonest count as one. Peaks of the real line are places with common haplotypes; artificial genomes should "
        "follow them. Of many windows, evenly spaced ones are drawn.",
        x_label="Position (Mb)",
        y_label="H12",
        facets=[
            _facet(pooled[pooled["contig"] == name], f"Contig {name}", styles, "megabase", "h12")
            for name in contigs
        ],
        columns=1 if len(contigs) <= 3 else 3,
        shared=False,
    )
    sets = set_names(curve["source"])
    return [along, _windows(curve, sets, styles)] if sets else [along]


def _windows(curve: "DataFrame", sets: list[str], styles: Styles) -> Chart:
    facets = []
    for population in population_order(curve["population"]):
        of = curve[curve["population"] == population]
        marks = [_points(of[of["source"] == name], name, styles) for name in sets]
        facets.append(Facet(title=_title(population), marks=[mark for mark in marks if len(mark.x)]))
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


def _facet(rows: "DataFrame", title: str, styles: Styles, x: str, y: str) -> Facet:
    """Return a line for each source but the halves of real people, and one for the first source's holdout set."""
    sources = [name for name in ordered_sources(rows["source"]) if name != "real"]
    lines = [(source, "synthetic", source_name(source), styles.source(source)) for source in sources]
    lines.extend((source, "holdout", REAL, SOURCES["real"]) for source in sources[:1])
    marks = []
    for source, panel, name, style in lines:
        own = rows[(rows["source"] == source) & (rows["panel"] == panel)]
        marks.append(
            Mark(
                name=name,
                x=own[x].to_numpy(float),
                y=own[y].to_numpy(float),
                kind="line",
                style=style,
                size=0.0,
            )
        )
    return Facet(title=title, marks=[mark for mark in marks if len(mark.x)])


def _title(population: str) -> str:
    return "All populations" if population == "all" else population
