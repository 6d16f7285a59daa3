"""A tree of hidden states, one for each variant, of which each shows its allele; all of it exact.

Arrays of a tree are in tree order: parents before children, level by level. Within a
level come all first children, then all second children, and so on, so that what
children say reaches their parents in a few products. Messages are (w, K, n): `w`
variants of a level, `K` states, `n` haplotypes; those of a haplotype are scaled to a
mean of 1 over the states, and the logs of the scales are added up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from genome_ac_gan.panel import MISSING

_LEAST = 1e-30
_ROUNDS = 8  # children of one variant heard before their product is scaled

Numbers = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Level:
    """The variants of one depth, a run in tree order.

    Attributes
    ----------
    nodes
        Their places.
    parent : (w,) int64 Tensor
        Place of each one's parent within the level above; empty for roots.
    rounds
        Runs of children in the level, each with no more than one child of a parent.
    """

    nodes: slice
    parent: Tensor
    rounds: tuple[slice, ...]


def sum_dtype(device: torch.device) -> torch.dtype:
    """Return the format of sums over many variants: float64, or float32 on Apple's processors, which have no other."""
    return torch.float32 if device.type == "mps" else torch.float64


def tree_order(parent: Numbers) -> tuple[Numbers, list[Level]]:
    """Return the variants in tree order, (l,), and the levels of a forest.

    Parameters
    ----------
    parent : (l,) intp
        The variant that each hangs on; -1 for a root.

    Raises
    ------
    ValueError
        When parents form a circle.
    """
    depth = _depths(parent)
    order: list[Numbers] = []
    levels: list[Level] = []
    place = np.zeros(len(parent), np.intp)  # within the level
    start = 0
    for number in range(depth.max() + 1):
        nodes = np.flatnonzero(depth == number)
        above = parent[nodes]
        rank = _rank_among_siblings(above) if number else np.zeros(len(nodes), np.intp)
        new = np.lexsort((place[above], rank))
        nodes, above, rank = nodes[new], above[new], rank[new]
        place[nodes] = np.arange(len(nodes))
        bounds = np.searchsorted(rank, np.arange(rank[-1] + 2))
        rounds = tuple(slice(int(a), int(b)) for a, b in pairwise(bounds))
        places = torch.from_numpy(place[above] if number else np.empty(0, np.intp))
        levels.append(Level(slice(start, start + len(nodes)), places, rounds))
        order.append(nodes)
        start += len(nodes)
    return np.concatenate(order), levels


def _depths(parent: Numbers) -> Numbers:
    """Return the number of edges from each variant to its root, (l,)."""
    depth = np.where(parent < 0, 0, -1)
    below, level = np.flatnonzero(depth < 0), 0
    while len(below):
        next_ones = depth[parent[below]] == level
        if not next_ones.any():
            raise ValueError("parents form a circle")
        depth[below[next_ones]] = level + 1
        below, level = below[~next_ones], level + 1
    return depth


def _rank_among_siblings(parent: Numbers) -> Numbers:
    """Return how many earlier entries have the same parent, (w,)."""
    by_parent = np.argsort(parent, kind="stable")
    new = np.concatenate([[True], np.diff(parent[by_parent]) != 0])
    first = np.maximum.accumulate(np.where(new, np.arange(len(parent)), 0))
    rank = np.empty(len(parent), np.intp)
    rank[by_parent] = np.arange(len(parent)) - first
    return rank


@dataclass(eq=False)
class Counts:
    """Expected numbers of haplotypes, in tree order.

    Attributes
    ----------
    pairs : (c, l, K, K) Tensor
        Of each label with each state of the parent and of the variant; a root's parent
        is always in state 0.
    shown : (2, l, K) Tensor
        With each observed allele in each state.
    """

    pairs: Tensor
    shown: Tensor

    @classmethod
    def none(cls, like: "LatentTree") -> "Counts":
        """Return zeros for a tree."""
        carry = like.carry
        return cls(torch.zeros_like(like.transition), torch.zeros(2, *carry.shape, device=carry.device))

    def scaled(self, factor: float) -> "Counts":
        """Return the counts of so many times the haplotypes; they are changed in place."""
        return Counts(self.pairs.mul_(factor), self.shown.mul_(factor))

    def blend(self, other: "Counts", weight: float) -> None:
        """Let other counts weigh `weight`, and these the rest, in place."""
        self.pairs.lerp_(other.pairs, weight)
        self.shown.lerp_(other.shown, weight)


