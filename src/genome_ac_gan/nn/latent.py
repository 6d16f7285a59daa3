"""Encoders and decoders of a variational autoencoder, dense and convolutional.

An encoder turns alleles coded 0 and 1 into means and log-variances of a few latent
numbers, a decoder latent numbers into one logit a site. Both take class codes, and heed
them where `n_labels` is not 0.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own habit)
from torch import Tensor, nn

from genome_ac_gan.nn.blocks import dense, hidden_layers, principal_axes
from genome_ac_gan.nn.genomic_conv import ConvPlan, DownStack, UpStack
from genome_ac_gan.nn.losses import one_hot

LEAST_VARIANCE = 0.05  # of a site, when a logit is made of its allele's deviation


class DenseEncoder(nn.Module):
    """Dense layers beside a linear map; the sum of both are the means, the layers alone the log-variances.

    Parameters
    ----------
    n_variants, n_labels, n_latent
        Sites of a row, labels (0: heed none) and latent numbers.
    widths
        Hidden widths.
    slope
        Negative slope of the leaky ReLU.
    """

    def __init__(
        self, n_variants: int, n_labels: int, n_latent: int, *, widths: Sequence[int], slope: float
    ) -> None:
        super().__init__()
        self.n_labels, self.n_latent = n_labels, n_latent
        self.linear = dense(n_variants + n_labels, n_latent)
        self.hidden = hidden_layers([n_variants + n_labels, *widths], slope=slope)
        self.output = dense(widths[-1], 2 * n_latent)

    def forward(self, x: Tensor, codes: Tensor) -> tuple[Tensor, Tensor]:
        """Return means and log-variances (n, d) for alleles (n, l) and class codes (n,)."""
        joined = torch.cat([2 * x - 1, labels(codes, self.n_labels)], dim=1)  # (n, l + k)
        mean, log_variance = self.output(self.hidden(joined)).float().chunk(2, dim=1)
        return mean + self.linear(joined).float(), log_variance

    @property
    def readers(self) -> list[Tensor]:
        """The weights that alleles are multiplied by."""
        first: nn.Linear = self.hidden[0]  # type: ignore[assignment]
        return [self.linear.weight, first.weight]


class DenseDecoder(nn.Module):
    """Dense layers whose last reads the latent numbers and the label too; parameters as in `DenseEncoder`."""

    def __init__(
        self, n_variants: int, n_labels: int, n_latent: int, *, widths: Sequence[int], slope: float
    ) -> None:
        super().__init__()
        self.n_labels, self.n_latent = n_labels, n_latent
        self.hidden = hidden_layers([n_latent + n_labels, *widths], slope=slope)
        self.output = dense(widths[-1] + n_latent + n_labels, n_variants)

    def forward(self, z: Tensor, codes: Tensor) -> Tensor:
        """Return logits (n, l) for latent numbers (n, d) and class codes (n,)."""
        joined = torch.cat([z, labels(codes, self.n_labels)], dim=1)  # (n, d + k)
        logits: Tensor = self.output(torch.cat([self.hidden(joined), joined], dim=1))
        return logits.float()


@torch.no_grad()
def start_at_principal_axes(encoder: DenseEncoder, decoder: DenseDecoder, x: Tensor, codes: Tensor) -> None:
    """Let both networks begin as the factor model that the training rows suggest.

    Let f be the allele frequencies of a row's population, v the mean of f (1 - f) over
    the rows (no less than `LEAST_VARIANCE`) and A (d, l) the principal axes, scaled by
    their standard deviations, of the rows around f. To first order in z the logits
    ``logit(f) + z A / v`` have probabilities ``f + z A``; that is the decoder. With normal
    residuals of variance v the posterior of z would have the precision
    ``M = 1 + A A' / v`` and the mean ``M^-1 A (x - f) / v``; the normal distribution with
    independent numbers that is closest to it has the variances ``1 / diag(M)``; that is
    the encoder. The hidden layers of both add nothing yet.

    Parameters
    ----------
    encoder, decoder
        Networks of the same sizes.
    x : (n, l) Tensor
        Alleles of the training rows, 0 or 1.
    codes : (n,) Tensor
        Their class codes.
    """
    groups = labels(codes, encoder.n_labels) if encoder.n_labels else x.new_ones(len(x), 1)
    frequencies = (groups.T @ x + 0.5) / (groups.sum(dim=0)[:, None] + 1)  # (k, l)
    everywhere = (x.sum(dim=0) + 0.5) / (len(x) + 1)
    residuals = x - groups @ frequencies
    variance = residuals.square().mean(dim=0).clamp(min=LEAST_VARIANCE)
    _, axes = principal_axes(residuals, encoder.n_latent)  # (d, l)
    _start_encoder(encoder, axes, variance, frequencies)
    nn.init.zeros_(decoder.output.weight)
    d, k = decoder.n_latent, decoder.n_labels
    at = decoder.output.in_features - d - k
    decoder.output.bias.copy_(everywhere.logit())
    decoder.output.weight[:, at : at + d] = (axes / variance).T
    if k:
        decoder.output.weight[:, at + d :] = (frequencies.logit() - everywhere.logit()).T


def _start_encoder(encoder: DenseEncoder, axes: Tensor, variance: Tensor, frequencies: Tensor) -> None:
    precision = torch.eye(len(axes), device=axes.device) + (axes / variance) @ axes.T  # (d, d)
    reader = torch.linalg.solve(precision, axes / variance)  # (d, l)
    n_variants = axes.shape[1]
    # The network sees c = 2 x - 1, so x - f = (c - (2 f - 1)) / 2.
    nn.init.zeros_(encoder.linear.bias)
    encoder.linear.weight[:, :n_variants] = reader / 2
    offsets = -reader @ (2 * frequencies - 1).T / 2  # (d, k)
    if encoder.n_labels:
        encoder.linear.weight[:, n_variants:] = offsets
    else:
        encoder.linear.bias.copy_(offsets[:, 0])
    nn.init.zeros_(encoder.output.weight)
    encoder.output.bias[encoder.n_latent :] = -precision.diagonal().log()


class ConvEncoder(nn.Module):
    """A `DownStack` that ends in two times `channels` numbers at each position of its coarse end.

    Parameters
    ----------
    plan, width, slope, n_labels
        As of the stack.
    channels
        Latent numbers at each position.
    """

    def __init__(self, plan: ConvPlan, *, channels: int, width: int, slope: float, n_labels: int) -> None:
        super().__init__()
        self.n_latent = channels * plan.end
        self.stack = DownStack(
            plan, width=width, out_channels=2 * channels, norm="batch", slope=slope, n_labels=n_labels
        )

    def forward(self, x: Tensor, codes: Tensor) -> tuple[Tensor, Tensor]:
        """Return means and log-variances (n, d) for alleles (n, l) and class codes (n,)."""
        mean, log_variance = self.stack(x[:, None, :], codes=codes).float().chunk(2, dim=1)
        return mean.flatten(1), log_variance.flatten(1)


class ConvDecoder(nn.Module):
    """An `UpStack` that begins with `channels` latent numbers at each position; parameters as in `ConvEncoder`.

    Where the stack begins one position longer than the encoder's ends, that one is 0.
    """

    def __init__(self, plan: ConvPlan, *, channels: int, width: int, slope: float, n_labels: int) -> None:
        super().__init__()
        self.plan, self.channels, self.n_latent = plan, channels, channels * plan.end
        self.stack = UpStack(plan, width=width, in_channels=channels, slope=slope, n_labels=n_labels)

    def forward(self, z: Tensor, codes: Tensor) -> Tensor:
        """Return logits (n, l) for latent numbers (n, d) and class codes (n,)."""
        z = z.view(len(z), self.channels, self.plan.end)
        logits: Tensor = self.stack(F.pad(z, (0, self.plan.start - self.plan.end)), codes=codes)
        return logits.float()


def labels(codes: Tensor, n_labels: int) -> Tensor:
    """Return one-hot labels (n, n_labels) of class codes (n,), whatever the codes if there are none."""
    return one_hot(codes, n_labels) if n_labels else torch.zeros(len(codes), 0, device=codes.device)
