"""Imputation by the copying model of Li and Stephens, where the same sites of all haplotypes are typed."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genome_ac_gan.popgen import copying
from genome_ac_gan.popgen.copying import (
    Alleles,
    Batch,
    CopyingModel,
    Single,
    backward_steps,
    forward_steps_reversed,
    in_batches,
)
from genome_ac_gan.popgen.frequency import allele_frequencies, column_blocks

PRODUCT = 1_000_000  # multiplications in one matrix product: OpenBLAS has fast kernels for up to as many


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
        out[:, rows] = _expected(Batch(queries[rows], typed_model), model, gaps)

    in_batches(fill, len(queries), model.n_ref, threads)
    np.clip(out, 0, 1, out=out)
    out[typed] = queries.T
    return out.T


@dataclass(frozen=True)
class _Gaps:
    """The untyped sites before the first typed site, behind it, behind the second one and so on."""

    parts: list[list[slice]]  # sites of each gap, cut so that the products of a batch stay within `PRODUCT`
    index: npt.NDArray[np.intp]  # (n_sites,) gap of each site; a typed one belongs to the gap behind it
    stayed: Single  # (n_sites, 1) probability of no switch from the typed site before to the next one
    after: Single  # of a switch after the site only
    before: Single  # before it only
    twice: Single  # before and after it
    frequency: Single  # of allele 1 in the reference, by its weights

    @classmethod
    def of(cls, model: CopyingModel, typed: npt.NDArray[np.intp]) -> "_Gaps":
        width = max(1, PRODUCT // max(copying.STATES, model.n_ref))
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
        columns = (each.astype(np.float32)[:, None] for each in (*cases, _frequencies(model)))
        return cls(parts, index, *columns)


def _frequencies(model: CopyingModel) -> npt.NDArray[np.float64]:
    if model.weights is None:
        return allele_frequencies(model.reference)
    return np.asarray(model.weights @ model.reference)


def _expected(batch: Batch, model: CopyingModel, gaps: _Gaps) -> Single:
    """Return the expected alleles of a batch at the untyped sites, (n_sites, n); at the others anything finite."""
    unswitched, after, before = np.zeros((3, model.n_sites, batch.shape[0]), np.float32)
    total, mean, agreement = np.ones((3, len(gaps.parts), batch.shape[0]), np.float32)
    both = np.empty(batch.shape, np.float32)
    steps = zip(forward_steps_reversed(batch), backward_steps(batch), strict=True)
    for gap, (behind, ahead) in zip(reversed(range(len(gaps.parts))), steps, strict=True):
        total[gap], mean[gap] = behind[1], ahead[1]
        agreement[gap] = batch.sums(np.multiply(behind[0], ahead[0], out=both))
        chosen = ahead[0] if model.weights is None else ahead[0] * model.relative
        for sites in gaps.parts[gap]:
            alleles = model.columns[sites].astype(np.float32)
            np.matmul(alleles, both.T, out=unswitched[sites])
            np.matmul(alleles, behind[0].T, out=after[sites])
            np.matmul(alleles, chosen.T, out=before[sites])
    weight = total * mean
    mixed = unswitched * (gaps.stayed / weight[gaps.index])
    mixed += after * (gaps.after / total[gaps.index])
    mixed += before * (gaps.before / (mean * np.float32(model.n_ref))[gaps.index])
    mixed += gaps.twice * gaps.frequency
    evidence = gaps.stayed * (agreement / weight)[gaps.index] + gaps.after + gaps.before + gaps.twice
    return np.asarray(mixed / evidence)
