"""Synthetic rows added to real ones: against scikit-learn on stacked alleles."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, recall_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from genome_ac_gan.errors import PanelError
from genome_ac_gan.metrics import METRICS, Comparison, evaluate
from genome_ac_gan.metrics.utility.augmentation import augmentation_gain, predictions


def judged(data, repeats=10, seed=1):
    table = evaluate(data, ["augmentation"], seed=seed, repeats=repeats).table
    return {(row.population, row.statistic): row for row in table.itertuples()}


def gain(data, **options):
    options = {"shares": [0, 1], "repeats": 1, "rng": np.random.default_rng(0), **options}
    return augmentation_gain(data.train, data.synthetic, data.holdout, **options)


def scores(table, **where):
    for name, wanted in where.items():
        table = table[table[name] == wanted]
    return table["value"].tolist()


@pytest.fixture(scope="module")
def overlapping(comparison):
    """Twelve variants, which do not tell the populations apart without error."""
    return Comparison(
        **{name: panel.select_variants(slice(0, 300, 25)) for name, panel in comparison.panels.items()}
    )


@pytest.mark.parametrize("share", [0, 1])
def test_scores_are_those_of_a_machine_trained_on_stacked_alleles(overlapping, share):
    train, synthetic, holdout = overlapping.train, overlapping.synthetic, overlapping.holdout
    x = np.concatenate([train.haplotypes, synthetic.haplotypes[: 400 * share]])
    y = np.concatenate([train.population, synthetic.population[: 400 * share]])
    given = SVC().fit(x, y).predict(holdout.haplotypes)
    table = gain(overlapping, classifiers=["svc"])
    assert scores(table, share=share, statistic="accuracy") == [accuracy_score(holdout.population, given)]
    macro = f1_score(holdout.population, given, average="macro")
    assert scores(table, share=share, statistic="macro_f1") == pytest.approx([macro])
    for statistic, score in (("recall", recall_score), ("f1", f1_score)):
        expected = score(holdout.population, given, average=None)
        assert scores(table, share=share, statistic=statistic) == pytest.approx(expected)


def test_neighbours_are_those_among_stacked_alleles(comparison):
    x = np.concatenate([comparison.train.haplotypes, comparison.synthetic.haplotypes])
    y = np.concatenate([comparison.train.population, comparison.synthetic.population])
    given = KNeighborsClassifier().fit(x, y).predict(comparison.holdout.haplotypes)
    table = gain(comparison, classifiers=["knn"], shares=[1])
    expected = accuracy_score(comparison.holdout.population, given)
    assert scores(table, statistic="accuracy") == [expected]


def test_a_share_keeps_the_real_label_proportions(overlapping):
    table = gain(overlapping, shares=[0, 0.1, 0.55, 1], classifiers=["knn"])
    counts = table.drop_duplicates("share")
    assert counts["n_real"].tolist() == [400] * 4
    assert counts["n_synthetic"].tolist() == [0, 24 + 16, 132 + 88, 400]
    assert set(table["population"]) == {"all", "AFR", "EUR"}
    assert set(table["statistic"]) == {"accuracy", "macro_f1", "recall", "f1"}
    assert not table.isna().any(axis=None)


def test_real_rows_are_drawn_anew_when_they_are_counted(overlapping):
    table = gain(overlapping, shares=[0, 1], repeats=6, counts={"AFR": 30, "EUR": 10}, classifiers=["svc"])
    assert table["n_real"].unique().tolist() == [40]
    assert table.groupby("share")["n_synthetic"].unique().map(list).to_dict() == {0: [0], 1: [40]}
    assert len(set(scores(table, share=0, statistic="accuracy"))) > 1
    whole = gain(overlapping, shares=[0], repeats=3, classifiers=["svc"])
    assert len(set(scores(whole, statistic="accuracy"))) == 1


def test_the_same_random_numbers_give_the_same_table_and_others_another(overlapping):
    options = {"shares": [0.3], "repeats": 2}
    first, again, other = (
        gain(overlapping, **options, rng=np.random.default_rng(seed)) for seed in (4, 4, 5)
    )
    assert first.equals(again)
    assert not first.equals(other)


def test_rows_of_a_smaller_share_are_among_those_of_a_larger_one(overlapping, monkeypatch):
    from genome_ac_gan.metrics.utility import augmentation

    seen = []

    def watched(parts, order, rng):
        seen.append([set(rows.tolist()) for _, rows in parts])
        return real(parts, order, rng)

    real = augmentation.Training.of
    monkeypatch.setattr(augmentation.Training, "of", watched)
    list(predictions(overlapping, ["knn"], [0.2, 0.5], 1, np.random.default_rng(0), {"AFR": 50, "EUR": 30}))
    (kept, few), (same, more) = seen
    assert kept == same
    assert (len(few), len(more)) == (16, 40)
    assert few < more


def test_too_few_synthetic_rows_are_refused_with_their_number(overlapping):
    with pytest.raises(PanelError, match="needs 480 synthetic haplotypes of AFR, the panel has 240"):
        gain(overlapping, shares=[0, 2])


def test_augmentation_without_labels_is_refused(overlapping):
    bare = replace(overlapping.synthetic, labels={"pop": np.full(400, "unlabelled")})
    with pytest.raises(PanelError, match="needs population labels"):
        gain(replace(overlapping, synthetic=bare))
    assert judged(replace(overlapping, synthetic=bare)) == {}


def test_the_metric_is_the_gain_of_a_whole_share(overlapping):
    found, table = judged(overlapping), gain(overlapping, classifiers=["svc"])
    without, augmented = (scores(table, share=share, statistic="accuracy")[0] for share in (0, 1))
    assert found["all", "accuracy_svc"].value == pytest.approx(without)
    assert found["all", "augmented_accuracy_svc"].value == pytest.approx(augmented)
    assert found["all", "gain_svc"].value == pytest.approx(augmented - without)
    assert found["all", "gain_svc"].lower < found["all", "gain_svc"].upper


def test_of_two_sets_the_one_that_helps_more_is_nearer_to_the_ideal():
    metric = METRICS["augmentation"]
    for name, statistic in metric.statistics.items():
        if "gain" in name:
            assert abs(0.05 - statistic.ideal) < abs(0.0 - statistic.ideal) < abs(-0.05 - statistic.ideal)
    assert "gain" in metric.headline


def test_wrong_labels_do_harm_and_few_real_rows_gain_from_right_ones(comparison, overlapping):
    swapped = {"AFR": "EUR", "EUR": "AFR"}
    labels = {"pop": np.array([swapped[name] for name in comparison.synthetic.population])}
    harmed = judged(replace(comparison, synthetic=replace(comparison.synthetic, labels=labels)))
    assert harmed["all", "gain_knn"].upper < -0.1
    table = gain(overlapping, shares=[0, 10], counts={"AFR": 12, "EUR": 8}, repeats=10, classifiers=["svc"])
    few, many = (np.mean(scores(table, share=share, statistic="accuracy")) for share in (0, 10))
    assert many > few + 0.02
