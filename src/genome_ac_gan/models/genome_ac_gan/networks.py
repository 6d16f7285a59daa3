"""The discriminator of the Genome-AC-GAN; its generator is that of the other dense GANs."""

from collections.abc import Sequence

from torch import Tensor, nn

from genome_ac_gan.nn.blocks import dense, hidden_layers
from genome_ac_gan.nn.dense import layer_widths


class Discriminator(nn.Module):
    """Coded alleles to a validity logit and one logit a population."""

    def __init__(
        self,
        n_variants: int,
        n_populations: int,
        *,
        widths: Sequence[int | str],
        slope: float,
        dropout: Sequence[float],
    ) -> None:
        super().__init__()
        sizes = [n_variants, *layer_widths(widths, n_variants)]
        self.hidden = hidden_layers(sizes, slope=slope, dropout=dropout)
        self.validity = dense(sizes[-1], 1)
        self.population = dense(sizes[-1], n_populations)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return validity logits (n,) and class logits (n, k) for coded alleles (n, l)."""
        features = self.hidden(x)
        return self.validity(features).squeeze(1), self.population(features)
