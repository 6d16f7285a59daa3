"""Where a stack's layer of local weights starts: at the training rows' frequencies and linkage within patches."""

import torch
from torch import Tensor

from genome_ac_gan.nn.blocks import frequencies_by_label
from genome_ac_gan.nn.genomic_conv import Local, UpStack
from genome_ac_gan.nn.losses import one_hot

_ROWS = 2048  # training rows that axes are computed from
_MARGIN = 1e-2  # how far below 0 the logit of an allele nobody carries starts, unless draws put it there
_LEAST = 3e-2  # of the largest variance: directions in which features vary less are left out


@torch.no_grad()
def start_at_rows(
    stack: UpStack, features: Tensor, drawn: Tensor, rows: Tensor, codes: Tensor, noise: float
) -> None:
    """Let the last layer of a stack with patches begin as the training rows suggest.

    Within each patch the features (around their means under a label) are decorrelated and
    brought to variance 1, then multiplied by the principal axes of the rows (around the
    means of their labels), scaled by their standard deviations: what they add to the logits
    has the covariance of the alleles. The biases are set so that
    ``logit + noise * logistic noise >= 0`` about as often as a label's rows carry the allele.

    Parameters
    ----------
    stack
        Of patches of more than one site.
    features : (m, c, positions) Tensor
        What the last layer reads, for draws of the noise.
    drawn : (m,) Tensor
        The labels they were drawn under.
    rows : (n, n_sites) uint8 Tensor
        Alleles of the training rows.
    codes : (n,) Tensor
        Their labels; like `drawn`, all 0 for a stack without.
    noise
        Scale of the logistic noise that alleles are drawn with.
    """
    output = stack.output
    assert isinstance(output, Local)
    shares, _ = frequencies_by_label(rows, codes, output.bias.shape[1])
    some = slice(None, None, -(-len(rows) // _ROWS))
    centred = 2 * (rows[some].float() - shares[codes[some]])
    axes = _axes(stack.plan.folded(centred[:, None]).flatten(2), features.shape[1])
    x = features.permute(2, 0, 1)  # (positions, m, c)
    label = one_hot(drawn, len(shares))
    counts = label.sum(dim=0)
    means = (label / counts.clamp(min=1)).T @ x  # (positions, k, c)
    means = torch.where(counts[:, None] > 0, means, x.mean(dim=1, keepdim=True))  # never drawn: as all
    x = x - means[:, drawn]
    read = _whitening(x, axes.shape[1]) @ axes  # (positions, c, patch)
    signal = x @ read
    signal += noise * torch.logit(torch.rand_like(signal), eps=1e-6)
    output.weight.copy_(read)
    cut = _exceeded(signal, stack.plan.folded(shares[:, None]).flatten(2))  # (positions, k, patch)
    output.bias.copy_(-cut - means @ read)


def _axes(x: Tensor, most: int) -> Tensor:
    """Return scaled principal axes (positions, a, patch) of centred x (positions, n, patch), largest first."""
    values, vectors = torch.linalg.eigh(x.transpose(1, 2) @ x / x.shape[1])
    scaled: Tensor = vectors * values.clamp(min=0).sqrt()[:, None]
    return scaled.flip(2)[:, :, :most].transpose(1, 2)


def _whitening(x: Tensor, n: int) -> Tensor:
    """Return weights (positions, c, n) that make of x (positions, m, c) uncorrelated numbers of variance 1."""
    centred = x - x.mean(dim=1, keepdim=True)
    values, vectors = torch.linalg.eigh(centred.transpose(1, 2) @ centred / x.shape[1])
    values, vectors = values.flip(1)[:, None, :n], vectors.flip(2)[:, :, :n]
    return torch.where(values > _LEAST * values[:, :, :1], vectors * values.clamp(min=1e-12).rsqrt(), 0)


def _exceeded(x: Tensor, shares: Tensor) -> Tensor:
    """Return the values (positions, k, patch) that `shares` of the m values in x (positions, m, patch) exceed.

    Where a share is 0, all values stay below, even if they are all the same.
    """
    places = ((1 - shares) * x.shape[1]).round().long().clamp(max=x.shape[1] - 1)
    found = x.sort(dim=1).values.gather(1, places)
    return torch.where((shares == 0) & (found <= 0), _MARGIN, found)
