from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp
from sklearn.metrics import roc_auc_score

from genome_ac_gan.metrics.privacy import attacks, membership_inference
from genome_ac_gan.metrics.privacy.attacks import Attacks, Fold

FOLD = Fold(members=np.r_[3:40:3, 250:300:5], others=np.r_[0:20, 130:150], reference=np.r_[60:100, 150:190])


def judged(comparison, repeats=3, seed=1):
    return membership_inference.METRIC(comparison, rng=np.random.default_rng(seed), repeats=repeats)


def values(outcome, population="all"):
    own = outcome.table[outcome.table.population == population]
    return dict(zip(own.statistic, own.value, strict=True))


def copied(comparison, rows):
    """Return a comparison whose synthetic rows are some train rows with a few alleles flipped."""
    x = comparison.train.haplotypes[rows].copy()
    x[np.random.default_rng(0).random(x.shape) < 0.01] ^= 1
    return replace(comparison, synthetic=replace(comparison.synthetic, haplotypes=x))


def hamming(a, b):
    return (a[:, None] != b[None]).sum(axis=2)


def log_product(x, population, known, known_population):
    result = np.zeros(len(x))
    for name in set(population):
        own = known[known_population == name]
        frequency = (own.sum(axis=0) + 0.5) / (len(own) + 1)
        rows = population == name
        result[rows] = stats.bernoulli.logpmf(x[rows], frequency).sum(axis=1)
    return result


def test_scores_are_those_of_a_direct_calculation(comparison):
    found = Attacks(comparison).scores(FOLD)
    holdout, synthetic = comparison.holdout, comparison.synthetic
    own = hamming(holdout.haplotypes, holdout.haplotypes) + 999 * np.eye(holdout.n_haplotypes)
    error = np.median(own.min(axis=1)) / 300

    def density(distance):
        terms = distance * np.log(error) + (300 - distance) * np.log(1 - error)
        return logsumexp(terms, axis=1) - np.log(distance.shape[1])

    known = holdout.haplotypes[FOLD.reference], holdout.population[FOLD.reference]
    for side, (panel, rows) in enumerate(((comparison.train, FOLD.members), (holdout, FOLD.others))):
        x, population = panel.haplotypes[rows], panel.population[rows]
        distance = hamming(x, synthetic.haplotypes)
        assert np.array_equal(found["distance"][side], -distance.min(axis=1))
        kernel = density(distance) - density(hamming(x, known[0]))
        assert found["kernel"][side] == pytest.approx(kernel, abs=1e-3)
        snp = log_product(x, population, synthetic.haplotypes, synthetic.population)
        assert found["snp"][side] == pytest.approx(snp - log_product(x, population, *known), abs=1e-3)


def test_panels_too_large_to_share_distances_are_scored_alike(comparison, monkeypatch):
    expected = Attacks(comparison).scores(FOLD)
    monkeypatch.setattr(attacks, "POOL", 50)
    monkeypatch.setattr(attacks, "TILE", 70)
    for name in ("distances", "across", "own_distances"):
        monkeypatch.setattr(attacks, name, None)
    fresh = {name: panel[:] for name, panel in comparison.panels.items()}
    found = Attacks(replace(comparison, **fresh)).scores(FOLD)
    for attack, pair in expected.items():
        for ours, theirs in zip(found[attack], pair, strict=True):
            assert ours == pytest.approx(theirs, abs=1e-3)


def test_halves_share_no_person_and_have_equal_numbers_of_each_population(comparison):
    folds, counts = membership_inference._folds(comparison, np.random.default_rng(0))
    assert counts == {"AFR": 60, "EUR": 40}
    people, population = comparison.holdout.person, comparison.holdout.population
    for fold in folds:
        assert not set(people[fold.reference]) & set(people[fold.others])
        for panel, rows in ((comparison.train, fold.members), (comparison.holdout, fold.others)):
            assert len(set(rows.tolist())) == 100
            assert panel.population[rows].tolist() == ["AFR"] * 60 + ["EUR"] * 40
    assert np.array_equal(folds[0].reference, folds[1].others)
    assert population[folds[0].reference].tolist() == ["AFR"] * 60 + ["EUR"] * 40


