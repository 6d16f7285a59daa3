"""The haploid copying model of Li and Stephens 2003 (doi:10.1093/genetics/165.4.2213), on arrays.

A haplotype is a mosaic of reference haplotypes. At the first site it copies
each of them with the same probability. Between two sites it goes on with the
same one, or, with the probability `switch`, chooses among all of them again
(the same one included). It shows the allele of the one it copies, or, with the
probability `mismatch`, the other allele. Everything here follows exactly from
these three sentences by the forward and backward recursions, which cost
n_ref per site and haplotype instead of n_ref squared. Reference haplotypes may
also be chosen with unequal probabilities, and a haplotype may be unknown at
sites, where it then shows nothing.

States are float32 arrays (n, n_ref), rescaled at every site. Haplotypes are
taken in batches whose states stay in the cache, and batches run in threads;
neither their size nor the number of threads changes a result.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from genome_ac_gan.popgen.frequency import column_blocks
from genome_ac_gan.resources import available_threads

NE = 10_000  # effective population size of humans
MORGANS_PER_BP = 1e-8  # 1 cM/Mb, where no genetic map is known
LEAST_DISTANCE = 1e-9  # Morgans, so that a flat stretch of a map forbids no switch
STATES = 100_000  # of a batch (haplotypes x references): 400 KB, within the second-level cache
SEEN = np.array([[1, 0], [0, 1], [1, 1]], np.float32)  # which alleles 0, 1 and 2 (unknown) may stand for

Alleles = npt.NDArray[np.uint8]
Single = npt.NDArray[np.float32]
Double = npt.NDArray[np.float64]


def map_distances(contig: npt.NDArray[np.str_], position: npt.NDArray[np.int64], cm: Double | None) -> Double:
    """Return the genetic distance of neighbouring variants in Morgans, (n_variants - 1,) float64.

    At least `LEAST_DISTANCE`; infinite between two contigs. `cm` is the genetic
    position in centimorgans; without a map 1 cM per Mb is assumed.
    """
    distance = np.diff(position) * MORGANS_PER_BP if cm is None else np.diff(cm) / 100
    return np.where(contig[1:] == contig[:-1], np.maximum(distance, LEAST_DISTANCE), np.inf)


def switch_probabilities(distance: Double, n_ref: float, ne: float = NE) -> Double:
    """Return 1 - exp(-4 Ne d / n_ref) for distances d in Morgans; 1 where d is infinite."""
    return np.asarray(-np.expm1(-4 * ne * distance / n_ref))


def mismatch_probability(n_ref: int) -> float:
    """Return Li and Stephens' theta / (2 (theta + n_ref)), theta = 1 / sum of 1/i for i from 1 to n_ref - 1."""
    harmonic = float(np.sum(1 / np.arange(1, n_ref)))
    return 1 / (2 * (1 + n_ref * harmonic))  # 1/2 for a single reference haplotype: theta is infinite


def effective_number(weights: Double) -> float:
    """Return how many equally likely choices are as diverse, 1 / sum of squares; `weights` sum to 1."""
    return 1 / float(np.sum(weights**2))


def _check_weights(weights: Double, n_ref: int) -> None:
    if weights.shape != (n_ref,) or not (weights >= 0).all() or not np.isclose(weights.sum(), 1):
        raise ValueError(
            f"the weights of {n_ref} reference haplotypes must be as many, not negative, and sum to 1"
        )


