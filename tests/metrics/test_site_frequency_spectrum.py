from dataclasses import replace

import allel
import numpy as np
import pytest

from genome_ac_gan.metrics import Comparison, evaluate
from genome_ac_gan.metrics.draws import person_weights
from genome_ac_gan.metrics.fidelity.site_frequency_spectrum import _three_quarters
from genome_ac_gan.panel import HaplotypePanel, VariantTable

METRIC = "site-frequency-spectrum"


@pytest.fixture(scope="module")
def planted(comparison):
    """The comparison with some variants that one haplotype of the holdout and two artificial ones carry."""
    real, synthetic = (panel.haplotypes.copy() for panel in (comparison.holdout, comparison.synthetic))
    variants = np.arange(0, 300, 8)
    real[:, variants] = synthetic[:, variants] = 0
    real[-1 - 2 * np.arange(len(variants)), variants] = 1
    synthetic[-1 - 2 * np.arange(len(variants)), variants] = 1
    synthetic[-40 - 2 * np.arange(len(variants)), variants] = 1
    return replace(
        comparison,
        holdout=replace(comparison.holdout, haplotypes=real),
        synthetic=replace(comparison.synthetic, haplotypes=synthetic),
    )


def values(outcome, population="all"):
    table = outcome.table[outcome.table.population == population]
    return dict(zip(table.statistic, table.value, strict=True))


def row(outcome, statistic, population="all"):
    return outcome.table.set_index(["population", "statistic"]).loc[(population, statistic)]


