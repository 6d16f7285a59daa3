"""Who stands nearest to test people when artificial genomes join the real ones: why nearest neighbours gain or lose."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from genome_ac_gan.metrics.classifiers import NEIGHBOURS
from genome_ac_gan.metrics.shared import distances
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.frequency import allele_counts
from genome_ac_gan.popgen.spectrum import pairwise_differences

if TYPE_CHECKING:
    from pandas import DataFrame

Floats = npt.NDArray[np.float64]
COLUMNS = (
    "set",
    "diversity",
    "artificial",
    "right_alone",
    "right",
    "right_artificial",
    "right_displaced",
    "chance",
)


def neighbours(train: HaplotypePanel, test: HaplotypePanel, sets: Sequence[HaplotypePanel]) -> "DataFrame":
    """Return who the 5 nearest training rows of test haplotypes are, set by set.

    Parameters
    ----------
    train, test
        Real people.
    sets
        Artificial genomes, each set added to `train` as a whole.

    Returns
    -------
    DataFrame
        `COLUMNS`, a row a set. `diversity`: that of the set within populations over that of `train`
        (`diversity`). `artificial`: the share of the neighbours that belong to the set. Shares of
        neighbours that are of the test haplotype's own population: `right_alone` among real people
        alone, `right` with the set added, `right_artificial` of those that belong to it,
        `right_displaced` of the real ones that these displace; NaN where there are none. `chance`:
        the same of all training haplotypes. Of rows as near as the fifth each counts for a part.
    """
    import pandas as pd

    own, near = diversity(train), distances(test, train)
    same = test.population[:, None] == train.population
    alone, rows = weights(near), []
    for number, made in enumerate(sets, 1):
        counted = weights(np.concatenate([near, distances(test, made)], axis=1))
        real, artificial = np.split(counted, [train.n_haplotypes], axis=1)
        same_made = test.population[:, None] == made.population
        right = real[same].sum() + artificial[same_made].sum()
        rows.append({
            "set": number,
            "diversity": diversity(made) / own if own else np.nan,
            "artificial": artificial.sum() / counted.sum(),
            "right_alone": _share(same, alone),
            "right": right / counted.sum(),
            "right_artificial": _share(same_made, artificial),
            "right_displaced": _share(same, alone - real),
            "chance": same.mean(),
        })  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def weights(near: npt.NDArray[np.floating], k: int = NEIGHBOURS) -> Floats:
    """Return how far each training row counts as one of the k nearest of each test row, (n_test, n_train).

    1 for rows nearer than the k-th; those as near as that share what is left of k.
    """
    k = min(k, near.shape[1])
    last = np.partition(near, k - 1, axis=1)[:, k - 1 : k]
    nearer, level = near < last, near == last
    left = k - nearer.sum(axis=1, keepdims=True)
    return np.asarray(nearer + level * (left / level.sum(axis=1, keepdims=True)))


def diversity(panel: HaplotypePanel) -> float:
    """Return how many variants differ between two haplotypes of one population, on average over haplotypes.

    Populations of one haplotype are left out; NaN where there is no other.
    """
    found = [(n, panel.of(name)) for name, n in panel.counts.items() if n > 1]
    if not found:
        return float("nan")
    each = [
        pairwise_differences(np.bincount(allele_counts(of.haplotypes), minlength=n + 1).astype(float), n)
        for n, of in found
    ]
    return float(np.average(each, weights=[n for n, _ in found]))


def _share(same: npt.NDArray[np.bool_], counted: Floats) -> float:
    total = counted.sum()
    return float(counted[same].sum() / total) if total > 1e-9 else float("nan")  # else but rounding is left
