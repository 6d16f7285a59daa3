"""Each metric against an outside or slow twin, and the anchors."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import wasserstein_distance
from sklearn.decomposition import PCA

from genome_ac_gan.errors import ConfigError, PanelError
from genome_ac_gan.metrics import SOURCES, Comparison, anchors, evaluate, evaluate_with_anchors
from genome_ac_gan.metrics.anchors import independent_sites
from genome_ac_gan.metrics.draws import draw, equal_counts, proportional_counts
from genome_ac_gan.seeding import stream


def values(outcome, population="all"):
    table = outcome.table[outcome.table.population == population]
    return dict(zip(table.statistic, table.value, strict=True))


@pytest.mark.parametrize("population", ["all", "AFR", "EUR"])
def test_allele_frequencies_agree_with_numpy(comparison, population):
    found = values(evaluate(comparison, ["allele-frequency"], seed=1), population)
    kept = [
        panel.haplotypes if population == "all" else panel.haplotypes[panel.population == population]
        for panel in (comparison.holdout, comparison.synthetic)
    ]
    real, synthetic = (x.mean(axis=0) for x in kept)
    for suffix, chosen in (("", real >= 0), ("_low", real <= 0.2), ("_high", real >= 0.8)):
        assert found[f"r{suffix}"] == pytest.approx(
            np.corrcoef(real[chosen], synthetic[chosen])[0, 1], abs=1e-6
        )
        assert found[f"mae{suffix}"] == pytest.approx(np.abs(real - synthetic)[chosen].mean(), abs=1e-6)


def test_lost_variants_are_counted(comparison):
    x = comparison.synthetic.haplotypes.copy()
    common = np.flatnonzero(np.abs(comparison.holdout.haplotypes.mean(axis=0) - 0.5) < 0.3)[:7]
    before = values(evaluate(comparison, ["allele-frequency"], seed=1))
    x[:, common] = 0
    changed = replace(comparison, synthetic=replace(comparison.synthetic, haplotypes=x))
    after = values(evaluate(changed, ["allele-frequency"], seed=1))
    assert after["lost"] == before["lost"] + 7
    assert after["lost_rare"] == before["lost_rare"]


def test_pca_readings_agree_with_scikit_learn_and_scipy(comparison):
    # as many synthetic as holdout rows in the whole set: compared with itself nothing is drawn but order
    real = comparison.holdout.haplotypes.astype(float)
    subset = comparison.synthetic.haplotypes[::2].astype(float)

    def cost(a, b):
        matrix = cdist(a, b)
        return matrix[linear_sum_assignment(matrix)].sum()

    def positive(points):
        return points * np.sign(np.take_along_axis(points, np.abs(points).argmax(axis=0)[None], axis=0))

    def pca(x):
        return PCA(2, svd_solver="full").fit(x)

    from genome_ac_gan.metrics.fidelity.pca_wasserstein import _Fit
    from genome_ac_gan.popgen.structure import assignment_cost

    rows = np.arange(comparison.holdout.n_haplotypes)
    fit = _Fit(comparison, rows)
    points = fit.separate_and_joint(2 * rows)
    separate = cost(positive(pca(real).transform(real)), positive(pca(subset).transform(subset)))
    assert assignment_cost(*points["compat"]) == pytest.approx(separate, rel=1e-4)
    joint = PCA(6, svd_solver="full").fit(np.concatenate([real, subset]))
    a, b = joint.transform(real), joint.transform(subset)
    found = fit.costs(2 * rows)
    assert found["joint"] == pytest.approx(cost(a[:, :2], b[:, :2]), rel=1e-4)
    along = [wasserstein_distance(a[:, component], b[:, component]) for component in range(6)]
    assert found["coupled_w1"] == pytest.approx(np.mean(along), rel=1e-3)


def test_the_corrected_reading_does_not_grow_with_n(comparison):
    outcome = values(evaluate(comparison, ["pca-wasserstein"], seed=1))
    rows = np.flatnonzero(np.arange(comparison.holdout.n_haplotypes) % 4 < 2)
    fewer = values(
        evaluate(replace(comparison, holdout=comparison.holdout[rows]), ["pca-wasserstein"], seed=1)
    )
    assert fewer["joint"] < 0.8 * outcome["joint"]
    assert fewer["corrected"] == pytest.approx(outcome["corrected"], rel=0.6)
    identical = replace(comparison, synthetic=comparison.holdout)
    assert values(evaluate(identical, ["pca-wasserstein"], seed=1))["corrected"] < outcome["corrected"]


def test_accuracy_of_a_whole_set_is_the_brute_force_one(comparison):
    # three sets of equal counts: every draw is the whole set
    rows = np.r_[:120, 240:320]
    whole = replace(comparison, synthetic=comparison.synthetic[rows])
    found = values(evaluate(whole, ["nearest-neighbour-accuracy"], seed=1, repeats=1))
    real, synthetic = whole.holdout.haplotypes.astype(float), whole.synthetic.haplotypes.astype(float)

    def half(own, other):
        within = np.round(300 * cdist(own, own, "hamming")) + np.diag(np.full(len(own), 1e9))
        across = np.round(300 * cdist(own, other, "hamming")).min(axis=1)
        return (across > within.min(axis=1)).mean(), (across == within.min(axis=1)).mean()

    for name, (strict, ties) in (("truth", half(real, synthetic)), ("syn", half(synthetic, real))):
        assert found[f"{name}_compat"] == pytest.approx(strict)
        assert found[name] == pytest.approx(strict + ties / 2)
    assert found["aats"] == pytest.approx((found["truth"] + found["syn"]) / 2)


def test_populations_too_small_for_neighbours_have_no_row(comparison):
    rows = np.r_[:10, 120:200]
    outcome = evaluate(
        replace(comparison, holdout=comparison.holdout[rows]), ["nearest-neighbour-accuracy"], seed=1
    )
    scored = outcome.table[outcome.table.statistic == "aats"].set_index("population").n
    assert scored.to_dict() == {"all": 90, "EUR": 80}


def test_anchors_are_what_they_say(comparison, sources):
    assert tuple(sources) == SOURCES
    assert sources["synthetic"] is comparison
    assert sources["train"].synthetic is comparison.train
    first, second = sources["real"].holdout, sources["real"].synthetic
    assert set(first.sample_id) | set(second.sample_id) == set(comparison.holdout.sample_id)
    assert not set(first.sample_id) & set(second.sample_id)
    assert first.counts == second.counts == {"AFR": 60, "EUR": 40}
    independent = sources["independent"].synthetic
    assert independent.counts == comparison.synthetic.counts
    again = anchors(comparison, stream(1, "anchors"))
    assert all(again[name].synthetic.sha256 == sources[name].synthetic.sha256 for name in SOURCES)


def test_independent_sites_keep_frequencies_by_population(comparison):
    drawn = independent_sites(
        comparison.train, {"AFR": 4000, "EUR": 4000}, np.random.default_rng(0), width=70
    )
    for name in ("AFR", "EUR"):
        real, found = (panel.of(name).haplotypes.mean(axis=0) for panel in (comparison.train, drawn))
        assert (np.abs(real - found) <= 5 * np.sqrt(real * (1 - real) / 4000)).all()


def test_lonely_people_are_left_out_of_the_real_anchor(comparison):
    rows = np.r_[:40, 120:122]
    real = anchors(replace(comparison, holdout=comparison.holdout[rows]), stream(1, "a"))["real"]
    assert {panel.populations for panel in real.panels.values()} == {("AFR",)}
    nobody = replace(comparison, holdout=comparison.holdout[np.r_[:2, 120:122]])
    assert "real" not in anchors(nobody, stream(1, "a"))


def test_sources_stand_in_a_column_and_progress_is_told(comparison):
    told = []
    outcome = evaluate_with_anchors(
        comparison, ["allele-frequency"], seed=3, repeats=2, others={"copy": comparison.train},
        on_progress=lambda *each: told.append(each),
    )  # fmt: skip
    assert list(dict.fromkeys(outcome.table.source)) == [*SOURCES, "copy"]
    assert told[0] == (0, 5, "synthetic", "allele-frequency")
    assert told[-1] == (5, 5, "", "")
    assert set(outcome.curves["allele-frequency"].source) == {*SOURCES, "copy"}
    table = outcome.table[outcome.table.source == "synthetic"].drop(columns="source")
    plain = evaluate(comparison, ["allele-frequency"], seed=3, repeats=2).table
    assert table.reset_index(drop=True).equals(plain)


def test_bad_requests_are_refused_by_name(comparison):
    with pytest.raises(ConfigError, match="unknown metric pca; known: allele-frequency, "):
        evaluate(comparison, ["pca"], seed=1)
    with pytest.raises(ConfigError, match="repeats must be at least 1, not 0"):
        evaluate(comparison, seed=1, repeats=0)
    with pytest.raises(ConfigError, match="cannot be called real"):
        evaluate_with_anchors(comparison, seed=1, others={"real": comparison.train})


def test_panels_that_do_not_match_are_refused(comparison):
    with pytest.raises(PanelError, match=re.escape("(299 and 300, 299 in common)")):
        replace(comparison, synthetic=comparison.synthetic.select_variants(slice(1, None)))
    with pytest.raises(
        PanelError, match="synthetic panel has the populations AFR, the holdout panel AFR, EUR"
    ):
        replace(comparison, synthetic=comparison.synthetic.of("AFR"))
    with pytest.raises(PanelError, match="the holdout panel has 1 haplotypes"):
        replace(comparison, holdout=comparison.holdout[:1])
    with pytest.raises(PanelError, match=r"log_likelihood\['train'\]"):
        replace(comparison, log_likelihood={"train": np.zeros(3)})


def test_draws_take_the_asked_numbers_and_nobody_twice(comparison):
    panel = comparison.holdout
    rows = draw(panel, panel.population, {"AFR": 30, "EUR": 80}, np.random.default_rng(0))
    assert len(set(rows.tolist())) == 110
    assert (panel.population[rows] == "AFR").sum() == 30
    again = draw(panel, panel.population, {"AFR": 120}, np.random.default_rng(0), replace=True)
    assert len(set(again.tolist())) < 120
    assert proportional_counts(panel.population, 7) == {"AFR": 4, "EUR": 3}
    assert equal_counts(panel.population, panel.population[:130]) == {"AFR": 120, "EUR": 10}


def test_huge_sets_are_cut_in_proportion():
    assert equal_counts(np.repeat(["a", "b"], [9000, 1000])) == {"a": 1800, "b": 200}


def test_comparison_needs_the_same_rows_of_likelihood(comparison):
    panels = comparison.panels
    told = Comparison(**panels, log_likelihood={"train": np.zeros(panels["train"].n_haplotypes)})
    assert told.log_likelihood is not None


def test_the_order_of_people_does_not_decide_who_is_in_which_half(comparison):
    holdout = comparison.holdout
    order = np.random.default_rng(2).permutation(holdout.n_people)
    shuffled = holdout[np.concatenate([np.flatnonzero(holdout.person == person) for person in order])]
    first, second = (
        anchors(replace(comparison, holdout=panel), stream(1, "anchors"))["real"]
        for panel in (holdout, shuffled)
    )
    for side in ("holdout", "synthetic"):
        assert set(first.panels[side].sample_id) == set(second.panels[side].sample_id)
