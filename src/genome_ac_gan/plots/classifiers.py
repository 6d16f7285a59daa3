"""What classifiers make of artificial genomes: the detector's operating curve, and accuracies by population."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from genome_ac_gan.plots.chart import Chart, Facet, Mark
from genome_ac_gan.plots.dots import dots
from genome_ac_gan.plots.palette import Styles, ordered_sources, source_name

if TYPE_CHECKING:
    from pandas import DataFrame

_KERNELS = {"auc": "Radial kernel", "auc_linear": "Linear kernel"}
_AREAS = {statistic: f"Area under the curve, {words.lower()}" for statistic, words in _KERNELS.items()}
_SVM, _NEIGHBOURS = "SVM", "neighbours"
_HEADINGS = {
    "class-faithfulness": "Faithfulness to populations",
    "population-classifier": "Classifiers trained on artificial genomes",
    "augmentation": "Classifiers with artificial genomes added",
}
_STATISTICS: Mapping[str, Mapping[str, str]] = {
    "class-faithfulness": {
        "gap": "Accuracy lost",
        "accuracy": "Artificial genomes recognised",
        "real_accuracy": "Real people recognised",
    },
    "population-classifier": {
        f"{statistic}_{classifier}": f"{words}, {name}"
        for classifier, name in (("svc", _SVM), ("knn", _NEIGHBOURS))
        for statistic, words in (
            ("recovery", "Recovery rate"), ("tstr", "Trained on artificial"), ("trtr", "Trained on real"),
        )
    },
    "augmentation": {
        f"{statistic}_{classifier}": f"{words}, {name}"
        for classifier, name in (("svc", _SVM), ("knn", _NEIGHBOURS))
        for statistic, words in (
            ("gain", "Accuracy gained"), ("accuracy", "Real alone"),
            ("augmented_accuracy", "With artificial"),
        )
    },
}  # fmt: skip


def detection(table: "DataFrame", curves: "Mapping[str, DataFrame]", styles: Styles) -> list[Chart]:
    """Return the areas by population, and the operating characteristic of the classifiers, a line a source.

    Parameters
    ----------
    table
        Rows of the metric `detection`.
    curves
        `detection`: columns source, statistic (`auc` or `auc_linear`), false,
        true: shares of real and of artificial haplotypes that are called
        artificial.
    styles
        Looks of the sources.
    """
    curve = curves.get("detection")
    areas = dots(table, styles, heading="Detection by a classifier", statistics=_AREAS)
    charts = (areas, None if curve is None else _operating_curve(curve, styles))
    return [chart for chart in charts if chart]


def _operating_curve(curve: "DataFrame", styles: Styles) -> Chart | None:
    sources = ordered_sources(curve["source"])
    facets = [
        Facet(title=title, marks=marks)
        for statistic, title in _KERNELS.items()
        if (marks := _lines(curve[curve["statistic"] == statistic], sources, styles))
    ]
    if not facets:
        return None
    return Chart(
        name="detection-curve",
        title="Can a classifier tell artificial from real?",
        caption="Share of artificial genomes that a classifier calls artificial against the share of real people that "
        "it calls so. Along the diagonal it cannot tell; towards the upper left corner it always can.",
        x_label="Real haplotypes called artificial",
        y_label="Artificial haplotypes called artificial",
        facets=facets,
        columns=2,
        diagonal=True,
        square=True,
    )


def _lines(curve: "DataFrame", sources: list[str], styles: Styles) -> list[Mark]:
    marks = []
    for source in sources:
        rows = curve[curve["source"] == source]
        x, y = rows["false"].to_numpy(float), rows["true"].to_numpy(float)
        marks.append(
            Mark(name=source_name(source), x=x, y=y, kind="line", style=styles.source(source), size=0.0)
        )
    return [mark for mark in marks if len(mark.x)]


def accuracies(table: "DataFrame", curves: "Mapping[str, DataFrame]", styles: Styles) -> list[Chart]:
    """Return the headline and the accuracies of a metric of population classifiers as one dot plot."""
    metric = str(table["metric"].iloc[0]) if len(table) else ""
    shown = table[table["statistic"].isin(list(_STATISTICS.get(metric, ())))]
    if shown.empty:
        return []
    chart = dots(shown, styles, heading=_HEADINGS[metric], name=metric, statistics=_STATISTICS[metric])
    return [chart] if chart else []
