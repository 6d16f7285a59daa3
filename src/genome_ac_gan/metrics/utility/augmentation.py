"""What classifiers of populations gain from synthetic haplotypes added to real ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genome_ac_gan.errors import PanelError
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
from genome_ac_gan.metrics.draws import MIN_ROWS, Rows, draw, equal_counts, person_weights
from genome_ac_gan.metrics.scores import Scores, summarised
from genome_ac_gan.metrics.shared import pooled
from genome_ac_gan.panel import HaplotypePanel

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_REAL = 1000
COLUMNS = (
    "classifier", "share", "repeat", "n_real", "n_synthetic", "population", "statistic", "value",
)  # fmt: skip
NAMES, NAMES_WITHIN = {"accuracy": "accuracy", "f1": "macro_f1"}, {"accuracy": "recall", "f1": "f1"}
Pair = tuple[Codes, Codes]  # predictions without and with synthetic rows


def augmentation(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Accuracy that a classifier of populations gains on real people when synthetic haplotypes join its real ones.

    `svc` is a support vector machine with radial kernel, `knn` the 5 nearest
    neighbours: scikit-learn's with their defaults.

    - `accuracy_svc`, `accuracy_knn`: trained on train rows alone.
    - `augmented_accuracy_svc`, `augmented_accuracy_knn`: on the same rows and as
      many synthetic ones, population by population.
    - `gain_svc`, `gain_knn`: the second minus the first. 0 is no gain, more is
      better. The ideal 1 is only the end of the scale, so that the set that helps
      more is nearer to it; what further real people bring is in the row `train`.
    - `f1_svc`, `augmented_f1_svc`, `f1_gain_svc` and those of `knn`: the same of
      macro F1.

    In the rows of one population accuracy is recall, the share of its people
    that are given it, and F1 is its own, 2PR / (P + R). Population labels are
    needed: without them the table is empty.

    Of each population as many train and as many synthetic rows are drawn as both
    sets have, 1,000 in all at most, `repeats` times, at most 5; all holdout rows
    are judged. The value is the mean over the draws; the interval is of
    `repeats` random weightings of the holdout people (Bayesian bootstrap), the
    same with and without synthetic rows, taking turns among the draws, centred
    on the value. Populations with at least 20 rows in every set. `n` is the
    number of holdout rows. Genome-AC-GAN (doi:10.1101/2024.02.14.580420).
    """
    if not data.labelled:
        return MetricResult(table=as_table([]))
    data = pooled(data)
    order = population_order(data.train)
    truth, weights = codes_of(data.holdout, order), person_weights(data.holdout, repeats, rng)
    counts = _cut(equal_counts(data.train.population, data.synthetic.population))
    trained = _pairs(data, counts, min(repeats, MOST_TRAININGS), rng)
    plain = [_scores(truth, each, order) for each in trained]
    weighted = [
        _scores(truth, trained[repeat % len(trained)], order, weights[repeat]) for repeat in range(repeats)
    ]
    tested = data.holdout.counts
    shown = [name for name in order if min(counts[name], tested[name]) >= MIN_ROWS]
    n = {POOLED: data.holdout.n_haplotypes, **{name: tested[name] for name in shown}}
    return MetricResult(table=as_table(summarised(plain, weighted, n, _limits)))


def _limits(statistic: str) -> tuple[float, float]:
    return (-1.0 if "gain" in statistic else 0.0, 1.0)


def _cut(counts: Mapping[str, int]) -> dict[str, int]:
    share = min(1.0, MOST_REAL / sum(counts.values()))
    return {name: max(1, int(n * share)) for name, n in counts.items()}


def _pairs(
    data: Comparison, counts: Mapping[str, int], n_draws: int, rng: np.random.Generator
) -> list[Mapping[str, Pair]]:
    found: list[dict[str, list[Codes]]] = [{name: [] for name in CLASSIFIERS} for _ in range(n_draws)]
    for each in predictions(data, tuple(CLASSIFIERS), (0.0, 1.0), n_draws, rng, counts):
        found[each.repeat][each.classifier].append(each.predicted)
    return [{name: (first, second) for name, (first, second) in pairs.items()} for pairs in found]


def _scores(
    truth: Codes, pairs: Mapping[str, Pair], order: Sequence[str], weights: Floats | None = None
) -> Scores:
    scores: Scores = {}
    for classifier, pair in pairs.items():
        without, augmented = (
            class_scores(confusion(truth, predicted, len(order), weights), order) for predicted in pair
        )
        for (population, kind), value in without.items():
            gain = "gain" if kind == "accuracy" else f"{kind}_gain"
            scores[population, f"{gain}_{classifier}"] = augmented[population, kind] - value
            scores[population, f"{kind}_{classifier}"] = value
            scores[population, f"augmented_{kind}_{classifier}"] = augmented[population, kind]
    return scores


