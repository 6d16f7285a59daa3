"""Figures of distances and of classifiers, from curves with one thing known about each."""

import numpy as np
import pandas as pd
import pytest

from genome_ac_gan.metrics import METRICS
from genome_ac_gan.plots import Styles
from genome_ac_gan.plots.classifiers import accuracies, detection
from genome_ac_gan.plots.distances import distances
from genome_ac_gan.plots.palette import REAL, source_name
from genome_ac_gan.plots.static import save_chart

SOURCES = ("synthetic", "gan", "train", "real", "independent")
STYLES = Styles.of(["all", "AFR", "EUR"], SOURCES)


def distance_curve(populations=("all", "AFR", "EUR")):
    rows = [
        (source, population, pairs, distance, density + SOURCES.index(source))
        for source in SOURCES
        for population in populations
        for pairs in ("holdout", "synthetic", "between")
        for distance, density in ((20.0, 0.2), (10.0, 0.1))
    ]
    return pd.DataFrame(rows, columns=["source", "population", "pairs", "distance", "density"])


def operating_curve(statistics=("auc", "auc_linear")):
    rows = [
        (source, statistic, false, false**0.5)
        for source in SOURCES
        for statistic in statistics
        for false in (0, 0.5, 1)
    ]
    return pd.DataFrame(rows, columns=["source", "statistic", "false", "true"])


def values(metric, statistics):
    rows = [
        (metric, source, population, statistic, 0.8, 0.7, 0.9, 1.0)
        for source in SOURCES
        for population in ("all", "AFR")
        for statistic in statistics
    ]
    columns = ["metric", "source", "population", "statistic", "value", "lower", "upper", "ideal"]
    return pd.DataFrame(rows, columns=columns)


def test_distances_of_every_set_stand_beside_those_of_one_set_of_real_people():
    pooled, by_population = distances(pd.DataFrame(), {"haplotype-distances": distance_curve()}, STYLES)
    assert [facet.title for facet in by_population.facets] == ["AFR", "EUR"]
    for facet in pooled.facets:
        names = [mark.name for mark in facet.marks]
        assert names == [*(source_name(name) for name in ("synthetic", "gan", "train", "independent")), REAL]
        assert facet.marks[-1].y.tolist() == [0.1, 0.2]  # of the first set, in order of distance
    assert [mark.name for mark in by_population.facets[0].marks] == [
        source_name("synthetic"), source_name("gan"), REAL,
    ]  # fmt: skip


def test_sets_without_labels_have_no_figure_by_population():
    (pooled,) = distances(pd.DataFrame(), {"haplotype-distances": distance_curve(["all"])}, STYLES)
    assert len(pooled.facets) == 2
    assert distances(pd.DataFrame(), {}, STYLES) == []


def test_the_operating_curve_has_a_facet_for_each_kernel_and_a_line_for_each_source():
    areas, curve = detection(
        values("detection", ["auc", "auc_linear"]), {"detection": operating_curve()}, STYLES
    )
    assert areas.categories == ["all", "AFR"]
    assert [len(facet.marks) for facet in curve.facets] == [5, 5]
    assert curve.facets[0].marks[0].y == pytest.approx(np.sqrt([0, 0.5, 1]))
    assert curve.diagonal


def test_without_a_curve_the_areas_remain():
    charts = detection(values("detection", ["auc"]), {}, STYLES)
    assert [len(chart.facets) for chart in charts] == [1]
    empty = operating_curve().iloc[:0]
    assert len(detection(values("detection", ["auc"]), {"detection": empty}, STYLES)) == 1


@pytest.mark.parametrize("metric", ["class-faithfulness", "population-classifier", "augmentation"])
def test_accuracies_begin_with_the_headline_and_are_of_the_metric(metric):
    registered = METRICS[metric]
    (chart,) = accuracies(values(metric, registered.statistics), {}, STYLES)
    assert len(chart.facets) in (3, 6)
    only = values(metric, [registered.headline])
    (small,) = accuracies(only, {}, STYLES)
    assert small.facets[0].title == chart.facets[0].title
    assert accuracies(values("something-else", ["x"]), {}, STYLES) == []
    assert accuracies(only.iloc[:0], {}, STYLES) == []


def test_the_figures_can_be_saved(tmp_path):
    charts = distances(pd.DataFrame(), {"haplotype-distances": distance_curve()}, STYLES)
    charts += detection(values("detection", ["auc"]), {"detection": operating_curve()}, STYLES)
    assert len({chart.name for chart in charts}) == len(charts)
    for chart in charts:
        save_chart(chart, tmp_path)
        assert (tmp_path / f"{chart.name}.png").stat().st_size > 1000
