"""Population structure as a loss: where rows lie along the principal axes of the training rows."""

import torch
from torch import Tensor

from genome_ac_gan.nn.blocks import principal_axes
from genome_ac_gan.nn.losses import energy_loss


class Structure:
    """The energy distance of rows to the training rows along their principal axes, with the labels.

    Coordinates are over the standard deviation along the first axis; a row and one of
    another label are sqrt(2) of them further apart.

    Parameters
    ----------
    rows : (n, l) Tensor
        Coded training rows.
    label : (n, k) Tensor
        One-hot.
    n_axes
    """

    def __init__(self, rows: Tensor, label: Tensor, n_axes: int) -> None:
        mean, axes = principal_axes(rows, n_axes)  # as long as the standard deviations along them
        lengths = torch.linalg.vector_norm(axes, dim=1, keepdim=True)
        self.axes = (axes / lengths.clamp(min=1e-6) / lengths.amax().clamp(min=1e-6)).T  # (l, a)
        self.offset = mean @ self.axes
        self.real = self._points(rows, label)

    def _points(self, rows: Tensor, label: Tensor) -> Tensor:
        return torch.cat([rows @ self.axes - self.offset, label], dim=1)

    def loss(self, rows: Tensor, label: Tensor) -> Tensor:
        """Return the loss of coded synthetic rows (m, l) with labels (m, k)."""
        return energy_loss(self._points(rows, label), self.real)
