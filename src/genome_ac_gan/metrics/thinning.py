"""Smaller comparisons for a quick look."""

from dataclasses import replace
from typing import Any

import numpy as np

from genome_ac_gan.metrics.base import Comparison
from genome_ac_gan.metrics.draws import Rows, proportional_counts
from genome_ac_gan.panel import HaplotypePanel


def thinned(data: Comparison, n: int, rng: np.random.Generator) -> Comparison:
    """Return a comparison in which no panel has more than about `n` haplotypes.

    A larger panel is cut to random people, both haplotypes of each, in
    proportion to its populations; every population keeps at least two people,
    or the one it has. A panel that is small enough stays the same object; equal
    panels are cut to equal rows.
    """
    seed = int(rng.integers(2**63))
    rows = {
        name: _chosen(panel, n, np.random.default_rng(seed))
        for name, panel in data.panels.items()
        if panel.n_haplotypes > n
    }
    panels: dict[str, Any] = {name: data.panels[name][chosen] for name, chosen in rows.items()}
    known = {
        name: values[rows[name]] if name in rows else values
        for name, values in (data.log_likelihood or {}).items()
    }
    return replace(data, **panels, log_likelihood=known or None) if rows else data


def _chosen(panel: HaplotypePanel, n: int, rng: np.random.Generator) -> Rows:
    """Return the rows of random people, in their order; numbers go by sample id, as in `draws`."""
    ids = panel.sample_id[panel.first_rows]
    lot = np.empty(panel.n_people)
    lot[np.argsort(ids, kind="stable")] = rng.random(panel.n_people)
    ploidy = np.bincount(panel.person, minlength=panel.n_people)
    population = panel.population[panel.first_rows]
    kept = np.zeros(panel.n_people, dtype=bool)
    for name, share in proportional_counts(panel.population, n).items():
        people = np.flatnonzero(population == name)
        people = people[np.argsort(lot[people])]
        fit = int(np.searchsorted(np.cumsum(ploidy[people]), share, side="right"))
        kept[people[: max(2, fit)]] = True
    return np.flatnonzero(kept[panel.person])