class LatentTree(nn.Module):
    """Hidden states along a tree over variants, with probabilities for each label.

    Parameters
    ----------
    parent : (l,) intp
        The variant that each hangs on; -1 for a root.
    n_labels, n_states

    Attributes
    ----------
    transition : (c, l, K, K) Tensor
        Probability of each state given the parent's, rows summing to 1; every row of a
        root is that of its states.
    carry : (l, K) Tensor
        Probability of allele 1 in each state.
    order : (l,) int64 Tensor
        Column of each variant in tree order.

    References
    ----------
    Dang, Vergari & Broeck 2020, arXiv 2007.11778 (hidden Chow-Liu trees); Pearl 1988
    (exact propagation in trees).
    """

    parent: Tensor
    order: Tensor

    def __init__(self, parent: Numbers, n_labels: int, n_states: int) -> None:
        super().__init__()
        order, self.levels = tree_order(parent)
        self.n_states = n_states
        self.register_buffer("parent", torch.from_numpy(parent))
        self.register_buffer("order", torch.from_numpy(order))
        shape = (n_labels, len(order), n_states, n_states)
        self.transition = nn.Parameter(torch.full(shape, 1 / n_states), requires_grad=False)
        self.carry = nn.Parameter(torch.full((len(order), n_states), 0.5), requires_grad=False)

    # -- what is asked of it ----------------------------------------------

    def log_likelihood(self, x: Tensor, label: int) -> Tensor:
        """Return the natural log of the probability of rows x (n, l; 0, 1 or `MISSING`) given a label, (n,)."""
        return self._upwards(x, self.transition[label]).log_evidence

    def expect(
        self, x: Tensor, transition: Tensor, pairs: Tensor, shown: Tensor, room: "Room | None" = None
    ) -> Tensor:
        """Add what rows of a label are expected to count; return their log likelihood, (n,).

        Parameters
        ----------
        x : (n, l) uint8 Tensor
        transition : (l, K, K) Tensor
            That of the label, in the format of the messages.
        pairs : (l, K, K) Tensor
            `Counts.pairs` of the label, but for the factor that all rows share: `transition`.
        shown : (2, l, K) Tensor
            `Counts.shown`.
        room
            Where messages go; new room when left out.
        """
        up = self._upwards(x, transition, room or Room())
        seen = x[:, self.order].T
        alleles = torch.stack([seen == 0, seen == 1], dim=2).to(up.message.dtype)  # (l, n, 2)
        for level, belief, towards in self._downwards(up, transition):
            pairs[level.nodes] += torch.bmm(towards, up.message[level.nodes].transpose(1, 2))
            shown[:, level.nodes] += torch.bmm(belief, alleles[level.nodes]).permute(2, 0, 1)
        return up.log_evidence

    def expected_alleles(self, x: Tensor, label: int) -> Tensor:
        """Return the probability of allele 1 given all observed alleles of a row, (n, l); 0 or 1 if observed."""
        transition, found = self.transition[label], torch.empty(x.shape, device=x.device)
        up = self._upwards(x, transition, Room())
        for level, belief, _ in self._downwards(up, transition):
            carried = torch.bmm(self.carry[level.nodes, None], belief).squeeze(1)
            found[:, self.order[level.nodes]] = carried.T
        return torch.where(x == MISSING, found, x.to(found.dtype))

    def draw(self, x: Tensor, label: int, rng: torch.Generator) -> Tensor:
        """Return rows (n, l) uint8 drawn given the observed alleles in x, which they keep."""
        transition = self.transition[label]
        given = None if bool((x == MISSING).all()) else self._upwards(x, transition, Room())
        drawn = torch.empty_like(x, dtype=torch.uint8)
        state = torch.zeros(0)
        for level in self.levels:
            own = transition[level.nodes]  # (w, K, K)
            nobody = torch.zeros(len(own), len(x), dtype=torch.int64, device=x.device)
            above = state[level.parent] if len(level.parent) else nobody
            weights = own.gather(1, above[:, :, None].expand(-1, -1, self.n_states))  # (w, n, K)
            if given is not None:
                weights = weights * given.message[level.nodes].transpose(1, 2)
            state = _choose(weights, rng)
            carried = self.carry[level.nodes].gather(1, state)
            alleles = torch.rand(carried.shape, generator=rng).to(x.device) < carried
            drawn[:, self.order[level.nodes]] = alleles.T.to(torch.uint8)
        return torch.where(x == MISSING, drawn, x)

    # -- messages ---------------------------------------------------------

    def _upwards(self, x: Tensor, transition: Tensor, room: "Room | None" = None) -> "_Upwards":
        """Lead messages from the leaves to the roots, and keep them where there is room."""
        log_evidence = torch.zeros(len(x), dtype=sum_dtype(x.device), device=x.device)
        nothing = torch.empty(0)
        message, heard = room.messages(len(self.order), self.n_states, x) if room else (nothing, nothing)
        dtype = message.dtype
        seen = x[:, self.order].T
        may_be = torch.stack([seen != 1, seen != 0], dim=1).to(dtype)  # (l, 2, n): either where missing
        carry = torch.stack([1 - self.carry, self.carry], dim=2).to(dtype)  # (l, K, 2)
        said: Tensor | None = None  # by the level below
        below: Level | None = None
        for level in reversed(self.levels):
            nodes = level.nodes
            own = torch.bmm(carry[nodes], may_be[nodes], out=message[nodes] if room else None)
            if said is not None and below is not None:
                log_evidence += _multiply(own, said, below)
            log_evidence += _scale(own)
            said = torch.bmm(transition[nodes], own, out=heard[nodes] if room else None).clamp_(min=_LEAST)
            below = level
        assert said is not None
        log_evidence += said[:, 0].float().log().sum(dim=0)
        return _Upwards(message, heard, log_evidence)

    def _downwards(self, up: "_Upwards", transition: Tensor) -> Iterator[tuple[Level, Tensor, Tensor]]:
        """Yield for each level from the roots the posterior of states (w, K, n), and what reaches it from above.

        The latter is the posterior of the parent's states over what the variant itself
        said, (w, K, n): times the transition and the message, that of both states.
        """
        belief = torch.empty(0)
        for number, level in enumerate(self.levels):
            heard = up.heard[level.nodes]
            if len(level.parent):
                towards = belief.index_select(0, level.parent.to(belief.device)).div_(heard)
            else:
                towards = torch.zeros_like(heard)
                towards[:, 0] = 1 / heard[:, 0]
            own = transition[level.nodes].transpose(1, 2)
            belief = torch.bmm(own, towards).mul_(up.message[level.nodes])
            if number % _ROUNDS == 0:  # but for rounding it sums to one
                belief /= belief.sum(dim=1, keepdim=True)
            yield level, belief, towards


