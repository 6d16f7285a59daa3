"""Convolutions along the genome: a stack from a few positions up to every site, and its mirror image.

Both stacks know where on the genome they are: at every scale they read *location
vectors*, trained numbers of one channel that are as long as the layer and the same
for every row. Without them a convolution would treat all sites alike.

References
----------
Yelmen et al. 2023, 10.1371/journal.pcbi.1011584.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own habit)
from torch import Tensor, nn

Padding = Literal["published", "none"]
Norm = Literal["batch", "instance", "none"]

# A stack is as deep as its last length over 4^(blocks + 3) stays below this. Published lengths are 1 - a
# little; a panel that exceeds one by less than a quarter keeps its depth.
_LONGEST: dict[Padding, float] = {"published": 1.25, "none": 4}
_SHORTEST = 63  # sites of the shallowest stack


@dataclass(frozen=True)
class ConvPlan:
    """Depth and lengths of the stacks for a number of sites.

    Attributes
    ----------
    n_sites
        Sites of a row.
    patch
        Neighbouring sites that share a position at the fine end, where each is a channel
        of its own; 1 in the published networks. Wider patches mean fewer positions.
    n_blocks
        Blocks between the first and the last; each changes the length fourfold.
    lengths
        Positions from the coarse end to the fine: ``2 n_blocks + 5`` of them. Going down a
        length is halved and rounded down; the last one, the coarse end, is half plus 1.

    Notes
    -----
    Padding as `published` goes to ``4^(n_blocks + 3) - 1`` sites: 16,383 for 10,000 (4
    blocks), 65,535 for 65,535 (5 blocks), 1,023 for 805 (2 blocks); depth is the least for
    which ``n_sites < 1.25 * 4^(n_blocks + 3)``, so that 65,536 sites still take 5 blocks,
    without padding. With padding `none` the fine end is as long as the row (63 at least),
    which is less work and leaves no site without data; depth is the least for which
    ``n_sites < 4^(n_blocks + 4)``, which leaves 5 to 16 positions at the coarse end.
    """

    n_sites: int
    patch: int
    n_blocks: int
    lengths: tuple[int, ...]

    @classmethod
    def of(cls, n_sites: int, padding: Padding = "published", patch: int = 1) -> "ConvPlan":
        """Plan the stacks for rows of any length from 1."""
        positions = -(-n_sites // patch)
        n_blocks = 0
        while positions >= _LONGEST[padding] * 4 ** (n_blocks + 3):
            n_blocks += 1
        lengths = [max(positions, 4 ** (n_blocks + 3) - 1 if padding == "published" else _SHORTEST)]
        for _ in range(2 * n_blocks + 3):
            lengths.append(lengths[-1] // 2)
        lengths.append(lengths[-1] // 2 + 1)
        return cls(n_sites, patch, n_blocks, tuple(reversed(lengths)))

    @property
    def padded(self) -> int:
        """Sites at the fine end: rows are filled with zeros to as many, outputs cut from them."""
        return self.lengths[-1] * self.patch

    def folded(self, x: Tensor) -> Tensor:
        """Pad rows (n, c, n_sites) and return them as (n, c * patch, positions)."""
        x = F.pad(x, (0, self.padded - x.shape[2])).reshape(*x.shape[:2], -1, self.patch)
        return x.transpose(2, 3).flatten(1, 2)  # (n, c * patch, positions)

    def unfolded(self, x: Tensor) -> Tensor:
        """Return (n, patch, positions) as rows (n, n_sites): the inverse of `folded` for one channel."""
        return x.transpose(1, 2).flatten(1)[:, : self.n_sites]

    @property
    def start(self) -> int:
        """Length at the coarse end, where `UpStack` begins."""
        return self.lengths[0]

    @property
    def end(self) -> int:
        """Length that `DownStack` ends in: `start`, or one less."""
        return (self.lengths[1] + 1) // 2

    @property
    def multiples(self) -> tuple[int, ...]:
        """Channels at the scales from coarse to fine, in widths: 38, 30, 22, 14, 6 for four blocks."""
        return tuple(6 + 8 * block for block in range(self.n_blocks, -1, -1))

    @property
    def scales(self) -> tuple[int, ...]:
        """Lengths at the inputs of the stages from coarse to fine, and of the finest layer."""
        return self.lengths[::2]


class Location(nn.Module):
    """Appends where on the genome, and optionally for which label, to the channels of a layer.

    Parameters
    ----------
    length
        Length of the layer.
    n_labels
        0, or the number of labels; each then has vectors of its own besides.
    n_vectors
        Channels: 1, or one for each site of a patch.
    """

    def __init__(self, length: int, n_labels: int = 0, n_vectors: int = 1) -> None:
        super().__init__()
        self.everywhere = nn.Parameter(torch.randn(n_vectors, length))
        self.by_label = nn.Parameter(torch.randn(n_labels, n_vectors, length)) if n_labels else None

    @property
    def channels(self) -> int:
        """Number of channels that are appended."""
        return len(self.everywhere) * (1 if self.by_label is None else 2)

    def forward(self, x: Tensor, codes: Tensor | None = None, noise: Tensor | None = None) -> Tensor:
        """Return `x` (n, c, length), location channels and `noise` (n, c', length) as one tensor."""
        parts = [x, self.everywhere.expand(len(x), -1, -1)]
        if self.by_label is not None:
            if codes is None:
                raise ValueError("these location vectors need the labels' codes")
            parts.append(self.by_label[codes])
        if noise is not None:
            parts.append(noise)
        return torch.cat(parts, dim=1)


class UpStack(nn.Module):
    """From a few positions to one number a site.

    The first stage has ``12 + 8 b`` widths of channels (b: blocks of the plan), and each
    of its four layers two fewer. A block follows for each further scale (38 -> 30
    widths, say), with a residual block after the first, third and fifth. The last stage
    goes 6 -> 4 -> 2 -> 1 -> 1/2 widths, and a convolution makes one channel of it.
    Every stage is a convolution, a transposed one (which doubles the length), and both
    again; all with kernel 3, without bias, then batch norm and leaky ReLU. The input
    of every stage, and of the last convolution, is joined by location vectors.

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
        self.plan, self.noise_channels = plan, noise_channels
        *coarse, finest = plan.scales
        locations = [Location(length, n_labels) for length in coarse] + [
            Location(finest, n_labels, plan.patch)
        ]
        located, multiples = locations[0].channels, plan.multiples
        ends = [*pairwise(multiples), (6, 0)]  # widths before and after each stage from the second
        stages: list[nn.Module] = [_up_stage(plan, 0, in_channels + located, multiples[0] + 6, width, slope)]
        for index, (before, after) in enumerate(ends, start=1):
            n_in = before * width + located + noise_channels
            stages.append(_up_stage(plan, index, n_in, after + 6 if after else 4, width, slope))
        self.stages = nn.ModuleList(stages)
        self.residuals = nn.ModuleDict(
            {
                str(block): _residual(multiples[block] * width, "batch", slope)
                for block in range(1, plan.n_blocks + 1, 2)
            }
        )
        self.locations = nn.ModuleList(locations)
        self.output = nn.Conv1d(_channels(0.5, width) + locations[-1].channels, plan.patch, 3, padding=1)

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
        fresh: list[Tensor | None] = [None] * len(self.stages)
        fresh[1 : 1 + len(noise or ())] = noise or ()
        for index, (stage, location) in enumerate(zip(self.stages, self.locations, strict=False)):
            x = stage(location(x, codes, fresh[index]))
            if str(index) in self.residuals:
                x = x + self.residuals[str(index)](x)
        return self.plan.unfolded(self.output(self.locations[-1](x, codes)))


class DownStack(nn.Module):
    """From every site to a few positions: the mirror image of `UpStack`.

    The first stage goes 1 -> 2 -> 4 -> 6 widths; each block (6 -> 14, say) has eight
    more; before the first, third and fifth block stands a residual block. The last
    stage adds six widths and ends in a convolution to `out_channels`. Every second
    convolution has stride 2. Convolutions have biases; then the norm and leaky ReLU. The
    input of every stage is joined by location vectors. The last convolution is bare.

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
        finest, *coarse = plan.scales[:0:-1]
        locations = [Location(finest, n_labels, plan.patch)] + [
            Location(length, n_labels) for length in coarse
        ]
        located, multiples = locations[1].channels, plan.multiples[::-1]
        n_in = in_channels * plan.patch + locations[0].channels
        first = _down_stage(n_in, [m * width for m in (1, 2, 4, 6)], norm, slope)
        stages: list[nn.Module] = [first]
        for before in multiples[:-1]:
            widths = [(before + more) * width for more in (2, 4, 6, 8)]
            stages.append(_down_stage(before * width + located, widths, norm, slope))
        widest = multiples[-1]
        last = [*((widest + more) * width for more in (2, 4, 6)), out_channels]
        stages.append(_down_stage(widest * width + located, last, norm, slope, bare_end=True))
        self.stages = nn.ModuleList(stages)
        self.residuals = nn.ModuleDict(
            {
                str(block): _residual(multiples[block - 1] * width, norm, slope)
                for block in range(1, plan.n_blocks + 1, 2)
            }
        )
        self.locations = nn.ModuleList(locations)

    def forward(self, x: Tensor, *, codes: Tensor | None = None) -> Tensor:
        """Return (n, out_channels, plan.end) for rows (n, in_channels, n_sites); `codes` where labels are."""
        x = self.plan.folded(x)
        for index, (stage, location) in enumerate(zip(self.stages, self.locations, strict=True)):
            if str(index) in self.residuals:
                x = x + self.residuals[str(index)](x)
            x = stage(location(x, codes))
        return x


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


def _channels(multiple: float, width: int) -> int:
    return max(1, int(multiple * width))


def _normed(layer: nn.Module, n_out: int, norm: Norm, slope: float) -> list[nn.Module]:
    layers = [layer]
    if norm == "batch":
        layers.append(nn.BatchNorm1d(n_out))
    if norm == "instance":
        layers.append(nn.InstanceNorm1d(n_out, affine=True))
    return [*layers, nn.LeakyReLU(slope)]


def _up_stage(plan: ConvPlan, index: int, n_in: int, first: int, width: int, slope: float) -> nn.Sequential:
    """Return the stage after `scales[index]`; `first` is its first layer's multiple, the rest follow."""
    multiples = (4, 2, 1, 0.5) if index == plan.n_blocks + 1 else tuple(first - 2 * k for k in range(4))
    widths = [n_in, *(_channels(multiple, width) for multiple in multiples)]
    layers: list[nn.Module] = []
    for place, (before, after) in enumerate(pairwise(widths)):
        layer: nn.Module = nn.Conv1d(before, after, 3, padding=1, bias=False)
        if place % 2:
            length = plan.lengths[2 * index + (place + 1) // 2]
            layer = _Double(before, after, length=length, padding=int(index == 0 and place == 1))
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
