import pandas as pd
import pytest

from genome_ac_gan.plots import Styles
from genome_ac_gan.plots.imputation import imputation
from genome_ac_gan.plots.palette import source_name

SOURCES = ["synthetic", "gan", "train", "real", "independent"]
STYLES = Styles.of(["all"], SOURCES)
COLUMNS = ["source", "panel", "maf", "r2", "n_variants"]


@pytest.fixture
def curve():
    return pd.DataFrame([
        (source, panel, maf, 0.1 * level + 0.01 * place, 5)
        for level, source in enumerate(SOURCES)
        for place, panel in enumerate(("synthetic", "train", "both"))
        for maf in (0.2, 0.004)
    ], columns=COLUMNS)  # fmt: skip


def test_both_kinds_of_panels_have_a_facet_and_each_set_a_line_beside_the_training_panel(curve):
    (chart,) = imputation(pd.DataFrame(), {"imputation": curve}, STYLES)
    names = [source_name(source) for source in ("synthetic", "gan", "independent", "train")]
    assert [[mark.name for mark in facet.marks] for facet in chart.facets] == [names, names]
    alone, both = ([mark.y[0] for mark in facet.marks] for facet in chart.facets)
    assert alone == pytest.approx([0, 0.1, 0.4, 0.01])
    assert both == pytest.approx([0.02, 0.12, 0.42, 0.01])
    assert list(chart.facets[0].marks[0].x) == [0.004, 0.2]
    assert chart.log_x


def test_without_a_variant_there_is_no_chart():
    assert imputation(pd.DataFrame(), {"imputation": pd.DataFrame(columns=COLUMNS)}, STYLES) == []
    assert imputation(pd.DataFrame(), {}, STYLES) == []
