"""Scores that an attacker gives to real haplotypes: high for those the synthetic ones seem to be learned from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genome_ac_gan.metrics.base import Comparison
from genome_ac_gan.metrics.draws import Rows
from genome_ac_gan.metrics.privacy.neighbours import nearest_rows
from genome_ac_gan.metrics.shared import POOL, Distances, across, distances, own_distances, remembered
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.density import (
    Floats,
    copying_error,
    log_copy_density,
    log_site_density,
    smoothed_frequencies,
)
from genome_ac_gan.popgen.distance import hamming, nearest
from genome_ac_gan.popgen.frequency import column_blocks

TILE = 1024
REAL = ("train", "holdout")
Pair = tuple[Floats, Floats]


@dataclass(frozen=True)
class Fold:
    """Who is to be told apart, and what the attacker knows.

    Attributes
    ----------
    members : (n,)
        Rows of train.
    others : (n,)
        Rows of the holdout set.
    reference : (n,)
        Rows of other holdout people.
    """

    members: Rows
    others: Rows
    reference: Rows


class Attacks:
    """All attacks on one comparison; what does not depend on a reference set is scored once."""

    def __init__(self, data: Comparison) -> None:
        self.data = data
        self.error = _error(data.holdout)
        panels = {name: data.panels[name] for name in REAL}
        self.distance = {
            name: -nearest_rows(panel, data.synthetic).distance.astype(np.float64)
            for name, panel in panels.items()
        }
        self.kernel = {name: self._kernel(panel) for name, panel in panels.items()}
        frequencies = self._frequencies(data.synthetic, np.arange(data.synthetic.n_haplotypes))
        self.snp = {
            name: self._snp(panel, np.arange(panel.n_haplotypes), frequencies)
            for name, panel in panels.items()
        }

    def scores(self, fold: Fold) -> dict[str, Pair]:
        """Return the scores of members and others by attack."""
        rows = dict(zip(REAL, (fold.members, fold.others), strict=True))
        panels = self.data.panels
        frequencies = self._frequencies(self.data.holdout, fold.reference)
        snp = {name: self._snp(panels[name], rows[name], frequencies) for name in REAL}
        kernel = {
            name: self._density(_cut(panels[name], self.data.holdout, rows[name], fold.reference))
            for name in REAL
        }
        found = {
            "distance": {name: self.distance[name][rows[name]] for name in REAL},
            "snp": {name: self.snp[name][rows[name]] - snp[name] for name in REAL},
            "kernel": {name: self.kernel[name][rows[name]] - kernel[name] for name in REAL},
        }
        model = self.data.log_likelihood or {}
        if all(name in model for name in REAL):
            likelihood = {name: model[name][rows[name]] for name in REAL}
            found["likelihood"] = likelihood
            found["likelihood_ratio"] = {name: likelihood[name] - snp[name] for name in REAL}
        return {attack: (of["train"], of["holdout"]) for attack, of in found.items()}

    def _density(self, to_set: Distances) -> Floats:
        return log_copy_density(to_set, self.data.holdout.n_variants, self.error)

    def _kernel(self, panel: HaplotypePanel) -> Floats:
        """Return the kernel density of each row under the synthetic set."""
        synthetic = self.data.synthetic
        if _fit(panel, synthetic):
            return self._density(distances(panel, synthetic))
        tiles = column_blocks(panel.n_haplotypes, TILE)
        return np.concatenate(
            [self._density(hamming(panel.haplotypes[rows], synthetic.haplotypes)) for rows in tiles]
        )

    def _frequencies(self, panel: HaplotypePanel, rows: Rows) -> dict[str, Floats]:
        """Return the smoothed frequencies of some rows by stratum."""
        strata = self.data.strata(panel)[rows]
        return {
            str(name): smoothed_frequencies(panel.haplotypes[rows[strata == name]])
            for name in np.unique(strata)
        }

    def _snp(self, panel: HaplotypePanel, rows: Rows, frequencies: Mapping[str, Floats]) -> Floats:
        """Return the log-density of rows under the frequencies of their own stratum."""
        strata = self.data.strata(panel)[rows]
        result = np.zeros(len(rows))
        for name, frequency in frequencies.items():
            own = strata == name
            if own.any():
                result[own] = log_site_density(panel.haplotypes[rows[own]], frequency)
        return result


def _error(holdout: HaplotypePanel) -> float:
    def found() -> float:
        if _fit(holdout):
            others: npt.NDArray[np.number] = own_distances(holdout).min(axis=1)
        else:
            others = nearest(holdout.haplotypes).distance
        return copying_error(others, holdout.n_variants)

    return remembered(holdout, "copying-error", found)


def _cut(first: HaplotypePanel, second: HaplotypePanel, rows: Rows, columns: Rows) -> Distances:
    """Return the distances of some rows to some others, computed for them alone between panels too large to share."""
    if _fit(first, second):
        return across(first, second, rows, columns)
    return hamming(first.haplotypes[rows], second.haplotypes[columns])


def _fit(*panels: HaplotypePanel) -> bool:
    return max(panel.n_haplotypes for panel in panels) <= POOL
