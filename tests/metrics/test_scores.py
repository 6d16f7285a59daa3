import numpy as np
import pytest

from genome_ac_gan.metrics.scores import summarised


def test_the_value_is_the_plain_mean_and_the_interval_moves_with_it():
    plain = [{("all", "x"): 0.4}, {("all", "x"): 0.6}]
    weighted = [{("all", "x"): value} for value in (0.1, 0.2, 0.3)]
    (row,) = summarised(plain, weighted, {"all": 7})
    assert (row["population"], row["statistic"], row["n"]) == ("all", "x", 7)
    assert row["value"] == 0.5
    assert (row["lower"], row["upper"]) == pytest.approx((0.405, 0.595))


def test_what_is_undefined_once_or_not_asked_for_has_no_row():
    sound, missing = (
        {("all", "x"): 0.5, ("B", "x"): 0.5, ("C", "x"): 0.5},
        {("all", "x"): 0.5, ("B", "x"): np.nan},
    )
    rows = summarised([sound], [sound, missing], {"all": 1, "B": 1})
    assert [(row["population"], row["statistic"]) for row in rows] == [("all", "x")]


def test_limits_may_differ_by_statistic():
    scores = [{("all", "wide"): value, ("all", "narrow"): value} for value in (-2.0, 2.0)]
    rows = summarised(scores, scores, {"all": 1}, lambda name: (-9, 9) if name == "wide" else (-1, 1))
    assert {row["statistic"]: row["lower"] for row in rows} == pytest.approx({"wide": -1.9, "narrow": -1})
