from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn.neighbors import NearestNeighbors

from genome_ac_gan.metrics import Comparison
from genome_ac_gan.metrics.privacy import closest_record
from genome_ac_gan.popgen.distance import nearest


def judged(comparison, repeats=5):
    return closest_record.METRIC(comparison, rng=np.random.default_rng(1), repeats=repeats)


def values(table, population="all"):
    own = table[table.population == population]
    return dict(zip(own.statistic, own.value, strict=True))


def records(panel, train):
    search = NearestNeighbors(n_neighbors=2, metric="hamming", algorithm="brute").fit(train.haplotypes)
    first, second = np.round(train.n_variants * search.kneighbors(panel.haplotypes)[0]).T
    return first, first / second


@pytest.mark.parametrize("population", ["all", "AFR", "EUR"])
def test_statistics_are_those_of_scikit_learn_and_scipy(comparison, population):
    found = values(judged(comparison).table, population)
    panels = [comparison.synthetic, comparison.holdout]
    if population != "all":
        panels = [panel.of(population) for panel in panels]
    (ours, ratio), (theirs, their_ratio) = (records(panel, comparison.train) for panel in panels)
    pairs = len(ours) * len(theirs)
    assert found["closer_than_holdout"] == pytest.approx(stats.mannwhitneyu(theirs, ours).statistic / pairs)
    assert found["ks"] == pytest.approx(stats.ks_2samp(ours, theirs).statistic)
    assert found["median_ratio"] == pytest.approx(np.median(ours) / np.median(theirs))
    assert found["nndr_median_difference"] == pytest.approx(np.median(ratio) - np.median(their_ratio))
    for name, limit in (("nndr_below_08_excess", 0.8), ("nndr_below_05_excess", 0.5)):
        assert found[name] == pytest.approx((ratio < limit).mean() - (their_ratio < limit).mean())
    lowest = len(theirs) // 20  # 5%
    at = np.sort(theirs)[lowest - 1]
    part = (lowest - (theirs < at).sum()) / (theirs == at).sum()
    expected = (ours < at).mean() + part * (ours == at).mean()
    assert found["below_holdout_5"] == pytest.approx(expected)


def test_the_lowest_five_percent_of_people_are_five_percent_whatever_the_ties(comparison):
    for n_variants in (300, 40, 4):
        data = Comparison(
            **{name: panel.select_variants(slice(n_variants)) for name, panel in comparison.panels.items()}
        )
        found = values(judged(replace(data, synthetic=data.holdout)).table)
        assert found["below_holdout_5"] == pytest.approx(0.05)
        assert found["closer_than_holdout"] == pytest.approx(0.5)


def test_a_ratio_to_nothing_has_no_row(comparison):
    every = {name: panel.select_variants([0]) for name, panel in comparison.panels.items()}
    found = values(judged(Comparison(**every)).table)
    assert "median_ratio" not in found
    assert found["nndr_median_difference"] == 0  # 0 / 0 is 1 in either set


def test_populations_of_few_rows_have_no_row(comparison):
    holdout = comparison.holdout[np.r_[:10, 120:200]]
    table = judged(replace(comparison, holdout=holdout)).table
    assert set(table.population) == {"all", "EUR"}


def test_the_curve_holds_the_quantiles_of_either_set(comparison):
    curve = judged(comparison).curves["closest-record"]
    own = curve[(curve.population == "AFR") & (curve.panel == "holdout")].set_index("share")
    first, _ = records(comparison.holdout.of("AFR"), comparison.train)
    assert own.distance[0.5] == np.median(first)
    assert own.distance[1.0] == first.max()


@pytest.mark.real_data
def test_unseen_people_of_the_10k_panel_are_as_far_from_train_as_published(ten_k):
    panel, test = ten_k
    kept = np.char.find(panel.population, ",") < 0
    train, holdout = panel[kept & ~test], panel[kept & test]
    outcome = judged(Comparison(train=train, holdout=holdout, synthetic=holdout))
    curve = outcome.curves["closest-record"]
    middle = curve[(curve.panel == "holdout") & (curve.share == 0.5)].set_index("population").distance
    assert middle.to_dict() == pytest.approx(
        {"all": 690, "AFR": 886, "SAS": 730, "EAS": 655, "AMR": 607, "EUR": 536}, abs=4
    )
    fifth = curve[(curve.panel == "holdout") & (curve.population == "all") & np.isclose(curve.share, 0.05)]
    assert fifth.distance.item() == pytest.approx(333, abs=3)
    distance = nearest(holdout.haplotypes, train.haplotypes).distance
    assert distance.min() > 0
    assert round((distance <= 5).mean(), 3) == 0.002
    assert np.median(nearest(train.haplotypes).distance) == pytest.approx(688.5, abs=0.5)