@dataclass(frozen=True, eq=False)
class CopyingModel:
    """What haplotypes are copied from, and how.

    Attributes
    ----------
    reference : (n_ref, n_sites) uint8
        Alleles 0 and 1; at least one haplotype.
    switch : (n_sites - 1,) float64
        Probability of a new choice between neighbouring sites, in [0, 1].
    mismatch : float
        Probability of the other allele than the copied one, in (0, 1/2].
    weights : (n_ref,) float64, optional
        Probability with which each reference haplotype is chosen, at the first site
        and at each switch; they sum to 1. All alike when left out.

    Raises
    ------
    ValueError
        When a shape or range is broken.
    """

    reference: Alleles
    switch: Double
    mismatch: float
    weights: Double | None = None

    def __post_init__(self) -> None:
        if not len(self.reference) or len(self.switch) != max(0, self.n_sites - 1):
            raise ValueError(
                f"a reference of shape {self.reference.shape} needs a row, and a switch probability "
                f"between neighbouring sites, not {len(self.switch)}"
            )
        if not ((self.switch >= 0) & (self.switch <= 1)).all() or not 0 < self.mismatch <= 0.5:
            raise ValueError("switch must lie in [0, 1] and mismatch in (0, 1/2]")
        if self.weights is not None:
            _check_weights(self.weights, self.n_ref)

    @classmethod
    def of(
        cls, reference: Alleles, distance: Double, *, ne: float = NE, mismatch: float | None = None,
        weights: Double | None = None,
    ) -> "CopyingModel":  # fmt: skip
        """Return the model of a reference panel with distances in Morgans between neighbouring sites.

        `mismatch` is that of `mismatch_probability` when left out. In the formulas the
        number of reference haplotypes is the effective one where weights are given.
        """
        n_ref = len(reference) if weights is None else effective_number(weights)
        found = mismatch_probability(round(n_ref)) if mismatch is None else mismatch
        return cls(reference, switch_probabilities(distance, n_ref, ne), found, weights)

    @property
    def n_ref(self) -> int:
        """Number of reference haplotypes."""
        return int(self.reference.shape[0])

    @property
    def n_sites(self) -> int:
        """Number of sites."""
        return int(self.reference.shape[1])

    @cached_property
    def columns(self) -> Alleles:
        """(n_sites, n_ref) uint8: the reference by site, contiguous."""
        return np.ascontiguousarray(self.reference.T)

    @cached_property
    def probabilities(self) -> Double:
        """(n_ref,) float64: how probable each choice is."""
        return np.full(self.n_ref, 1 / self.n_ref) if self.weights is None else self.weights

    @cached_property
    def relative(self) -> Single:
        """(n_ref,) float32: the same, times their number; ones where all are alike."""
        if self.weights is None:
            return np.ones(self.n_ref, np.float32)
        return (self.weights * self.n_ref).astype(np.float32)

    def at(self, sites: npt.NDArray[np.intp]) -> "CopyingModel":
        """Return the model at some of the sites, given in rising order; switches between them add up."""
        reference, stay = self.reference[:, sites], 1 - self.switch
        if len(sites) < 2:
            return CopyingModel(reference, np.empty(0), self.mismatch, self.weights)
        together = np.multiply.reduceat(stay[: sites[-1]], sites[:-1])
        return CopyingModel(reference, 1 - together, self.mismatch, self.weights)

    def emissions(self, site: int) -> Single:
        """Return the probability of allele 0 and of allele 1 for each copied haplotype, (2, n_ref) float32."""
        table = np.empty((2, self.n_ref), np.float32)
        table[1] = self.columns[site]
        np.subtract(1, table[1], out=table[0])
        table *= np.float32(1 - 2 * self.mismatch)
        table += np.float32(self.mismatch)
        return table


def log_likelihood(queries: Alleles, model: CopyingModel, *, threads: int | None = None) -> Double:
    """Return the natural logarithm of the probability of each haplotype under the model, (n,) float64.

    Parameters
    ----------
    queries : (n, n_sites) uint8
        Alleles, or 2 where they are unknown.
    threads
        `available_threads()` when left out.
    """
    out = np.zeros(len(queries))

    def fill(rows: slice) -> None:
        for _, total in forward_steps(Batch(queries[rows], model)):
            out[rows] += np.log(total, dtype=np.float64)

    in_batches(fill, len(queries), model.n_ref, threads)
    return out


def forward(queries: Alleles, model: CopyingModel) -> tuple[Single, Double]:
    """Return the probability of copying each reference haplotype given the alleles up to each site.

    Parameters
    ----------
    queries : (n, n_sites) uint8
        Alleles, or 2 where they are unknown.

    Returns
    -------
    values : (n_sites, n, n_ref) float32
        Each sums to 1 over the reference.
    log_scale : (n_sites, n) float64
        Logarithm of the probability of the alleles up to each site: the forward
        variables are `values` times its exponential.
    """
    shape = model.n_sites, len(queries)
    values, total = np.empty((*shape, model.n_ref), np.float32), np.empty(shape, np.float32)
    for site, (_, found) in enumerate(forward_steps(Batch(queries, model), values)):
        total[site] = found
    values /= total[:, :, None]
    return values, np.cumsum(np.log(total, dtype=np.float64), axis=0)


def backward(queries: Alleles, model: CopyingModel) -> tuple[Single, Double]:
    """Return the relative probability of the alleles after each site given the copied haplotype.

    Returns
    -------
    values : (n_sites, n, n_ref) float32
        Their mean over the reference, by its weights, is 1.
    log_scale : (n_sites, n) float64
        The backward variables are `values` times its exponential.
    """
    shape = model.n_sites, len(queries)
    values, means = np.empty((*shape, model.n_ref), np.float32), np.ones(shape)
    stay, switch = transitions(np.append(model.switch, 1))
    for site, (ahead, mean) in zip(
        reversed(range(model.n_sites)), backward_steps(Batch(queries, model)), strict=False
    ):
        np.multiply(ahead, (stay[site] / mean)[:, None], out=values[site])
        values[site] += switch[site]
        means[site] = mean
    return values, np.cumsum(np.log(means)[::-1], axis=0)[::-1]


def posterior(queries: Alleles, model: CopyingModel) -> Single:
    """Return the probability of copying each reference haplotype given all alleles, (n_sites, n, n_ref) float32."""
    values, _ = forward(queries, model)
    values *= backward(queries, model)[0]
    values /= values.sum(axis=2, keepdims=True)
    return values


