"""Train on synthetic, test on real: what classifiers of populations learn from synthetic haplotypes."""

from collections.abc import Mapping

import numpy as np

from genome_ac_gan.metrics.base import (
    POOLED,
    Comparison,
    Metric,
    MetricResult,
    Statistic,
    as_table,
    statistics,
)
from genome_ac_gan.metrics.classifiers import (
    CLASSIFIERS,
    MOST_TRAININGS,
    Codes,
    Floats,
    Training,
    class_scores,
    codes_of,
    confusion,
    population_order,
)
from genome_ac_gan.metrics.draws import MIN_ROWS, draw, equal_counts, person_weights
from genome_ac_gan.metrics.scores import Scores, summarised
from genome_ac_gan.metrics.shared import pooled

Predictions = Mapping[tuple[str, str], Codes]  # by classifier and side


def population_classifier(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Accuracy on real people of a classifier of populations that learned from synthetic haplotypes, or from real ones.

    `svc` is a support vector machine with radial kernel, `knn` the 5 nearest
    neighbours: scikit-learn's with their defaults.

    - `tstr_svc`, `tstr_knn`: train on synthetic, test on real (holdout).
    - `trtr_svc`, `trtr_knn`: train on real (train rows), test on real.
    - `recovery_svc`, `recovery_knn`: tstr / trtr, the recovery rate.
    - `f1_svc`, `f1_knn`, `trtr_f1_svc`, `trtr_f1_knn`: macro F1 of either.

    In the rows of one population accuracy is recall, the share of its people
    that are given it, and F1 is its own, 2PR / (P + R). Population labels are
    needed: without them the table is empty.

    Train and synthetic set are drawn down to the same number of rows in each
    population, 2,000 at most, `repeats` times, at most 5; all holdout rows are
    judged. The value is the mean over the draws; the interval is of `repeats`
    random weightings of the holdout people (Bayesian bootstrap), taking turns
    among the draws, centred on the value. Populations with at least 20 rows in
    every set. `n` is the number of holdout rows. Esteban et al. 2017
    (doi:10.48550/arXiv.1706.02633).
    """
    if not data.labelled:
        return MetricResult(table=as_table([]))
    data = pooled(data)
    order = population_order(data.train)
    truth, weights = codes_of(data.holdout, order), person_weights(data.holdout, repeats, rng)
    counts = equal_counts(data.train.population, data.synthetic.population)
    trained = [_predictions(data, order, counts, rng) for _ in range(min(repeats, MOST_TRAININGS))]
    plain = [_scores(truth, each, order) for each in trained]
    weighted = [
        _scores(truth, trained[repeat % len(trained)], order, weights[repeat]) for repeat in range(repeats)
    ]
    tested = data.holdout.counts
    shown = [name for name in order if min(counts[name], tested[name]) >= MIN_ROWS]
    n = {POOLED: data.holdout.n_haplotypes, **{name: tested[name] for name in shown}}
    return MetricResult(table=as_table(summarised(plain, weighted, n, _limits)))


def _limits(statistic: str) -> tuple[float, float]:
    return (0.0, np.inf if statistic.startswith("recovery") else 1.0)


def _predictions(
    data: Comparison, order: tuple[str, ...], counts: Mapping[str, int], rng: np.random.Generator
) -> Predictions:
    everyone = np.arange(data.holdout.n_haplotypes)
    result = {}
    for side, panel in (("tstr", data.synthetic), ("trtr", data.train)):
        rows = draw(panel, panel.population, counts, rng)
        training = Training.of([(panel, rows)], order, rng)
        for name in CLASSIFIERS:
            result[name, side] = training.predict(name, data.holdout, everyone)
    return result


def _scores(
    truth: Codes, predictions: Predictions, order: tuple[str, ...], weights: Floats | None = None
) -> Scores:
    scores: Scores = {}
    for classifier in CLASSIFIERS:
        tstr, trtr = (
            class_scores(confusion(truth, predictions[classifier, side], len(order), weights), order)
            for side in ("tstr", "trtr")
        )
        for population in (POOLED, *order):
            ours, theirs = tstr[population, "accuracy"], trtr[population, "accuracy"]
            scores[population, f"recovery_{classifier}"] = ours / theirs if theirs else np.nan
            scores[population, f"tstr_{classifier}"] = ours
            scores[population, f"trtr_{classifier}"] = theirs
            scores[population, f"f1_{classifier}"] = tstr[population, "f1"]
            scores[population, f"trtr_f1_{classifier}"] = trtr[population, "f1"]
    return scores


METRIC = Metric(
    function=population_classifier, title="Classifiers of populations", group="utility",
    headline="recovery_svc",
    statistics={
        "recovery_svc": Statistic(
            ideal=1, name="recovery rate",
            about="Accuracy on real people of a population classifier trained on artificial genomes, as a share of "
            "that of one trained on as many real people.",
        ),
        **statistics(
            recovery_knn=1, tstr_svc=1, tstr_knn=1, trtr_svc=1, trtr_knn=1,
            f1_svc=1, f1_knn=1, trtr_f1_svc=1, trtr_f1_knn=1,
        ),
    },
)  # fmt: skip
