"""The figures of the comparison of models, the paper's Figures 5 to 12."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from genome_ac_gan.plots import Chart, Facet, Mark, Style, Styles, dots
from genome_ac_gan.plots.frequency import ranges
from genome_ac_gan.plots.linkage import decay
from genome_ac_gan.plots.palette import GREY, INK, REAL, source_name
from genome_ac_gan.plots.structure import components, components_by_population
from genome_ac_gan.popgen.frequency import evenly_spaced
from genome_ac_gan.report.tables import number

if TYPE_CHECKING:
    from pandas import DataFrame

BEST_POINTS, COMMON_POINTS, POPULATION_POINTS = 250, 400, 60  # of a series of a figure
READINGS = {
    "compat": "As published: sum over pairs, components of each set",
    "aligned": "As published, with signs made alike",
    "corrected": "Corrected: mean per pair, components of train",
}
RANGES = {
    "all": "all variants",
    "high": "frequent ones (AF ≥ .8)",
    "low": "rare ones (AF ≤ .2)",
}


def costs(spread: "DataFrame", subsets: "DataFrame") -> Chart:
    """Return Figure 5: W of each set, every subset and their mean with a standard deviation either side.

    Parameters
    ----------
    spread
        Columns set, reading, mean, sd.
    subsets
        Columns set, reading, value.
    """
    names = {name: source_name(name) for name in dict.fromkeys(spread["set"])}
    return Chart(
        name="comparison-w",
        title="Distance from the test people in two principal components",
        caption="What it costs to move the haplotypes of a subset onto those of the test people, one to one, "
        "on two principal components: every subset (dots), their mean and one standard deviation either side "
        "(diamonds). As published, components are fitted on each set by itself, and a subset may lie "
        "mirrored; then with their signs made alike; then corrected. No generator should lie left of the "
        "training haplotypes.",
        x_label="Cost of the assignment",
        y_label="",
        facets=[
            Facet(title=title, marks=_cost_marks(spread, subsets, reading, names))
            for reading, title in READINGS.items()
        ],
        shared=False,
        categories=list(names.values()),
    )


def _cost_marks(spread: "DataFrame", subsets: "DataFrame", reading: str, names: dict[str, str]) -> list[Mark]:
    each, means = (table[table["reading"] == reading] for table in (subsets, spread))
    mean, sd = means["mean"].to_numpy(float), means["sd"].to_numpy(float)
    return [
        Mark(
            name="Subsets", x=each["value"].to_numpy(float), y=each["set"].map(names).to_numpy(str),
            kind="points", style=Style(colour=GREY), opacity=0.4, size=4.0,
        ),
        Mark(
            name="Mean ± standard deviation", x=mean, y=means["set"].map(names).to_numpy(str),
            kind="interval", style=Style(colour="#C2410C", symbol="diamond"), size=8.0,
            lower=mean - sd, upper=mean + sd,
        ),
    ]  # fmt: skip


def best_subsets(points: "DataFrame", spread: "DataFrame", styles: Styles) -> Chart:
    """Return Figure 6: the best subset of each set over the test people, each on components of its own.

    Parameters
    ----------
    points
        Columns set, reading, panel, pc1, pc2.
    spread
        Columns set, reading, lowest.
    """
    own = points[points["reading"] == "compat"]
    lowest = spread[spread["reading"] == "compat"].set_index("set")["lowest"].to_dict()
    facets = []
    for name, of in own.groupby("set", sort=False):
        marks = [
            _cloud(of[of["panel"] == "holdout"], REAL, Style(colour=GREY)),
            _cloud(of[of["panel"] == "synthetic"], "Set", styles.source(str(name))),
        ]
        facets.append(Facet(title=source_name(str(name)), marks=marks, note=f"W = {number(lowest[name])}"))
    return Chart(
        name="comparison-best",
        title="The subset closest to the test people",
        caption="Of each set the subset with the lowest W (coloured) over the test people (grey). As in the "
        "paper, components are fitted on either by itself, so that a set may lie mirrored.",
        x_label="PC 1",
        y_label="PC 2",
        facets=facets,
        columns=3,
        square=True,
    )


def _cloud(rows: "DataFrame", name: str, style: Style) -> Mark:
    rows = thinned(rows, BEST_POINTS)
    return Mark(
        name=name, x=rows["pc1"].to_numpy(float), y=rows["pc2"].to_numpy(float), kind="points", style=style,
        opacity=0.6, size=4.0,
    )  # fmt: skip


def thinned(rows: "DataFrame", most: int) -> "DataFrame":
    """Return at most so many of the rows, evenly spaced."""
    return rows.iloc[evenly_spaced(len(rows), most)] if len(rows) > most else rows


def common_components(points: "DataFrame", names: Sequence[str]) -> Chart | None:
    """Return Figure 7: the test people and the sets with labels on common components, by continent.

    Parameters
    ----------
    points
        Columns set, reading, panel, group, pc1, pc2.
    names
        Of the sets.
    """
    rows = points[(points["reading"] == "corrected") & points["set"].isin(names)]
    if rows.empty:
        return None
    chart = components(
        _curve(rows, ["set", "panel"], COMMON_POINTS, "group"), Styles.of(rows["group"], names)
    )
    return chart and replace(
        chart,
        name="comparison-common",
        title="Continents on common components",
        caption="Test people and artificial genomes on the first two principal components of the training "
        "people, coloured by the coarsest label; genomes by nation carry that of their nation.",
        columns=min(3, len(chart.facets)),
    )


def populations(points: "DataFrame", name: str, styles: Styles) -> Chart | None:
    """Return Figure 8: each population of a set over its test people, on common components.

    Parameters
    ----------
    points
        Columns set, reading, panel, population, pc1, pc2.
    name
        Of the set.
    """
    rows = points[(points["reading"] == "corrected") & (points["set"] == name)]
    if rows.empty:
        return None
    by = ["panel", "population"]
    chart = components_by_population(_curve(rows, by, POPULATION_POINTS, "population"), styles)
    group = dict(zip(rows["population"], rows["group"], strict=True))
    return chart and replace(
        chart,
        name="comparison-populations",
        title="Population by population",
        caption=f"Artificial genomes of each population (coloured; {name}) over its test people (grey), on "
        "the components of the figure above. The paper leaves GIH out and draws all real people.",
        facets=sorted(chart.facets, key=lambda facet: (str(group[facet.title]), facet.title)),
        columns=min(6, len(chart.facets)),
    )


def _curve(points: "DataFrame", by: Sequence[str], most: int, label: str) -> "DataFrame":
    """Return points as the plots of structure take them, so many of each group at most, labelled by a column."""
    import pandas as pd

    groups = points.groupby(list(by), sort=False)
    rows = pd.concat([thinned(of, most) for _, of in groups], ignore_index=True)
    table = rows.assign(source=rows["set"], population=rows[label])
    return table[table["population"].notna()]


def frequencies(statistics: "DataFrame", drawn: "DataFrame", styles: Styles) -> list[Chart]:
    """Return Figure 9, a chart for each range of frequencies with a facet for each set.

    Parameters
    ----------
    statistics
        Columns set, metric, reading, population, statistic, value.
    drawn
        Columns set, variants, holdout, synthetic.
    """
    rows = statistics[(statistics["metric"] == "allele-frequency") & (statistics["reading"] == "corrected")]
    charts = []
    for name, words in RANGES.items():
        of = drawn[drawn["variants"] == name]
        chart = ranges(rows.rename(columns={"set": "source"}), of.rename(columns={"set": "source"}), styles)
        if chart is not None:
            charts.append(replace(
                chart,
                name=f"comparison-frequencies-{name}",
                title=f"Allele frequencies: {words}",
                caption="Frequency of the alternative allele in each set against the test people; which "
                "variants are drawn is decided by their frequency among the test people. On the line they "
                "agree. At most 600 random variants are drawn; r and the mean absolute error (MAE) are over "
                "all.",
                facets=[replace(facet, title=facet.title.split(":")[0],
                                marks=[replace(mark, name=mark.name.split(":")[0]) for mark in facet.marks])
                        for facet in chart.facets],
                columns=5,
                shared=True,
            ))  # fmt: skip
    return charts


def population_frequencies(statistics: "DataFrame", level: str, styles: Styles) -> Chart | None:
    """Return Figure 10: r of allele frequencies within each population of a level, in both readings."""
    rows = statistics[
        (statistics["metric"] == "allele-frequency") & (statistics["statistic"] == "r")
        & (statistics["level"] == level) & (statistics["population"] != "all")
    ]  # fmt: skip
    words = {"compat": "Against all real people (as published)", "corrected": "Against the test people"}
    return _dots(
        rows.assign(statistic=rows["reading"], source=rows["set"]), words, styles,
        name=f"comparison-frequencies-by-{level.replace('_', '-')}",
        title=f"Allele frequencies within each population ({level})",
        caption="Correlation r of the allele frequencies of a set and of real people, population by "
        "population, with intervals over resampled people. The real people of the paper hold the training "
        "people; test people of small populations are few, so that even the training haplotypes stay below 1 "
        "against them.",
        x_label="Correlation r",
    )  # fmt: skip


def differences(pairs: "DataFrame", styles: Styles) -> Chart | None:
    """Return Figure 11: r of the differences between two populations, of the pairs that the paper draws."""
    from genome_ac_gan.metrics.fidelity.population_differentiation import PUBLISHED

    rows = pairs[pairs["named"].notna()]
    words = {"compat": "Against all real people (as published)", "corrected": "Against the test people"}
    table = rows.assign(
        source=rows["set"], metric="population-differentiation", population=rows["named"],
        statistic=rows["reading"], value=rows["r"], lower=rows["r"], upper=rows["r"], ideal=1.0,
    )  # fmt: skip
    chart = _dots(
        table, words, styles, name="comparison-differences", title="Differences between populations",
        caption="For two populations, the correlation over variants of their differences in allele frequency "
        "in a set and among real people. Sets that learned continents have no nations, and are drawn for "
        "pairs of continents alone.",
        x_label="Correlation r of the differences",
    )  # fmt: skip
    order = [name for name in ("-".join(pair) for pair in PUBLISHED) if name in set(rows["named"])]
    return chart and replace(chart, categories=order)


def _dots(
    rows: "DataFrame",
    words: dict[str, str],
    styles: Styles,
    *,
    name: str,
    title: str,
    caption: str,
    x_label: str,
) -> Chart | None:
    chart = dots(rows, styles, heading=title, name=name, statistics=words)
    return chart and replace(chart, caption=caption, x_label=x_label, columns=2)


def linkage(curve: "DataFrame", styles: Styles) -> Chart | None:
    """Return Figure 12: decay of linkage disequilibrium in both readings."""
    chart = decay(curve, styles)
    return chart and replace(chart, name="comparison-linkage")


def errors(statistics: "DataFrame", styles: Styles) -> Chart | None:
    """Return the errors of the decay of linkage disequilibrium, in both readings."""
    rows = statistics[(statistics["metric"] == "ld-decay") & (statistics["population"] == "all")]
    published = rows["statistic"] == "decay_rmse"
    kept = rows[published | (rows["statistic"] == "corrected")]
    table = kept.assign(
        source=kept["set"], statistic=np.where(kept["statistic"] == "corrected", "corrected", "compat")
    )
    names = [source_name(name) for name in dict.fromkeys(table["source"])]
    if not names:
        return None
    words = {"compat": "As published", "corrected": "Corrected"}
    facets = [
        Facet(title=title, marks=[_error(table[table["statistic"] == reading])], lines=[0.0])
        for reading, title in words.items()
    ]
    return Chart(
        name="comparison-linkage-errors",
        title="Error of the decay of linkage disequilibrium",
        caption="Root mean squared difference (RMSE) of the curves above from that of the test people; 0 is "
        "perfect. The published reading takes variants with two alleles in every set, the corrected one "
        "those common among the test people, with an interval over resampled people.",
        x_label="RMSE of mean r²",
        y_label="",
        facets=facets,
        shared=False,
        categories=names,
    )


def _error(rows: "DataFrame") -> Mark:
    return Mark(
        name="RMSE", x=rows["value"].to_numpy(float), y=rows["source"].map(source_name).to_numpy(str),
        kind="interval", style=Style(colour=INK), size=8.0, lower=rows["lower"].to_numpy(float),
        upper=rows["upper"].to_numpy(float),
    )  # fmt: skip
