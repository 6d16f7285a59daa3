"""Convolutions along the genome: a stack from a few positions up to every site, and its mirror image.

Both stacks know where on the genome they are: at every scale they read *location
vectors*, trained numbers of one channel that are as long as the layer and the same
for every row. Without them a convolution would treat all sites alike.

References
----------
Yelmen et al. 2023, 10.1371/journal.pcbi.1011584.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own habit)
from torch import Tensor, nn

from genome_ac_gan.nn.conv_plan import ConvPlan, Padding, Patch
from genome_ac_gan.nn.losses import one_hot

__all__ = ["ConvPlan", "DownStack", "Norm", "Padding", "Patch", "UpStack"]

Norm = Literal["batch", "instance", "none"]


class Location(nn.Module):
    """Appends where on the genome, and optionally for which label, to the channels of a layer.

    Parameters
    ----------
    length
        Length of the layer.
    n_labels
        0, or the number of labels; each then has a vector of its own besides.
    """

    def __init__(self, length: int, n_labels: int = 0) -> None:
        super().__init__()
        self.everywhere = nn.Parameter(torch.randn(1, length))
        self.by_label = nn.Parameter(torch.randn(n_labels, length)) if n_labels else None

    def forward(self, x: Tensor, codes: Tensor | None = None, noise: Tensor | None = None) -> Tensor:
        """Return `x` (n, c, length), location channels and `noise` (n, c', length) as one tensor."""
        parts = [x] if noise is None else [x, noise]
        parts.append(self.everywhere.expand(len(x), -1, -1).to(x.dtype))
        if self.by_label is not None:
            # a product, because the gradient of indexing is slow
            own = _label(codes, len(self.by_label)) @ self.by_label  # (n, length)
            parts.append(own.unsqueeze(1).to(x.dtype))
        return torch.cat(parts, dim=1)


class Local(nn.Module):
    """A layer from channels to channels with weights of its own at every position.

    With labels every label has its own biases besides: they are weights of the one-hot label.
    """

    def __init__(self, n_in: int, n_out: int, length: int, n_labels: int = 0) -> None:
        super().__init__()
        bound = n_in**-0.5
        self.n_labels = n_labels
        self.weight = nn.Parameter(torch.empty(length, n_in, n_out).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(length, n_labels or 1, n_out))

    def forward(self, x: Tensor, codes: Tensor | None = None) -> Tensor:
        """Return (length, n, n_out) for (length, n, n_in) and codes (n,) of labels, where there are any."""
        if not self.n_labels:
            return torch.baddbmm(self.bias, x, self.weight)
        label = _label(codes, self.n_labels).expand(len(x), -1, -1).to(x.dtype)
        return torch.cat([x, label], dim=2) @ torch.cat([self.weight, self.bias], dim=1)


def _label(codes: Tensor | None, n_labels: int) -> Tensor:
    if codes is None:
        raise ValueError("stacks with labels need the labels' codes")
    return one_hot(codes, n_labels)


class UpStack(nn.Module):
    """From a few positions to one number a site.

    The first stage begins with 6 widths of channels more than the first of the plan's
    `multiples` and goes down by two widths a layer. A block follows for each further scale (38 -> 36 -> 34 ->
    32 -> 30 widths, say), with a residual block after the first, third and fifth. The last
    stage goes 4 -> 2 -> 1 -> 1/2 widths, and a convolution makes one channel of it. With
    patches the last stage is a block like the others, and a `Local` layer follows.
    Every stage is a convolution, a transposed one (which doubles the length), and both
    again; all with kernel 3, without bias, then batch norm and leaky ReLU. The input
    of every stage, and of the last layer, is joined by location vectors.

    Parameters
    ----------
    plan
        Depth and lengths.
    width
        Channels in one width: 10 in the published GAN, 8 in the published VAE.
    in_channels
        Channels at the coarse end.
    noise_channels
        Channels of fresh noise that join the location vectors from the second stage on.
    slope
        Negative slope of the leaky ReLU.
    n_labels
        0, or the number of labels; every place then has location vectors by label too.
    """

    def __init__(
        self,
        plan: ConvPlan,
        *,
        width: int,
        in_channels: int,
        noise_channels: int = 0,
        slope: float = 0.01,
        n_labels: int = 0,
    ) -> None:
        super().__init__()
        self.plan, self.noise_channels, self.slope = plan, noise_channels, slope
        self.locations = nn.ModuleList(Location(length, n_labels) for length in plan.scales[:-1])
        multiples = plan.multiples
        ladders: list[tuple[float, ...]] = [tuple(multiples[0] + more for more in (6, 4, 2, 0))]
        ladders += [tuple(before - less for less in (2, 4, 6, 8)) for before in multiples[:-1]]
        if plan.patch == 1:
            ladders.append((4, 2, 1, 0.5))
        located = 2 if n_labels else 1
        n_in, stages = in_channels + located, []
        for index, ladder in enumerate(ladders):
            widths = [max(1, int(multiple * width)) for multiple in ladder]
            stages.append(_up_stage(n_in, widths, plan.lengths[2 * index :], slope, first=index == 0))
            n_in = widths[-1] + located + noise_channels
        self.stages = nn.ModuleList(stages)
        self.residuals = nn.ModuleDict(
            {str(block): _residual(multiples[block] * width, "batch", slope) for block in plan.residual}
        )
        self.output: nn.Module
        self.normalise = nn.Identity() if plan.patch == 1 else nn.BatchNorm1d(widths[-1], affine=False)
        if plan.patch == 1:
            self.output = _LocatedConv(widths[-1], plan.scales[-1], n_labels)
        else:
            self.output = Local(widths[-1], plan.patch, plan.scales[-1], n_labels)

    @property
    def noise_shapes(self) -> list[tuple[int, int]]:
        """Channels and length of the noise that `forward` takes, from coarse to fine; empty for none."""
        if not self.noise_channels:
            return []
        return [(self.noise_channels, length) for length in self.plan.scales[1:-1]]

    def forward(
        self, x: Tensor, *, noise: Sequence[Tensor] | None = None, codes: Tensor | None = None
    ) -> Tensor:
        """Return logits (n, n_sites).

        Parameters
        ----------
        x : (n, in_channels, plan.start) Tensor
        noise
            Tensors (n, channels, length) of the `noise_shapes`.
        codes : (n,) Tensor
            Class codes, where there are labels.
        """
        x = self.features(x, noise=noise, codes=codes)
        logits: Tensor
        if isinstance(self.output, Local):
            logits = self.output(x.permute(2, 0, 1), codes).transpose(0, 1)  # (n, positions, patch)
        else:
            logits = self.output(x, codes).transpose(1, 2)
        return logits.flatten(1)[:, : self.plan.n_sites]

    def features(
        self, x: Tensor, *, noise: Sequence[Tensor] | None = None, codes: Tensor | None = None
    ) -> Tensor:
        """Return what the last layer reads, (n, channels, positions), for the arguments of `forward`."""
        fresh: list[Tensor | None] = [None] * len(self.stages)
        fresh[1 : 1 + len(noise or ())] = noise or ()
        for index, (stage, location) in enumerate(zip(self.stages, self.locations, strict=True)):
            x = stage(location(x, codes, fresh[index]))
            if str(index) in self.residuals:
                x = x + self.residuals[str(index)](x)
        normal: Tensor = self.normalise(x)
        return normal


class DownStack(nn.Module):
    """From every site to a few positions: the mirror image of `UpStack`.

    The first stage goes 1 -> 2 -> 4 -> 6 widths (with patches it is one `Local` layer);
    each block (6 -> 8 -> 10 -> 12 -> 14, say) has eight more; before the first, third and
    fifth block stands a residual block. The last stage adds six widths and ends in a bare
    convolution to `out_channels`. Every second convolution has stride 2. Convolutions have
    biases; then the norm and leaky ReLU. The input of every stage is joined by location
    vectors.

    Parameters
    ----------
    plan, width, slope, n_labels
        As of `UpStack`.
    in_channels
        Channels of a row: 1, or the rows of a pack.
    out_channels
        Channels at the coarse end.
    norm
        `instance` norm with weights and biases (a critic's rows must not see each other),
        `batch` norm, or `none`.
    """

    def __init__(
        self,
        plan: ConvPlan,
        *,
        width: int,
        in_channels: int = 1,
        out_channels: int = 1,
        norm: Norm = "instance",
        slope: float = 0.01,
        n_labels: int = 0,
    ) -> None:
        super().__init__()
        self.plan = plan
        self.locations = nn.ModuleList(Location(length, n_labels) for length in plan.scales[:0:-1])
        multiples, located, stages = plan.multiples[::-1], 2 if n_labels else 1, []
        self.input: Local | None = None
        if plan.patch == 1:
            stages.append(_down_stage(in_channels + located, [m * width for m in (1, 2, 4, 6)], norm, slope))
        else:
            n_out = multiples[0] * width
            self.input = Local(in_channels * plan.patch, n_out, plan.scales[-1], n_labels)
            self.activation = nn.Sequential(*_normed(nn.Identity(), n_out, norm, slope))
        for before in multiples:
            widths = [(before + more) * width for more in (2, 4, 6, 8)]
            n_in = before * width + located
            if before == multiples[-1]:
                stages.append(_down_stage(n_in, [*widths[:3], out_channels], norm, slope, bare_end=True))
            else:
                stages.append(_down_stage(n_in, widths, norm, slope))
        self.stages = nn.ModuleList(stages)
        shift = 0 if plan.patch == 1 else 1
        self.residuals = nn.ModuleDict(
            {
                str(block - shift): _residual(multiples[block - 1] * width, norm, slope)
                for block in plan.residual
            }
        )

    def forward(self, x: Tensor, *, codes: Tensor | None = None) -> Tensor:
        """Return (n, out_channels, plan.end) for rows (n, in_channels, n_sites); `codes` where labels are."""
        x = self.plan.folded(x)
        if self.input is None:
            x = x.flatten(2).permute(1, 2, 0)
        else:
            x = self.activation(self.input(x.flatten(2), codes).permute(1, 2, 0))
        for index, (stage, location) in enumerate(zip(self.stages, self.locations, strict=True)):
            if str(index) in self.residuals:
                x = x + self.residuals[str(index)](x)
            x = stage(location(x, codes))
        return x


class _LocatedConv(nn.Module):
    """The published output layer: location vectors join, and a convolution makes one channel."""

    def __init__(self, n_in: int, length: int, n_labels: int) -> None:
        super().__init__()
        self.location = Location(length, n_labels)
        self.conv = nn.Conv1d(n_in + (2 if n_labels else 1), 1, 3, padding=1)

    def forward(self, x: Tensor, codes: Tensor | None = None) -> Tensor:
        logits: Tensor = self.conv(self.location(x, codes))
        return logits


class _Halve(nn.Conv1d):
    """A convolution of stride 2 from length l to l // 2; an even length is padded by one zero."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x if x.shape[2] % 2 else F.pad(x, (0, 1)))


class _Double(nn.ConvTranspose1d):
    """A transposed convolution of stride 2 whose output is cut to a length."""

    def __init__(self, n_in: int, n_out: int, *, length: int, padding: int) -> None:
        super().__init__(n_in, n_out, 3, stride=2, padding=padding, bias=False)
        self.length = length

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        return super().forward(x)[:, :, : self.length]


def _normed(layer: nn.Module, n_out: int, norm: Norm, slope: float) -> list[nn.Module]:
    layers = [layer]
    if norm == "batch":
        layers.append(nn.BatchNorm1d(n_out))
    if norm == "instance":
        layers.append(nn.InstanceNorm1d(n_out, affine=True))
    return [*layers, nn.LeakyReLU(slope)]


def _up_stage(
    n_in: int, widths: Sequence[int], lengths: Sequence[int], slope: float, *, first: bool
) -> nn.Sequential:
    """Return a stage from `lengths[0]` through `lengths[1]` to `lengths[2]`; `first` is at the coarse end."""
    layers: list[nn.Module] = []
    for place, (before, after) in enumerate(pairwise([n_in, *widths])):
        layer: nn.Module = nn.Conv1d(before, after, 3, padding=1, bias=False)
        if place % 2:
            length = lengths[(place + 1) // 2]
            layer = _Double(before, after, length=length, padding=int(first and place == 1))
        layers += _normed(layer, after, "batch", slope)
    return nn.Sequential(*layers)


def _down_stage(
    n_in: int, widths: Sequence[int], norm: Norm, slope: float, *, bare_end: bool = False
) -> nn.Sequential:
    layers: list[nn.Module] = []
    for place, (before, after) in enumerate(pairwise([n_in, *widths])):
        layer: nn.Module = nn.Conv1d(before, after, 3, padding=1)
        if bare_end and place == len(widths) - 1:
            layers.append(nn.Conv1d(before, after, 3, stride=2, padding=1))
            break
        if place % 2:
            layer = _Halve(before, after, 3, stride=2)
        layers += _normed(layer, after, norm, slope)
    return nn.Sequential(*layers)


def _residual(channels: int, norm: Norm, slope: float) -> nn.Sequential:
    bias = norm != "batch"
    layers: list[nn.Module] = []
    for _ in range(2):
        layer = nn.Conv1d(channels, channels, 3, padding=1, bias=bias)
        layers += _normed(layer, channels, norm, slope)
    return nn.Sequential(*layers)
