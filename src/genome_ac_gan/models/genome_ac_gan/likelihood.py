"""What precedes the game of the two networks: a line fitted to the training rows by maximum likelihood."""

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from genome_ac_gan.models.genome_ac_gan.config import GenomeACGANConfig
from genome_ac_gan.models.genome_ac_gan.networks import LineGenerator
from genome_ac_gan.nn.autoregression import linked_weights
from genome_ac_gan.nn.blocks import frequencies_by_label
from genome_ac_gan.popgen.shrinkage import shrunk_frequencies
from genome_ac_gan.training.optimisers import fused_adam
from genome_ac_gan.training.parallel import World

_LAST = 0.02  # of the learning rate, at the end


class LikelihoodStart:
    """The updates of a line by the likelihood of training rows.

    Parameters
    ----------
    generator
        Whose line begins at the frequencies of the rows.
    config
    x : (n, l) uint8 Tensor
    y : (n,) Tensor
    contig : (l,) Tensor
        Number of each variant's contig.

    Attributes
    ----------
    frequencies, counts
        Of each label in the training rows, as `frequencies_by_label` returns them; drawn
        towards those of related labels where the settings ask for it.
    """

    def __init__(
        self, generator: LineGenerator, config: GenomeACGANConfig, x: Tensor, y: Tensor, contig: Tensor
    ) -> None:
        self.settings, self.line = config.likelihood, generator.line
        self.frequencies, self.counts = frequencies_by_label(x, y, len(self.line.threshold))
        if self.settings.shrinkage:
            shrunk = shrunk_frequencies(
                *(each.double().cpu().numpy() for each in (self.frequencies, self.counts))
            )
            self.frequencies = torch.from_numpy(shrunk).to(self.frequencies)
        rows = x.float()
        self.line.start(rows, y)
        self.line.allow(
            linked_weights(rows, y, contig, span=config.generator.span, z=config.generator.linked)
        )
        lr = self.settings.lr
        self.rates = (lr / 4, lr)
        groups = [{"params": [self.line.threshold], "lr": lr / 4}, {"params": [self.line.weight], "lr": lr}]
        self.optimiser = fused_adam(groups, lr=lr, betas=(0.9, 0.99), eps=1e-8)

    def update(self, step: int, x: Tensor, label: Tensor, world: World) -> dict[str, Tensor]:
        """Raise the likelihood of rows x (n, l; uint8) with labels (n, k); return the loss, nats a haplotype."""
        fall = 0.5 * (1 + math.cos(math.pi * step / self.settings.n_steps)) + _LAST
        for group, rate in zip(self.optimiser.param_groups, self.rates, strict=True):
            group["lr"] = rate * fall
        loss = self.line.likelihood_gradients(x.float(), label, l1=self.settings.l1)
        world.average_gradients(self.line.parameters())
        self.optimiser.step()
        return {"negative_log_likelihood": loss}


def contig_numbers(contig: npt.NDArray[np.str_]) -> Tensor:
    """Return a number for each variant's contig, (l,)."""
    return torch.from_numpy(np.unique(contig, return_inverse=True)[1])
