"""The real-versus-synthetic classifier, against scikit-learn on the alleles themselves."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.svm import SVC

from genome_ac_gan.metrics import anchors, evaluate
from genome_ac_gan.metrics.fidelity.detection import Fold, area, fold_of, judged_folds
from genome_ac_gan.seeding import stream


def judged(data, repeats=10):
    outcome = evaluate(data, ["detection"], seed=1, repeats=repeats)
    return {(row.population, row.statistic): row for row in outcome.table.itertuples()}, outcome.curves


@pytest.fixture(scope="module")
def sides(comparison):
    """Some rows of both sets, dealt out to four folds."""
    rng, result = np.random.default_rng(3), []
    for panel, step in ((comparison.holdout, 2), (comparison.synthetic, 5)):
        rows = np.arange(0, panel.n_haplotypes, step)
        result.append((panel, rows, fold_of(panel, rows, panel.population, 4, rng)))
    return result


@pytest.mark.parametrize("statistic", ["auc", "auc_linear"])
def test_the_scores_are_those_of_machines_trained_on_alleles(sides, statistic):
    x = np.concatenate([panel.haplotypes[rows] for panel, rows, _ in sides]).astype(float)
    y = np.repeat([0, 1], [len(rows) for _, rows, _ in sides])
    fold = np.concatenate([each for _, _, each in sides])
    for k, ours in enumerate(judged_folds(sides)):
        train, test = fold != k, fold == k
        gamma = 1 / (x.shape[1] * x[train].var())
        machine, scale = (SVC(), 1.0) if statistic == "auc" else (SVC(kernel="linear"), np.sqrt(gamma))
        expected = machine.fit(scale * x[train], y[train]).decision_function(scale * x[test])
        assert np.allclose(ours.scores[statistic], expected, atol=2e-3)  # libsvm stops at a tolerance of 1e-3


def test_the_area_is_that_of_scikit_learn_with_weights_and_ties():
    rng = np.random.default_rng(1)
    scores, weights = rng.integers(0, 6, 50).astype(float), rng.exponential(size=(2, 40))
    fold = Fold(np.arange(5, 25), np.arange(30), {"auc": scores})
    pair = weights[0][fold.real], weights[1][fold.synthetic]
    expected = roc_auc_score(np.repeat([0, 1], [20, 30]), scores, sample_weight=np.concatenate(pair))
    assert area([fold], "auc", *weights) == pytest.approx(expected)
    assert np.isnan(area([fold], "auc", np.zeros(40), weights[1]))


def test_pairs_are_compared_within_folds_only():
    low, high = (
        Fold(np.array([0]), np.array([0]), {"auc": np.array(scores)}) for scores in ([1.0, 2.0], [9.0, 8.0])
    )
    assert area([low, high], "auc", np.ones(1), np.ones(1)) == 0.5


def test_people_stay_together_and_populations_are_dealt_out_evenly(comparison):
    holdout = comparison.holdout
    fold = fold_of(holdout, np.arange(200), holdout.population, 5, np.random.default_rng(2))
    people = {(person, each) for person, each in zip(holdout.sample_id.tolist(), fold.tolist(), strict=True)}
    assert len(people) == holdout.n_people
    for name, n in (("AFR", 120), ("EUR", 80)):
        assert np.bincount(fold[holdout.population == name]).tolist() == [n // 5] * 5


def test_linkage_is_seen_by_the_radial_kernel_and_a_frequency_by_both(comparison):
    independent, _ = judged(anchors(comparison, stream(1, "anchors"))["independent"])
    assert independent["all", "auc"].lower > 0.65
    assert independent["all", "auc_linear"].value < 0.6
    haplotypes = comparison.synthetic.haplotypes.copy()
    haplotypes[:, :30] = 1
    shifted, _ = judged(replace(comparison, synthetic=replace(comparison.synthetic, haplotypes=haplotypes)))
    assert min(shifted["all", name].lower for name in ("auc", "auc_linear")) > 0.99
    assert shifted["EUR", "auc"].lower > 0.99


def test_fresh_people_are_not_told_from_real_ones(comparison):
    found, _ = judged(comparison)
    assert found["all", "auc"].value == pytest.approx(0.5, abs=0.06)
    assert found["all", "auc"].n == 200


def test_the_operating_curve_rises_from_nobody_to_everybody_over_the_area(comparison):
    found, curves = judged(anchors(comparison, stream(1, "anchors"))["independent"])
    for statistic, rows in curves["detection"].groupby("statistic"):
        assert (np.diff(rows["true"]) >= 0).all()
        assert rows["true"].iloc[-1] == 1
        under = np.trapezoid(rows["true"], rows["false"])
        assert under == pytest.approx(found["all", statistic].value, abs=0.02)


def test_one_person_on_a_side_cannot_be_dealt_out(comparison):
    found, curves = judged(replace(comparison, holdout=comparison.holdout[:2], train=comparison.train[:240],
                                   synthetic=comparison.synthetic[:240]))  # fmt: skip
    assert found == {}
    assert curves["detection"].empty
