"""Figures of frequencies: by range, differences between populations, F_ST and spectra."""

import numpy as np
import pandas as pd
import pytest

from genome_ac_gan.metrics import evaluate_with_anchors
from genome_ac_gan.metrics.base import Comparison
from genome_ac_gan.panel import HaplotypePanel, VariantTable
from genome_ac_gan.plots import PLOTS, Styles, save_chart
from genome_ac_gan.plots.page import figure_json

STYLES = Styles.of(["all", "AFR", "EUR"], ["synthetic", "gan", "real", "train", "independent"])
NO_TABLE = pd.DataFrame(columns=["source", "population", "statistic", "value"])


def ranges_curve(ranges=("all", "high", "low")):
    rows = [
        (source, name, x, x / 2)
        for source in ("synthetic", "gan", "train", "real", "independent")
        for name in ranges
        for x in (0.1, 0.9)
    ]
    return pd.DataFrame(rows, columns=["source", "variants", "holdout", "synthetic"])


def test_ranges_have_a_row_for_each_range_and_a_column_for_each_set_and_train():
    rows = [("gan", "all", "r_high", 0.75), ("gan", "all", "mae_high", 0.1), ("gan", "AFR", "r_high", 0.1)]
    table = pd.DataFrame(rows, columns=NO_TABLE.columns)
    (drawn,) = PLOTS["allele-frequency"](table, {"allele-frequency-ranges": ranges_curve()}, STYLES)
    assert (drawn.columns, drawn.n_rows) == (3, 3)
    assert [facet.title for facet in drawn.facets[:4]] == [
        "gan: all variants" if name == "gan" else f"{name}: all variants"
        for name in ("Artificial genomes", "gan", "Training haplotypes")
    ] + ["Artificial genomes: AF ≥ .8"]
    assert drawn.facets[4].note == "r = 0.750, MAE = 0.100"
    assert drawn.facets[1].note == ""
    assert not drawn.has_legend
    without = PLOTS["allele-frequency"](
        table, {"allele-frequency-ranges": ranges_curve(("all", "low"))}, STYLES
    )
    assert without[0].n_rows == 2


def pairs_curve():
    rows = [
        (source, first, second, 0.9, 0.1, value, 0.11, value + 0.01)
        for source, value in (("synthetic", 0.12), ("train", 0.1), ("real", 0.3))
        for first, second in (("AFR", "AMR"), ("AFR", "EUR"))
    ]
    return pd.DataFrame(rows, columns=[
        "source", "first", "second", "delta_r", "hudson_holdout", "hudson_synthetic", "weir_cockerham_holdout",
        "weir_cockerham_synthetic",
    ])  # fmt: skip


def test_differences_have_a_facet_for_each_pair_and_fst_a_point():
    deltas = pd.DataFrame(
        [("synthetic", a, b, x, x / 3) for a, b in (("AMR", "AFR"), ("AFR", "EUR")) for x in (-0.3, 0.3)],
        columns=["source", "first", "second", "holdout", "synthetic"],
    )
    curves = {"population-differentiation": pairs_curve(), "population-differences": deltas}
    differences, fst = PLOTS["population-differentiation"](NO_TABLE, curves, STYLES)
    assert [facet.title for facet in differences.facets] == ["AMR − AFR", "AFR − EUR"]
    assert differences.facets[0].note == "r = 0.900"
    assert differences.facets[0].marks[0].y.tolist() == pytest.approx([-0.1, 0.1])
    assert [facet.title for facet in fst.facets] == ["Hudson", "Weir and Cockerham"]
    assert [mark.name for mark in fst.facets[0].marks] == ["Training haplotypes", "Artificial genomes"]
    assert fst.facets[1].marks[1].y.tolist() == pytest.approx([0.13, 0.13])
    assert "AFR and EUR" in fst.facets[0].marks[1].labels[1]
    assert PLOTS["population-differentiation"](NO_TABLE, {}, STYLES) == []
    none = {"population-differentiation": pairs_curve().iloc[:0]}
    assert PLOTS["population-differentiation"](NO_TABLE, none, STYLES) == []


def test_spectra_are_lines_of_sources_at_the_number_of_chromosomes_of_the_first_set():
    rows = [
        (source, population, panel, count, 1 / (count + 1), 4 if source == "gan" else 6)
        for source in ("synthetic", "gan", "real", "train")
        for population in ("AFR", "all")
        for panel in ("holdout", "synthetic")
        for count in range(4)
    ]
    curve = pd.DataFrame(rows, columns=["source", "population", "panel", "minor_count", "share", "n"])
    (drawn,) = PLOTS["site-frequency-spectrum"](NO_TABLE, {"site-frequency-spectrum": curve}, STYLES)
    assert [facet.title for facet in drawn.facets] == ["All populations", "AFR"]
    assert drawn.log_x
    names = [mark.name for mark in drawn.facets[1].marks]
    assert names == ["Artificial genomes", "Training haplotypes", "Real people (held out)"]
    assert drawn.facets[1].marks[0].x.tolist() == [1, 2, 3]
    assert drawn.facets[1].note == "n = 6"
    assert PLOTS["site-frequency-spectrum"](NO_TABLE, {}, STYLES) == []


def test_figures_are_drawn_from_what_the_metrics_return(tmp_path):
    rng = np.random.default_rng(0)
    n, names = 60, np.repeat(["AFR", "EUR"], 30)
    place = np.arange(1, n + 1)
    variants = VariantTable(contig=np.full(n, "1"), position=place, ref=np.full(n, "A"), alt=np.full(n, "C"))
    panels = {
        name: HaplotypePanel(
            haplotypes=(rng.random((60, n)) < 0.3).astype(np.uint8), labels={"pop": names}, label="pop",
            sample_id=np.array([f"{name}{index}" for index in range(60)]), variants=variants,
        )
        for name in ("train", "holdout", "synthetic")
    }  # fmt: skip
    metrics = ("allele-frequency", "population-differentiation", "site-frequency-spectrum")
    outcome = evaluate_with_anchors(Comparison(**panels), metrics, seed=1, repeats=2)
    drawn = [
        chart
        for metric in metrics
        for chart in PLOTS[metric](outcome.table[outcome.table.metric == metric], outcome.curves, STYLES)
    ]
    assert [chart.name for chart in drawn] == [
        "allele-frequency", "allele-frequency-ranges", "population-differences", "population-fst",
        "site-frequency-spectrum",
    ]  # fmt: skip
    for chart in drawn:
        assert figure_json(chart)
        (path,) = save_chart(chart, tmp_path, [".svg"])
        assert path.stat().st_size
