"""Allele frequencies: artificial against real, a point for each variant."""

from typing import TYPE_CHECKING

from genome_ac_gan.plots.chart import Chart, Facet, Mark
from genome_ac_gan.plots.dots import population_order
from genome_ac_gan.plots.palette import Styles, source_name

if TYPE_CHECKING:
    from pandas import DataFrame

_NOTED = {"r": "r", "mae": "MAE"}


def frequencies(table: "DataFrame", curve: "DataFrame", styles: Styles, source: str) -> Chart | None:
    """Return a facet for each population, all of them pooled first; None when the source has no rows.

    Parameters
    ----------
    table
        Rows of the metric; `r` and `mae` of the source are printed where they are found.
    curve
        Columns source, population, holdout, synthetic; a row is a variant.
    styles
        Looks of the populations.
    source
        Whose frequencies.
    """
    rows = curve[curve["source"] == source]
    if rows.empty:
        return None
    judged = table[table["source"] == source]
    facets = [_facet(judged, rows, name, styles) for name in population_order(rows["population"])]
    own = source == "synthetic"
    return Chart(
        name="allele-frequency" if own else f"allele-frequency-{source}",
        title="Allele frequencies" if own else f"Allele frequencies: {source_name(source)}",
        caption="Frequency of the alternative allele of each variant among artificial genomes against held-out "
        "real people, for all together and by population; on the line they agree. Of many variants, evenly "
        "spaced ones are drawn; r and MAE are over all.",
        x_label="Real frequency",
        y_label="Artificial frequency",
        facets=facets,
        columns=3 if len(facets) <= 9 else 4,
        square=True,
        diagonal=True,
    )


def _facet(judged: "DataFrame", rows: "DataFrame", population: str, styles: Styles) -> Facet:
    pooled = population == "all"
    of = rows[rows["population"] == population]
    points = Mark(
        name="All populations" if pooled else population,
        x=of["holdout"].to_numpy(float),
        y=of["synthetic"].to_numpy(float),
        kind="points",
        style=styles.population(population),
        opacity=0.6,
        size=4.5,
    )
    values = judged[judged["population"] == population].set_index("statistic")["value"].to_dict()
    note = ", ".join(f"{word} = {values[name]:.3f}" for name, word in _NOTED.items() if name in values)
    return Facet(title=points.name, marks=[points], note=note)
