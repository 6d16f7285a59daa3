"""The haploid copying model of Li and Stephens 2003 (doi:10.1093/genetics/165.4.2213), on arrays.

A haplotype is a mosaic of reference haplotypes. At the first site it copies
each of them with the same probability. Between two sites it goes on with the
same one, or, with the probability `switch`, chooses among all of them again
(the same one included). It shows the allele of the one it copies, or, with the
probability `mismatch`, the other allele. Everything here follows exactly from
these three sentences by the forward and backward recursions, which cost
n_ref per site and haplotype instead of n_ref squared.

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

from genome_ac_gan.popgen.frequency import allele_frequencies, column_blocks
from genome_ac_gan.resources import available_threads

NE = 10_000  # effective population size of humans
MORGANS_PER_BP = 1e-8  # 1 cM/Mb, where no genetic map is known
LEAST_DISTANCE = 1e-9  # Morgans, so that a flat stretch of a map forbids no switch
STATES = 100_000  # of a batch (haplotypes x references): 400 KB, within the second-level cache
PRODUCT = 1_000_000  # multiplications in one matrix product: OpenBLAS has fast kernels for up to as many

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


def switch_probabilities(distance: Double, n_ref: int, ne: float = NE) -> Double:
    """Return 1 - exp(-4 Ne d / n_ref) for distances d in Morgans; 1 where d is infinite."""
    return np.asarray(-np.expm1(-4 * ne * distance / n_ref))


def mismatch_probability(n_ref: int) -> float:
    """Return Li and Stephens' theta / (2 (theta + n_ref)), theta = 1 / sum of 1/i for i from 1 to n_ref - 1."""
    harmonic = float(np.sum(1 / np.arange(1, n_ref)))
    return 1 / (2 * (1 + n_ref * harmonic))  # 1/2 for a single reference haplotype: theta is infinite


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

    Raises
    ------
    ValueError
        When a shape or range is broken.
    """

    reference: Alleles
    switch: Double
    mismatch: float

    def __post_init__(self) -> None:
        if not len(self.reference) or len(self.switch) != max(0, self.n_sites - 1):
            raise ValueError(
                f"a reference of shape {self.reference.shape} needs a row, and a switch probability "
                f"between neighbouring sites, not {len(self.switch)}"
            )
        if not ((self.switch >= 0) & (self.switch <= 1)).all() or not 0 < self.mismatch <= 0.5:
            raise ValueError("switch must lie in [0, 1] and mismatch in (0, 1/2]")

    @classmethod
    def of(
        cls, reference: Alleles, distance: Double, *, ne: float = NE, mismatch: float | None = None
    ) -> "CopyingModel":
        """Return the model of a reference panel with distances in Morgans between neighbouring sites.

        `mismatch` is that of `mismatch_probability` when left out.
        """
        n_ref = len(reference)
        found = mismatch_probability(n_ref) if mismatch is None else mismatch
        return cls(reference, switch_probabilities(distance, n_ref, ne), found)

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

    def at(self, sites: npt.NDArray[np.intp]) -> "CopyingModel":
        """Return the model at some of the sites, given in rising order; switches between them add up."""
        reference, stay = self.reference[:, sites], 1 - self.switch
        if len(sites) < 2:
            return CopyingModel(reference, np.empty(0), self.mismatch)
        together = np.multiply.reduceat(stay[: sites[-1]], sites[:-1])
        return CopyingModel(reference, 1 - together, self.mismatch)

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
    threads
        `available_threads()` when left out.
    """
    out = np.zeros(len(queries))

    def fill(rows: slice) -> None:
        for _, total in _forward_steps(_Batch(queries[rows], model)):
            out[rows] += np.log(total, dtype=np.float64)

    _in_batches(fill, len(queries), model.n_ref, threads)
    return out


