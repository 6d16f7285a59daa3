"""How deep and how long a stack of convolutions along the genome is, for any number of sites."""

from dataclasses import dataclass
from typing import Literal

import torch.nn.functional as F  # noqa: N812 (torch's own habit)
from torch import Tensor

Padding = Literal["published", "none"]
Patch = Literal[1, 4, 16, 64, 256]

# A stack is as deep as keeps its length over 4^(blocks + 3) below this. Published lengths are 1 - a little;
# a panel that exceeds one by less than a quarter keeps its depth.
_LONGEST: dict[Padding, float] = {"published": 1.25, "none": 4}
# Positions of the shallowest stack. With fewer some layer has one position, which an instance norm cannot do with,
# and for which torch leaves bfloat16 gradients of convolutions on a CPU uninitialised where a weight meets no data.
_SHORTEST: dict[Padding, int] = {"published": 63, "none": 24}


@dataclass(frozen=True)
class ConvPlan:
    """Depth, lengths and channels of the stacks for a number of sites.

    Attributes
    ----------
    n_sites
        Sites of a row.
    patch
        Neighbouring sites that share a position at the fine end. 1: as published. A higher
        power of 4: as many of the finest stages give way to one layer between sites and
        positions that has weights of its own at every position.
    n_blocks
        Blocks between the first and the last stage; each changes the length fourfold.
    lengths
        Positions from the coarse end to the fine: ``2 n_blocks + 5`` of them. Going down a
        length is halved and rounded down; the last one, the coarse end, is half plus 1.

    Notes
    -----
    Padding as `published` goes to ``4^(n_blocks + 3) - 1`` positions: 16,383 for 10,000 (4
    blocks), 65,535 for 65,535 (5 blocks), 1,023 for 805 (2 blocks); depth is the least for
    which there are fewer than ``1.25 * 4^(n_blocks + 3)`` positions, so that 65,536 still
    take 5 blocks, without padding. With padding `none` rows are only filled to a whole
    patch (and to 24 positions), which is less work and leaves hardly a site without data;
    depth is the least for which there are fewer than ``4^(n_blocks + 4)``, which leaves 5
    to 16 positions at the coarse end of all but the shortest.
    """

    n_sites: int
    patch: Patch
    n_blocks: int
    lengths: tuple[int, ...]

    @classmethod
    def of(
        cls, n_sites: int, padding: Padding = "published", patch: Patch | Literal["auto"] = 1
    ) -> "ConvPlan":
        """Plan the stacks for rows of any length from 1; patch `auto`: the widest that leaves 32 positions."""
        if patch == "auto":
            wide: tuple[Patch, ...] = (256, 64, 16)
            return cls.of(n_sites, padding, next((each for each in wide if n_sites >= 32 * each), 4))
        positions = -(-n_sites // patch)
        n_blocks = 0
        while positions >= _LONGEST[padding] * 4 ** (n_blocks + 3):
            n_blocks += 1
        least = 4 ** (n_blocks + 3) - 1 if padding == "published" else _SHORTEST[padding]
        lengths = [max(positions, least)]
        for _ in range(2 * n_blocks + 3):
            lengths.append(lengths[-1] // 2)
        lengths.append(lengths[-1] // 2 + 1)
        return cls(n_sites, patch, n_blocks, tuple(reversed(lengths)))

    @property
    def padded(self) -> int:
        """Sites at the fine end: rows are filled with zeros to as many, outputs cut from them."""
        return self.lengths[-1] * self.patch

    def folded(self, x: Tensor) -> Tensor:
        """Pad rows (n, c, n_sites) and return them as (positions, n, c, patch)."""
        x = F.pad(x, (0, self.padded - x.shape[2])).reshape(*x.shape[:2], -1, self.patch)
        return x.permute(2, 0, 1, 3)

    @property
    def start(self) -> int:
        """Length at the coarse end, where `UpStack` begins."""
        return self.lengths[0]

    @property
    def end(self) -> int:
        """Length that `DownStack` ends in: `start`, or one less."""
        return (self.lengths[1] + 1) // 2

    @property
    def scales(self) -> tuple[int, ...]:
        """Lengths at the inputs of the stages from coarse to fine, and of the finest layer."""
        return self.lengths[::2]

    @property
    def multiples(self) -> tuple[int, ...]:
        """Channels at `scales` but the first, in widths: 38, 30, 22, 14, 6 for four blocks.

        A published stack has one scale more, the finest, which ends in half a width.
        """
        finest = {1: 6, 4: 6, 16: 14, 64: 22, 256: 30}[self.patch]
        n = self.n_blocks + (1 if self.patch == 1 else 2)
        return tuple(finest + 8 * block for block in reversed(range(n)))

    @property
    def residual(self) -> tuple[int, ...]:
        """Which of the blocks, counted from 1, have a residual block beside them: every second."""
        return tuple(range(1, len(self.multiples), 2))
