"""One Gaussian for each class, fitted to a stream of batches."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from genome_ac_gan.nn.losses import normal_log_density


class MovingGaussians(nn.Module):
    """A normal distribution of d numbers for each of k classes, with full covariances.

    Each is fitted to decaying sums over what it was shown, and to `d` imagined rows of
    the standard normal distribution besides. So it is standard normal at first, its
    covariance is never singular, and a class of few rows stays close to where it began.

    Parameters
    ----------
    n_classes, n_numbers
        k and d.
    decay
        Factor by which the sums shrink at each update.
    """

    rows: Tensor
    sums: Tensor
    products: Tensor

    def __init__(self, n_classes: int, n_numbers: int, decay: float) -> None:
        super().__init__()
        self.n_numbers, self.decay = n_numbers, decay
        self.register_buffer("rows", torch.zeros(n_classes))
        self.register_buffer("sums", torch.zeros(n_classes, n_numbers))
        self.register_buffer("products", torch.zeros(n_classes, n_numbers, n_numbers))

    def count(self, mean: Tensor, variance: Tensor, label: Tensor) -> list[Tensor]:
        """Return what a batch adds: rows (k,), sums (k, d) and sums of products (k, d, d) of each class.

        Parameters
        ----------
        mean, variance : (n, d) Tensor
            Each row is itself a normal distribution with independent numbers.
        label : (n, k) Tensor
            One-hot.
        """
        by_class = label.T[:, :, None] * mean  # (k, n, d)
        products = by_class.transpose(1, 2) @ mean + torch.diag_embed(label.T @ variance)
        return [label.sum(dim=0), by_class.sum(dim=1), products]

    @torch.no_grad()
    def update(self, counted: Sequence[Tensor]) -> None:
        """Let the sums shrink and add those of a batch, as `count` returns them."""
        for kept, fresh in zip((self.rows, self.sums, self.products), counted, strict=True):
            kept.mul_(self.decay).add_(fresh)

    def moments(self) -> tuple[Tensor, Tensor]:
        """Return means (k, d) and covariances (k, d, d)."""
        d = self.n_numbers
        rows = self.rows + d
        mean = self.sums / rows[:, None]
        products = self.products + d * torch.eye(d, device=mean.device)
        return mean, products / rows[:, None, None] - mean[:, :, None] * mean[:, None, :]

    def draw(self, codes: Tensor, noise: Tensor) -> Tensor:
        """Turn standard normal `noise` (n, d) into draws for class codes (n,)."""
        mean, covariance = self.moments()
        return mean[codes] + _each_by_its_own(torch.linalg.cholesky(covariance), noise, codes)

    def log_density(self, z: Tensor, codes: Tensor) -> Tensor:
        """Return natural log densities (n,) of `z` (n, d) for class codes (n,)."""
        mean, covariance = self.moments()
        factor = torch.linalg.cholesky(covariance)
        whiten = torch.linalg.solve_triangular(
            factor, torch.eye(self.n_numbers, device=z.device), upper=False
        )
        scaled = _each_by_its_own(whiten, z - mean[codes], codes)
        log_scale: Tensor = factor.diagonal(dim1=1, dim2=2).log().sum(dim=1)[codes]
        standard = torch.zeros_like(scaled)  # mean and log-variance
        return normal_log_density(scaled, standard, standard) - log_scale


def _each_by_its_own(matrices: Tensor, rows: Tensor, codes: Tensor) -> Tensor:
    """Multiply each row (n, d) by the matrix (k, d, d) of its class.

    One product by all classes moves less memory than a matrix for each row.
    """
    products = (rows @ matrices.flatten(0, 1).T).view(len(rows), *matrices.shape[:2])  # (n, k, d)
    own: Tensor = products[torch.arange(len(rows), device=rows.device), codes]
    return own
