"""Restricted Boltzmann machines of binary units: energy, block Gibbs sampling, gradient of the likelihood.

With visible units v, hidden units h, biases a and b and weights W,

    P(v, h) = exp(-E(v, h)) / Z,    E(v, h) = -a.v - b.h - v W h.

The visible units are free ones, which are drawn, and after them given ones, which can
be clamped, or drawn as a group of which exactly one is 1: a label.

References
----------
Hinton 2012, 10.1007/978-3-642-35289-8_32; Melchior, Fischer & Wiskott 2016, JMLR
17(99) (centring); Larochelle et al. 2012, JMLR 13 (label units).
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own habit)
from torch import Tensor, nn


class Noise:
    """Random numbers for this process's rows of joint draws.

    Parameters
    ----------
    rng
        A stream on the CPU. For a CUDA device it gives the seed of a stream there; for others
        numbers are drawn on the CPU and moved.
    device
        Where the numbers are wanted.
    rank, size
        Which share of the rows is this process's, of how many.
    """

    def __init__(self, rng: torch.Generator, device: torch.device, *, rank: int = 0, size: int = 1) -> None:
        self.rng, self.device, self.rank, self.size = rng, device, rank, size
        if device.type == "cuda":
            seed = int(torch.randint(2**62, (1,), generator=rng))
            self.rng = torch.Generator(device=device).manual_seed(seed)

    def bits(self, n: int, width: int) -> Tensor:
        """Return (n, width) int16, uniform over all 65,536 values: four from each number of the stream."""
        count = n * self.size * width
        words = torch.empty(-(-count // 4), dtype=torch.int64, device=self.rng.device)
        drawn = words.random_(-(2**63), None, generator=self.rng).view(torch.int16)[:count]
        return drawn.view(self.size, n, width)[self.rank].to(self.device)

    def uniform(self, n: int) -> Tensor:
        """Return (n,) numbers from [0, 1)."""
        joint = torch.rand(self.size, n, generator=self.rng, device=self.rng.device)
        return joint[self.rank].to(self.device)


def bernoulli(p: Tensor, noise: Noise, dtype: torch.dtype) -> Tensor:
    """Draw 0 or 1 for every probability (n, width) float32.

    16 random bits a draw are compared with the probability, so each is rounded to
    the nearest 1/65,536; below 1/131,072 a 1 is never drawn.
    """
    bits = noise.bits(*p.shape).to(torch.float32)
    return bits.add_(p, alpha=-65536).lt_(-32768.5).to(dtype)


def categorical(logits: Tensor, noise: Noise, dtype: torch.dtype) -> Tensor:
    """Draw one-hot rows (n, k) from logits (n, k)."""
    below = logits.softmax(dim=1).cumsum(dim=1)[:, :-1]  # (n, k - 1)
    codes = (noise.uniform(len(logits))[:, None] >= below).sum(dim=1)
    return F.one_hot(codes, logits.shape[1]).to(dtype)


def gibbs(
    v: Tensor,
    weight: Tensor,
    visible_bias: Tensor,
    hidden_bias: Tensor,
    *,
    steps: int,
    noise: Noise,
    group: int = 0,
) -> Tensor:
    """Make block Gibbs steps: hidden units given visible ones, then visible given hidden.

    Parameters
    ----------
    v : (n, v) Tensor
        Where the chains start, 0 or 1, in the number format of the products.
    weight : (v, h) Tensor
        In the same format. 0 and 1 are exact in bfloat16; weights, and the sums of
        weights that products return, are rounded to 8 bits, by 1 part in 512 at most.
    visible_bias : (v,) Tensor
    hidden_bias : (h,) or (n, h) Tensor
        One bias for all rows, or one for each: what clamped units add.
    steps
        Full steps; 0 returns the start.
    noise
        Decides every draw.
    group
        How many of the last visible units are a group with exactly one 1.

    Returns
    -------
    (n, v) Tensor
        0 or 1, in the format of `v`.
    """
    single = v.shape[1] - group
    downwards = weight.T.contiguous()
    for _ in range(steps):
        h = bernoulli((v @ weight).float().add_(hidden_bias).sigmoid_(), noise, v.dtype)
        logits = (h @ downwards).float().add_(visible_bias)
        if group:
            label = categorical(logits[:, single:], noise, v.dtype)
            v = torch.cat([bernoulli(logits[:, :single].sigmoid(), noise, v.dtype), label], dim=1)
        else:
            v = bernoulli(logits.sigmoid_(), noise, v.dtype)
    return v


class Moments(NamedTuple):
    """Means over rows of ``v h`` (v, h), v (v,) and h (h,): one for W, a and b each."""

    both: Tensor
    visible: Tensor
    hidden: Tensor


def moment_gap(data: Tensor, data_hidden: Tensor, chains: Tensor, chains_hidden: Tensor) -> Moments:
    """Return the moments of data minus those of chains: the gradient of the mean log-likelihood.

    The moment of W is one product over the rows of both, so that where it is computed
    in bfloat16 the rounding is of the difference, not of its two parts; probabilities
    are rounded to 8 bits before.

    Parameters
    ----------
    data, chains : (n, v) and (m, v) Tensor
        Visible units, 0 or 1, in the number format of the product; where n and m
        differ, it is in float32.
    data_hidden, chains_hidden : (n, h) and (m, h) Tensor
        P(h | v) in float32.
    """
    n, ratio = len(data), len(data) / len(chains)
    dtype = data.dtype if ratio == 1 else torch.float32
    v = torch.cat([data, chains]).to(dtype)
    hidden = torch.cat([data_hidden, chains_hidden * -ratio])
    both = (v.T @ hidden.to(dtype)).float().div_(n)
    return Moments(both, means(data) - means(chains), hidden.sum(dim=0) / n)


def means(rows: Tensor) -> Tensor:
    """Return the means (v,) of rows (n, v) in float32."""
    return rows.sum(dim=0, dtype=torch.float32) / len(rows)


def centred(gap: Moments, visible: Tensor, hidden: Tensor) -> Moments:
    """Return the gradient in coordinates in which the units have mean 0, from the gap of the moments.

    The gap (moments of data minus those of the machine) is the gradient of the mean
    log-likelihood with respect to W, a and b. With offsets m (v,) of the visible and s
    (h,) of the hidden units, the same machine has the energy of units ``v - m`` and
    ``h - s``, the same W, and biases ``a' = a + W s``, ``b' = b + m W``. A step along
    the gradient with respect to W, a' and b' is in the first coordinates one along
    what this returns, d standing for the gap:

    ====  ====================================
    W     ``d<v h> - m d<h> - d<v> s``
    a     ``d<v> - (W's) s``
    b     ``d<h> - m (W's)``
    ====  ====================================

    References
    ----------
    Melchior, Fischer & Wiskott 2016, JMLR 17(99).
    """
    both = gap.both - torch.outer(visible, gap.hidden) - torch.outer(gap.visible, hidden)
    return Moments(both, gap.visible - both @ hidden, gap.hidden - visible @ both)


class Machine(nn.Module):
    """The parameters of one machine.

    Parameters
    ----------
    n_free, n_given
        Visible units: v = [free | given].
    n_hidden
        Hidden units.
    sd
        Standard deviation of the normal weights it starts with; biases start at 0.
    """

    def __init__(self, n_free: int, n_given: int, n_hidden: int, *, sd: float) -> None:
        super().__init__()
        self.n_free = n_free
        self.weight = nn.Parameter(sd * torch.randn(n_free + n_given, n_hidden))
        self.visible_bias = nn.Parameter(torch.zeros(n_free + n_given))
        self.hidden_bias = nn.Parameter(torch.zeros(n_hidden))

    def hidden_logits(self, v: Tensor) -> Tensor:
        """Return the logits ``b + v W`` of P(h | v), (n, h) float32; the product is in the format of v (n, v)."""
        return (v @ self.weight.to(v.dtype)).float().add_(self.hidden_bias)

    def free_energy(self, v: Tensor, hidden_logits: Tensor) -> Tensor:
        """Return ``-log sum_h exp(-E(v, h)) = -a.v - sum_j log(1 + exp(b_j + v W_j))`` of each row, (n,).

        Parameters
        ----------
        v : (n, v) Tensor
            0 or 1.
        hidden_logits : (n, h) Tensor
            ``b + v W``.
        """
        return -(v.float() @ self.visible_bias) - F.softplus(hidden_logits).sum(dim=1)

    def clamped(self, x: Tensor, given: Tensor, *, steps: int, noise: Noise) -> Tensor:
        """Make Gibbs steps of the free units x (n, f) with the others clamped to given (n, g)."""
        weight, bias = self.weight.to(x.dtype), self.visible_bias[: self.n_free]
        hidden_bias = (given @ weight[self.n_free :]).float().add_(self.hidden_bias)  # (n, h)
        return gibbs(x, weight[: self.n_free], bias, hidden_bias, steps=steps, noise=noise)

    def unclamped(self, v: Tensor, *, steps: int, noise: Noise) -> Tensor:
        """Make Gibbs steps of all units v (n, v); the given ones are one group with exactly one 1."""
        return gibbs(
            v,
            self.weight.to(v.dtype),
            self.visible_bias,
            self.hidden_bias,
            steps=steps,
            noise=noise,
            group=v.shape[1] - self.n_free,
        )

    def ascend(self, gradient: Moments, rate: float) -> None:
        """Take one step along a gradient."""
        own = (self.weight, self.visible_bias, self.hidden_bias)
        for parameter, slope in zip(own, gradient, strict=True):
            parameter.add_(slope, alpha=rate)
