"""Do labels fit: against scikit-learn on alleles, and with labels that are wrong on purpose."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import recall_score
from sklearn.svm import SVC

from genome_ac_gan.metrics import Comparison, evaluate


def judged(data, repeats=10, seed=1):
    table = evaluate(data, ["class-faithfulness"], seed=seed, repeats=repeats).table
    return {(row.population, row.statistic): row for row in table.itertuples()}


@pytest.fixture(scope="module")
def overlapping(comparison):
    """Twelve variants, which do not tell the populations apart without error; as many rows in both judged sets."""
    panels = {name: panel.select_variants(slice(0, 300, 25)) for name, panel in comparison.panels.items()}
    return Comparison(**{**panels, "synthetic": panels["synthetic"][np.r_[0:120, 240:320]]})


def test_accuracies_are_those_of_a_machine_trained_on_alleles(overlapping):
    machine = SVC().fit(overlapping.train.haplotypes, overlapping.train.population)
    found = judged(overlapping)
    for statistic, panel in (("accuracy", overlapping.synthetic), ("real_accuracy", overlapping.holdout)):
        given = machine.predict(panel.haplotypes)
        assert found["all", statistic].value == pytest.approx(np.mean(given == panel.population))
        assert 0.5 < found["all", statistic].value < 0.95
        recall = recall_score(panel.population, given, average=None)
        assert [found[name, statistic].value for name in ("AFR", "EUR")] == pytest.approx(recall)
    gap = found["EUR", "real_accuracy"].value - found["EUR", "accuracy"].value
    assert found["EUR", "gap"].value == pytest.approx(gap)
    assert found["EUR", "gap"].n == 80


def test_another_seed_weights_other_people(overlapping):
    first, other = (judged(overlapping, seed=seed)["all", "gap"] for seed in (1, 2))
    assert first.lower != other.lower


def test_labels_dealt_out_at_random_lose_what_the_classifier_knows(comparison):
    synthetic = comparison.synthetic
    labels = {"pop": np.random.default_rng(0).permutation(synthetic.population)}
    found = judged(replace(comparison, synthetic=replace(synthetic, labels=labels)))
    for prefix in ("", "knn_"):
        assert found["all", f"{prefix}real_accuracy"].value > 0.95
        assert found["all", f"{prefix}accuracy"].value < 0.7
        assert found["all", f"{prefix}gap"].lower > 0.3


def test_the_rows_that_the_classifier_learned_from_are_clearer_than_people(comparison):
    people = comparison.train.population[::2]
    labels = {"pop": np.repeat(np.random.default_rng(0).permutation(people), 2)}
    train = replace(comparison.train, labels=labels)  # nothing to learn but the rows themselves
    assert judged(replace(comparison, train=train, synthetic=train))["all", "gap"].upper < -0.1


def test_the_judged_sets_have_the_same_populations(comparison):
    mostly = comparison.synthetic[np.r_[0:240, 240:265]]  # 25 of EUR
    found = judged(replace(comparison, synthetic=mostly))
    assert {name: found[name, "gap"].n for name in ("all", "AFR", "EUR")} == {
        "all": 145,
        "AFR": 120,
        "EUR": 25,
    }


def test_without_labels_there_is_nothing_to_be_faithful_to(comparison):
    bare = replace(comparison.synthetic, labels={"pop": np.full(400, "unlabelled")})
    assert judged(replace(comparison, synthetic=bare)) == {}
