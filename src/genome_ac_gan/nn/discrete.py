"""From the real numbers a generator ends in to alleles coded as the discriminator sees them."""

import torch
from torch import Tensor


def fair_coins(*shape: int, generator: torch.Generator) -> Tensor:
    """Draw 0 or 1 with equal chances, as float32."""
    return (torch.rand(*shape, generator=generator) < 0.5).to(torch.float32)


def logistic_noise(*shape: int, generator: torch.Generator) -> Tensor:
    """Draw standard logistic noise: added to a logit, its sign is a Bernoulli draw."""
    return torch.logit(torch.rand(*shape, generator=generator), eps=1e-6)


def straight_through(logits: Tensor) -> Tensor:
    """Return the signs of the logits as -1/+1, with the gradient of `tanh(logits / 2)`.

    A logit of 0 becomes +1.

    References
    ----------
    Maddison, Mnih & Teh 2017, arXiv 1611.00712 (binary concrete); Bengio et al.
    2013, arXiv 1308.3432 (straight-through).
    """
    return pass_through(torch.where(logits >= 0, 1.0, -1.0), logits)


def pass_through(alleles: Tensor, logits: Tensor) -> Tensor:
    """Return alleles (-1/+1) that were drawn from logits, with the gradient of `tanh(logits / 2)`."""
    soft = torch.tanh(logits / 2)
    return alleles.to(soft.dtype) + (soft - soft.detach())
