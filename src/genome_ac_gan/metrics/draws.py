"""Random subsets and weights that depend neither on the order of rows nor on the names of populations.

Every row, or person, gets its random number in the order of sample ids; the
populations then pick among their own rows. Shuffled files and renamed labels
give the same draws.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from genome_ac_gan.metrics.base import POOLED
from genome_ac_gan.panel import HaplotypePanel

Rows = npt.NDArray[np.intp]
MIN_ROWS = 20  # of a population that neighbours, classifiers and the like are reported for
MAX_ROWS = 2000  # of one draw: what is quadratic or cubic in it stays within seconds and 100 MB


def equal_counts(*strata: npt.NDArray[np.str_]) -> dict[str, int]:
    """Return the largest number of rows of each population that all the given sets have.

    When that is more than `MAX_ROWS` rows, all are cut in proportion.
    """
    counts = [dict(zip(*np.unique(labels, return_counts=True), strict=True)) for labels in strata]
    least = {str(name): int(min(count[name] for count in counts)) for name in counts[0]}
    share = min(1.0, MAX_ROWS / sum(least.values()))
    return {name: max(1, int(count * share)) for name, count in least.items()}


def population_slices(counts: Mapping[str, int], *, labelled: bool) -> dict[str, slice]:
    """Return where the rows of `all`, and of each population with at least `MIN_ROWS`, stand in a `draw`.

    Empty when fewer than two rows were drawn; `all` alone when not labelled.
    """
    ends = np.cumsum(list(counts.values()))
    parts = {
        name: slice(int(end) - n, int(end))
        for (name, n), end in zip(counts.items(), ends, strict=True)
        if labelled and n >= MIN_ROWS
    }
    return {POOLED: slice(0, int(ends[-1])), **parts} if ends[-1] > 1 else {}


def sizes(parts: Mapping[str, slice]) -> dict[str, int]:
    """Return how many rows of a draw stand in each of its `population_slices`."""
    return {population: part.stop - part.start for population, part in parts.items()}


def id_order(panel: HaplotypePanel) -> Rows:
    """Return the rows in the order of their sample ids, those of one person as the panel has them."""
    return np.argsort(panel.sample_id, kind="stable")


def proportional_counts(strata: npt.NDArray[np.str_], n: int) -> dict[str, int]:
    """Return counts that sum to `n`, in proportion to the populations of a set, by largest remainder."""
    names, counts = np.unique(strata, return_counts=True)
    shares = counts * (n / len(strata))
    whole = np.floor(shares).astype(int)
    largest_first = np.argsort(whole - shares, kind="stable")
    whole[largest_first[: n - whole.sum()]] += 1
    return {str(name): int(count) for name, count in zip(names, whole, strict=True)}


def draw(
    panel: HaplotypePanel,
    strata: npt.NDArray[np.str_],
    counts: Mapping[str, int],
    rng: np.random.Generator,
    *,
    replace: bool = False,
) -> Rows:
    """Return random rows of a panel, `counts[name]` of each population.

    Parameters
    ----------
    strata : (n_haplotypes,) str
        Population of each row.
    counts
        None larger than the population.
    replace
        Whether a row may come more than once.
    """
    by_id = id_order(panel)
    uniform = rng.random(panel.n_haplotypes)
    chosen = []
    for name, n in counts.items():
        own = strata[by_id] == name
        rows, keys = by_id[own], uniform[own]
        order = (keys * len(rows)).astype(np.intp) if replace else np.argsort(keys)
        chosen.append(rows[order[:n]])
    return np.concatenate(chosen)


def drawn_people(
    panel: HaplotypePanel, strata: npt.NDArray[np.str_], counts: Mapping[str, int], rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Return which people were drawn, (n_people,), `counts[name]` of each population; see `draw`.

    Parameters
    ----------
    strata : (n_haplotypes,) str
        Population of each row.
    """
    first_rows_only = np.full(len(strata), "", dtype=strata.dtype)
    first_rows_only[panel.first_rows] = strata[panel.first_rows]
    chosen = np.zeros(panel.n_people, dtype=bool)
    chosen[panel.person[draw(panel, first_rows_only, counts, rng)]] = True
    return chosen


def person_weights(panel: HaplotypePanel, repeats: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return Bayesian bootstrap weights of the rows, (repeats, n_haplotypes), equal for the rows of a person.

    Standard exponential weights (Rubin 1981, doi:10.1214/aos/1176345338).
    """
    weights = np.empty((repeats, panel.n_people))
    by_id = np.argsort(panel.sample_id[panel.first_rows])
    weights[:, by_id] = rng.exponential(size=(repeats, panel.n_people))
    return weights[:, panel.person]


def weightings(panel: HaplotypePanel, repeats: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return weights of the rows, (1 + repeats, n_haplotypes): all equal first, then people weighted at random."""
    return np.concatenate([np.ones((1, panel.n_haplotypes)), person_weights(panel, repeats, rng)])
