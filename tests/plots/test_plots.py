import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest

from genome_ac_gan.metrics import METRICS
from genome_ac_gan.plots import PLOTS, Chart, Facet, Mark, Style, Styles, dots, save_chart, training
from genome_ac_gan.plots.chart import extent, rows_of
from genome_ac_gan.plots.page import MAX_POINTS, draw, figure_json
from genome_ac_gan.plots.palette import COLOURS, ordered_sources, population_styles, source_styles
from genome_ac_gan.plots.static import draw as draw_static


def chart(**changes):
    marks = [
        Mark(
            name=name, x=np.array([1.0, 2, 3]), y=np.array([2.0, 1, 0]), kind=kind, style=Style(colour=colour)
        )
        for name, kind, colour in (("A", "points", "#111111"), ("B", "line", "#222222"))
    ]
    facets = [
        Facet(title="left", marks=marks),
        Facet(title="right", marks=marks[:1], note="r = 1", lines=[2.0]),
    ]
    parts = {"name": "c", "title": "C", "caption": "A caption.", "x_label": "x", "y_label": "y", "columns": 2}
    return Chart(**{**parts, "facets": facets, **changes})


def table(statistics=("r",)):
    rows = [
        ("m", source, population, statistic, value, value - 0.1, value + 0.1, 1.0)
        for source, value in (("synthetic", 0.8), ("real", 0.9))
        for population in ("all", "AFR", "EUR")
        for statistic in statistics
    ]
    return pd.DataFrame(
        rows, columns=["metric", "source", "population", "statistic", "value", "lower", "upper", "ideal"]
    )


STYLES = Styles.of(["all", "AFR", "EUR"], ["synthetic", "real", "train", "independent"])


def test_every_plot_is_of_a_registered_metric():
    assert set(PLOTS) <= set(METRICS)


def test_each_population_has_its_own_look_up_to_32():
    styles = population_styles([f"P{index:02d}" for index in range(32)])
    assert len({(style.colour, style.symbol) for style in styles.values()}) == 32
    assert [styles[f"P{index:02d}"].colour for index in range(8)] == list(COLOURS)
    assert population_styles(["B", "A", "all"]) == population_styles(["A", "all", "B", "B"])


def test_two_dozen_sets_are_told_apart():
    styles = source_styles([f"set{index}" for index in range(24)])
    assert len({(style.colour, style.symbol) for style in styles.values()}) == 24


def test_sources_come_in_reading_order_and_sets_have_free_colours():
    assert ordered_sources(["train", "gan", "independent", "real", "synthetic"]) == [
        "synthetic", "gan", "real", "train", "independent",
    ]  # fmt: skip
    styles = source_styles(["synthetic", "rbm", "gan", "real", "train"])
    assert len({style.colour for style in styles.values()}) == 5


def test_the_extent_covers_bars_and_leaves_a_margin():
    mark = Mark(name="m", x=np.array([2.0]), y=np.array([0.0]), kind="interval", style=Style(colour="#000000"),
                lower=np.array([1.0]), upper=np.array([np.nan]))  # fmt: skip
    assert extent([mark], "x") == pytest.approx((0.96, 2.04))
    assert extent([mark], "y") == (-0.5, 0.5)
    assert extent([], "x") == (0.0, 1.0)
    wide = Mark(
        name="m", x=np.array([0.0, 1, 100]), y=np.zeros(3), kind="line", style=Style(colour="#000000")
    )
    assert extent([wide], "x", log=True) == pytest.approx((10**-0.08, 10**2.08))


def test_series_of_one_row_do_not_hide_each_other():
    drawn = dots(table(), STYLES)
    places = [rows_of(drawn, mark) for mark in drawn.facets[0].marks]
    assert drawn.categories == ["all", "AFR", "EUR"]
    assert len(np.unique(np.concatenate(places))) == 6
    assert all(np.abs(place - [0, 1, 2]).max() < 0.5 for place in places)


def test_the_dot_plot_takes_any_table():
    drawn = dots(table(("r", "some_other")), STYLES)
    assert [facet.title for facet in drawn.facets] == ["r", "some other"]
    assert [facet.lines for facet in drawn.facets] == [[1.0], [1.0]]
    assert drawn.facets[0].marks[0].x.tolist() == [0.8, 0.8, 0.8]
    chosen = dots(table(("r", "some_other")), STYLES, statistics={"some_other": "words", "absent": "none"})
    assert [facet.title for facet in chosen.facets] == ["words"]
    assert dots(table().assign(value=np.nan), STYLES) is None


