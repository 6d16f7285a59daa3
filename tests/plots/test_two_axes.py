"""Charts with intervals and reference lines along both axes."""

import json
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from genome_ac_gan.plots.chart import Chart, Facet, Mark, Style, limits
from genome_ac_gan.plots.page import draw, figure_json, heights
from genome_ac_gan.plots.static import draw as draw_static
from genome_ac_gan.plots.static import save_chart

MARK = Mark(
    name="gan", x=np.array([0.7]), y=np.array([0.6]), kind="interval", style=Style(colour="#123456"),
    lower=np.array([0.6]), upper=np.array([0.9]), y_lower=np.array([0.55]), y_upper=np.array([0.8]),
)  # fmt: skip


def chart(**changes):
    parts = {
        "name": "plane", "title": "Plane", "caption": "A caption.", "x_label": "x", "y_label": "y",
        "facets": [Facet(title="", marks=[MARK], lines=[0.5], levels=[0.5])],
    }  # fmt: skip
    return Chart(**{**parts, **changes})


def test_the_page_draws_both_bars_and_both_lines():
    figure = json.loads(figure_json(chart()))
    (trace,) = figure["data"]
    bars = {name: (trace[name]["array"], trace[name]["arrayminus"]) for name in ("error_x", "error_y")}
    assert bars["error_x"] == (pytest.approx([0.2]), pytest.approx([0.1]))
    assert bars["error_y"] == (pytest.approx([0.2]), pytest.approx([0.05]))
    upright, level = figure["wide"]["shapes"]
    assert (upright["x0"], upright["x1"], upright["y0"], upright["y1"]) == (0.5, 0.5, 0, 1)
    assert (level["x0"], level["x1"], level["y0"], level["y1"]) == (0, 1, 0.5, 0.5)


def test_the_file_holds_both_bars_and_both_lines(tmp_path):
    (axes,) = draw_static(chart()).axes
    across, up = (np.array(bars.get_segments()[0]) for bars in axes.collections)
    assert across.tolist() == [[0.6, 0.6], [0.9, 0.6]]
    assert up.tolist() == [[0.7, 0.55], [0.7, 0.8]]
    assert ElementTree.parse(save_chart(chart(), tmp_path, [".svg"])[0]).getroot() is not None


def test_ranges_cover_bars_and_reference_lines():
    one = chart()
    low, high = limits(one, one.facets[0], "x")
    assert low < 0.5
    assert high > 0.9
    low, high = limits(one, one.facets[0], "y")
    assert low < 0.5
    assert high > 0.8


def test_long_names_of_axes_are_broken_into_lines_on_a_phone():
    long = chart(x_label="Fidelity: how well a classifier tells artificial genomes from real people")
    figure = json.loads(figure_json(long))
    assert "<br>" not in figure["wide"]["xaxis"]["title"]["text"]
    assert "<br>" in figure["narrow"]["xaxis"]["title"]["text"]
    assert heights(long) == (figure["wide"]["height"], figure["narrow"]["height"])
    assert heights(long)[1] > heights(chart())[1]
    assert draw(chart()).layout.height == heights(chart())[0]
