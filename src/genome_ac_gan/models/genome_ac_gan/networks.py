"""The networks of the Genome-AC-GAN; a generator of dense layers is that of the other dense GANs."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from genome_ac_gan.nn.autoregression import Autoregression
from genome_ac_gan.nn.blocks import dense, hidden_layers
from genome_ac_gan.nn.dense import layer_widths
from genome_ac_gan.nn.discrete import pass_through
from genome_ac_gan.nn.shared_axes import SharedAxes
from genome_ac_gan.nn.temperature import Temperature

_ROWS = 512  # worked on at a time
_PART = 0.3  # of the difference in log odds, by which a calibration moves thresholds


class LineGenerator(nn.Module):
    """Noise and a label to a haplotype, read along the genome.

    Each allele is drawn from its probability given the alleles just before it
    (`Autoregression`), in logits that latent numbers shift along the whole haplotype
    (`SharedAxes`); how much of it is chance differs from haplotype to haplotype (`Temperature`).

    Parameters
    ----------
    n_latent
        Latent numbers, the most axes there can be.
    n_labels, n_variants
    span
        How many variants back an allele looks.
    widths, slope
        Hidden layers of the network that bends the latent numbers.
    """

    def __init__(
        self,
        n_latent: int,
        n_labels: int,
        n_variants: int,
        *,
        span: int,
        widths: Sequence[int | str],
        slope: float,
    ) -> None:
        super().__init__()
        self.line = Autoregression(n_variants, n_labels, span=span)
        self.axes = SharedAxes(
            n_latent, n_labels, n_variants, widths=layer_widths(widths, n_variants), slope=slope
        )
        self.temperature = Temperature(n_labels)

    @property
    def hidden(self) -> nn.Sequential:
        """The hidden layers, which a penalty may fall on."""
        return self.axes.hidden

    def forward(self, z: Tensor, u: Tensor, label: Tensor, noise: Tensor) -> Tensor:
        """Return alleles -1 or +1 (n, l) for latent numbers z (n, latent) and u (n, 1), and labels (n, k).

        Noise (n, l) is logistic; u, which the factor on it follows, is standard normal.
        Gradients are those of ``tanh(logit / 2)``, each logit given the alleles drawn
        before it, as if these stood fast.
        """
        pushed = (self.axes(z, label) + self.temperature(u, label) * noise) / (label @ self.axes.spread)
        with torch.no_grad():
            alleles, logits = self.line.draw(label @ self.line.threshold + pushed)
        if not torch.is_grad_enabled():
            return 2 * alleles - 1
        if self.line.weight.requires_grad:
            return pass_through(2 * alleles - 1, self.line(alleles, label) + pushed)
        return pass_through(2 * alleles - 1, logits + (pushed - pushed.detach()))

    @torch.no_grad()
    def start_axes(self, x: Tensor, codes: Tensor, label: Tensor) -> int:
        """Begin the axes at what the line leaves unexplained of rows x (n, l; 0 or 1); return how many."""
        parts = zip(torch.split(x, _ROWS), torch.split(label, _ROWS), strict=True)
        chance = torch.cat([torch.sigmoid(self.line(rows, labels)) for rows, labels in parts])
        weight = (chance * (1 - chance)).mean(dim=0).clamp(min=0.25 / len(x)).sqrt()
        return self.axes.start((x - chance) / weight, weight, codes)

    @torch.no_grad()
    def calibrate(self, drawn: Tensor, wanted: Tensor, n_rows: Tensor) -> None:
        """Move thresholds towards the wanted frequencies (k, l) from those drawn (k, l), by their log odds.

        Both are of `n_rows` (k,) haplotypes; half of one is added to each allele. Only a
        part of the way is gone, because what moves one variant moves those after it too.
        """
        add = 0.5 / (n_rows[:, None] + 1)
        odds = torch.logit(wanted * (1 - 2 * add) + add) - torch.logit(drawn * (1 - 2 * add) + add)
        self.line.threshold.add_(odds, alpha=_PART)


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
