import numpy as np
import pandas as pd
import pytest

from genome_ac_gan.plots import PLOTS, Styles
from genome_ac_gan.plots.page import figure_json

STYLES = Styles.of(["all", "AFR", "EUR"], ["synthetic", "real", "train", "independent"])
EMPTY = pd.DataFrame()


def curve(readings, **columns):
    rows = [
        (source, reading, panel, distance, 0.1, 0.02, 500)
        for source in ("synthetic", "train", "real")
        for reading in readings
        for panel in ("holdout", "synthetic")
        for distance in (1e-3, 1.0, 10.0)
    ]
    names = ["source", "reading", "panel", "distance", "r2", "sem", "n_pairs"]
    return pd.DataFrame(rows, columns=names).assign(**columns)


def test_standard_errors_are_bars_on_the_lines():
    (drawn,) = PLOTS["ld-decay"](EMPTY, {"ld-decay": curve(["corrected"])}, STYLES)
    line, bars = drawn.facets[0].marks[:2]
    assert (line.kind, bars.kind) == ("line", "interval")
    assert line.name == bars.name == "Artificial genomes"
    assert bars.y_lower == pytest.approx(np.full(3, 0.08))
    assert bars.y_upper == pytest.approx(np.full(3, 0.12))
    (plain,) = PLOTS["ld-decay"](EMPTY, {"ld-decay": curve(["corrected"]).drop(columns="sem")}, STYLES)
    assert {mark.kind for mark in plain.facets[0].marks} == {"line"}


def test_genetic_distance_and_populations_have_figures_of_their_own():
    within = pd.concat([curve(["corrected"], population=name) for name in ("EUR", "AFR")])
    curves = {"ld-decay": curve(["corrected", "compat", "corrected_cm"]), "ld-decay-by-population": within}
    physical, genetic, populations = PLOTS["ld-decay"](EMPTY, curves, STYLES)
    assert len(physical.facets) == 2
    assert physical.x_label.endswith("(bp)")
    assert genetic.x_label.endswith("(cM)")
    assert len(genetic.facets) == 1
    assert [facet.title for facet in populations.facets] == ["AFR", "EUR"]
    assert len({chart.name for chart in (physical, genetic, populations)}) == 3


def test_three_point_correlation_is_drawn_by_gap():
    rows = [
        (source, population, statistic, value, value - 0.1, value + 0.05)
        for source, value in (("synthetic", 0.8), ("train", 0.9), ("independent", 0.1))
        for population in ("all", "EUR", "AFR")
        for statistic in ("gap_16", "gap_1", "random", "gap_4")
    ]
    table = pd.DataFrame(rows, columns=["source", "population", "statistic", "value", "lower", "upper"])
    (drawn,) = PLOTS["three-point-correlation"](table, {}, STYLES)
    assert drawn.log_x
    assert [facet.title for facet in drawn.facets] == ["All populations", "AFR", "EUR"]
    line, bars = drawn.facets[0].marks[:2]
    assert line.x.tolist() == [1, 4, 16]
    assert bars.y_lower == pytest.approx(np.full(3, 0.7))
    assert figure_json(drawn)
    assert PLOTS["three-point-correlation"](table[table.statistic == "random"], {}, STYLES) == []
