"""The dense networks of the GANs: both end in logits."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from genome_ac_gan.nn.blocks import dense, hidden_layers, principal_axes

_PRIME = 2**31 - 1  # products of two numbers below it fit in 64 bits


def layer_widths(widths: Sequence[int | str], n_variants: int) -> list[int]:
    """Return widths in units: `M/1.3` is the number of variants over 1.3, rounded down, at least 1."""
    return [w if isinstance(w, int) else max(1, int(n_variants // float(w[2:]))) for w in widths]


class Generator(nn.Module):
    """Noise and a label to one logit a variant.

    Parameters
    ----------
    n_latent, n_labels, n_variants
        Length of the noise, of the one-hot label (0: there is none) and of the output.
    widths
        Hidden widths, as `layer_widths` takes them.
    slope, batch_norm
        As in `hidden_layers`.
    normalise
        Whether the last hidden layer is normalised, as `start_at_principal_axes` needs it.
    repeats
        How often the label stands before and after the noise.
    """

    def __init__(
        self,
        n_latent: int,
        n_labels: int,
        n_variants: int,
        *,
        widths: Sequence[int | str],
        slope: float,
        batch_norm: bool,
        normalise: bool,
        repeats: tuple[int, int] = (0, 1),
    ) -> None:
        super().__init__()
        self.repeats = repeats
        sizes = [n_latent + sum(repeats) * n_labels, *layer_widths(widths, n_variants)]
        self.hidden = hidden_layers(sizes, slope=slope, batch_norm=batch_norm)
        self.normalise = nn.BatchNorm1d(sizes[-1]) if normalise else nn.Identity()
        self.output = dense(sizes[-1], n_variants)

    def forward(self, z: Tensor, label: Tensor) -> Tensor:
        """Return logits (n, l) for noise (n, latent) and labels (n, k)."""
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
    """Coded alleles and a label (k = 0: none) to a validity logit; parameters as those of the generator."""

    def __init__(
        self,
        n_variants: int,
        n_labels: int,
        *,
        widths: Sequence[int | str],
        slope: float,
        dropout: Sequence[float],
    ) -> None:
        super().__init__()
        sizes = [n_variants + n_labels, *layer_widths(widths, n_variants)]
        self.hidden = hidden_layers(sizes, slope=slope, dropout=dropout)
        self.validity = dense(sizes[-1], 1)

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        """Return validity logits (n,) for coded alleles (n, l) and labels (n, k)."""
        score: Tensor = self.validity(self.hidden(torch.cat([x, label], dim=1)))
        return score.squeeze(1)


class RowNoise(nn.Module):
    """Noise that belongs to a row: drawn once for its alleles, the same whenever they come again.

    A stored draw would be as large as the training panel in float32. This is a hash
    instead: ``u_j = ((a_j h + b_j) mod P) / P`` with ``h = sum_j r_j x_j mod P``,
    P = 2^31 - 1, and random integers r, a and b. Equal rows have equal noise.

    References
    ----------
    Carter & Wegman 1979, 10.1016/0022-0000(79)90044-8 (universal hashing).
    """

    numbers: Tensor

    def __init__(self, n_variants: int) -> None:
        super().__init__()
        self.register_buffer("numbers", torch.randint(1, _PRIME, (3, n_variants)), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return numbers (n, l) between 0 and 1 for alleles (n, l), as float32."""
        r, a, b = self.numbers
        rows = (x * r).sum(dim=1, keepdim=True) % _PRIME  # (n, 1)
        hashed: Tensor = (a * rows + b) % _PRIME
        return hashed.to(torch.float32) / _PRIME


def kernels(network: nn.Module, which: str) -> tuple[list[Tensor], list[Tensor]]:
    """Split a network's parameters into the weights an L2 penalty falls on, and the rest.

    `which` is `all` dense weights or those of the `hidden` layers only.
    """
    scope = network if which == "all" else network.get_submodule("hidden")
    chosen = [layer.weight for layer in scope.modules() if isinstance(layer, nn.Linear)]
    ids = {id(weight) for weight in chosen}
    return list(chosen), [p for p in network.parameters() if id(p) not in ids]
