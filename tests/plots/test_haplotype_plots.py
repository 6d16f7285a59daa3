import numpy as np
import pandas as pd
import pytest

from genome_ac_gan.plots import Styles
from genome_ac_gan.plots.haplotypes import copied_segments, haplotype_diversity, shared_haplotypes
from genome_ac_gan.plots.palette import REAL, source_name

SOURCES = ["synthetic", "gan", "train", "real"]
STYLES = Styles.of(["all", "AFR"], SOURCES)
NOTHING = pd.DataFrame()


def lengths(units=("bp", "cm")):
    return pd.DataFrame([
        (source, unit, population, panel, length, share)
        for source in SOURCES
        for unit in units
        for population in ("AFR", "all")
        for panel in ("holdout", "synthetic")
        for length, share in ((0.0, 1.0), (10.0, 0.5), (30.0 + len(source), 0.0))
    ], columns=["source", "unit", "population", "panel", "length", "share"])  # fmt: skip


@pytest.mark.parametrize(("plot", "name"), [
    (copied_segments, "copied-segments"), (shared_haplotypes, "shared-haplotypes"),
])  # fmt: skip
def test_lengths_have_a_chart_a_unit_and_a_facet_a_population(plot, name):
    charts = plot(NOTHING, {name: lengths()}, STYLES)
    assert [chart.name for chart in charts] == [name, f"{name}-cm"]
    assert [chart.x_label for chart in charts] == ["Length (bp)", "Length (cM)"]
    for chart in charts:
        assert [facet.title for facet in chart.facets] == ["All populations", "AFR"]
    assert len(plot(NOTHING, {name: lengths(("bp",))}, STYLES)) == 1
    assert plot(NOTHING, {}, STYLES) == []


def test_each_set_has_a_line_and_the_first_sets_holdout_that_of_real_people():
    (chart, _) = copied_segments(NOTHING, {"copied-segments": lengths()}, STYLES)
    marks = chart.facets[0].marks
    assert [mark.name for mark in marks] == [
        *(source_name(name) for name in ("synthetic", "gan", "train")), REAL,
    ]  # fmt: skip
    assert [mark.x.tolist() for mark in marks] == [[10, 39], [10, 33], [10, 35], [10, 39]]  # without 0


def homozygosity(contigs, positions):
    return pd.DataFrame([
        (source, contig, position, population, panel, h12 + 0.1 * (panel == "holdout"))
        for source in SOURCES
        for population in ("AFR", "all")
        for panel in ("holdout", "synthetic")
        for contig, position, h12 in zip(contigs, positions, np.linspace(0, 0.9, len(contigs)), strict=True)
    ], columns=["source", "contig", "position", "population", "panel", "h12"])  # fmt: skip


def test_homozygosity_runs_along_each_contig_and_is_held_against_real_people():
    curve = homozygosity(["1", "1", "1", "2", "2", "2"], [1e6, 2e6, 4e6, 1e6, 3e6, 5e6])
    along, windows = haplotype_diversity(NOTHING, {"haplotype-diversity": curve}, STYLES)
    assert [facet.title for facet in along.facets] == ["Contig 1", "Contig 2"]
    assert along.facets[1].marks[0].x.tolist() == [1, 3, 5]
    assert len(along.facets[0].marks) == 4
    assert [facet.title for facet in windows.facets] == ["All populations", "AFR"]
    assert [mark.name for mark in windows.facets[0].marks] == [source_name("synthetic"), "gan"]
    (points, _) = windows.facets[0].marks
    assert points.x == pytest.approx(points.y + 0.1)


def test_contigs_of_a_window_or_two_have_no_frame():
    contigs = ["1", "2", "2", "2", "3", "3"]
    curve = homozygosity(contigs, [1e6, 1e6, 2e6, 3e6, 1e6, 2e6])
    along, _ = haplotype_diversity(NOTHING, {"haplotype-diversity": curve}, STYLES)
    assert [facet.title for facet in along.facets] == ["Contig 2"]
    few = curve[curve["contig"] != "2"]
    (windows,) = haplotype_diversity(NOTHING, {"haplotype-diversity": few}, STYLES)
    assert windows.name == "haplotype-diversity-windows"
    assert len(windows.facets[0].marks[0].x) == 3


def test_without_a_curve_or_a_set_of_artificial_genomes_less_is_drawn():
    assert haplotype_diversity(NOTHING, {}, STYLES) == []
    curve = homozygosity(["1"] * 3, [1e6, 2e6, 3e6]).query("source == 'train'")
    (along,) = haplotype_diversity(NOTHING, {"haplotype-diversity": curve}, STYLES)
    assert along.name == "haplotype-diversity"
    table = pd.DataFrame([{
        "metric": "haplotype-diversity", "source": "train", "population": "all", "statistic": "h12_rmse",
        "value": 0.1, "lower": 0.1, "upper": 0.2, "ideal": 0.0,
    }])  # fmt: skip
    (dots,) = haplotype_diversity(table, {"haplotype-diversity": curve[:1]}, STYLES)
    assert dots.name == "haplotype-diversity-values"
