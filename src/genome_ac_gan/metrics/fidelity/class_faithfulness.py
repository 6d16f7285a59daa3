"""Whether synthetic haplotypes look like the populations whose labels they carry."""

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
    accuracy,
    codes_of,
    confusion,
    population_order,
    recalls,
)
from genome_ac_gan.metrics.draws import (
    MAX_ROWS,
    MIN_ROWS,
    Rows,
    draw,
    equal_counts,
    person_weights,
    proportional_counts,
)
from genome_ac_gan.metrics.scores import Scores, summarised
from genome_ac_gan.metrics.shared import pooled


def class_faithfulness(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Accuracy of a classifier of populations, trained on real people, on synthetic haplotypes and on other people.

    - `accuracy`: share of synthetic rows that a support vector machine trained
      on train rows gives the label that they carry.
    - `real_accuracy`: the same of holdout rows.
    - `gap`: `real_accuracy` - `accuracy`. Above 0 labels are less clear than in
      real people, below 0 clearer: typical haplotypes only, or copies of the
      very rows that the classifier knows.

    `knn_accuracy`, `knn_real_accuracy` and `knn_gap` are those of the 5 nearest
    neighbours. In the rows of one population accuracy is recall: the share of
    its haplotypes that are given it. Classifiers are scikit-learn's with their
    defaults; population labels are needed: without them the table is empty.

    Both judged sets are drawn down to the same number of rows in each
    population, 2,000 at most; the classifiers are trained on as many train rows
    as there are, in proportion to the populations, 2,000 at most. There are
    `repeats` draws, at most 5. The value is their mean; the interval is of
    `repeats` random weightings of the people judged (Bayesian bootstrap), taking
    turns among the draws, centred on the value. Populations with at least 20
    rows in both sets. `n` is the number of rows judged in one set. The question
    of GAN-test (Shmelkov et al. 2018, doi:10.48550/arXiv.1807.09499).
    """
    if not data.labelled:
        return MetricResult(table=as_table([]))
    data = pooled(data)
    order = population_order(data.train)
    counts = equal_counts(data.holdout.population, data.synthetic.population)
    weights = [person_weights(panel, repeats, rng) for panel in (data.holdout, data.synthetic)]
    judged = [_Judged(data, order, counts, rng) for _ in range(min(repeats, MOST_TRAININGS))]
    plain = [each.scores() for each in judged]
    weighted = [
        judged[repeat % len(judged)].scores([each[repeat] for each in weights]) for repeat in range(repeats)
    ]
    n = {POOLED: sum(counts.values()), **{name: n for name, n in counts.items() if n >= MIN_ROWS}}
    return MetricResult(table=as_table(summarised(plain, weighted, n, _limits)))


def _limits(statistic: str) -> tuple[float, float]:
    return (-1.0, 1.0) if statistic.endswith("gap") else (0.0, 1.0)


class _Judged:
    """What classifiers trained on one draw say of one draw of holdout and synthetic rows."""

    def __init__(
        self, data: Comparison, order: tuple[str, ...], counts: dict[str, int], rng: np.random.Generator
    ) -> None:
        training = Training.of([(data.train, _train_rows(data, rng))], order, rng)
        self.order = order
        self.panels = data.holdout, data.synthetic
        self.rows = [draw(each, each.population, counts, rng) for each in self.panels]
        self.truth = [
            codes_of(panel, order)[rows] for panel, rows in zip(self.panels, self.rows, strict=True)
        ]
        self.predicted: dict[str, list[Codes]] = {
            name: [training.predict(name, *part) for part in zip(self.panels, self.rows, strict=True)]
            for name in CLASSIFIERS
        }

    def scores(self, weights: list[Floats] | None = None) -> Scores:
        """Return accuracies and gaps; weights are those of all holdout and of all synthetic rows."""
        scores: Scores = {}
        for name, predicted in self.predicted.items():
            prefix = "" if name == "svc" else f"{name}_"
            real, synthetic = (
                confusion(
                    self.truth[side], predicted[side], len(self.order),
                    None if weights is None else weights[side][self.rows[side]],
                )
                for side in range(2)
            )  # fmt: skip
            for population, a, b in zip(
                (POOLED, *self.order),
                (accuracy(real), *recalls(real).tolist()),
                (accuracy(synthetic), *recalls(synthetic).tolist()),
                strict=True,
            ):
                scores[population, f"{prefix}gap"] = a - b
                scores[population, f"{prefix}accuracy"] = b
                scores[population, f"{prefix}real_accuracy"] = a
        return scores


def _train_rows(data: Comparison, rng: np.random.Generator) -> Rows:
    train = data.train
    counts = proportional_counts(train.population, min(MAX_ROWS, train.n_haplotypes))
    counts = {name: max(1, n) for name, n in counts.items()}  # no population is unknown to the classifiers
    return draw(train, train.population, counts, rng)


METRIC = Metric(
    function=class_faithfulness, title="Faithfulness to populations", group="fidelity", headline="gap",
    statistics={
        "gap": Statistic(
            ideal=0, name="accuracy lost",
            about="How much less often a classifier trained on real people recognises the population of an artificial "
            "genome than that of a real person. Below 0, more often: stereotypes or copies.",
        ),
        **statistics(
            accuracy=1, real_accuracy=1, knn_gap=0, knn_accuracy=1, knn_real_accuracy=1,
        ),
    },
)  # fmt: skip