def spectrum(x):
    n = len(x)
    return allel.sfs_folded(allel.HaplotypeArray(x.T).count_alleles(max_allele=1), n=n)[: n // 2 + 1]


def test_sets_of_one_size_are_compared_by_the_spectra_of_scikit_allel(planted):
    judged = replace(planted, synthetic=planted.synthetic[np.r_[:240, 320:400]])
    outcome = evaluate(judged, [METRIC], seed=1)
    x, y = (panel.of("EUR").haplotypes for panel in (judged.holdout, judged.synthetic))
    assert len(x) == len(y) == 80
    real, synthetic = spectrum(x), spectrum(y)
    pi = [
        allel.mean_pairwise_difference(allel.HaplotypeArray(z.T).count_alleles(max_allele=1)).sum()
        for z in (x, y)
    ]
    assert values(outcome, "EUR") == pytest.approx({
        "distance": np.abs(real - synthetic).sum() / 2 / 300,
        "segregating_ratio": synthetic[1:].sum() / real[1:].sum(),
        "singleton_ratio": synthetic[1] / real[1],
        "pi_ratio": pi[1] / pi[0],
    })  # fmt: skip
    curve = outcome.curves[METRIC]
    own = curve[(curve.population == "EUR") & (curve.panel == "synthetic")]
    np.testing.assert_allclose(own.share * 300, synthetic, atol=1e-9)


def test_larger_sets_are_projected_to_the_smaller_and_to_a_hundred(comparison):
    outcome = evaluate(comparison, [METRIC], seed=1)
    assert outcome.table.groupby("population").n.unique().map(list).to_dict() == {
        "all": [100], "AFR": [100], "EUR": [80],
    }  # fmt: skip
    # the mean spectrum of random choices of 80 of the 160 artificial haplotypes
    rng = np.random.default_rng(0)
    x = comparison.synthetic.of("EUR").haplotypes
    expected = np.mean([spectrum(x[rng.permutation(160)[:80]]) for _ in range(400)], axis=0)
    curve = outcome.curves[METRIC]
    own = curve[(curve.population == "EUR") & (curve.panel == "synthetic")]
    np.testing.assert_allclose(own.share * 300, expected, atol=0.6)


def test_a_set_and_itself_have_one_spectrum_at_any_size(planted):
    same = replace(planted, synthetic=planted.holdout)
    for population in ("all", "EUR"):
        assert values(evaluate(same, [METRIC], seed=1), population) == pytest.approx(
            {"distance": 0, "segregating_ratio": 1, "singleton_ratio": 1, "pi_ratio": 1}
        )


def test_lost_singletons_are_seen_and_common_variants_hide_nothing(planted):
    x = planted.holdout.haplotypes
    lost = replace(planted.holdout, haplotypes=np.where(x.sum(axis=0) == 1, 0, x).astype(np.uint8))
    found = values(evaluate(replace(planted, synthetic=lost), [METRIC], seed=1))
    assert found["singleton_ratio"] < 0.6
    assert found["segregating_ratio"] < 0.95
    assert found["pi_ratio"] > 0.97
    assert found["distance"] > 0.04


def test_haplotypes_given_twice_show_fewer_singletons_when_projected(planted):
    # the same frequencies in twice as many rows: among all 160 nobody stands alone, and among 80 of them fewer do
    rows = np.repeat(np.flatnonzero(planted.holdout.population == "EUR"), 2)
    x = planted.synthetic.haplotypes.copy()
    x[planted.synthetic.population == "EUR"] = planted.holdout.haplotypes[rows]
    twice = replace(planted, synthetic=replace(planted.synthetic, haplotypes=x))
    found = values(evaluate(twice, [METRIC], seed=1), "EUR")
    assert 0.4 < found["singleton_ratio"] < 0.7
    assert found["pi_ratio"] == pytest.approx(79 / 80 * 160 / 159, rel=1e-9)


def test_ratios_of_nothing_have_no_row(comparison):
    x = np.where(np.arange(300) < 3, comparison.holdout.haplotypes, 0).astype(np.uint8)
    x[:, 0], x[:, 1], x[:, 2] = np.arange(200) % 2, np.arange(200) % 2, 0
    few = replace(comparison, holdout=replace(comparison.holdout, haplotypes=x))
    found = values(evaluate(few, [METRIC], seed=1), "EUR")
    assert set(found) == {"distance", "segregating_ratio", "pi_ratio"}
    none = replace(comparison, holdout=replace(comparison.holdout, haplotypes=np.zeros_like(x)))
    assert set(values(evaluate(none, [METRIC], seed=1))) == {"distance"}


def test_three_quarters_of_the_people_of_each_population_are_kept_whole(comparison):
    panel = comparison.holdout
    chosen = _three_quarters(comparison, panel, person_weights(panel, 5, np.random.default_rng(0)))
    for name, people in (("AFR", 60), ("EUR", 40)):
        rows = panel.population == name
        assert (chosen[:, rows].sum(axis=1) == 2 * (3 * people // 4)).all()
    assert (chosen[:, ::2] == chosen[:, 1::2]).all()
    assert len({tuple(each) for each in chosen}) == 5


def test_intervals_have_the_width_of_fresh_samples():
    # of theta_pi, which is smooth: the spread of the draws is that of sets of the same size
    rng = np.random.default_rng(1)
    founders = (rng.random((60, 200)) < rng.beta(0.3, 2, 200)).astype(np.uint8)
    n = np.arange(1, 201)
    variants = VariantTable(
        contig=np.full(200, "1"), position=n, ref=np.full(200, "A"), alt=np.full(200, "C")
    )

    def fresh(prefix):
        x = np.concatenate(
            [founders[rng.integers(60, size=80)][:, cut : cut + 20] for cut in range(0, 200, 20)], axis=1
        )
        ids = np.array([f"{prefix}{index:03d}" for index in range(80)])
        return HaplotypePanel(haplotypes=x, sample_id=ids, labels={"pop": np.full(80, "A")}, label="pop",
                              variants=variants)  # fmt: skip

    outcomes = []
    for _ in range(40):
        judged = Comparison(train=fresh("t"), holdout=fresh("h"), synthetic=fresh("s"))
        outcomes.append(row(evaluate(judged, [METRIC], seed=1, repeats=40), "pi_ratio"))
    truth = np.std([outcome.value for outcome in outcomes]) * 2 * 1.96
    width = np.mean([outcome.upper - outcome.lower for outcome in outcomes])
    assert width == pytest.approx(truth, rel=0.35)
