from dataclasses import replace

import allel
import numpy as np
import pytest

from genome_ac_gan.metrics import Comparison
from genome_ac_gan.metrics.fidelity import haplotype_diversity as module
from genome_ac_gan.metrics.fidelity.haplotype_diversity import window_diversity


def judge(data, repeats=3):
    return window_diversity(data, rng=np.random.default_rng(1), repeats=repeats)


def rows_of(data, population="all", repeats=3):
    table = judge(data, repeats).table
    return table[table.population == population].set_index("statistic")


@pytest.fixture
def equal_sizes(comparison):
    """As many synthetic rows of each population as holdout rows: every draw holds all of them."""
    return replace(comparison, synthetic=comparison.synthetic[np.r_[:120, 240:320]])


@pytest.mark.parametrize("population", ["all", "AFR", "EUR"])
def test_errors_are_those_of_scikit_allels_statistics(equal_sizes, population):
    stats = []
    for panel in (equal_sizes.holdout, equal_sizes.synthetic):
        h = panel.haplotypes[equal_sizes.rows_of(panel, population)].T
        h1, h12, _, h2_h1 = allel.moving_garud_h(h, size=50)
        stats.append({"h1": h1, "h12": h12, "h2_h1": h2_h1,
                      "diversity": allel.moving_haplotype_diversity(h, size=50)})  # fmt: skip
    real, synthetic = stats
    found = rows_of(equal_sizes, population)
    for name in real:
        error = np.sqrt(np.mean((real[name] - synthetic[name]) ** 2))
        assert found.value[f"{name}_rmse"] == pytest.approx(error)
    assert found.value["h12_r"] == pytest.approx(np.corrcoef(real["h12"], synthetic["h12"])[0, 1])
    assert (found.n == {"all": 200, "AFR": 120, "EUR": 80}[population]).all()


def test_a_larger_set_is_cut_to_the_smaller_one(comparison):
    """Homozygosity falls with the number of rows; fresh rows must not be flagged for being many."""
    few = replace(comparison, holdout=comparison.holdout[np.r_[:24, 120:144]])
    bias = [
        judge(data).curves["haplotype-diversity"].query("population == 'all'").groupby("panel").h1.mean()
        for data in (few, comparison)
    ]
    for each in bias:
        assert each["synthetic"] == pytest.approx(each["holdout"], rel=0.15)
    assert bias[0]["holdout"] > 1.5 * bias[1]["holdout"]


def test_a_set_of_few_haplotypes_is_flagged(comparison):
    rows = np.r_[np.resize(np.arange(6), 240), np.resize(np.arange(240, 246), 160)]
    x = comparison.synthetic.haplotypes[rows]
    collapsed = replace(comparison, synthetic=replace(comparison.synthetic, haplotypes=x))
    fresh = rows_of(comparison)
    found = rows_of(collapsed)
    for name in ("diversity_rmse", "h1_rmse", "h12_rmse"):
        assert found.lower[name] > 2 * fresh.upper[name]


def test_the_curve_has_each_window_of_each_set(comparison):
    curve = judge(comparison).curves["haplotype-diversity"]
    assert len(curve) == 6 * 3 * 2
    assert curve.contig.value_counts().to_dict() == {"1": 18, "2": 18}
    position = comparison.holdout.variants.position
    assert curve.position.iloc[0] == (position[0] + position[49]) / 2
    table, pooled = rows_of(comparison, repeats=1), judge(comparison, repeats=1).curves["haplotype-diversity"]
    h12 = pooled[pooled.population == "all"].pivot(index="position", columns="panel", values="h12")
    rmse = np.sqrt(((h12.synthetic - h12.holdout) ** 2).mean())
    assert table.value["h12_rmse"] == pytest.approx(rmse)


def test_fewer_than_three_windows_have_no_correlation(comparison):
    narrow = Comparison(
        **{name: panel.select_variants(slice(100)) for name, panel in comparison.panels.items()}
    )
    assert set(rows_of(narrow).index) == {"diversity_rmse", "h1_rmse", "h12_rmse", "h2_h1_rmse"}


def test_haplotypes_of_a_panel_are_numbered_once(comparison, monkeypatch):
    numbered = []
    original = module.window_haplotypes
    monkeypatch.setattr(module, "window_haplotypes", lambda *args: numbered.append(1) or original(*args))
    data = replace(comparison, holdout=comparison.holdout[:], synthetic=comparison.synthetic[:])
    judge(data)
    judge(replace(data, synthetic=data.holdout))
    assert len(numbered) == 2
