"""Boxes lie where their five numbers are, in rows that have names."""

import numpy as np
import pytest

from genome_ac_gan.plots import Chart, Facet, Mark, Style, boxes
from genome_ac_gan.plots.chart import extent, rows_of
from genome_ac_gan.plots.page import draw as draw_on_page
from genome_ac_gan.plots.page import figure_json
from genome_ac_gan.plots.static import draw

STYLE = Style(colour="#0072B2")
FIVES = [[0.1, 0.3, 0.4, 0.6, 0.9], [0.2, 0.2, 0.2, 0.2, 0.2]]


@pytest.fixture
def chart():
    mark = boxes("all", [0.0, 1.2], FIVES, STYLE, height=0.4)
    point = Mark(name="named", x=np.array([0.5]), y=np.array(["second"]), kind="points", style=STYLE)
    return Chart(name="boxes", title="", caption="", x_label="x", y_label="", categories=["first", "second"],
                 facets=[Facet(title="", marks=[mark, point])])  # fmt: skip


def strokes(mark):
    """Return the x and y of each stroke of a line that is broken by NaN."""
    ends = np.flatnonzero(np.isnan(mark.x))
    parts = zip(np.split(mark.x, ends), np.split(mark.y, ends), strict=True)
    return [(x[np.isfinite(x)], y[np.isfinite(y)]) for x, y in parts]


def test_a_box_has_whiskers_a_rectangle_and_a_median(chart):
    whisker, rectangle, median, other = strokes(chart.facets[0].marks[0])[:4]
    assert [part.tolist() for part in whisker] == [[0.1, 0.3], [0, 0]]
    assert (set(rectangle[0]), set(rectangle[1])) == ({0.3, 0.6}, {-0.2, 0.2})
    assert [part.tolist() for part in median] == [[0.4, 0.4], [-0.2, 0.2]]
    assert [part.tolist() for part in other] == [[0.6, 0.9], [0, 0]]
    assert extent(chart.facets[0].marks, "x") == pytest.approx((0.1 - 0.032, 0.9 + 0.032))


def test_numbers_are_rows_and_names_stand_between_their_series(chart):
    box, point = chart.facets[0].marks
    assert np.nanmax(rows_of(chart, box)) == pytest.approx(1.4)
    assert rows_of(chart, point).tolist() == pytest.approx([1.1])


def test_both_renderers_draw_them(chart):
    figure = draw_on_page(chart)
    assert figure.data[0].x[2] is None
    assert list(figure.layout.yaxis.ticktext) == ["first", "second"]
    (line,) = draw(chart).axes[0].lines
    assert np.isnan(line.get_xdata()[2])
    assert figure_json(chart) == figure_json(chart)


def test_no_boxes_are_an_empty_mark():
    assert len(boxes("none", [], [], STYLE).x) == 0
