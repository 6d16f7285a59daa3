"""How much of chance there is in a haplotype: a factor on its noise, learned from how near haplotypes lie."""

import math

import torch
from torch import Tensor, nn

_PART = 0.5  # of the difference, by which a calibration moves
_STRETCH = 4.0  # the variance of all over that of the middle half, on the safe side: 7 for a normal one
_FURTHEST = 0.3  # the mean of the log factor, up or down
_WIDEST = 0.5  # its standard deviation
_MOST = 1000  # rows of a label that are compared with each other
_FEWEST = 10  # rows of a label that say anything about it


class Temperature(nn.Module):
    """A factor on the noise of each row, log-normal with a mean and a standard deviation of each label.

    Below 1 a haplotype is closer to what is most probable, above 1 it wanders further. In
    real panels some haplotypes have many near kin and others few; with one factor for all
    rows they would all have middling ones.

    Attributes
    ----------
    level, width : (n_labels,) Tensor
        Mean and standard deviation of the logarithm of the factor; 0 at the start, and
        never beyond -0.3 to 0.3 and 0 to 0.5.
    """

    level: Tensor
    width: Tensor

    def __init__(self, n_labels: int) -> None:
        super().__init__()
        self.register_buffer("level", torch.zeros(n_labels))
        self.register_buffer("width", torch.zeros(n_labels))

    def forward(self, u: Tensor, label: Tensor) -> Tensor:
        """Return factors (n, 1) for standard normal u (n, 1) and one-hot labels (n, k)."""
        return torch.exp(label @ self.level[:, None] + u * (label @ self.width[:, None]))

    @torch.no_grad()
    def calibrate(self, drawn: Tensor, wanted: Tensor) -> None:
        """Move half the way to where rows lie as near to each other as wanted; both (2, k) as from `nearness`."""
        mean, variance = wanted - drawn
        self.level.add_(mean, alpha=_PART).clamp_(-_FURTHEST, _FURTHEST)
        square = self.width.square().add_(variance, alpha=_STRETCH * _PART)
        self.width.copy_(square.clamp_(0, _WIDEST**2).sqrt_())


@torch.no_grad()
def nearness(x: Tensor, codes: Tensor, n_labels: int) -> Tensor:
    """Tell how near the rows of each label lie to each other.

    Parameters
    ----------
    x : (n, l) Tensor
        Alleles, 0 or 1.
    codes : (n,) Tensor
        Labels of the rows, below `n_labels`. Of a label with more than 1,000 rows
        every second, third, ... is compared, so that there are at most so many.

    Returns
    -------
    (2, n_labels) float32 Tensor
        Mean and variance of the logarithm of 1 plus the number of alleles in which a row
        and the nearest other row of its label differ, over the half of the rows between
        the quartiles (the few close kin of a panel are no matter of chance); 0 and 0 for
        a label of fewer than 10 rows.
    """
    found = torch.zeros(2, n_labels, device=x.device)
    for code in range(n_labels):
        own = torch.nonzero(codes == code).squeeze(1)
        if len(own) >= _FEWEST:
            chosen = own[:: math.ceil(len(own) / _MOST)]
            distance = torch.log1p(_nearest(x[chosen].float()))
            quarter = len(distance) // 4
            middle = distance.sort().values[quarter : len(distance) - quarter]
            found[0, code], found[1, code] = middle.mean(), middle.var()
    return found


def _nearest(rows: Tensor) -> Tensor:
    """Return the number of alleles in which each row (n, l) and the row nearest to it differ, (n,)."""
    carried = rows.sum(dim=1)
    differences = carried[:, None] + carried - 2 * (rows @ rows.T)
    return differences.fill_diagonal_(math.inf).amin(dim=1)
