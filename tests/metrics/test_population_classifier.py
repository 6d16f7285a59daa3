"""Train on synthetic, test on real: against scikit-learn on the alleles themselves."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, recall_score
from sklearn.svm import SVC

from genome_ac_gan.metrics import Comparison, evaluate


def judged(data, repeats=10, seed=1):
    table = evaluate(data, ["population-classifier"], seed=seed, repeats=repeats).table
    return {(row.population, row.statistic): row for row in table.itertuples()}


@pytest.fixture(scope="module")
def overlapping(comparison):
    """Twelve variants, which do not tell the populations apart without error."""
    return Comparison(
        **{name: panel.select_variants(slice(0, 300, 25)) for name, panel in comparison.panels.items()}
    )


def test_accuracies_are_those_of_machines_trained_on_alleles(overlapping):
    found, holdout = judged(overlapping), overlapping.holdout
    for prefix, f1, panel in (("tstr", "f1", overlapping.synthetic), ("trtr", "trtr_f1", overlapping.train)):
        given = SVC().fit(panel.haplotypes, panel.population).predict(holdout.haplotypes)
        row = found["all", f"{prefix}_svc"]
        assert row.value == pytest.approx(accuracy_score(holdout.population, given))
        assert 0.6 < row.value < 0.95
        assert row.n == 200
        macro = f1_score(holdout.population, given, average="macro")
        assert found["all", f"{f1}_svc"].value == pytest.approx(macro)
        recalls = recall_score(holdout.population, given, average=None)
        scores = f1_score(holdout.population, given, average=None)
        for name, recall, score in zip(("AFR", "EUR"), recalls, scores, strict=True):
            assert found[name, f"{prefix}_svc"].value == pytest.approx(recall)
            assert found[name, f"{f1}_svc"].value == pytest.approx(score)
    ratio = found["all", "tstr_svc"].value / found["all", "trtr_svc"].value
    assert found["all", "recovery_svc"].value == pytest.approx(ratio)


def test_fresh_people_recover_nearly_everything(overlapping):
    found = judged(overlapping)
    for statistic in ("recovery_svc", "recovery_knn"):
        assert found["all", statistic].value == pytest.approx(1, abs=0.08)


def test_the_train_rows_recover_exactly_everything(overlapping):
    row = judged(replace(overlapping, synthetic=overlapping.train))["all", "recovery_svc"]
    assert (row.value, row.lower, row.upper) == (1, 1, 1)


def test_wrong_labels_recover_nothing_of_use(comparison):
    swapped = {"AFR": "EUR", "EUR": "AFR"}
    labels = {"pop": np.array([swapped[name] for name in comparison.synthetic.population])}
    found = judged(replace(comparison, synthetic=replace(comparison.synthetic, labels=labels)))
    assert found["all", "recovery_svc"].upper < 0.1
    assert found["all", "trtr_svc"].value > 0.95


def test_real_training_rows_are_cut_to_as_many_as_synthetic_ones(overlapping):
    few = replace(overlapping, synthetic=overlapping.synthetic[np.r_[0:22, 240:260]])
    assert judged(few)["all", "trtr_svc"].value < judged(overlapping)["all", "trtr_svc"].value
    assert judged(few)["EUR", "trtr_svc"].n == 80
    fewer = replace(overlapping, synthetic=overlapping.synthetic[np.r_[0:22, 240:259]])  # 19 of EUR
    assert {name for name, _ in judged(fewer)} == {"all", "AFR"}


def test_a_ratio_to_nothing_has_no_row(comparison):
    blind = Comparison(**{
        name: replace(panel, haplotypes=np.zeros_like(panel.haplotypes))
        for name, panel in comparison.panels.items()
    })  # fmt: skip
    found = judged(blind)  # everybody is called AFR, the larger population
    assert found["AFR", "recovery_svc"].value == 1
    assert ("EUR", "recovery_svc") not in found
    assert found["EUR", "tstr_svc"].value == 0


def test_without_labels_there_is_nothing_to_learn(comparison):
    bare = replace(comparison.synthetic, labels={"pop": np.full(400, "unlabelled")})
    assert judged(replace(comparison, synthetic=bare)) == {}
