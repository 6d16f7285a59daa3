"""Results as charts: a literal table of plots by metric, and a dot plot for every other metric."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from genome_ac_gan.plots.boxes import boxes
from genome_ac_gan.plots.chart import Chart, Facet, Mark, Style
from genome_ac_gan.plots.classifiers import accuracies, detection
from genome_ac_gan.plots.differentiation import differentiation
from genome_ac_gan.plots.distances import distances
from genome_ac_gan.plots.dots import dots
from genome_ac_gan.plots.frequency import frequencies, ranges
from genome_ac_gan.plots.haplotypes import copied_segments, haplotype_diversity, shared_haplotypes
from genome_ac_gan.plots.imputation import imputation
from genome_ac_gan.plots.linkage import decay, decay_by_population, genetic_decay
from genome_ac_gan.plots.palette import Styles, set_names
from genome_ac_gan.plots.privacy import closest_record, membership_inference
from genome_ac_gan.plots.spectrum import spectra
from genome_ac_gan.plots.static import SUFFIXES, save_chart
from genome_ac_gan.plots.structure import components, components_by_population
from genome_ac_gan.plots.training import PART, SCORE, training
from genome_ac_gan.plots.triplets import triplets

if TYPE_CHECKING:
    from pandas import DataFrame

Plot = Callable[["DataFrame", "Mapping[str, DataFrame]", Styles], list[Chart]]

__all__ = [
    "PART",
    "PLOTS",
    "SCORE",
    "SUFFIXES",
    "Chart",
    "Facet",
    "Mark",
    "Plot",
    "Style",
    "Styles",
    "boxes",
    "dots",
    "save_chart",
    "training",
]


def _allele_frequency(table: "DataFrame", curves: "Mapping[str, DataFrame]", styles: Styles) -> list[Chart]:
    curve, pooled = curves.get("allele-frequency"), curves.get("allele-frequency-ranges")
    charts = [] if pooled is None else [ranges(table, pooled, styles)]
    if curve is not None:
        charts = [*(frequencies(table, curve, styles, name) for name in set_names(curve["source"])), *charts]
    return _present(*charts)


def _ld_decay(table: "DataFrame", curves: "Mapping[str, DataFrame]", styles: Styles) -> list[Chart]:
    curve, within = curves.get("ld-decay"), curves.get("ld-decay-by-population")
    charts = [] if curve is None else [decay(curve, styles), genetic_decay(curve, styles)]
    return _present(*charts, None if within is None else decay_by_population(within, styles))


def _pca(table: "DataFrame", curves: "Mapping[str, DataFrame]", styles: Styles) -> list[Chart]:
    curve = curves.get("principal-components")
    if curve is None:
        return []
    costs = dots(
        table[table["population"] == "all"],
        styles,
        heading="Distance in principal components",
        name="pca-distance",
        statistics={
            "compat": "Sum over pairs, each set on its own components (published reading)",
            "corrected": "Mean per pair, on the components of train",
        },
    )
    return _present(components(curve, styles), components_by_population(curve, styles), costs)


def _present(*charts: Chart | None) -> list[Chart]:
    return [chart for chart in charts if chart is not None]


PLOTS: Mapping[str, Plot] = {
    "pca-wasserstein": _pca,
    "allele-frequency": _allele_frequency,
    "site-frequency-spectrum": spectra,
    "population-differentiation": differentiation,
    "ld-decay": _ld_decay,
    "three-point-correlation": triplets,
    "haplotype-distances": distances,
    "haplotype-diversity": haplotype_diversity,
    "shared-haplotypes": shared_haplotypes,
    "copied-segments": copied_segments,
    "detection": detection,
    "class-faithfulness": accuracies,
    "population-classifier": accuracies,
    "augmentation": accuracies,
    "imputation": imputation,
    "closest-record": closest_record,
    "membership-inference": membership_inference,
}