def test_the_area_is_that_of_scikit_learn(comparison):
    folds, counts = membership_inference._folds(comparison, np.random.default_rng(0))
    pair = Attacks(comparison).scores(folds[0])
    ones = {"train": np.ones((2, 400)), "holdout": np.ones((2, 200))}
    parts = membership_inference._parts(counts, labelled=True)
    found = membership_inference._judged(pair, folds[0], ones, parts)
    for attack, (members, others) in pair.items():
        for population, part in parts.items():
            score = np.concatenate([members[part], others[part]])
            truth = np.repeat([1, 0], len(score) // 2)
            area = roc_auc_score(truth, score)
            assert found.plain[population, f"{attack}_auc"] == pytest.approx(area)
            assert found.weighted[population, f"{attack}_auc"] == pytest.approx(area)


def test_noisy_copies_are_found_by_distance_and_density_not_by_frequencies(comparison):
    found = values(judged(copied(comparison, np.arange(400))))
    assert found["distance_auc"] > 0.95
    assert found["kernel_auc"] > 0.9
    assert found["snp_auc"] < 0.7
    assert found["distance_tpr"] > 0.5


def test_half_of_the_people_copied_is_half_of_the_advantage(comparison):
    half = np.tile(np.r_[:120, 240:320], 2)
    assert values(judged(copied(comparison, half)))["distance_auc"] == pytest.approx(0.75, abs=0.06)


def test_a_model_that_knows_its_people_gives_them_away_by_likelihood(comparison):
    rng = np.random.default_rng(2)
    panels = {name: comparison.panels[name] for name in ("train", "holdout")}
    told = {name: rng.normal(size=panel.n_haplotypes) for name, panel in panels.items()}
    guess = values(judged(replace(comparison, log_likelihood=told)))
    assert guess["likelihood_auc"] == pytest.approx(0.5, abs=0.08)
    told = {"train": told["train"] + 1000, "holdout": told["holdout"]}
    found = values(judged(replace(comparison, log_likelihood=told)))
    for statistic in ("likelihood_auc", "likelihood_ratio_auc", "likelihood_tpr"):
        assert found[statistic] == pytest.approx(1)
    assert "likelihood_auc" not in values(judged(comparison))
    assert "likelihood_auc" not in values(
        judged(replace(comparison, log_likelihood={"train": told["train"]}))
    )


def test_the_ratio_takes_off_what_makes_a_haplotype_improbable_to_anybody(comparison):
    # a model that has learned nothing but frequencies knows no more than the reference: the ratio is a guess
    panels = {name: comparison.panels[name] for name in ("train", "holdout")}
    known = comparison.synthetic.haplotypes, comparison.synthetic.population
    told = {name: log_product(panel.haplotypes, panel.population, *known) for name, panel in panels.items()}
    scores = Attacks(replace(comparison, log_likelihood=told)).scores(FOLD)
    for ratio, snp in zip(scores["likelihood_ratio"], scores["snp"], strict=True):
        assert ratio == pytest.approx(snp, abs=1e-3)


def test_a_holdout_of_one_person_cannot_be_halved(comparison):
    alone = replace(comparison.holdout, labels={"pop": np.full(200, "AFR")})[:2]
    panels = {
        name: replace(panel, labels={"pop": np.full(panel.n_haplotypes, "AFR")})
        for name, panel in comparison.panels.items()
    }
    assert judged(replace(comparison, **{**panels, "holdout": alone})).table.empty


def test_the_curve_rises_from_one_false_positive_to_all(comparison):
    curve = judged(comparison).curves["membership-inference"]
    assert set(curve.attack) == {"distance", "snp", "kernel"}
    for _, own in curve.groupby("attack"):
        assert (np.diff(own.tpr) >= -1e-12).all()
        assert own.tpr.iloc[-1] == 1
        assert 1 / 101 <= own.fpr.iloc[0] < 1.2 / 101  # 100 non-members in each half


def test_small_populations_are_judged_over_both_halves(comparison):
    holdout = comparison.holdout[np.r_[:20, 120:136]]
    table = judged(replace(comparison, holdout=holdout)).table
    assert table[table.statistic == "kernel_auc"].set_index("population").n.to_dict() == {
        "all": 36,
        "AFR": 20,
    }