def frequency_curve():
    rows = [
        (source, population, x, x / 2) for source in ("synthetic", "train", "gan")
        for population in ("all", "EUR", "AFR") for x in (0.0, 0.5, 1.0)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["source", "population", "holdout", "synthetic"])


def test_frequencies_are_drawn_for_sets_not_anchors_with_r_in_the_frame():
    drawn = PLOTS["allele-frequency"](table(), {"allele-frequency": frequency_curve()}, STYLES)
    assert [one.name for one in drawn] == ["allele-frequency", "allele-frequency-gan"]
    assert [facet.title for facet in drawn[0].facets] == ["All populations", "AFR", "EUR"]
    assert drawn[0].facets[1].note == "r = 0.800"
    assert drawn[1].facets[1].note == ""
    assert drawn[0].facets[1].marks[0].y.tolist() == [0, 0.25, 0.5]
    assert not drawn[0].has_legend


def components_curve(label="AFR"):
    rows = [
        (source, panel, population, 0.0, 1.0)
        for source in ("synthetic", "real", "train")
        for panel, population in (("holdout", "AFR"), ("holdout", "EUR"), ("synthetic", label))
    ]
    return pd.DataFrame(rows, columns=["source", "panel", "population", "pc1", "pc2"])


def test_components_show_real_beside_artificial_and_by_population():
    both, each = PLOTS["pca-wasserstein"](table(), {"principal-components": components_curve()}, STYLES)
    assert [facet.title for facet in both.facets] == ["Real people (held out)", "Artificial genomes"]
    assert [mark.name for mark in both.facets[0].marks] == ["AFR", "EUR"]
    assert both.facets[0].marks[0].style == STYLES.population("AFR")
    assert [facet.title for facet in each.facets] == ["AFR"]
    unlabelled = components_curve("unlabelled")
    assert len(PLOTS["pca-wasserstein"](table(), {"principal-components": unlabelled}, STYLES)) == 1
    assert PLOTS["pca-wasserstein"](table(), {}, STYLES) == []
    costs = PLOTS["pca-wasserstein"](table(["compat"]), {"principal-components": unlabelled}, STYLES)[-1]
    assert costs.name == "pca-distance"
    assert costs.categories == ["all"]


def test_linkage_has_a_line_for_each_panel_and_leaves_out_thin_bins():
    rows = [
        (source, reading, panel, distance, 0.1, n_pairs)
        for source in ("synthetic", "train", "real")
        for reading in ("compat", "corrected")
        for panel in ("holdout", "synthetic")
        for distance, n_pairs in ((10.0, 3), (100.0, 50), (1000.0, 500))
    ]
    curve = pd.DataFrame(rows, columns=["source", "reading", "panel", "distance", "r2", "n_pairs"])
    (drawn,) = PLOTS["ld-decay"](table(), {"ld-decay": curve}, STYLES)
    assert drawn.log_x
    assert len(drawn.facets) == 2
    assert drawn.facets[0].title.startswith("Variants common")
    names = [mark.name for mark in drawn.facets[0].marks]
    assert names == ["Artificial genomes", "Training haplotypes", "Real people (held out)"]
    assert drawn.facets[0].marks[0].x.tolist() == [100, 1000]
    few = curve[curve["n_pairs"] == 3]
    assert PLOTS["ld-decay"](table(), {"ld-decay": few}, STYLES)[0].facets[0].marks[0].x.tolist() == [10]


def test_training_curves_mark_the_last_best_checkpoint():
    log = pd.DataFrame(
        [(1, "generator_class", 2.0, False), (2, "held-out score", 1.0, True), (3, "held-out score", 0.9, True),
         (4, "held-out score", 1.1, False), (4, "accuracy_real", 0.5, False)],
        columns=["step", "curve", "value", "best"],
    )  # fmt: skip
    score, losses = training(log)
    assert score.facets[0].lines == [3.0]
    assert "update 3" in score.caption
    assert [facet.title for facet in losses.facets] == ["Losses", "Accuracy on populations"]
    assert len({mark.style for facet in losses.facets for mark in facet.marks}) == 2
    assert training(log.iloc[:0]) == []


