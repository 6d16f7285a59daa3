"""The two networks: both end in logits."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from genome_ac_gan.models.genome_ac_gan.config import DiscriminatorConfig, GeneratorConfig, Width
from genome_ac_gan.nn.blocks import dense, hidden_layers, principal_axes


def layer_widths(widths: Sequence[Width], n_variants: int) -> list[int]:
    """Return widths in units: `M/1.3` is the number of variants over 1.3, rounded down, at least 1."""
    return [w if isinstance(w, int) else max(1, int(n_variants // float(w[2:]))) for w in widths]


class Generator(nn.Module):
    """Noise and a label to one logit a variant.

    Parameters
    ----------
    config
        Latent length, widths and so on.
    n_variants, n_populations
        Sizes of the output and of the one-hot label.
    """

    def __init__(self, config: GeneratorConfig, n_variants: int, n_populations: int) -> None:
        super().__init__()
        self.repeats = config.label_repeats
        n_in = config.latent + sum(self.repeats) * n_populations
        widths = [n_in, *layer_widths(config.widths, n_variants)]
        self.hidden = hidden_layers(widths, slope=config.slope, batch_norm=config.batch_norm)
        self.normalise = (
            nn.BatchNorm1d(widths[-1]) if config.output_start == "principal-axes" else nn.Identity()
        )
        self.output = dense(widths[-1], n_variants)

    def forward(self, z: Tensor, label: Tensor) -> Tensor:
        """Return logits (n, l) for noise (n, latent) and one-hot labels (n, k)."""
        before, after = self.repeats
        joined = torch.cat([label] * before + [z] + [label] * after, dim=1)  # (n, latent + repeats * k)
        logits: Tensor = self.output(self.normalise(self.hidden(joined)))
        return logits

    @torch.no_grad()
    def start_at_principal_axes(self, x: Tensor) -> None:
        """Let the output layer begin as the mean and the scaled principal axes of coded rows (n, l)."""
        mean, axes = principal_axes(x, self.output.in_features)
        self.output.bias.copy_(mean)
        self.output.weight.copy_(axes.T)


class Discriminator(nn.Module):
    """Coded alleles to a validity logit and one logit a population."""

    def __init__(self, config: DiscriminatorConfig, n_variants: int, n_populations: int) -> None:
        super().__init__()
        widths = [n_variants, *layer_widths(config.widths, n_variants)]
        self.hidden = hidden_layers(widths, slope=config.slope, dropout=config.dropout)
        self.validity = dense(widths[-1], 1)
        self.population = dense(widths[-1], n_populations)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return validity logits (n,) and class logits (n, k) for coded alleles (n, l)."""
        features = self.hidden(x)
        return self.validity(features).squeeze(1), self.population(features)


def kernels(network: nn.Module, which: str) -> tuple[list[Tensor], list[Tensor]]:
    """Split a network's parameters into the weights an L2 penalty falls on, and the rest.

    `which` is `all` dense weights or those of the `hidden` layers only.
    """
    scope = network if which == "all" else network.get_submodule("hidden")
    chosen = [layer.weight for layer in scope.modules() if isinstance(layer, nn.Linear)]
    ids = {id(weight) for weight in chosen}
    return list(chosen), [p for p in network.parameters() if id(p) not in ids]
