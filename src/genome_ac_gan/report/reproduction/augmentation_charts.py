"""Figures of the augmentation experiment: structure, accuracy over the share added, gains, populations."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from genome_ac_gan.plots.chart import Chart, Facet, Mark, Style
from genome_ac_gan.plots.palette import GREY, INK, population_styles, source_styles

if TYPE_CHECKING:
    import numpy.typing as npt
    from pandas import DataFrame

    Ends = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | tuple[None, None]

REAL = "real"
WORDS = {
    REAL: "Real haplotypes alone",
    "oversampled": "Real haplotypes repeated",
    "recombined": "Real haplotypes recombined",
    "consensus": "Majorities of real haplotypes",
    "leaked": "Recombined with test people (a leak)",
}
CLASSIFIERS = {
    "svc": "Support vector machine", "knn": "5 nearest neighbours", "neural-code": "Network of the program",
    "neural-paper": "Network of the text",
}  # fmt: skip
_FIXED = {
    REAL: Style(colour=INK, symbol="square", dash="dash"),
    "oversampled": Style(colour=GREY, symbol="triangle", dash="dashdot"),
    "recombined": Style(colour="#2563A8", symbol="diamond", dash="dot"),
    "consensus": Style(colour="#8A5A00", symbol="diamond", dash="dash"),
    "leaked": Style(colour="#B91C1C", symbol="square", dash="dot"),
}
SHORT = {"svc": "SVC", "knn": "KNN", "neural-code": "NN of the program", "neural-paper": "NN of the text"}
_SPREAD = 6.0  # percentage points that the series of one share stand apart, together


def name_of(generator: str) -> str:
    """Return what a generator is called in figures and tables."""
    return WORDS.get(generator, generator)


def classifiers_of(table: "DataFrame") -> dict[str, str]:
    """Return the classifiers of a table with their names, in the order of every figure."""
    found = set(table["classifier"])
    return {key: words for key, words in CLASSIFIERS.items() if key in found}


def generators_of(table: "DataFrame") -> list[str]:
    """Return the generators of a table, in its order; real haplotypes alone are none."""
    return [name for name in dict.fromkeys(table["generator"]) if name != REAL]


def styles_of(table: "DataFrame") -> Mapping[str, Style]:
    """Return the looks of generators, references and real haplotypes."""
    others = [name for name in generators_of(table) if name not in _FIXED]
    return {**source_styles(others), **_FIXED}


def structure(points: "DataFrame", explained: "DataFrame") -> Chart:
    """Return principal components 1 and 2, and 1 and 3, of all haplotypes, coloured by population.

    Parameters
    ----------
    points
        Columns population, pc1, pc2, pc3.
    explained
        Columns component, share.
    """
    styles = population_styles(points["population"])
    shares = dict(zip(explained["component"], explained["share"], strict=True))
    facets = [
        Facet(
            title=f"PC 1 ({shares['pc1']:.1%}) and PC {other} ({shares[f'pc{other}']:.1%})",
            marks=[
                _points(points[points["population"] == name], name, f"pc{other}", styles[name])
                for name in styles
            ],
        )
        for other in (2, 3)
    ]
    return Chart(
        name="african-structure",
        title="Figure 13: structure of the populations",
        caption="Each point is a haplotype on the principal components of all haplotypes; in brackets the share of the "
        "variance along each. Populations that lie on each other are hard to tell apart for any classifier.",
        x_label="PC 1",
        y_label="PC 2, PC 3",
        facets=facets,
        columns=2,
        square=True,
    )  # fmt: skip


def _points(rows: "DataFrame", name: str, y: str, style: Style) -> Mark:
    return Mark(
        name=name, x=rows["pc1"].to_numpy(float), y=rows[y].to_numpy(float), kind="points", style=style,
        opacity=0.65,
    )  # fmt: skip


def curves(means: "DataFrame", statistic: str, barred: Sequence[float]) -> Chart:
    """Return a score over the share of artificial genomes added, a facet a classifier, a series a generator.

    Parameters
    ----------
    means
        Columns generator, classifier, share, statistic, value, lower, upper.
    statistic
        `accuracy` or `macro_f1`.
    barred
        Shares at which intervals are drawn.
    """
    rows = means[means["statistic"] == statistic]
    words = {"accuracy": "Accuracy", "macro_f1": "Mean F1 of the populations"}[statistic]
    facets = [
        Facet(title=name, marks=_series(rows[rows["classifier"] == key], styles_of(rows), barred))
        for key, name in classifiers_of(rows).items()
    ]
    return Chart(
        name=f"augmentation-{statistic.replace('_', '-')}",
        title=f"Figure 14: {words} by the share of artificial genomes added",
        caption="Mean over splits of the people. 100% are as many artificial genomes as real training haplotypes; at 0 "
        "stands what real haplotypes alone reach. Bars, from three splits on, are 95% intervals of a score itself; "
        "those of gains, which compare within a split, stand above.",
        x_label="Artificial genomes added (% of the real training haplotypes)",
        y_label=words,
        facets=facets,
        columns=2,
        shared=False,
    )  # fmt: skip


def _series(rows: "DataFrame", styles: Mapping[str, Style], barred: Sequence[float]) -> list[Mark]:
    alone = rows[rows["generator"] == REAL]
    generators = generators_of(rows)
    marks = [_bars(alone, 0.0, REAL, styles[REAL])] if len(alone) else []
    for index, generator in enumerate(generators):
        of, style = rows[rows["generator"] == generator].sort_values("share"), styles[generator]
        shift = (index - (len(generators) - 1) / 2) * _SPREAD / max(len(generators), 3)
        x = 100 * of["share"].to_numpy(float) + shift
        first = alone["value"].to_numpy(float)
        y = np.append(first, of["value"].to_numpy(float))
        x = np.append(np.zeros(len(first)), x)
        marks.append(Mark(name=name_of(generator), kind="line", style=style, size=4.0, x=x, y=y))
        marks.append(_bars(of[of["share"].isin(list(barred))], shift, generator, style))
    return marks


def _bars(rows: "DataFrame", shift: float, generator: str, style: Style) -> Mark:
    lower, upper = _ends(rows)
    return Mark(
        name=name_of(generator), kind="interval", style=style, size=6.0,
        x=100 * rows["share"].to_numpy(float) + shift, y=rows["value"].to_numpy(float),
        y_lower=lower, y_upper=upper,
    )  # fmt: skip


def _ends(rows: "DataFrame") -> "Ends":
    """Return the ends of intervals; none where too few splits are done for one."""
    if rows["lower"].isna().any():
        return None, None
    return rows["lower"].to_numpy(np.float64), rows["upper"].to_numpy(np.float64)


def differences(rows: "DataFrame", name: str, title: str, caption: str, x_label: str) -> Chart:
    """Return differences with their intervals, a row a classifier and generator; a line stands at 0.

    Parameters
    ----------
    rows
        Columns generator, classifier, value, lower, upper: one share and statistic.
    name, title, caption, x_label
        Of the chart.
    """
    styles, found = styles_of(rows), classifiers_of(rows)
    labels = {
        (classifier, generator): f"{SHORT[classifier]}: {name_of(generator)}"
        for classifier in found
        for generator in generators_of(rows)
    }
    marks = []
    for generator in generators_of(rows):
        of = rows[rows["generator"] == generator]
        places = np.array([labels[key, generator] for key in of["classifier"]])
        marks.append(_interval(of, places, "", styles[generator], _ends(of)))
    return Chart(
        name=name, title=title, caption=caption, x_label=x_label, y_label="",
        facets=[Facet(title="", marks=marks, lines=[0.0])], categories=list(labels.values()),
    )  # fmt: skip


def _interval(
    rows: "DataFrame", places: "npt.NDArray[np.str_]", name: str, style: Style, ends: "Ends"
) -> Mark:
    return Mark(
        name=name, kind="interval", style=style, size=7.0, x=rows["value"].to_numpy(float), y=places,
        lower=ends[0], upper=ends[1],
    )  # fmt: skip


def populations(table: "DataFrame", generators: Sequence[str], share: float) -> Chart:
    """Return recall and F1 of each population without and with artificial genomes, two facets a classifier.

    Parameters
    ----------
    table
        Columns generator, classifier, share, population, statistic (`recall`, `f1`), value, lower, upper.
    generators
        Those that are drawn, beside real haplotypes alone.
    share
        Of artificial genomes added.
    """
    styles = styles_of(table)
    shown = table[
        (table["generator"] == REAL) | (table["generator"].isin(list(generators)) & (table["share"] == share))
    ]
    facets = [
        Facet(title=f"{words}: {kind}", marks=_by_population(of, (REAL, *generators), styles))
        for key, words in classifiers_of(shown).items()
        for statistic, kind in (("recall", "recall"), ("f1", "F1"))
        if len(of := shown[(shown["classifier"] == key) & (shown["statistic"] == statistic)])
    ]
    return Chart(
        name="augmentation-populations",
        title="Figure 15: population by population",
        caption=f"Recall, the share of a population's test haplotypes that are given it, and F1, without and with "
        f"{share:.0%} artificial genomes; means over splits, with 95% intervals from three splits on. The paper's "
        "figure shows F1 under the name of accuracy.",
        x_label="Score",
        y_label="",
        facets=facets,
        columns=2,
        categories=sorted(set(shown["population"])),
    )  # fmt: skip


def _by_population(rows: "DataFrame", generators: Sequence[str], styles: Mapping[str, Style]) -> list[Mark]:
    found = ((name, rows[rows["generator"] == name]) for name in generators)
    return [
        _interval(of, of["population"].to_numpy(str), name_of(name), styles[name], _ends(of))
        for name, of in found
        if len(of)
    ]