def test_page_figures_have_two_layouts_and_equal_text():
    assert figure_json(chart()) == figure_json(chart())
    figure = draw(chart())
    assert figure.layout.xaxis.domain[1] < figure.layout.xaxis2.domain[0]
    assert [trace.showlegend for trace in figure.data] == [True, True, False]
    narrow = draw(chart(columns=1))
    assert narrow.layout.xaxis2.domain == (0, 1)
    assert narrow.layout.yaxis.domain[0] > narrow.layout.yaxis2.domain[1]


def test_long_series_are_thinned_on_the_page_only():
    n = MAX_POINTS * 2 + 1
    long = Mark(name="A", x=np.arange(n), y=np.arange(n), kind="points", style=Style(colour="#000000"))
    assert len(draw(chart(facets=[Facet(title="", marks=[long])])).data[0].x) == n // 3 + 1


@pytest.mark.parametrize(
    "changes", [{}, {"log_x": True}, {"diagonal": True, "square": True, "shared": False}]
)
def test_files_have_the_same_bytes_when_made_again(tmp_path, changes):
    (tmp_path / "again").mkdir()
    first, second = (save_chart(chart(**changes), folder) for folder in (tmp_path, tmp_path / "again"))
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
    svg = ElementTree.parse(first[2]).getroot()
    words = {text.strip() for element in svg.iter() for text in element.itertext() if text.strip()}
    assert {"left", "right", "r = 1", "x", "y", "A", "B"} <= words


def test_the_users_matplotlib_settings_do_not_matter(tmp_path, monkeypatch):
    (before,) = save_chart(chart(), tmp_path, [".svg"])
    text = before.read_bytes()
    matplotlib = pytest.importorskip("matplotlib")
    monkeypatch.setitem(matplotlib.rcParams, "font.size", 30.0)
    monkeypatch.setitem(matplotlib.rcParams, "axes.grid", False)
    assert save_chart(chart(), tmp_path, [".svg"])[0].read_bytes() == text
    assert matplotlib.rcParams["font.size"] == 30.0


def test_figures_need_no_display_and_no_writable_home(tmp_path):
    code = (
        "import numpy as np; from pathlib import Path\n"
        "from genome_ac_gan.plots import Chart, Facet, Mark, Style, save_chart\n"
        "mark = Mark(name='A', x=np.arange(3), y=np.arange(3), kind='line', style=Style(colour='#000000'))\n"
        "parts = dict(name='c', title='', caption='', x_label='', y_label='', facets=[Facet(title='', marks=[mark])])\n"
        f"save_chart(Chart(**parts), Path({str(tmp_path)!r}))\n"
    )
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "MPLCONFIGDIR")}
    environment |= {
        "HOME": "/dev/null",
        "XDG_CONFIG_HOME": "",
        "XDG_CACHE_HOME": "",
        "LC_ALL": "C",
        "MPLBACKEND": "tkagg",
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.suffix for path in tmp_path.iterdir()} == {".png", ".pdf", ".svg"}


def test_a_legend_of_many_names_leaves_the_figure_its_room():
    marks = [
        Mark(name=f"P{index:02}", x=np.arange(3.0), y=np.arange(3.0), kind="points", style=Style(colour="#000000"))
        for index in range(26)
    ]  # fmt: skip
    figure = draw_static(chart(facets=[Facet(title=side, marks=marks) for side in ("real", "artificial")]))
    assert all(ax.get_position().height * figure.get_figheight() > 1.8 for ax in figure.axes)


def test_a_legend_takes_as_many_lines_as_its_names_fill():
    names = [*(f"P{index:02}" for index in range(10)), "one name that is much longer than the others"]
    marks = [Mark(name=name, x=np.arange(3.0), y=np.arange(3.0), kind="points", style=Style(colour="#000000"))
             for name in names]  # fmt: skip
    below = [draw(chart(facets=[Facet(title="", marks=marks[:n])]), 900).layout.margin.b for n in (2, 10, 11)]
    assert below[0] == below[1] == below[2] - 22  # 690 of 830 pixels, then 1,046


def test_a_likelihood_in_nats_does_not_flatten_the_losses_of_a_game():
    rows = [(1, "negative_log_likelihood", 200.0, False), (2, "generator_validity", 0.7, False)]
    log = pd.DataFrame(rows, columns=["step", "curve", "value", "best"])
    (chart,) = training(log)
    names = [[mark.name for mark in facet.marks] for facet in chart.facets]
    assert names == [["negative log likelihood"], ["generator validity"]]
