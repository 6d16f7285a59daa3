"""Which haplotypes are copied, in the model of `popgen.copying`: drawn, drawn given alleles, and expected."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from genome_ac_gan.panel import MISSING
from genome_ac_gan.popgen.copying import (
    Alleles,
    Batch,
    CopyingModel,
    Double,
    Single,
    backward_steps,
    forward_steps_reversed,
    in_batches,
    transitions,
)

Indices = npt.NDArray[np.intp]


def expected_choices(queries: Alleles, model: CopyingModel, *, threads: int | None = None) -> Double:
    """Return how often each reference haplotype is expected to be chosen, given the alleles of each haplotype.

    Choices are made at the first site and at every switch; going on copying is
    none. Their shares are the weights that an EM step would take.

    Parameters
    ----------
    queries : (n, n_sites) uint8
        Alleles, or 2 where they are unknown.
    threads
        `available_threads()` when left out.

    Returns
    -------
    (n, n_ref) float64
    """
    out = np.zeros((len(queries), model.n_ref))
    stay, switch = transitions(np.append(1, model.switch))

    def fill(rows: slice) -> None:
        batch = Batch(queries[rows], model)
        both, chosen = np.empty((2, *batch.shape), np.float32)
        behind, ahead = forward_steps_reversed(batch), backward_steps(batch)
        next(ahead)  # behind the last site nothing is chosen
        next(behind)
        for site, (before, total), (after, mean) in zip(
            reversed(range(model.n_sites)), behind, ahead, strict=True
        ):
            agreement = batch.sums(np.multiply(before, after, out=both)) / total
            evidence = stay[site] * agreement + switch[site] * mean
            np.multiply(after, model.relative / np.float32(model.n_ref), out=chosen)
            chosen *= (switch[site] / evidence)[:, None]
            out[rows] += chosen

    in_batches(fill, len(queries), model.n_ref, threads)
    return out


def expected_alleles(queries: Alleles, model: CopyingModel, *, threads: int | None = None) -> Single:
    """Return the probability of allele 1 at the unknown sites of each haplotype, given its known alleles.

    Any sites may be unknown in any haplotype; where they are the same in all,
    `popgen.imputation.impute` is faster. Unlike there it is the allele that is
    shown, not the copied one.

    Parameters
    ----------
    queries : (n, n_sites) uint8
        Alleles, or 2 where they are unknown.
    threads
        `available_threads()` when left out.

    Returns
    -------
    (n, n_sites) float32
        In [0, 1]; the alleles themselves where they are known.
    """
    out = np.empty((model.n_sites, len(queries)), np.float32)
    stay, switch = transitions(np.append(model.switch, 1))

    def fill(rows: slice) -> None:
        batch = Batch(queries[rows], model)
        both = np.empty(batch.shape, np.float32)
        steps = zip(forward_steps_reversed(batch), backward_steps(batch), strict=True)
        for site, ((behind, total), (ahead, mean)) in zip(
            reversed(range(model.n_sites)), steps, strict=False
        ):
            carried = model.columns[site].astype(np.float32)
            np.multiply(behind, ahead, out=both)
            on, anew = stay[site] / mean, switch[site]
            found = on * (both @ carried) + anew * (behind @ carried)
            out[site, rows] = found / (on * batch.sums(both) + anew * total)

    in_batches(fill, len(queries), model.n_ref, threads)
    return settled(shown(out.T, model.mismatch), queries)


def shown(copied: Single, mismatch: float) -> Single:
    """Return the probability of showing allele 1 where that of copying allele 1 is given."""
    return np.asarray(np.float32(mismatch) + np.float32(1 - 2 * mismatch) * np.clip(copied, 0, 1))


def settled(probability: Single, queries: Alleles) -> Single:
    """Return the probabilities of allele 1 with known alleles in their place."""
    return np.where(queries == MISSING, probability, queries.astype(np.float32))


def completed(
    queries: Alleles, model: CopyingModel, seeds: npt.NDArray[np.int64], *, threads: int | None = None
) -> Alleles:
    """Draw the unknown alleles of each haplotype given its known ones.

    What is copied is drawn from the last site to the first: where a haplotype
    copies j, it went on from j at the site before, or it chose j anew.

    Parameters
    ----------
    queries : (n, n_sites) uint8
        Alleles, or 2 where they are unknown.
    seeds : (n,) int64
        Of each haplotype; not negative.
    threads
        `available_threads()` when left out.

    Returns
    -------
    (n, n_sites) uint8
    """
    out = queries.copy()

    def fill(rows: slice) -> None:
        batch = Batch(queries[rows], model)
        uniform = np.stack([np.random.default_rng(seed).random((3, model.n_sites)) for seed in seeds[rows]])
        part = out[rows]
        paths = _paths_reversed(batch, uniform[:, 0], uniform[:, 1])
        for site, donor in zip(reversed(range(model.n_sites)), paths, strict=True):
            alleles = model.columns[site][donor] ^ (uniform[:, 2, site] < model.mismatch)
            unknown = part[:, site] == MISSING
            part[unknown, site] = alleles[unknown]

    in_batches(fill, len(queries), model.n_ref, threads)
    return out


def _paths_reversed(batch: Batch, moved: Double, chosen: Double) -> Iterator[Indices]:
    """Yield which haplotype is copied, (n,), from the last site to the first; two random numbers a site, (n, l)."""
    model, rows = batch.model, np.arange(batch.shape[0])
    switch = np.append(model.switch, 1)
    donor = np.zeros(batch.shape[0], np.intp)
    steps = zip(reversed(range(model.n_sites)), forward_steps_reversed(batch), strict=False)
    for site, (state, total) in steps:
        on = (1 - switch[site]) * state[rows, donor] / total
        anew = switch[site] * model.probabilities[donor]
        new = np.flatnonzero(moved[:, site] * (on + anew) >= on)
        bounds = np.cumsum(state[new], axis=1, dtype=np.float64)
        below = bounds <= chosen[new, site, None] * bounds[:, -1:]
        donor[new] = np.minimum(below.sum(axis=1), model.n_ref - 1)
        yield donor


def drawn(
    n: int, model: CopyingModel, rng: np.random.Generator, *,
    place: Double | None = None, longest: float = np.inf,
) -> Alleles:  # fmt: skip
    """Draw haplotypes, (n, n_sites) uint8; parameters are those of `drawn_paths`."""
    out = np.empty((model.n_sites, n), np.uint8)
    for site, donor in enumerate(drawn_paths(n, model, rng, place=place, longest=longest)):
        np.bitwise_xor(model.columns[site][donor], rng.random(n) < model.mismatch, out=out[site])
    return np.ascontiguousarray(out.T)


def drawn_paths(
    n: int, model: CopyingModel, rng: np.random.Generator, *,
    place: Double | None = None, longest: float = np.inf,
) -> Iterator[Indices]:  # fmt: skip
    """Yield which reference haplotype each of `n` haplotypes copies, (n,), from the first site to the last.

    Parameters
    ----------
    n
        How many.
    model
        With a `longest` piece at least two haplotypes that are chosen at all.
    rng
        Three rounds of `n` numbers at the most are drawn at a site.
    place : (n_sites,) float64, optional
        Where the sites lie, in rising order; needed for `longest` only.
    longest
        Sites that are further apart are not copied in one piece: before one would
        be, another haplotype is chosen, by the weights of the others.
    """
    where = np.zeros(model.n_sites) if place is None else place
    bounds = np.concatenate([[0.0], np.cumsum(model.probabilities)])
    donor = _chosen(rng.random(n), bounds)
    begun = np.full(n, where[0])
    yield donor
    for site, switch in enumerate(model.switch, start=1):
        before = donor
        new = np.flatnonzero(rng.random(n) < switch)
        donor = before.copy()
        donor[new] = _chosen(rng.random(len(new)), bounds)
        long = np.flatnonzero((donor == before) & (where[site] - begun > longest))
        donor[long] = _another(rng.random(len(long)), bounds, donor[long])
        begun[donor != before] = where[site]
        yield donor


def _chosen(uniform: Double, bounds: Double) -> Indices:
    found = np.searchsorted(bounds[1:], uniform * bounds[-1], side="right")
    return np.asarray(np.minimum(found, len(bounds) - 2))


def _another(uniform: Double, bounds: Double, donor: Indices) -> Indices:
    """Choose among all but one each: the interval of that one is skipped."""
    lower, upper = bounds[donor], bounds[donor + 1]
    place = uniform * (bounds[-1] - (upper - lower))
    place = np.where(place < lower, place, np.maximum(place + (upper - lower), upper))
    return np.asarray(np.minimum(np.searchsorted(bounds[1:], place, side="right"), len(bounds) - 2))
