import numpy as np
import pandas as pd

from genome_ac_gan.plots import PLOTS, Styles

STYLES = Styles.of(["all", "AFR", "EUR"], ["synthetic", "gan", "real", "train", "independent"])


def records():
    rows = [
        (source, population, panel, share, 100 * share + 10 * (source == "gan") + (panel == "holdout"))
        for source in ("gan", "real", "synthetic", "train")
        for population in ("EUR", "all", "AFR")
        for panel in ("synthetic", "holdout")
        for share in (0.0, 0.5, 1.0)
    ]
    return pd.DataFrame(rows, columns=["source", "population", "panel", "share", "distance"])


def rates():
    rows = [
        (source, attack, fpr, min(1, fpr * times))
        for source, times in (("real", 1), ("train", 50), ("synthetic", 2))
        for attack in ("distance", "kernel", "new")
        for fpr in (0.001, 0.01, 1.0)
    ]
    return pd.DataFrame(rows, columns=["source", "attack", "fpr", "tpr"])


def test_records_are_lines_of_each_set_and_of_unseen_people():
    (drawn,) = PLOTS["closest-record"](pd.DataFrame(), {"closest-record": records()}, STYLES)
    assert [facet.title for facet in drawn.facets] == ["All populations", "AFR", "EUR"]
    names = [mark.name for mark in drawn.facets[1].marks]
    assert names == ["Artificial genomes", "gan", "Training haplotypes", "Real people (held out)"]
    assert drawn.facets[1].marks[1].x.tolist() == [10, 60, 110]
    assert drawn.facets[1].marks[-1].x.tolist() == [1, 51, 101]  # of the first set, not of a half
    assert drawn.facets[1].marks[0].y.tolist() == [0, 0.5, 1]


def test_each_attack_has_a_facet_with_the_line_of_guessing():
    (drawn,) = PLOTS["membership-inference"](pd.DataFrame(), {"membership-inference": rates()}, STYLES)
    assert [facet.title for facet in drawn.facets] == [
        "Distance to an artificial genome", "Density of haplotypes (DOMIAS)", "new",
    ]  # fmt: skip
    marks = {mark.name: mark for mark in drawn.facets[0].marks}
    assert marks["Training haplotypes"].y.tolist() == [0.05, 0.5, 1]
    assert np.array_equal(marks["Guessing"].x, marks["Guessing"].y)
    assert drawn.log_x


def test_without_curves_nothing_is_drawn():
    for name, columns in (
        ("closest-record", ["source", "population"]),
        ("membership-inference", ["source", "attack"]),
    ):
        assert PLOTS[name](pd.DataFrame(), {}, STYLES) == []
        assert PLOTS[name](pd.DataFrame(), {name: pd.DataFrame(columns=columns)}, STYLES) == []
