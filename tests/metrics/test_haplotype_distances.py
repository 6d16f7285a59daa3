"""Distances between haplotypes, against scipy over pairs that are listed one by one."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from genome_ac_gan.metrics import anchors, evaluate
from genome_ac_gan.metrics.fidelity.haplotype_distances import wasserstein
from genome_ac_gan.seeding import stream


def judged(data, repeats=3):
    outcome = evaluate(data, ["haplotype-distances"], seed=1, repeats=repeats)
    table = outcome.table
    return {(row.population, row.statistic): row for row in table.itertuples()}, outcome.curves


@st.composite
def shares(draw):
    counts = draw(st.lists(st.integers(0, 5), min_size=2, max_size=12).filter(any))
    return np.array(counts) / sum(counts)


@given(first=shares(), second=shares())
def test_the_distance_of_shares_is_that_of_scipy(first, second):
    n = max(len(first), len(second))
    first, second = (np.pad(each, (0, n - len(each))) for each in (first, second))
    expected = wasserstein_distance(np.arange(n), np.arange(n), first, second)
    assert wasserstein(first, second) == pytest.approx(expected)


def pairs_within(panel, population):
    rows = (
        np.flatnonzero(panel.population == population) if population != "all" else range(panel.n_haplotypes)
    )
    return [
        np.sum(panel.haplotypes[i] != panel.haplotypes[j])
        for i, j in combinations(rows, 2)
        if panel.sample_id[i] != panel.sample_id[j]
    ]


@pytest.mark.parametrize("population", ["all", "AFR"])
def test_values_are_those_of_all_pairs_of_two_people(comparison, population):
    def few(panel):  # every row is drawn when both sets have as many of each population
        return panel[np.r_[0:30, panel.n_haplotypes - 24 : panel.n_haplotypes]]

    data = replace(comparison, holdout=few(comparison.holdout), synthetic=few(comparison.synthetic))
    found, _ = judged(data)
    real, synthetic = pairs_within(data.holdout, population), pairs_within(data.synthetic, population)
    assert len(real) < len(synthetic)  # pairs of one person were left out
    between = [
        np.sum(data.holdout.haplotypes[i] != data.synthetic.haplotypes[j])
        for i, j in product(range(54), repeat=2)
        if population in ("all", data.holdout.population[i])
        and population in ("all", data.synthetic.population[j])
    ]
    assert found[population, "within"].value == pytest.approx(wasserstein_distance(synthetic, real))
    assert found[population, "between"].value == pytest.approx(wasserstein_distance(between, real))
    assert found[population, "within_shift"].value == pytest.approx(np.mean(synthetic) - np.mean(real))
    assert found[population, "between_shift"].value == pytest.approx(np.mean(between) - np.mean(real))
    assert found[population, "within"].n == {"all": 54, "AFR": 30}[population]


def test_a_set_of_few_kinds_is_too_close_within(comparison):
    synthetic = comparison.synthetic
    haplotypes = synthetic.haplotypes[np.where(synthetic.population == "AFR", 0, 300)]
    found, _ = judged(replace(comparison, synthetic=replace(synthetic, haplotypes=haplotypes)))
    fresh, _ = judged(comparison)
    assert found["AFR", "within_shift"].upper < -20
    assert found["AFR", "within"].value == pytest.approx(-found["AFR", "within_shift"].value)
    assert abs(fresh["AFR", "within_shift"].value) < 5


def test_independent_sites_are_flagged_by_the_spread_not_by_the_mean(comparison):
    found, _ = judged(anchors(comparison, stream(1, "anchors"))["independent"])
    assert found["AFR", "within"].lower > 3 * abs(found["AFR", "within_shift"].value)


def test_the_curve_holds_densities_of_every_population_and_kind(comparison):
    _, curves = judged(comparison)
    curve = curves["haplotype-distances"]
    assert set(curve["population"]) == {"all", "AFR", "EUR"}
    for _, rows in curve.groupby(["population", "pairs"]):
        width = np.diff(rows["distance"])
        assert np.ptp(width) == 0
        assert rows["density"].sum() * width[0] == pytest.approx(1)
    assert len(curve.groupby(["population", "pairs"])) == 9
