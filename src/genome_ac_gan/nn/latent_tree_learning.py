"""How a tree of hidden states is learned: where it starts, and what follows from expected counts."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor

from genome_ac_gan.nn.latent_tree import Counts, LatentTree, Room, sum_dtype

_TURNS = 6  # of k-means
_STRIDE = 16  # variants that share their clusters
_BYTES = 1_000_000_000  # of messages that a thread holds
_TRACE = 1e-6  # of a haplotype
_AT_A_TIME = 32  # windows


@dataclass(frozen=True, kw_only=True)
class Shrinkage:
    """Haplotypes that are added to counts, spread as something more certain says.

    Attributes
    ----------
    marginal
        To the transitions out of a state, spread as the states of the variant are overall: whoever leaves
        the known paths is a random haplotype.
    label
        To the transitions under a label, spread as those of the group it is in.
    allele
        To the alleles of a state, spread as the variant's frequency.
    """

    marginal: float
    label: float
    allele: float


def parts(
    tree: LatentTree, y: Tensor, n_shares: int = 1, dtype: torch.dtype = torch.float32
) -> list[tuple[int, list[Tensor]]]:
    """Return each label in y (n,) with the numbers of its rows, so many at a time that messages fit in memory.

    The number of parts of a label that has as many rows is a multiple of `n_shares`.
    """
    most = max(16, _BYTES // (2 * len(tree.order) * tree.n_states * dtype.itemsize))
    found = []
    for label in sorted(set(y.tolist())):
        rows = torch.nonzero(y == label).squeeze(1)
        n_parts = min(len(rows), n_shares * -(-len(rows) // (n_shares * most)))
        found.append((label, list(torch.tensor_split(rows, n_parts))))
    return found


@torch.no_grad()
def expected_counts(
    tree: LatentTree, x: Tensor, y: Tensor, dtype: torch.dtype = torch.float32
) -> tuple[Counts, Tensor]:
    """Return what rows x (n, l) with labels y (n,) are expected to count, and their summed log likelihood, ().

    Messages and their products are of format `dtype`; in bfloat16 alleles that a state
    all but always shows are taken for certain, and the likelihood comes out a little too high.

    On a CPU as many threads as torch has take turns at parts of the rows, with products
    on one thread each: the arrays of a level are too small to be shared. Sums are taken
    in a fixed order, so that how many threads there are decides the last digits, and
    nothing else does.
    """
    counts, total = Counts.none(tree), torch.zeros((), dtype=sum_dtype(x.device), device=x.device)
    rooms = [Room(dtype) for _ in range(torch.get_num_threads() if x.device.type == "cpu" else 1)]
    with _threads(len(rooms)) as over:
        for label, rows in parts(tree, y, len(rooms), dtype):
            shares = [rows[number :: len(rooms)] for number in range(min(len(rooms), len(rows)))]
            count = partial(_count, tree, x, tree.transition[label].to(dtype))
            for pairs, shown, log in over(count, shares, rooms[: len(shares)]):
                counts.pairs[label].addcmul_(pairs, tree.transition[label])
                counts.shown += shown
                total += log
    return counts, total


def _count(
    tree: LatentTree, x: Tensor, transition: Tensor, rows: list[Tensor], room: Room
) -> tuple[Tensor, Tensor, Tensor]:
    """Return what `LatentTree.expect` adds up over some rows of a label, and their log likelihood, ()."""
    counts = (
        torch.zeros(transition.shape, device=x.device),
        torch.zeros(2, *tree.carry.shape, device=x.device),
    )
    logs = [tree.expect(x[part], transition, *counts, room) for part in rows]
    return *counts, torch.cat(logs).sum()


@contextmanager
def _threads(n: int) -> Iterator[Callable[..., Iterable[tuple[Tensor, Tensor, Tensor]]]]:
    """Give a `map` that runs in `n` threads, each of which shares no product with others."""
    if n == 1:
        yield map
        return
    with ThreadPoolExecutor(n, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        yield pool.map
    torch.set_num_threads(n)  # which is that of threads to come, too


@torch.no_grad()
def maximise(tree: LatentTree, counts: Counts, groups: Sequence[Tensor], shrinkage: Shrinkage) -> None:
    """Set the probabilities of a tree to the most probable ones given counts.

    Parameters
    ----------
    tree
    counts
        Of all haplotypes.
    groups
        From the widest to the narrowest, the number of each label's group, (c,); labels
        themselves follow.
    shrinkage
        Pseudocounts of a Dirichlet prior at each step from the whole to a label.
    """
    pairs = counts.pairs
    overall = pairs.sum(dim=0)
    into = overall.sum(dim=1, keepdim=True)  # (l, 1, K)
    prior = _normalised(into)
    wider = _shrunk(overall, prior, shrinkage.marginal)
    numbers = [torch.zeros(len(pairs), dtype=torch.int64), *groups, torch.arange(len(pairs))]
    found = {0: wider}
    for before, own in pairwise(numbers):
        narrower = {}
        for number in sorted(set(own.tolist())):
            members = torch.nonzero(own == number).squeeze(1)
            together = pairs[members].sum(dim=0) if len(members) > 1 else pairs[members[0]]
            narrower[number] = _shrunk(together, found[int(before[members[0]])], shrinkage.label)
            if own is numbers[-1]:
                tree.transition[number] = narrower.pop(number)
        found = narrower
    shown, weight = counts.shown, max(shrinkage.allele, _TRACE)
    frequency = shown[1].sum(dim=1, keepdim=True) / shown.sum(dim=(0, 2))[:, None].clamp(min=1)
    tree.carry.copy_((shown[1] + weight * frequency) / (shown.sum(dim=0) + weight)).clamp_(1e-5, 1 - 1e-5)


def _normalised(counts: Tensor) -> Tensor:
    added = counts + 1e-3
    return added / added.sum(dim=-1, keepdim=True)


def _shrunk(counts: Tensor, prior: Tensor, weight: float) -> Tensor:
    """Return (counts + weight x prior) over its sum, along the last axis; the prior where nothing was counted."""
    added = torch.add(counts, prior, alpha=max(weight, _TRACE))
    return added.div_(added.sum(dim=-1, keepdim=True))


@torch.no_grad()
def clustered(
    tree: LatentTree, x: Tensor, whole: Tensor, y: Tensor, rng: torch.Generator, *, window: int
) -> Counts:
    """Return counts of hard states: clusters of haplotypes in a window of `window` variants around each variant.

    Parameters
    ----------
    x : (n, l) uint8 Tensor
        Alleles, 0, 1 or missing.
    whole : (n, l) uint8 Tensor
        The same without missing ones, by which rows are clustered.
    y : (n,) int64 Tensor
        Labels.
    """
    counts = Counts.none(tree)
    states = clusters(whole, tree.n_states, window, rng)  # (windows, n)
    K, n_labels = tree.n_states, len(tree.transition)
    of_variant = (torch.arange(x.shape[1]) // _STRIDE).clamp(max=len(states) - 1)
    windows = torch.empty(0, dtype=torch.int64)  # of the variants of a level
    for level in tree.levels:
        columns = tree.order[level.nodes]
        over, windows = windows[level.parent], of_variant[columns.cpu()]
        for offset, (column, window_own) in enumerate(zip(columns.tolist(), windows.tolist(), strict=True)):
            node = level.nodes.start + offset
            state = states[window_own]
            above = states[over[offset]] if len(over) else torch.zeros_like(state)
            flat = (y * K + above) * K + state
            counts.pairs[:, node] = torch.bincount(flat, minlength=n_labels * K * K).view(n_labels, K, K)
            alleles = x[:, column]
            for allele in range(2):
                counts.shown[allele, node] = torch.bincount(state[alleles == allele], minlength=K)
    return counts


def clusters(x: Tensor, n_clusters: int, window: int, rng: torch.Generator) -> Tensor:
    """Return the cluster of each haplotype around every 16th variant, by k-means, (windows, n) int64."""
    n_variants = x.shape[1]
    window = min(window, n_variants)
    middles = torch.arange(_STRIDE // 2, n_variants + _STRIDE // 2, _STRIDE)
    first = (middles - window // 2).clamp(0, n_variants - window)
    found = []
    for part in torch.split(first, _AT_A_TIME):
        rows = torch.stack([x[:, a : a + window] for a in part.tolist()]).float()
        found.append(_k_means(rows, n_clusters, rng))
    return torch.cat(found)


def _k_means(rows: Tensor, k: int, rng: torch.Generator) -> Tensor:
    """Return the cluster of each of rows (m, n, w), by Lloyd's turns from random rows, (m, n)."""
    m, n, _ = rows.shape
    chosen = torch.stack([torch.randperm(n, generator=rng)[:k] for _ in range(m)]).to(rows.device)
    if chosen.shape[1] < k:
        chosen = torch.cat([chosen, chosen[:, :1].expand(-1, k - chosen.shape[1])], dim=1)
    centres = rows.gather(1, chosen[:, :, None].expand(-1, -1, rows.shape[2]))
    nearest = torch.zeros(m, n, dtype=torch.int64, device=rows.device)
    for _ in range(_TURNS):
        # |row - centre|^2, less what is the same for all centres
        distance = (centres**2).sum(dim=2)[:, None] - 2 * torch.bmm(rows, centres.transpose(1, 2))
        nearest = distance.argmin(dim=2)
        member = torch.zeros(m, n, k, device=rows.device).scatter_(2, nearest[:, :, None], 1)
        size = member.sum(dim=1)[:, :, None]
        means = torch.bmm(member.transpose(1, 2), rows) / size.clamp(min=1)
        centres = torch.where(size > 0, means, centres)
    return nearest
