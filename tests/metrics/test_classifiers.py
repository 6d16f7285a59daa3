"""Classifiers that see distances only, against scikit-learn's on the alleles themselves."""

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from genome_ac_gan.metrics import classifiers
from genome_ac_gan.metrics.classifiers import CLASSIFIERS, Training, fit_predict, scaled_gamma
from genome_ac_gan.popgen.distance import hamming

SKLEARN = {"svc": SVC, "knn": KNeighborsClassifier}


def three_classes(seed, n, n_variants=80):
    """Return rows of three overlapping classes of unequal size."""
    rng = np.random.default_rng(seed)
    y = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    frequency = np.random.default_rng(0).beta(0.6, 0.6, (3, n_variants)) * 0.3 + 0.3
    return (rng.random((n, n_variants)) < frequency[y]).astype(np.uint8), y


def predicted(name, x, y, test):
    gamma = scaled_gamma(x.sum(axis=1, dtype=np.int64), x.shape[1])
    return fit_predict(name, hamming(x), y, hamming(test, x), gamma=gamma)


def test_gamma_is_that_of_scikit_learn():
    x, y = three_classes(1, 90)
    assert scaled_gamma(x.sum(axis=1, dtype=np.int64), 80) == pytest.approx(SVC().fit(x, y)._gamma, rel=1e-12)
    assert scaled_gamma(np.zeros(4, dtype=np.int64), 80) == SVC().fit(np.zeros((4, 80)), [0, 0, 1, 1])._gamma


def test_the_support_vector_machine_predicts_what_it_does_from_alleles():
    x, y = three_classes(2, 300)
    test, truth = three_classes(3, 500)
    ours = predicted("svc", x, y, test)
    assert np.array_equal(ours, SVC().fit(x, y).predict(test))
    assert 0.5 < np.mean(ours == truth) < 0.99


def test_the_neighbours_predict_what_they_do_from_alleles():
    x, y = three_classes(4, 300)
    test, truth = three_classes(5, 500)
    ours = predicted("knn", x, y, test)
    nearest = np.sort(hamming(test, x), axis=1)
    clear = nearest[:, 4] < nearest[:, 5]  # elsewhere scikit-learn's choice of a fifth neighbour is its own
    theirs = KNeighborsClassifier().fit(x, y).predict(test)
    assert clear.sum() > 150
    assert np.array_equal(ours[clear], theirs[clear])
    votes = y[np.argsort(hamming(test, x)[clear], axis=1, kind="stable")[:, :5]]
    most = np.sort([np.sum(votes == name, axis=1) for name in range(3)], axis=0)
    assert (most[-1] == most[-2]).any()  # classes with as many votes were among them
    assert 0.4 < np.mean(ours == truth) < 0.99


def test_ties_of_neighbours_go_to_the_smaller_class_and_the_earlier_row():
    zero, one = np.zeros((1, 6), dtype=np.uint8), np.ones((1, 6), dtype=np.uint8)
    two_each = np.concatenate([one, one, one, zero, zero])
    assert predicted("knn", two_each, np.array([2, 2, 0, 1, 1]), zero) == [1]
    six = np.concatenate([zero] * 6)
    assert predicted("knn", six, np.array([1, 1, 0, 0, 1, 0]), zero) == [1]
    assert predicted("knn", six, np.array([0, 1, 0, 0, 1, 1]), zero) == [0]


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_few_rows_one_class_and_no_variation_are_no_trouble(name):
    x = np.eye(3, dtype=np.uint8)
    assert predicted(name, x[:2], np.array([0, 1]), x[:1]) == [0]
    assert predicted(name, x[:1], np.array([2]), x).tolist() == [2, 2, 2]
    assert len(predicted(name, np.zeros((8, 3), np.uint8), np.repeat([0, 1], 4), x)) == 3


def test_scores_are_those_of_scikit_learn_with_weights():
    rng = np.random.default_rng(6)
    truth, given, weights = rng.choice(4, 300), rng.choice(4, 300), rng.exponential(size=300)
    for sample_weight in (None, weights):
        table = classifiers.confusion(truth, given, 4, sample_weight)
        theirs = {"sample_weight": sample_weight}
        assert np.allclose(table, sklearn_metrics.confusion_matrix(truth, given, **theirs))
        assert classifiers.accuracy(table) == pytest.approx(
            sklearn_metrics.accuracy_score(truth, given, **theirs)
        )
        for ours, score in ((classifiers.recalls, "recall_score"), (classifiers.f1_scores, "f1_score")):
            expected = getattr(sklearn_metrics, score)(truth, given, average=None, **theirs)
            assert np.allclose(ours(table), expected)
        macro = sklearn_metrics.f1_score(truth, given, average="macro", **theirs)
        assert classifiers.macro_f1(table) == pytest.approx(macro)
        weighted = sklearn_metrics.f1_score(truth, given, average="weighted", **theirs)
        assert classifiers.weighted_f1(table) == pytest.approx(weighted)
        kappa = sklearn_metrics.cohen_kappa_score(truth, given, **theirs)
        assert classifiers.kappa(table) == pytest.approx(kappa)


def test_kappa_is_none_by_chance_and_unknown_where_chance_does_all():
    assert classifiers.kappa(np.full((3, 3), 7.0)) == pytest.approx(0)
    assert classifiers.kappa(np.eye(3)) == 1
    assert np.isnan(classifiers.kappa(np.diag([5.0, 0.0])))


def test_a_class_without_rows_has_no_recall_and_one_that_never_occurs_no_f1():
    table = classifiers.confusion(np.array([0, 0]), np.array([0, 2]), 4)
    assert np.isnan(classifiers.recalls(table)).tolist() == [False, True, True, True]
    assert np.isnan(classifiers.f1_scores(table)).tolist() == [False, True, False, True]
    assert classifiers.macro_f1(table) == pytest.approx((2 / 3 + 0) / 2)
    assert classifiers.weighted_f1(table) == pytest.approx(2 / 3)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_training_on_rows_of_two_panels_is_one_on_their_stacked_alleles(comparison, name):
    train, synthetic, holdout = comparison.train, comparison.synthetic, comparison.holdout
    rows, others, judged = np.arange(0, 400, 3), np.arange(0, 400, 7), np.arange(0, 200, 2)
    order = classifiers.population_order(train)
    training = Training.of([(train, rows), (synthetic, others)], order, np.random.default_rng(0))
    x = np.concatenate([train.haplotypes[rows], synthetic.haplotypes[others]])
    y = np.concatenate([train.population[rows], synthetic.population[others]])
    expected = SKLEARN[name]().fit(x, y).predict(holdout.haplotypes[judged])
    assert np.array_equal(np.array(order)[training.predict(name, holdout, judged)], expected)


def test_populations_are_numbered_by_their_first_people_not_by_name(comparison):
    backwards = comparison.train[np.r_[240:400, 0:240]]  # EUR first in the file, AFR first by sample id
    assert classifiers.population_order(backwards) == ("AFR", "EUR")
    assert classifiers.codes_of(backwards, ("EUR", "AFR")).tolist() == [0] * 160 + [1] * 240
    assert backwards.sample_id[classifiers.in_id_order(backwards, np.array([0, 399, 398]))].tolist() == [
        "t00119", "t00119", "t00120",
    ]  # fmt: skip
