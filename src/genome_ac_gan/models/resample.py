"""Training haplotypes handed out again: the ceiling of fidelity, and no privacy at all."""

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from genome_ac_gan.config import Config
from genome_ac_gan.models.base import Model
from genome_ac_gan.training.loop import OnStep

BITS = 8


class ResampleConfig(Config):
    """Training haplotypes drawn with replacement; there is nothing to set."""


class Resample(Model):
    """Training haplotypes of the population, drawn with replacement: a copier, for comparison.

    The bootstrap (Efron 1979, doi:10.1214/aos/1176344552). What a metric of fidelity
    gives it is what sampling alone does; every metric of privacy must flag it.
    """

    name = "resample"
    Config = ResampleConfig
    stores_training_data = True

    @property
    def conditioning(self) -> str:
        """How the model obeys a population: a key of `CONDITIONING`."""
        return "per-population"

    def build(self, n_variants: int, n_populations: int) -> None:
        """Set `self.net` to room for the training rows, eight alleles a byte, sorted by population."""
        self.net = nn.Module()
        shape = sum(self.counts.values()), -(-n_variants // BITS)
        self.net.register_buffer("rows", torch.zeros(shape, dtype=torch.uint8))

    def _fit(self, x: Tensor, y: Tensor, seed: int, on_step: OnStep) -> None:
        self.network.get_buffer("rows").copy_(packed(x[torch.argsort(y, stable=True)]))

    def _sample(self, y: Tensor, rng: torch.Generator) -> Tensor:
        n = torch.tensor([self.counts[name] for name in self.populations])
        first = torch.cumsum(n, dim=0) - n
        codes = y.cpu()
        chosen = first[codes] + (torch.rand(len(codes), generator=rng, dtype=torch.float64) * n[codes]).long()
        rows = self.network.get_buffer("rows")
        return unpacked(rows[chosen.to(rows.device)], len(self.variants))


def packed(x: Tensor) -> Tensor:
    """Return alleles (n, l) as bits, (n, ceil(l / 8)) uint8, the first allele in the lowest bit."""
    padded = pad(x, (0, -x.shape[1] % BITS)).reshape(len(x), -1, BITS)
    return (padded << _shifts(x)).sum(dim=2, dtype=torch.uint8)


def unpacked(bits: Tensor, n_variants: int) -> Tensor:
    """Return the alleles (n, n_variants) uint8 that `packed` made bits of."""
    alleles = (bits[..., None] >> _shifts(bits)).bitwise_and(1)  # (n, ceil(l / 8), 8)
    return alleles.flatten(1)[:, :n_variants]


def _shifts(like: Tensor) -> Tensor:
    return torch.arange(BITS, dtype=torch.uint8, device=like.device)
