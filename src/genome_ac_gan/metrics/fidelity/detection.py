"""How well a classifier tells synthetic from real haplotypes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from genome_ac_gan.metrics.base import (
    Comparison,
    Metric,
    MetricResult,
    Statistic,
    as_table,
    statistics,
)
from genome_ac_gan.metrics.classifiers import Codes, in_id_order, ones_of, radial, scaled_gamma
from genome_ac_gan.metrics.draws import Rows, draw, equal_counts, person_weights, population_slices, sizes
from genome_ac_gan.metrics.scores import Scores, summarised
from genome_ac_gan.metrics.shared import Distances, across, pooled
from genome_ac_gan.panel import HaplotypePanel

if TYPE_CHECKING:
    from pandas import DataFrame

FOLDS = 5
MOST_DRAWS = 2  # a draw is ten trainings
GRID = np.linspace(0, 1, 101)
Floats = npt.NDArray[np.float64]


def detection(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Area under the curve of a classifier that tells synthetic from real haplotypes which it was not trained on.

    The area is the chance that, of a synthetic and a holdout haplotype, the
    classifier holds the synthetic one for more synthetic: 1/2 when it cannot
    tell, 1 when it always can; a tie counts one half. Below 1/2 is chance, or
    synthetic rows that sit on real ones.

    - `auc`: support vector machine with a radial kernel, exp(-gamma d) of
      Hamming distances d; sees linkage.
    - `auc_linear`: with a linear kernel, gamma times the number of alleles 1
      that two haplotypes share; sees little more than frequencies.

    gamma is scikit-learn's "scale", C = 1. Both sets are drawn down to the same
    number of rows in each population, 2,000 at most, and each is dealt out to 5
    folds by person, evenly in each population (fewer folds when a set has fewer
    people). Each fold is judged by classifiers trained on the others; only pairs
    within one fold are compared. For a population, the same classifiers are
    judged on its rows, when it has at least 20.

    There are two draws, or one with a single repeat. The value is their mean;
    the interval is of `repeats` random weightings of the people judged (Bayesian
    bootstrap), taking turns among the draws, centred on the value. It does not
    cover other training rows. `n` is the number of rows of one set. The curve is
    the pooled receiver operating characteristic, averaged over folds. Classifier
    two-sample test: Lopez-Paz & Oquab 2017 (doi:10.48550/arXiv.1610.06545).
    """
    data = pooled(data)
    panels = {"holdout": data.holdout, "synthetic": data.synthetic}
    strata = {name: data.strata(panel) for name, panel in panels.items()}
    counts = equal_counts(*strata.values())
    parts = population_slices(counts, labelled=data.labelled)
    weights = {name: person_weights(panel, repeats, rng) for name, panel in panels.items()}
    draws = []
    for _ in range(min(repeats, MOST_DRAWS)):
        rows = {
            name: in_id_order(panel, draw(panel, strata[name], counts, rng)) for name, panel in panels.items()
        }
        n_folds = min(FOLDS, *(len(np.unique(panel.person[rows[name]])) for name, panel in panels.items()))
        folds = [fold_of(panel, rows[name], strata[name], n_folds, rng) for name, panel in panels.items()]
        draws.append(judged_folds(list(zip(panels.values(), rows.values(), folds, strict=True))))
    masks = {
        population: [data.rows_of(panel, population).astype(np.float64) for panel in panels.values()]
        for population in parts
    }
    plain = [_scores(folds, masks) for folds in draws]
    weighted = [
        _scores(draws[repeat % len(draws)], masks, [each[repeat] for each in weights.values()])
        for repeat in range(repeats)
    ]
    n = sizes(parts)
    return MetricResult(
        table=as_table(summarised(plain, weighted, n)),
        curves={"detection": _curve([fold for folds in draws for fold in folds])},
    )


def fold_of(
    panel: HaplotypePanel, rows: Rows, strata: npt.NDArray[np.str_], n_folds: int, rng: np.random.Generator
) -> Rows:
    """Return the fold of each row, (n,): people at random, evenly in each population, rows of a person together."""
    ids, first, person = np.unique(panel.sample_id[rows], return_index=True, return_inverse=True)
    _, earliest, group = np.unique(strata[rows][first], return_index=True, return_inverse=True)
    order = np.lexsort(
        [rng.random(len(ids)), earliest[group]]
    )  # by each population's first person, not by name
    fold = np.empty(len(ids), dtype=np.intp)
    fold[order] = np.arange(len(ids)) % n_folds
    return fold[person]


