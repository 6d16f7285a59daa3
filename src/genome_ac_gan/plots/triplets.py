"""Three-point correlation against the number of variants between neighbours."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from genome_ac_gan.plots.chart import Chart, Facet, Mark
from genome_ac_gan.plots.dots import population_order
from genome_ac_gan.plots.lines import population_title
from genome_ac_gan.plots.palette import Styles, ordered_sources, source_name

if TYPE_CHECKING:
    from pandas import DataFrame

_GAP = "gap_"


def triplets(table: "DataFrame", curves: "Mapping[str, DataFrame]", styles: Styles) -> list[Chart]:
    """Return r by gap with a facet for each population, the pooled one first; nothing without a gap.

    Parameters
    ----------
    table
        Columns source, population, statistic, value, lower, upper; the statistics
        `gap_1` and so on are drawn, other ones are not.
    curves
        Not used.
    styles
        Looks of the sources.
    """
    gaps = table[table["statistic"].str.startswith(_GAP)]
    gaps = gaps.assign(gap=gaps["statistic"].str.removeprefix(_GAP).astype(float)).sort_values("gap")
    facets = [
        Facet(
            title=population_title(population),
            marks=_lines(gaps[gaps["population"] == population], styles),
            levels=[1.0],
        )
        for population in population_order(gaps["population"])
    ]
    if not facets:
        return []
    return [
        Chart(
            name="three-point-correlation",
            title="Linkage of three variants",
            caption="Correlation (r) with real people of the three-point moments of 1,000 triplets of variants, by the "
            "number of variants between neighbours, with intervals; the dotted line is the ideal. Of distant "
            "variants the moments are mostly chance, and r falls for real people too: compare with the training "
            "haplotypes.",
            x_label="Variants between neighbours",
            y_label="Pearson's r",
            facets=facets,
            columns=min(len(facets), 3 if len(facets) <= 9 else 4),
            log_x=True,
        )
    ]


def _lines(rows: "DataFrame", styles: Styles) -> list[Mark]:
    marks = []
    for source in ordered_sources(rows["source"]):
        own = rows[rows["source"] == source]
        name, style = source_name(source), styles.source(source)
        x, y, lower, upper = (own[column].to_numpy(float) for column in ("gap", "value", "lower", "upper"))
        marks.append(Mark(name=name, x=x, y=y, kind="line", style=style, size=0.0))
        marks.append(
            Mark(name=name, x=x, y=y, kind="interval", style=style, size=5.0, y_lower=lower, y_upper=upper)
        )
    return marks
