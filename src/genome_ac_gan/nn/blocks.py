"""Layers that the models share."""

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from genome_ac_gan.nn.losses import one_hot


def dense(n_in: int, n_out: int) -> nn.Linear:
    """Return a linear layer with Glorot-uniform weights and zero biases."""
    layer = nn.Linear(n_in, n_out)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


class Dropout(nn.Module):
    """Dropout whose masks on a CPU come 4 values from each random number.

    torch's own spends most of a small network's step on its masks. 16 bits a value
    make the share dropped exact to 1/65,536; kept values are scaled by what is
    really kept, so that the mean stays.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """Drop a share of the values while training; nothing otherwise."""
        if not self.training or self.share == 0:
            return x
        if x.device.type != "cpu":
            return nn.functional.dropout(x, self.share)
        bits = torch.empty(-(-x.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
        threshold = round(self.share * 65536)
        kept = bits.view(torch.int16)[: x.numel()].view(x.shape) >= threshold - 32768
        return x * kept.to(x.dtype).mul_(65536 / (65536 - threshold))


def hidden_layers(
    widths: Sequence[int], *, slope: float, batch_norm: bool = False, dropout: Sequence[float] = ()
) -> nn.Sequential:
    """Return dense layers from `widths[0]` to `widths[-1]`, each with its activation.

    Parameters
    ----------
    widths
        Width of the input, then of each layer.
    slope
        Negative slope of the leaky ReLU.
    batch_norm
        Normalise before each activation.
    dropout
        Share dropped after each activation; empty for none.
    """
    layers: list[nn.Module] = []
    for index, (n_in, n_out) in enumerate(itertools.pairwise(widths)):
        layers.append(dense(n_in, n_out))
        if batch_norm:
            layers.append(nn.BatchNorm1d(n_out))
        layers.append(nn.LeakyReLU(slope))
        if dropout and dropout[index]:
            layers.append(Dropout(dropout[index]))
    return nn.Sequential(*layers)


@torch.no_grad()
def average_weights(average: nn.Module, module: nn.Module, decay: float) -> None:
    """Move the weights of `average` towards those of `module`: an exponential moving average."""
    kept: list[Tensor] = list(average.parameters())
    fresh: list[Tensor] = list(module.parameters())
    torch._foreach_lerp_(kept, fresh, 1 - decay)


@torch.no_grad()
def update_average(average: nn.Module, module: nn.Module, decay: float) -> None:
    """Move the weights of `average` towards those of `module`; buffers (batch norm's statistics) are copied."""
    average_weights(average, module, decay)
    for kept, fresh in zip(average.buffers(), module.buffers(), strict=True):
        kept.copy_(fresh)


def frequencies_by_label(x: Tensor, codes: Tensor, n_labels: int) -> tuple[Tensor, Tensor]:
    """Return the frequency of allele 1 under each label, and how many rows each has.

    Parameters
    ----------
    x : (n, l) Tensor
        Alleles, 0 or 1.
    codes : (n,) Tensor
        Labels of the rows, below `n_labels`.

    Returns
    -------
    frequencies : (n_labels, l) float32 Tensor
        0 for a label without rows.
    counts : (n_labels,) float32 Tensor
    """
    label = one_hot(codes, n_labels)
    counts = label.sum(dim=0)
    return (label.T @ x.float()) / counts[:, None].clamp(min=1), counts


@torch.no_grad()
def principal_axes(x: Tensor, n_axes: int) -> tuple[Tensor, Tensor]:
    """Return the mean of the rows and the principal axes scaled by their standard deviations.

    Parameters
    ----------
    x : (n, l) Tensor
        Rows to describe.
    n_axes
        Number of axes wanted. Where the rows span fewer, the rest are zero.

    Returns
    -------
    mean : (l,) Tensor
    axes : (n_axes, l) Tensor
        `mean + z @ axes` with standard normal `z` has the first two moments of the rows.
    """
    mean = x.mean(dim=0)
    centred = x - mean
    rank = min(n_axes, *centred.shape)
    _, deviations, axes = torch.svd_lowrank(centred, q=rank, niter=2)
    scaled = axes.T * (deviations / max(len(x) - 1, 1) ** 0.5)[:, None]  # (rank, l)
    return mean, torch.cat([scaled, x.new_zeros(n_axes - rank, x.shape[1])])