class Room:
    """Memory for messages, used again and again: asking for it anew costs as much as the products.

    Parameters
    ----------
    dtype
        Format of messages and of their products.
    """

    def __init__(self, dtype: torch.dtype = torch.float32) -> None:
        self._memory = torch.empty(0, dtype=dtype)

    def messages(self, n_variants: int, n_states: int, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return two arrays (l, K, n) for rows x (n, l), with anything in them."""
        size = n_variants * n_states * len(x)
        if len(self._memory) < 2 * size:
            self._memory = torch.empty(2 * size, dtype=self._memory.dtype, device=x.device)
        shape = n_variants, n_states, len(x)
        return self._memory[:size].view(shape), self._memory[size : 2 * size].view(shape)


@dataclass(eq=False)
class _Upwards:
    """Messages on the way up, of variants and as their parents hear them (l, K, n) if kept; log evidence (n,)."""

    message: Tensor
    heard: Tensor
    log_evidence: Tensor


def _scale(message: Tensor) -> Tensor:
    """Bring messages (w, K, n) to a mean of 1 over the states; return the summed logs of the scales, (n,)."""
    scale = message.mean(dim=1, keepdim=True).clamp_(min=_LEAST)
    message /= scale
    return scale.float().log_().sum(dim=(0, 1))


def _multiply(message: Tensor, heard: Tensor, below: Level) -> Tensor:
    """Multiply messages (w, K, n) by what was heard of the level below, in place; return logs of scales, (n,)."""
    logs = torch.zeros(message.shape[2], device=message.device)
    for number, part in enumerate(below.rounds, start=1):
        parents = below.parent[part].to(message.device)
        product = message.index_select(0, parents).mul_(heard[part])
        if number % _ROUNDS == 0:
            logs += _scale(product)
        message.index_copy_(0, parents, product)
    return logs


def _choose(weights: Tensor, rng: torch.Generator) -> Tensor:
    """Return an index along the last axis of weights (w, n, K) with probability in proportion, (w, n)."""
    rising = weights.cumsum(dim=2)
    chance = torch.rand(weights.shape[:2], generator=rng).to(weights.device)
    threshold = chance[:, :, None] * rising[:, :, -1:]
    return (rising <= threshold).sum(dim=2).clamp(max=weights.shape[2] - 1)