@dataclass(frozen=True)
class Fold:
    """Rows that classifiers trained on the other folds have judged.

    Attributes
    ----------
    real, synthetic
        Row numbers in their panels, (n_real,) and (n_synthetic,).
    scores : mapping of str to (n_real + n_synthetic,) float64
        By statistic: the higher, the more synthetic; real rows first.
    """

    real: Rows
    synthetic: Rows
    scores: Mapping[str, Floats]

    def split(self, statistic: str) -> tuple[Floats, Floats]:
        """Return the scores of the real and of the synthetic rows."""
        scores = self.scores[statistic]
        return scores[: len(self.real)], scores[len(self.real) :]


def judged_folds(sides: Sequence[tuple[HaplotypePanel, Rows, Rows]]) -> list[Fold]:
    """Return each fold as it is judged by classifiers trained on the others; none when there is one fold only.

    Parameters
    ----------
    sides
        Panel, rows and their folds: of the real set, then of the synthetic one.
    """
    distances = np.block([[across(p, q, r, s) for q, s, _ in sides] for p, r, _ in sides])
    ones = np.concatenate([ones_of(panel)[rows] for panel, rows, _ in sides])
    is_synthetic = np.repeat([0, 1], [len(rows) for _, rows, _ in sides])
    folds = np.concatenate([fold for _, _, fold in sides])
    n_folds = int(folds.max()) + 1
    (_, real, real_fold), (panel, synthetic, synthetic_fold) = sides
    return [
        Fold(
            real[real_fold == k],
            synthetic[synthetic_fold == k],
            _decisions(distances, ones, panel.n_variants, is_synthetic, folds == k),
        )
        for k in range(n_folds if n_folds > 1 else 0)
    ]


def _decisions(
    distances: Distances, ones: npt.NDArray[np.int64], n_variants: int, is_synthetic: Codes,
    test: npt.NDArray[np.bool_],
) -> dict[str, Floats]:  # fmt: skip
    from sklearn.svm import SVC

    to_train = distances[:, ~test]
    gamma = scaled_gamma(ones[~test], n_variants)
    shared = gamma / 2 * (ones[:, None] + ones[~test] - to_train.astype(np.float64))
    return {
        statistic: SVC(kernel="precomputed")
        .fit(kernel[~test], is_synthetic[~test])
        .decision_function(kernel[test])
        for statistic, kernel in (("auc", radial(to_train, gamma)), ("auc_linear", shared))
    }


def area(folds: Sequence[Fold], statistic: str, real_weights: Floats, synthetic_weights: Floats) -> float:
    """Return the weighted share of pairs within folds whose synthetic row has the higher score, ties one half.

    Weights are those of all rows of the panels. NaN when no pair has a weight.
    """
    higher = total = 0.0
    for fold in folds:
        real, synthetic = fold.split(statistic)
        a, b = real_weights[fold.real], synthetic_weights[fold.synthetic]
        difference = synthetic - real[:, None]  # (n_real, n_synthetic)
        higher += float(a @ ((1 + np.sign(difference)) / 2) @ b)
        total += float(a.sum() * b.sum())
    return higher / total if total else np.nan


def _scores(
    folds: Sequence[Fold], masks: Mapping[str, Sequence[Floats]], weights: Sequence[Floats] | None = None
) -> Scores:
    scores: Scores = {}
    for population, (real, synthetic) in masks.items():
        a, b = (real, synthetic) if weights is None else (real * weights[0], synthetic * weights[1])
        scores |= {(population, name): area(folds, name, a, b) for name in ("auc", "auc_linear")}
    return scores


def _curve(folds: Sequence[Fold]) -> "DataFrame":
    """Return the mean share of synthetic rows called so, `true`, where a share `false` of real ones is."""
    import pandas as pd

    rows = []
    for statistic in ("auc", "auc_linear"):
        found = [_operating(*fold.split(statistic)) for fold in folds]
        if found:
            rows.append(pd.DataFrame({"statistic": statistic, "false": GRID, "true": np.mean(found, axis=0)}))
    columns = ["statistic", "false", "true"]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)


def _operating(real: Floats, synthetic: Floats) -> Floats:
    """Return the receiver operating characteristic at the shares of `GRID`."""
    cuts = np.unique(np.concatenate([real, synthetic]))[::-1]
    false, true = (np.append(0.0, (values[:, None] >= cuts).mean(axis=0)) for values in (real, synthetic))
    at_grid: Floats = np.interp(GRID, false, true)
    return at_grid


METRIC = Metric(
    function=detection, title="Detection by a classifier", group="fidelity", headline="auc",
    statistics={
        "auc": Statistic(
            ideal=0.5, name="area under the curve",
            about="How often a trained classifier picks the artificial genome out of a pair with a real one. One "
            "half is ideal; 1 means that it always can.",
        ),
        **statistics(auc_linear=0.5),
    },
)  # fmt: skip
