"""Classifiers of haplotypes that see distances only, and the scores of what they predict.

The squared Euclidean distance of rows of 0 and 1 is their Hamming distance, so
that scikit-learn's classifiers need nothing but the matrices that the metrics
share. Populations are numbered in the order of their first sample id, and
training rows are shuffled from the order of their ids: neither names nor the
order of a file decide a tie.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genome_ac_gan.metrics.base import POOLED
from genome_ac_gan.metrics.draws import Rows, id_order
from genome_ac_gan.metrics.scores import Scores
from genome_ac_gan.metrics.shared import Distances, across, remembered
from genome_ac_gan.panel import HaplotypePanel

NEIGHBOURS = 5
MOST_TRAININGS = (
    5  # behind one value: draws of training rows; repeats beyond them weight the people judged anew
)
Codes = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]
Part = tuple[HaplotypePanel, Rows]


def svc(train: Distances, y: Codes, test: Distances, gamma: float) -> Codes:
    """Support vector machine, `sklearn.svm.SVC()`: radial kernel exp(-gamma d), C = 1, one class against one."""
    from sklearn.svm import SVC

    if len(np.unique(y)) == 1:
        return np.full(len(test), y[0])
    machine = SVC(kernel="precomputed").fit(radial(train, gamma), y)
    predicted: Codes = machine.predict(radial(test, gamma))
    return predicted


def knn(train: Distances, y: Codes, test: Distances, gamma: float) -> Codes:
    """Majority of the 5 nearest rows, `sklearn.neighbors.KNeighborsClassifier()`; all rows when there are fewer.

    As many votes for two classes: the smaller number. As near as the fifth
    neighbour: the earlier training row (which scikit-learn leaves to its way of
    sorting).
    """
    n = len(y)
    order = test.astype(np.float64) * n + np.arange(n)  # distances are whole numbers: no two are equal
    k = min(NEIGHBOURS, n)
    nearest = np.argpartition(order, k - 1, axis=1)[:, :k]  # (n_test, k)
    votes = (y[nearest][:, :, None] == np.arange(y.max() + 1)).sum(axis=1)
    winners: Codes = votes.argmax(axis=1)
    return winners


Classifier = Callable[[Distances, Codes, Distances, float], Codes]
CLASSIFIERS: Mapping[str, Classifier] = {"svc": svc, "knn": knn}


def fit_predict(
    name: str, distances_train: Distances, y: Codes, distances_test_train: Distances, *, gamma: float
) -> Codes:
    """Return the classes that a classifier of `CLASSIFIERS` gives to the test rows.

    Parameters
    ----------
    distances_train : (n_train, n_train)
        Hamming distances, 0 on the diagonal.
    y : (n_train,)
        Classes, numbered from 0.
    distances_test_train : (n_test, n_train)
    gamma
        Width of radial kernels (`scaled_gamma`).
    """
    return CLASSIFIERS[name](distances_train, y, distances_test_train, gamma)


def radial(distances: Distances, gamma: float) -> Floats:
    """Return the radial kernel exp(-gamma d) of Hamming distances, in double precision."""
    kernel = distances.astype(np.float64)
    kernel *= -gamma
    return np.exp(kernel, out=kernel)


def scaled_gamma(ones: npt.NDArray[np.int64], n_variants: int) -> float:
    """Return scikit-learn's gamma "scale", 1 / (n_variants * variance of all entries); 1 without variance.

    Parameters
    ----------
    ones : (n_train,)
        How many alleles 1 each training row carries.
    """
    mean = float(ones.mean()) / n_variants
    variance = mean * (1 - mean)
    return 1 / (n_variants * variance) if variance else 1.0


def ones_of(panel: HaplotypePanel) -> npt.NDArray[np.int64]:
    """Return how many alleles 1 each haplotype carries, remembered."""
    return remembered(panel, "ones", lambda: panel.haplotypes.sum(axis=1, dtype=np.int64))


def population_order(panel: HaplotypePanel) -> tuple[str, ...]:
    """Return the populations in the order of their first sample ids, which no renaming changes."""
    by_id = id_order(panel)
    return tuple(dict.fromkeys(panel.population[by_id].tolist()))


def codes_of(panel: HaplotypePanel, order: Sequence[str]) -> Codes:
    """Return the number of each row's population in `order`, (n_haplotypes,)."""
    number = {name: index for index, name in enumerate(order)}
    return np.array([number[name] for name in panel.population.tolist()], dtype=np.intp)


def in_id_order(panel: HaplotypePanel, rows: Rows) -> Rows:
    """Return rows sorted by their sample ids; those of one person in the order of the panel."""
    rows = np.sort(rows)
    return rows[np.argsort(panel.sample_id[rows], kind="stable")]


