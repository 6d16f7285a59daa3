"""Privacy: distances to the closest training haplotype, and what attacks find at which rate of false alarms."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from genome_ac_gan.plots.chart import Chart, Facet, Mark, Style
from genome_ac_gan.plots.lines import line, population_facets
from genome_ac_gan.plots.palette import INK, Styles, ordered_sources, source_name

if TYPE_CHECKING:
    from pandas import DataFrame

_ATTACKS = {
    "distance": "Distance to an artificial genome",
    "snp": "Allele frequencies (DOMIAS)",
    "kernel": "Density of haplotypes (DOMIAS)",
    "likelihood": "Likelihood of the model",
    "likelihood_ratio": "Likelihood against frequencies",
}


def closest_record(table: "DataFrame", curves: "Mapping[str, DataFrame]", styles: Styles) -> list[Chart]:
    """Return distribution functions of the distance to the closest training haplotype, a facet for each population.

    Parameters
    ----------
    table
        Not used.
    curves
        `closest-record`: columns source, population, panel (`holdout` or
        `synthetic`), share, distance (variants). The line of unseen people is
        that of the first set's holdout; the anchor `real` is left out.
    styles
        Looks of the sources.
    """
    curve = curves.get("closest-record")
    if curve is None or curve.empty:
        return []
    facets = population_facets(curve, styles, "distance", "share")
    chart = Chart(
        name="closest-record",
        title="Distance to the closest training haplotype",
        caption="Share of haplotypes with a training haplotype within a given distance. Artificial genomes should "
        "follow the dashed line of unseen people. A line to its left lies nearer to training people than chance "
        "allows; a rise at 0 means copies. A line to its right is unlike people.",
        x_label="Variants that differ",
        y_label="Share of haplotypes",
        facets=facets,
        columns=min(3 if len(facets) <= 9 else 4, len(facets)),
    )
    return [chart]


def membership_inference(
    table: "DataFrame", curves: "Mapping[str, DataFrame]", styles: Styles
) -> list[Chart]:
    """Return ROC curves over a logarithmic axis of false positives, a facet for each attack.

    Parameters
    ----------
    table
        Not used.
    curves
        `membership-inference`: columns source, attack, fpr, tpr.
    styles
        Looks of the sources.
    """
    curve = curves.get("membership-inference")
    if curve is None or curve.empty:
        return []
    facets = [
        Facet(title=_ATTACKS.get(attack, attack), marks=_roc(curve[curve["attack"] == attack], styles))
        for attack in dict.fromkeys(curve["attack"])
    ]
    chart = Chart(
        name="membership-inference",
        title="Attacks on membership",
        caption="Share of training haplotypes that an attack finds, against the share of unseen haplotypes that it "
        "takes for training ones, on a logarithmic axis. The dotted line is guessing; what lies above it on the left "
        "are people who can be named with confidence.",
        x_label="False-positive rate",
        y_label="True-positive rate",
        facets=facets,
        columns=min(3, len(facets)),
        log_x=True,
    )
    return [chart]


def _roc(curve: "DataFrame", styles: Styles) -> list[Mark]:
    marks = []
    for source in ordered_sources(curve["source"]):
        own = curve[curve["source"] == source]
        marks.append(line(own, "fpr", "tpr", source_name(source), styles.source(source)))
    first = curve[curve["source"] == curve["source"].iloc[0]]
    marks.append(line(first, "fpr", "fpr", "Guessing", Style(colour=INK, dash="dot")))
    return marks