def in_batches(work: Callable[[slice], None], n: int, n_ref: int, threads: int | None) -> None:
    """Call `work` on slices of the `n` haplotypes, in threads: NumPy lets them run side by side.

    Meanwhile matrix products have no threads of their own: the two kinds would
    wait for each other, up to twenty times as long.
    """
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    number = threads or available_threads()
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(number) as pool:
        list(pool.map(work, column_blocks(n, max(1, STATES // n_ref))))


class Batch:
    """Haplotypes that go through the model together, and the arrays that a step needs."""

    def __init__(self, queries: Alleles, model: CopyingModel) -> None:
        self.model = model
        self.shape = len(queries), model.n_ref
        self.chosen = SEEN[queries]  # (n, n_sites, 2)
        self.buffer = np.empty(self.shape, np.float32)
        self.ones = np.ones(model.n_ref, np.float32)

    def start(self) -> tuple[Single, Single]:
        """Return the state before the first site, how probable each choice is, and its sums."""
        state = np.empty(self.shape, np.float32)
        state[:] = self.model.probabilities
        return state, np.ones(self.shape[0], np.float32)

    def step(
        self, state: Single, out: Single, site: int, scale: Single, shift: np.float32,
        weights: Single | None = None,
    ) -> None:  # fmt: skip
        """Write (state x scale + shift x weights) x emission at `site` to `out`, (n, n_ref).

        Emissions are picked by matrix products with rows of 0 and 1, which also
        scale them: faster than scaling the rows of the state.
        """
        chosen, table = self.chosen[:, site], self.model.emissions(site)
        np.multiply(state, np.matmul(chosen * scale[:, None], table, out=self.buffer), out=out)
        if weights is not None:
            table *= weights
        out += np.matmul(chosen * shift, table, out=self.buffer)

    def sums(self, state: Single) -> Single:
        """Return the sums over the reference, (n,)."""
        return np.asarray(np.vecdot(state, self.ones))

    def means(self, state: Single) -> Single:
        """Return the means over the reference by its weights, (n,)."""
        return np.asarray(np.vecdot(state, self.model.relative) / np.float32(self.model.n_ref))


def transitions(switch: Double) -> tuple[Single, Single]:
    """Return the probabilities of no switch and of a switch in single precision, both exact when small."""
    return (1 - switch).astype(np.float32), switch.astype(np.float32)


def forward_steps(
    batch: Batch, out: Single | None = None, sites: range | None = None,
    start: tuple[Single, Single] | None = None,
) -> Iterator[tuple[Single, Single]]:  # fmt: skip
    """Yield for each site the probabilities, (n, n_ref), and their sums, (n,), by which the next step divides.

    The probabilities are a row of `out`, or the same array at all sites. `sites`
    are some sites only, and `start` what was yielded at the site before them.
    """
    state, total = start or batch.start()
    own, n_ref = np.empty_like(state), np.float32(batch.model.n_ref)
    weights = None if batch.model.weights is None else batch.model.relative
    stay, switch = transitions(np.append(1, batch.model.switch))
    for index, site in enumerate(range(batch.model.n_sites) if sites is None else sites):
        new = own if out is None else out[index]
        batch.step(state, new, site, stay[site] / total, switch[site] / n_ref, weights)
        state, total = new, batch.sums(new)
        yield state, total


def forward_steps_reversed(batch: Batch) -> Iterator[tuple[Single, Single]]:
    """Yield what `forward_steps` yields from the last site to the first, and then what is before the first.

    In a first pass the state is kept every so many sites; from there the sites
    behind are computed again. Twice the work, but a few megabytes instead of
    hundreds, which would have to go to the main memory and back.
    """
    n_sites = batch.model.n_sites
    width = max(1, int(np.sqrt(n_sites)))
    kept = [batch.start()]
    for site, (state, total) in enumerate(forward_steps(batch), start=1):
        if site % width == 0:
            kept.append((state.copy(), total))
    part = np.empty((width, *batch.shape), np.float32)
    for index in reversed(range(len(kept))):
        sites = range(index * width, min((index + 1) * width, n_sites))
        yield from reversed(list(forward_steps(batch, part, sites, kept[index])))
    yield kept[0]


def backward_steps(batch: Batch) -> Iterator[tuple[Single, Single]]:
    """Yield how probable the alleles from a site on are given the haplotype copied there, and the means.

    For the place behind the last site first, where all is 1, then for each site
    from the last to the first. (n, n_ref), the same array each time, and (n,),
    by which the next step divides.
    """
    ahead, mean = np.ones(batch.shape, np.float32), np.ones(batch.shape[0], np.float32)
    stay, switch = transitions(np.append(batch.model.switch, 1))
    yield ahead, mean
    for site in reversed(range(batch.model.n_sites)):
        batch.step(ahead, ahead, site, stay[site] / mean, switch[site])
        mean = batch.means(ahead)
        yield ahead, mean