@dataclass(frozen=True, kw_only=True)
class Training:
    """Rows of one or more panels that classifiers are fitted on, in random order.

    Attributes
    ----------
    parts : sequence of (panel, rows)
    places : sequence of (n_rows,)
        Where the rows of each part stand.
    y : (n_train,)
        Classes.
    distances : (n_train, n_train)
    gamma : float
    """

    parts: Sequence[Part]
    places: Sequence[Rows]
    y: Codes
    distances: Distances
    gamma: float

    @classmethod
    def of(cls, parts: Sequence[Part], order: Sequence[str], rng: np.random.Generator) -> "Training":
        """Return the training of these rows; populations are numbered by `order`."""
        parts = [(panel, in_id_order(panel, rows)) for panel, rows in parts]
        sizes = [len(rows) for _, rows in parts]
        places = np.split(rng.permutation(sum(sizes)), np.cumsum(sizes)[:-1])
        y = np.empty(sum(sizes), dtype=np.intp)
        distances = np.empty((len(y), len(y)), dtype=np.float64)
        for (first, rows), place in zip(parts, places, strict=True):
            y[place] = codes_of(first, order)[rows]
            for (second, columns), other in zip(parts, places, strict=True):
                distances[np.ix_(place, other)] = across(first, second, rows, columns)
        ones = np.concatenate([ones_of(panel)[rows] for panel, rows in parts])
        gamma = scaled_gamma(ones, parts[0][0].n_variants)
        return cls(parts=parts, places=places, y=y, distances=distances, gamma=gamma)

    def predict(self, name: str, panel: HaplotypePanel, rows: Rows) -> Codes:
        """Return the populations, by number, that a classifier gives to rows of a panel."""
        test = np.empty((len(rows), len(self.y)), dtype=np.float64)
        for (part, columns), place in zip(self.parts, self.places, strict=True):
            test[:, place] = across(panel, part, rows, columns)
        return fit_predict(name, self.distances, self.y, test, gamma=self.gamma)


def confusion(truth: Codes, predicted: Codes, n_classes: int, weights: Floats | None = None) -> Floats:
    """Return the (weighted) number of rows of each class (rows) that were given each class (columns)."""
    cells = truth * n_classes + predicted
    counts = np.bincount(cells, weights, minlength=n_classes * n_classes)
    return counts.reshape(n_classes, n_classes).astype(np.float64)


def accuracy(table: Floats) -> float:
    """Return the share of rows that were given their own class, from a confusion table."""
    return float(np.trace(table) / table.sum())


def recalls(table: Floats) -> Floats:
    """Return the share of each class's rows that were given it; NaN for a class without rows."""
    rows = table.sum(axis=1)
    return _ratio(np.diag(table), rows)


def f1_scores(table: Floats) -> Floats:
    """Return the F1 of each class, 2PR / (P + R) of precision P and recall R; NaN for a class that never occurs."""
    either = table.sum(axis=1) + table.sum(axis=0)
    return _ratio(2 * np.diag(table), either)


def _ratio(part: Floats, whole: Floats) -> Floats:
    ratio: Floats = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return ratio


def macro_f1(table: Floats) -> float:
    """Return the mean F1 of the classes that occur."""
    return float(np.nanmean(f1_scores(table)))


def weighted_f1(table: Floats) -> float:
    """Return the mean F1 of the classes, weighted by their rows."""
    rows = table.sum(axis=1)
    present = rows > 0
    return float(np.average(f1_scores(table)[present], weights=rows[present]))


def kappa(table: Floats) -> float:
    """Return Cohen's kappa, ``(a - c) / (1 - c)`` of the accuracy a and what chance c gives; NaN where c is 1.

    Chance keeps how often each class occurs and how often it is given.

    References
    ----------
    Cohen 1960, 10.1177/001316446002000104.
    """
    shares = table / table.sum()
    chance = float(shares.sum(axis=1) @ shares.sum(axis=0))
    return (accuracy(table) - chance) / (1 - chance) if chance < 1 else float("nan")


def class_scores(table: Floats, order: Sequence[str]) -> Scores:
    """Return `accuracy` and `f1` from a confusion table.

    Accuracy and macro F1 for `all`; recall and F1 of each population under the
    same two names.
    """
    scores: Scores = {(POOLED, "accuracy"): accuracy(table), (POOLED, "f1"): macro_f1(table)}
    for name, recall, f1 in zip(order, recalls(table), f1_scores(table), strict=True):
        scores |= {(name, "accuracy"): float(recall), (name, "f1"): float(f1)}
    return scores
