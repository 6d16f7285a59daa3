"""Allele frequencies: artificial against real, a point for each variant."""

from typing import TYPE_CHECKING

from genome_ac_gan.plots.chart import Chart, Facet, Mark
from genome_ac_gan.plots.dots import population_order
from genome_ac_gan.plots.lines import population_title
from genome_ac_gan.plots.palette import Styles, set_names, source_name

if TYPE_CHECKING:
    from pandas import DataFrame

_NOTED = {"r": "r", "mae": "MAE"}
_RANGES = {"all": "all variants", "high": "AF ≥ .8", "low": "AF ≤ .2"}


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
    of = rows[rows["population"] == population]
    points = Mark(
        name=population_title(population),
        x=of["holdout"].to_numpy(float),
        y=of["synthetic"].to_numpy(float),
        kind="points",
        style=styles.population(population),
        opacity=0.6,
        size=4.5,
    )
    return Facet(title=points.name, marks=[points], note=_note(judged, population))


def _note(judged: "DataFrame", population: str, suffix: str = "") -> str:
    values = judged[judged["population"] == population].set_index("statistic")["value"].to_dict()
    found = {word: values.get(f"{name}{suffix}") for name, word in _NOTED.items()}
    return ", ".join(f"{word} = {value:.3f}" for word, value in found.items() if value is not None)


def ranges(table: "DataFrame", curve: "DataFrame", styles: Styles) -> Chart | None:
    """Return pooled frequencies, a column for each set of artificial genomes and for the training haplotypes.

    Rows of facets are all variants, those frequent and those rare among real
    people; None when no set has rows.

    Parameters
    ----------
    table
        Rows of the metric; `r` and `mae` of each range are printed where they are found.
    curve
        Columns source, variants (`all`, `high` or `low`), holdout, synthetic; a row is a variant.
    styles
        Looks of the sources.
    """
    sources = [*set_names(curve["source"]), *(["train"] if (curve["source"] == "train").any() else [])]
    filled = [name for name in _RANGES if (curve["variants"] == name).any()]
    facets = [_range(table, curve, styles, source, name) for name in filled for source in sources]
    if not facets:
        return None
    return Chart(
        name="allele-frequency-ranges",
        title="Allele frequencies by range",
        caption="Frequency of the alternative allele among artificial genomes, and among the training haplotypes, "
        "against held-out real people: of all variants, and of those with a real frequency (AF) of at least .8 and "
        "at most .2. Of many variants, evenly spaced ones are drawn; r and MAE are over all of the range.",
        x_label="Real frequency",
        y_label="Frequency in the set",
        facets=facets,
        columns=len(sources),
        square=True,
        diagonal=True,
        shared=False,
    )


def _range(table: "DataFrame", curve: "DataFrame", styles: Styles, source: str, variants: str) -> Facet:
    rows = curve[(curve["source"] == source) & (curve["variants"] == variants)]
    title = f"{source_name(source)}: {_RANGES[variants]}"
    points = Mark(
        name=title,
        x=rows["holdout"].to_numpy(float),
        y=rows["synthetic"].to_numpy(float),
        kind="points",
        style=styles.source(source),
        opacity=0.6,
        size=4.5,
    )
    suffix = "" if variants == "all" else f"_{variants}"
    return Facet(title=title, marks=[points], note=_note(table[table["source"] == source], "all", suffix))
