"""Optimisers whose step is one fused pass over the weights."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

_NO_BIAS_CORRECTION = 1e6  # steps after which Adam's correction factors are exactly 1 in float32


class RMSprop(torch.optim.Adam):
    """RMSprop (without momentum or centring) through Adam's fused kernel.

    Adam with a first decay of 0 and no bias correction is RMSprop:
    ``v = rho v + (1 - rho) g^2``, ``w -= lr g / (sqrt(v) + eps)``. Bias correction
    fades with the step count, so the count starts where it has faded.
    `torch.optim.RMSprop` itself makes five passes over memory.
    """

    def __init__(self, params: Iterable[Any], *, lr: float, rho: float, eps: float) -> None:
        super().__init__(params, lr=lr, betas=(0.0, rho), eps=eps, fused=True)

    def _init_group(self, *args: Any, **kwargs: Any) -> Any:
        group = args[0]
        fresh = [p for p in group["params"] if p.grad is not None and not self.state[p]]
        outcome = super()._init_group(*args, **kwargs)  # type: ignore[no-untyped-call]
        for parameter in fresh:
            self.state[parameter]["step"].fill_(_NO_BIAS_CORRECTION)
        return outcome


def fused_adam(
    params: Iterable[Any], *, lr: float, betas: tuple[float, float], eps: float
) -> torch.optim.Adam:
    """Return Adam with the fused kernel."""
    return torch.optim.Adam(params, lr=lr, betas=betas, eps=eps, fused=True)


def with_decay(kernels: Iterable[Tensor], others: Iterable[Tensor], l2: float) -> list[dict[str, Any]]:
    """Return parameter groups in which the penalty `l2 * sum(w^2)` falls on `kernels` only.

    Its gradient is `2 l2 w`, which is what optimisers call a weight decay of `2 l2`.
    """
    groups = [
        {"params": list(kernels), "weight_decay": 2 * l2},
        {"params": list(others), "weight_decay": 0.0},
    ]
    return [group for group in groups if group["params"]]


def load_optimisers() -> None:
    """Load what torch loads when a process makes its first optimiser: no training should pay for it."""
    torch.optim.Adam([torch.zeros(1, requires_grad=True)])