def augmentation_gain(
    train_panel: HaplotypePanel,
    synthetic_panel: HaplotypePanel,
    test_panel: HaplotypePanel,
    *,
    classifiers: Sequence[str] = tuple(CLASSIFIERS),
    shares: Sequence[float],
    repeats: int,
    rng: np.random.Generator,
    counts: Mapping[str, int] | None = None,
) -> "DataFrame":
    """Return how well classifiers trained on real and synthetic haplotypes tell the populations of real people.

    Parameters
    ----------
    train_panel, synthetic_panel, test_panel
        Over the same variants and populations. Panels of more than 6,000
        haplotypes are cut to random ones (`shared.pooled`).
    classifiers
        Names in `CLASSIFIERS`.
    shares
        Share q adds q times as many synthetic rows as there are real ones, in
        the label proportions of the real ones (0 adds none).
    repeats
        Draws of synthetic rows. Within one, those of a smaller share are among
        those of a larger one.
    counts
        Real rows of each population, drawn anew in each repeat; all of them
        when left out.

    Returns
    -------
    DataFrame
        Tidy: `classifier`, `share`, `repeat`, `n_real`, `n_synthetic`,
        `population`, `statistic`, `value`; `accuracy` and `macro_f1` of `all`,
        `recall` and `f1` of each population (undefined ones have no row). F1 is
        2PR / (P + R); the Genome-AC-GAN paper's Figure 15 has 1e-5 more below
        the line.

    Raises
    ------
    PanelError
        When the panels do not fit, or a population has too few synthetic rows
        for the largest share.
    """
    import pandas as pd

    data = pooled(Comparison(train=train_panel, holdout=test_panel, synthetic=synthetic_panel))
    if not data.labelled:
        raise PanelError("augmentation needs population labels: the synthetic panel has none")
    order = population_order(data.train)
    truth = codes_of(data.holdout, order)
    rows = []
    for each in predictions(data, classifiers, shares, repeats, rng, counts):
        known = (each.classifier, each.share, each.repeat, each.n_real, each.n_synthetic)
        scores = class_scores(confusion(truth, each.predicted, len(order)), order)
        for (population, kind), value in scores.items():
            statistic = NAMES[kind] if population == POOLED else NAMES_WITHIN[kind]
            rows.append((*known, population, statistic, value))
    return pd.DataFrame(rows, columns=COLUMNS).dropna(ignore_index=True)


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What one classifier, trained on real rows and a share of synthetic ones, says of every holdout row.

    Attributes
    ----------
    classifier, share, repeat
    n_real, n_synthetic : int
        Rows that it was trained on.
    predicted : (n_holdout,)
        Populations, numbered in the order of `population_order(train)`.
    """

    classifier: str
    share: float
    repeat: int
    n_real: int
    n_synthetic: int
    predicted: Codes


def predictions(
    data: Comparison,
    classifiers: Sequence[str],
    shares: Sequence[float],
    repeats: int,
    rng: np.random.Generator,
    counts: Mapping[str, int] | None = None,
) -> Iterator[Prediction]:
    """Yield the predictions of each classifier for each share in each repeat; see `augmentation_gain`."""
    train, synthetic, order = data.train, data.synthetic, population_order(data.train)
    counts = train.counts if counts is None else counts
    most = added_counts(counts, max(shares))
    _check_enough(synthetic, most)
    everyone = np.arange(data.holdout.n_haplotypes)
    for repeat in range(repeats):
        real = draw(train, train.population, counts, rng)
        drawn = _by_population(draw(synthetic, synthetic.population, most, rng), most)
        for share in shares:
            added = np.concatenate([drawn[name][:n] for name, n in added_counts(counts, share).items()])
            training = Training.of([(train, real), (synthetic, added)], order, rng)
            for classifier in classifiers:
                yield Prediction(
                    classifier=classifier, share=share, repeat=repeat, n_real=len(real), n_synthetic=len(added),
                    predicted=training.predict(classifier, data.holdout, everyone),
                )  # fmt: skip


def added_counts(counts: Mapping[str, int], share: float) -> dict[str, int]:
    """Return how many synthetic rows of each population a share adds: rounded, so that they grow with the share."""
    return {name: int(n * share + 0.5) for name, n in counts.items()}


def _by_population(rows: Rows, counts: Mapping[str, int]) -> dict[str, Rows]:
    """Return the rows of a `draw` by population, in their random order."""
    ends = np.cumsum(list(counts.values()))
    return dict(zip(counts, np.split(rows, ends[:-1]), strict=True))


def _check_enough(synthetic: HaplotypePanel, wanted: Mapping[str, int]) -> None:
    for name, n in wanted.items():
        if synthetic.counts[name] < n:
            raise PanelError(
                f"augmentation needs {n} synthetic haplotypes of {name}, the panel has {synthetic.counts[name]}: "
                "generate more, or give smaller shares or counts"
            )


METRIC = Metric(
    function=augmentation, title="Augmentation", group="utility", headline="gain_svc",
    statistics={
        "gain_svc": Statistic(
            ideal=1, name="accuracy gained",  # the end of the scale: of two sets the one that helps more is nearer
            about="How much better a population classifier tells real people when artificial genomes join the real "
            "ones it learns from. 0 is no gain, more is better.",
        ),
        **statistics(
            gain_knn=1, f1_gain_svc=1, f1_gain_knn=1,
            accuracy_svc=1, accuracy_knn=1, augmented_accuracy_svc=1, augmented_accuracy_knn=1,
            f1_svc=1, f1_knn=1, augmented_f1_svc=1, augmented_f1_knn=1,
        ),
    },
)  # fmt: skip
