"""Latent numbers that move the logits of a whole haplotype together: ancestry, in a word."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from genome_ac_gan.nn.blocks import hidden_layers

_MOST = 2.5  # standard deviation that latent numbers may give a logit at the start
_ENOUGH = 200.0  # rows of a label that weigh as much as all rows together


class SharedAxes(nn.Module):
    """Shifts of logits from latent numbers: axes that all labels share, mixed by label.

    ``shift = (z + bend(z, label)) @ mixing[label] @ axes``. `bend` is a small network
    that begins at 0: at the start shifts are normal, with a covariance of their own
    for each label.

    Parameters
    ----------
    n_axes, n_labels, n_variants
    widths, slope
        Hidden layers of `bend`.

    Attributes
    ----------
    spread : (n_labels, n_variants) Tensor
        By how much logits must be stretched for the mean over shifts of the chance of
        an allele to stay where it is without them (MacKay 1992,
        10.1162/neco.1992.4.5.720): ``sqrt(1 + pi / 8 * variance)``.
    """

    spread: Tensor

    def __init__(
        self, n_axes: int, n_labels: int, n_variants: int, *, widths: Sequence[int], slope: float
    ) -> None:
        super().__init__()
        sizes = [n_axes + n_labels, *widths]
        self.hidden = hidden_layers(sizes, slope=slope)
        self.bend = nn.Linear(sizes[-1], n_axes)
        nn.init.zeros_(self.bend.weight)
        nn.init.zeros_(self.bend.bias)
        self.mixing = nn.Parameter(torch.zeros(n_labels, n_axes, n_axes))
        self.axes = nn.Parameter(torch.zeros(n_axes, n_variants))
        self.register_buffer("spread", torch.ones(n_labels, n_variants))

    def forward(self, z: Tensor, label: Tensor) -> Tensor:
        """Return shifts (n, l) for latent numbers (n, axes) and one-hot labels (n, k)."""
        bent = z + self.bend(self.hidden(torch.cat([z, label], dim=1)))
        mixed = torch.bmm(bent[:, None], self.mixing[label.argmax(dim=1)]).squeeze(1)
        shifts: Tensor = mixed @ self.axes
        return shifts

    @torch.no_grad()
    def start(self, residual: Tensor, weight: Tensor, codes: Tensor) -> int:
        """Begin where the residuals of training rows vary together more than chance would have them.

        Axes are the principal ones of the residuals whose variance stands out of that
        of noise; their variance is what is left of it when noise is taken off. Each
        label has the covariance of its own rows along them, drawn towards that of all.

        Parameters
        ----------
        residual : (n, l) Tensor
            Allele minus its probability, over the root of the mean of ``p (1 - p)``: of
            variance 1 and uncorrelated where nothing is left to explain. What is noise is
            told by the mean variance that they really have.
        weight : (l,) Tensor
            That root.
        codes : (n,) Tensor

        Returns
        -------
        How many axes stand out.

        References
        ----------
        Johnstone 2001, 10.1214/aos/1009210544; Donoho, Gavish & Johnstone 2018,
        10.1214/17-AOS1601 (eigenvalues of spiked covariances).
        """
        scale = residual.square().mean().sqrt().clamp(min=1e-6)
        residual = residual / scale
        directions, variances, signal = _spikes(residual, len(self.axes))
        n_axes = len(signal)
        if not n_axes:
            return 0
        kept = (signal / (variances - 1)).sqrt()
        for code, mixing in enumerate(self.mixing):
            along = residual[codes == code] @ directions  # (n_own, axes)
            own = along.T @ along / max(len(along), 1) - torch.eye(n_axes, device=along.device)
            share = len(along) / (len(along) + _ENOUGH)
            covariance = share * own + (1 - share) * torch.diag(variances - 1)
            values, vectors = torch.linalg.eigh(covariance * kept * kept[:, None])
            mixing[:n_axes, :n_axes] = (vectors * values.clamp(min=0).sqrt()).T
        self.axes[:n_axes] = directions.T * scale / weight
        self._bound()
        return n_axes

    def _bound(self) -> None:
        """Shorten the axes where shifts would be too wide for any label; set `spread`."""
        variance = self._variance()
        self.axes.mul_(_MOST / variance.amax(dim=0).sqrt().clamp(min=_MOST))
        self.spread.copy_((1 + math.pi / 8 * self._variance()).sqrt())

    def _variance(self) -> Tensor:
        """Return the variance of each label's shifts under standard normal latent numbers, (k, l)."""
        return torch.stack([(mixing @ self.axes).square().sum(dim=0) for mixing in self.mixing])


def _spikes(rows: Tensor, most: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return principal directions (l, a) of rows of variance 1 that stand out of noise.

    Also the variance along each (a,), noise included, and that of the signal (a,).
    """
    n, n_variants = rows.shape
    ratio = n_variants / n
    _, scales, directions = torch.svd_lowrank(rows, q=min(most, n, n_variants), niter=4)
    variances = scales.square() / n
    beyond = variances - 1 - ratio
    signal = (beyond + (beyond.square() - 4 * ratio).clamp(min=0).sqrt()) / 2
    stands_out = variances > (1 + ratio**0.5) ** 2
    return directions[:, stands_out], variances[stands_out], signal[stands_out]
