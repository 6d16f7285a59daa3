"""Sites drawn one by one from the frequencies of a population: the floor for linkage."""

import torch
from torch import Tensor, nn

from genome_ac_gan.config import Config, NonNegative
from genome_ac_gan.models.likelihood import LikelihoodModel
from genome_ac_gan.training.loop import OnStep

WIDTH = 1024  # sites drawn at a time; part of what a seed means


class IndependentConfig(Config):
    """Independent sites.

    Attributes
    ----------
    pseudocount
        Haplotypes that are added to the frequency of each site, half of them with
        allele 1, so that no allele is impossible; 0 for the frequencies as they are.
    """

    pseudocount: NonNegative = 1.0


class Independent(LikelihoodModel):
    """Independent sites: each allele by itself, from its frequency in the population.

    p = (carriers + pseudocount / 2) / (haplotypes + pseudocount): with the default of
    1 the estimate of Krichevsky & Trofimov 1981 (doi:10.1109/TIT.1981.1056331), which
    the attack `snp` of the metric `membership-inference` uses too. The anchor
    `independent` of an evaluation draws from the frequencies as they are.
    """

    name = "independent"
    Config = IndependentConfig
    config: IndependentConfig

    @property
    def conditioning(self) -> str:
        """How the model obeys a population: a key of `CONDITIONING`."""
        return "per-population"

    def build(self, n_variants: int, n_populations: int) -> None:
        """Set `self.net` to an empty table of carriers."""
        self.net = nn.Module()
        self.net.register_buffer("carriers", torch.zeros(n_populations, n_variants, dtype=torch.int64))
        self.net.register_buffer("haplotypes", torch.zeros(n_populations, dtype=torch.int64))

    def _fit(self, x: Tensor, y: Tensor, seed: int, on_step: OnStep) -> None:
        carriers, haplotypes = self.network.get_buffer("carriers"), self.network.get_buffer("haplotypes")
        for code in range(len(self.populations)):
            own = x[y == code]
            carriers[code] = own.sum(dim=0, dtype=torch.int64)
            haplotypes[code] = len(own)

    @property
    def frequencies(self) -> Tensor:
        """Probability of allele 1 at each site of each population, (k, l) float64 on the CPU."""
        carriers, haplotypes = self.network.get_buffer("carriers"), self.network.get_buffer("haplotypes")
        pseudocount = self.config.pseudocount
        return (carriers.cpu().double() + pseudocount / 2) / (
            haplotypes.cpu().double()[:, None] + pseudocount
        )

    def _sample(self, y: Tensor, rng: torch.Generator) -> Tensor:
        codes = y.cpu()
        parts = []
        for part in torch.split(self.frequencies, WIDTH, dim=1):
            uniform = torch.rand(len(codes), part.shape[1], generator=rng, dtype=torch.float64)
            parts.append((uniform < part[codes]).to(torch.uint8))
        return torch.cat(parts, dim=1).to(y.device)

    def _log_likelihood(self, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        codes = y.cpu()
        total = torch.zeros(len(codes), dtype=torch.float64)
        for alleles, part in zip(
            torch.split(x.cpu(), WIDTH, dim=1), torch.split(self.frequencies, WIDTH, dim=1), strict=True
        ):
            total += torch.where(alleles == 1, part[codes], 1 - part[codes]).log().sum(dim=1)
        return total