def forward(queries: Alleles, model: CopyingModel) -> tuple[Single, Double]:
    """Return the probability of copying each reference haplotype given the alleles up to each site.

    Parameters
    ----------
    queries : (n, n_sites) uint8

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
    for site, (_, found) in enumerate(_forward_steps(_Batch(queries, model), values)):
        total[site] = found
    values /= total[:, :, None]
    return values, np.cumsum(np.log(total, dtype=np.float64), axis=0)


def backward(queries: Alleles, model: CopyingModel) -> tuple[Single, Double]:
    """Return the relative probability of the alleles after each site given the copied haplotype.

    Returns
    -------
    values : (n_sites, n, n_ref) float32
        Their mean over the reference is 1.
    log_scale : (n_sites, n) float64
        The backward variables are `values` times its exponential.
    """
    shape = model.n_sites, len(queries)
    values, means = np.empty((*shape, model.n_ref), np.float32), np.ones(shape)
    stay, switch = _transitions(np.append(model.switch, 1))
    for site, (ahead, mean) in zip(
        reversed(range(model.n_sites)), _backward_steps(_Batch(queries, model)), strict=False
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


def impute(
    queries: Alleles, model: CopyingModel, typed: npt.NDArray[np.intp], *, threads: int | None = None
) -> Single:
    """Return the expected allele of each haplotype at every site, given its alleles at the typed sites.

    Exact: the posterior of the model in which untyped sites show nothing. Between
    two typed sites it is a mixture of four parts, whether there was a switch
    before the site and whether there was one after it; so the states are
    computed at the typed sites only, and alleles are weighted by them in matrix
    products with the reference.

    Parameters
    ----------
    queries : (n, n_typed) uint8
        Alleles at the typed sites.
    typed : (n_typed,) intp
        Rising columns of the reference.
    threads
        `available_threads()` when left out.

    Returns
    -------
    (n, n_sites) float32
        In [0, 1]; the observed alleles at the typed sites.
    """
    out = np.empty((model.n_sites, len(queries)), np.float32)
    typed_model, gaps = model.at(typed), _Gaps.of(model, typed)

    def fill(rows: slice) -> None:
        out[:, rows] = _expected(_Batch(queries[rows], typed_model), model, gaps)

    _in_batches(fill, len(queries), model.n_ref, threads)
    np.clip(out, 0, 1, out=out)
    out[typed] = queries.T
    return out.T


def _in_batches(work: Callable[[slice], None], n: int, n_ref: int, threads: int | None) -> None:
    """Call `work` on slices of the `n` haplotypes, in threads: NumPy lets them run side by side.

    Meanwhile matrix products have no threads of their own: the two kinds would
    wait for each other, up to twenty times as long.
    """
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    number = threads or available_threads()
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(number) as pool:
        list(pool.map(work, column_blocks(n, max(1, STATES // n_ref))))


class _Batch:
    """Haplotypes that go through the model together, and the arrays that a step needs."""

    def __init__(self, queries: Alleles, model: CopyingModel) -> None:
        self.model = model
        self.shape = len(queries), model.n_ref
        self.chosen = np.eye(2, dtype=np.float32)[queries]  # (n, n_sites, 2)
        self.buffer = np.empty(self.shape, np.float32)
        self.ones = np.ones(model.n_ref, np.float32)

    def start(self) -> tuple[Single, Single]:
        """Return the state before the first site, every reference haplotype alike, and its sums."""
        return np.full(self.shape, 1 / self.model.n_ref, np.float32), np.ones(self.shape[0], np.float32)

    def step(self, state: Single, out: Single, site: int, scale: Single, shift: np.float32) -> Single:
        """Write (state x scale + shift) x emission at `site` to `out`, (n, n_ref); return its sums, (n,).

        Emissions are picked by matrix products with rows of 0 and 1, which also
        scale them: faster than scaling the rows of the state.
        """
        chosen, table = self.chosen[:, site], self.model.emissions(site)
        np.multiply(state, np.matmul(chosen * scale[:, None], table, out=self.buffer), out=out)
        out += np.matmul(chosen * shift, table, out=self.buffer)
        return self.sums(out)

    def sums(self, state: Single) -> Single:
        """Return the sums over the reference, (n,)."""
        return np.asarray(np.vecdot(state, self.ones))


def _transitions(switch: Double) -> tuple[Single, Single]:
    """Return the probabilities of no switch and of a switch in single precision, both exact when small."""
    return (1 - switch).astype(np.float32), switch.astype(np.float32)


def _forward_steps(
    batch: _Batch, out: Single | None = None, sites: range | None = None,
    start: tuple[Single, Single] | None = None,
) -> Iterator[tuple[Single, Single]]:  # fmt: skip
    """Yield for each site the probabilities, (n, n_ref), and their sums, (n,), by which the next step divides.

    The probabilities are a row of `out`, or the same array at all sites. `sites`
    are some sites only, and `start` what was yielded at the site before them.
    """
    state, total = start or batch.start()
    own, n_ref = np.empty_like(state), np.float32(batch.model.n_ref)
    stay, switch = _transitions(np.append(1, batch.model.switch))
    for index, site in enumerate(range(batch.model.n_sites) if sites is None else sites):
        new = own if out is None else out[index]
        total = batch.step(state, new, site, stay[site] / total, switch[site] / n_ref)
        state = new
        yield state, total


def _forward_steps_reversed(batch: _Batch) -> Iterator[tuple[Single, Single]]:
    """Yield what `_forward_steps` yields from the last site to the first, and then what is before the first.

    In a first pass the state is kept every so many sites; from there the sites
    behind are computed again. Twice the work, but a few megabytes instead of
    hundreds, which would have to go to the main memory and back.
    """
    n_sites = batch.model.n_sites
    width = max(1, int(np.sqrt(n_sites)))
    kept = [batch.start()]
    for site, (state, total) in enumerate(_forward_steps(batch), start=1):
        if site % width == 0:
            kept.append((state.copy(), total))
    part = np.empty((width, *batch.shape), np.float32)
    for index in reversed(range(len(kept))):
        sites = range(index * width, min((index + 1) * width, n_sites))
        yield from reversed(list(_forward_steps(batch, part, sites, kept[index])))
    yield kept[0]


def _backward_steps(batch: _Batch) -> Iterator[tuple[Single, Single]]:
    """Yield how probable the alleles from a site on are given the haplotype copied there, and the means.

    For the place behind the last site first, where all is 1, then for each site
    from the last to the first. (n, n_ref), the same array each time, and (n,),
    by which the next step divides.
    """
    ahead, mean = np.ones(batch.shape, np.float32), np.ones(batch.shape[0], np.float32)
    stay, switch = _transitions(np.append(batch.model.switch, 1))
    yield ahead, mean
    for site in reversed(range(batch.model.n_sites)):
        total = batch.step(ahead, ahead, site, stay[site] / mean, switch[site])
        mean = total / np.float32(batch.model.n_ref)
        yield ahead, mean


@dataclass(frozen=True)
class _Gaps:
    """The untyped sites before the first typed site, behind it, behind the second one and so on."""

    parts: list[list[slice]]  # sites of each gap, cut so that the products of a batch stay within `PRODUCT`
    index: npt.NDArray[np.intp]  # (n_sites,) gap of each site; a typed one belongs to the gap behind it
    stayed: Single  # (n_sites, 1) probability of no switch from the typed site before to the next one
    after: Single  # of a switch after the site only
    before: Single  # before it only
    twice: Single  # before and after it
    frequency: Single  # of allele 1 in the reference

    @classmethod
    def of(cls, model: CopyingModel, typed: npt.NDArray[np.intp]) -> "_Gaps":
        width = max(1, PRODUCT // max(STATES, model.n_ref))
        stay = np.concatenate([[0.0], 1 - model.switch, [0.0]])  # stay[i] leads to site i from the one before
        since, until = np.zeros((2, model.n_sites))  # no switch since the typed site before, until the next
        parts = []
        bounds = np.concatenate([[-1], typed, [model.n_sites]])
        for start, stop in zip(bounds[:-1] + 1, bounds[1:], strict=True):
            since[start:stop] = np.cumprod(stay[start:stop])
            until[start:stop] = np.cumprod(stay[stop:start:-1])[::-1]
            blocks = column_blocks(int(stop - start), width)
            parts.append([slice(start + block.start, start + block.stop) for block in blocks])
        index = np.searchsorted(typed, np.arange(model.n_sites), side="right")
        cases = since * until, since * (1 - until), (1 - since) * until, (1 - since) * (1 - until)
        columns = (each.astype(np.float32)[:, None] for each in (*cases, allele_frequencies(model.reference)))
        return cls(parts, index, *columns)


def _expected(batch: _Batch, model: CopyingModel, gaps: _Gaps) -> Single:
    """Return the expected alleles of a batch at the untyped sites, (n_sites, n); at the others anything finite."""
    unswitched, after, before = np.zeros((3, model.n_sites, batch.shape[0]), np.float32)
    total, mean, agreement = np.ones((3, len(gaps.parts), batch.shape[0]), np.float32)
    both = np.empty(batch.shape, np.float32)
    steps = zip(_forward_steps_reversed(batch), _backward_steps(batch), strict=True)
    for gap, (behind, ahead) in zip(reversed(range(len(gaps.parts))), steps, strict=True):
        total[gap], mean[gap] = behind[1], ahead[1]
        agreement[gap] = batch.sums(np.multiply(behind[0], ahead[0], out=both))
        for sites in gaps.parts[gap]:
            alleles = model.columns[sites].astype(np.float32)
            np.matmul(alleles, both.T, out=unswitched[sites])
            np.matmul(alleles, behind[0].T, out=after[sites])
            np.matmul(alleles, ahead[0].T, out=before[sites])
    weight = total * mean
    mixed = unswitched * (gaps.stayed / weight[gaps.index])
    mixed += after * (gaps.after / total[gaps.index])
    mixed += before * (gaps.before / (mean * np.float32(model.n_ref))[gaps.index])
    mixed += gaps.twice * gaps.frequency
    evidence = gaps.stayed * (agreement / weight)[gaps.index] + gaps.after + gaps.before + gaps.twice
    return np.asarray(mixed / evidence)
