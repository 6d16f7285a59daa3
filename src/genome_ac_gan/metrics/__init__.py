"""Metrics: three panels in, tidy tables out. Pure functions; no files, no figures, no models."""

from collections.abc import Iterable, Mapping

from genome_ac_gan.metrics.anchors import SOURCES, anchors
from genome_ac_gan.metrics.base import POOLED, Comparison, Metric, MetricResult
from genome_ac_gan.metrics.evaluation import (
    DEFAULT_REPEATS,
    Design,
    Evaluation,
    Progress,
    chosen,
    evaluate_beside,
    evaluate_metrics,
    evaluate_sources,
    ignore,
    repeats_or_default,
)
from genome_ac_gan.metrics.fidelity import (
    allele_frequency,
    class_faithfulness,
    detection,
    haplotype_distances,
    haplotype_diversity,
    ld_decay,
    manifold,
    pca_wasserstein,
    population_differentiation,
    shared_haplotypes,
    site_frequency_spectrum,
    three_point_correlation,
)
from genome_ac_gan.metrics.privacy import (
    closest_record,
    copied_segments,
    copies,
    data_copying,
    membership_inference,
    nearest_neighbour_accuracy,
    rare_variants,
)
from genome_ac_gan.metrics.utility import augmentation, imputation, population_classifier
from genome_ac_gan.panel import HaplotypePanel

METRICS = {
    "allele-frequency": allele_frequency.METRIC,
    "site-frequency-spectrum": site_frequency_spectrum.METRIC,
    "population-differentiation": population_differentiation.METRIC,
    "pca-wasserstein": pca_wasserstein.METRIC,
    "ld-decay": ld_decay.METRIC,
    "three-point-correlation": three_point_correlation.METRIC,
    "haplotype-distances": haplotype_distances.METRIC,
    "haplotype-diversity": haplotype_diversity.METRIC,
    "shared-haplotypes": shared_haplotypes.METRIC,
    "manifold": manifold.METRIC,
    "detection": detection.METRIC,
    "class-faithfulness": class_faithfulness.METRIC,
    "population-classifier": population_classifier.METRIC,
    "augmentation": augmentation.METRIC,
    "imputation": imputation.METRIC,
    "nearest-neighbour-accuracy": nearest_neighbour_accuracy.METRIC,
    "copies": copies.METRIC,
    "closest-record": closest_record.METRIC,
    "copied-segments": copied_segments.METRIC,
    "membership-inference": membership_inference.METRIC,
    "rare-variants": rare_variants.METRIC,
    "data-copying": data_copying.METRIC,
}


def evaluate(
    comparison: Comparison, names: Iterable[str] | None = None, *, seed: int, repeats: int = DEFAULT_REPEATS
) -> Evaluation:
    """Judge the synthetic panel of a comparison.

    Parameters
    ----------
    names
        Metrics to run, all when None.
    seed
        Each metric has its own stream of random numbers under it: the choice
        of metrics changes no number.
    repeats
        Draws behind each interval, at least 1.

    Raises
    ------
    ConfigError
        When a metric is unknown or `repeats` is below 1.
    """
    return evaluate_metrics(chosen(METRICS, names, repeats), comparison, seed=seed, repeats=repeats)


def evaluate_with_anchors(
    comparison: Comparison,
    names: Iterable[str] | None = None,
    *,
    seed: int,
    repeats: int | None = None,
    fast: bool = False,
    name: str = "synthetic",
    others: Mapping[str, HaplotypePanel] | None = None,
    anchors: bool = True,
    on_progress: Progress = ignore,
) -> Evaluation:
    """Judge the synthetic panel beside its anchors; tables and curves get a column `source`.

    Parameters
    ----------
    names, seed, repeats
        As in `evaluate`, which gives the same numbers for `synthetic`.
    fast
        A quick look, not to be cited: every panel is first cut to at most 800
        haplotypes, and there are 3 repeats unless `repeats` says otherwise.
    name
        What the source of the synthetic panel is called.
    others
        More synthetic panels, judged against the same train and holdout; their
        names become sources. One without labels is judged pooled only.
    anchors
        False leaves them out: they are judged elsewhere, by `evaluate_anchors`, with
        the same numbers when the synthetic panel has train's counts.
    on_progress
        Called as `on_progress(done, total, source, metric)` before each metric,
        and at the end with empty names.

    Raises
    ------
    ConfigError
        Also when a synthetic panel has the name of an anchor or of another.
    """
    repeats = repeats_or_default(repeats, fast=fast)
    return evaluate_sources(
        chosen(METRICS, names, repeats), comparison, seed=seed, repeats=repeats, fast=fast,
        name=name, others=others or {}, with_anchors=anchors, on_progress=on_progress,
    )  # fmt: skip


def evaluate_anchors(
    train: HaplotypePanel,
    holdout: HaplotypePanel,
    names: Iterable[str] | None = None,
    *,
    seed: int,
    repeats: int | None = None,
    fast: bool = False,
    on_progress: Progress = ignore,
) -> Evaluation:
    """Judge the anchors alone, once for all the synthetic panels that will stand between them.

    Parameters
    ----------
    train, holdout
        The real panels; `independent` has as many rows as `train`.
    names, seed, repeats, fast, on_progress
        As in `evaluate_with_anchors`.
    """
    repeats = repeats_or_default(repeats, fast=fast)
    return evaluate_beside(
        chosen(METRICS, names, repeats), train, holdout, seed=seed, repeats=repeats, fast=fast,
        on_progress=on_progress,
    )  # fmt: skip


__all__ = [
    "DEFAULT_REPEATS",
    "METRICS",
    "POOLED",
    "SOURCES",
    "Comparison",
    "Design",
    "Evaluation",
    "Metric",
    "MetricResult",
    "Progress",
    "anchors",
    "evaluate",
    "evaluate_anchors",
    "evaluate_with_anchors",
    "ignore",
    "repeats_or_default",
]
