"""Losses as pure functions of logits: means over the rows of the batch where nothing else is said."""

import math
from typing import Literal

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own habit)
from torch import Tensor

ClassLoss = Literal["paper", "code", "polyloss", "cce"]


def one_hot(codes: Tensor, n_classes: int) -> Tensor:
    """Return (n,) class codes as (n, n_classes) float32 rows of 0 and 1."""
    return F.one_hot(codes, n_classes).to(torch.float32)


def smoothed(target: Tensor, alpha: float) -> Tensor:
    """Return `alpha / C + (1 - alpha) * target` for (n, C) class probabilities."""
    return alpha / target.shape[1] + (1 - alpha) * target


def class_loss(logits: Tensor, target: Tensor, *, reading: ClassLoss, epsilon: float, alpha: float) -> Tensor:
    """Polyloss cross-entropy (PLCE) in one of its readings, or plain cross-entropy.

    Let ``p = softmax(logits)``, ``y`` the target and ``y_s = alpha / C + (1 - alpha) y``.

    ========== =======================================================
    reading    loss of one row
    ========== =======================================================
    `paper`    ``-sum y log p + epsilon sum y_s (1 - softmax(p))``
    `code`     ``-sum y_s log p + epsilon sum y_s (1 - softmax(p))``
    `polyloss` ``-sum y log p + epsilon (1 - sum y_s p)``
    `cce`      ``-sum y log p``
    ========== =======================================================

    `paper` and `code` apply softmax to values that are probabilities already, so
    their penalty depends on how the wrong classes share their mass; `polyloss`
    cannot see that.

    Parameters
    ----------
    logits : (n, C) Tensor
    target : (n, C) Tensor
        Class probabilities, one-hot or softer; rows sum to 1.
    reading, epsilon, alpha
        As above; `cce` uses neither number.

    References
    ----------
    Ahronoviz & Gronau 2024, 10.1101/2024.02.14.580420, Eq. 9 (`paper`); Leng et
    al. 2022, PolyLoss, arXiv 2204.12511 (`polyloss`).
    """
    log_p = F.log_softmax(logits.float(), dim=1)
    soft = smoothed(target, alpha)
    cross_entropy = -((soft if reading == "code" else target) * log_p).sum(dim=1)
    if reading == "cce":
        return cross_entropy.mean()
    if reading == "polyloss":
        penalty = 1 - (soft * log_p.exp()).sum(dim=1)
    else:
        penalty = (soft * (1 - torch.softmax(log_p.exp(), dim=1))).sum(dim=1)
    return (cross_entropy + epsilon * penalty).mean()


def validity_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy of (n,) validity logits against (n,) targets in [0, 1]; 1 means real."""
    return F.binary_cross_entropy_with_logits(logits.float(), target)


def kl_to_standard_normal(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Kullback-Leibler divergence of normal distributions from the standard normal one, number by number.

    ``(mean^2 + variance - 1 - log variance) / 2``, in nats; the shape stays.

    References
    ----------
    Kingma & Welling 2014, arXiv 1312.6114, appendix B.
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)


def normal_log_density(z: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return natural log densities (n,) of rows (n, d) of independent normal numbers."""
    scaled = (z - mean).square() * torch.exp(-log_variance)
    constant = math.log(2 * math.pi)
    return -0.5 * (scaled + log_variance + constant).sum(dim=1)


def bernoulli_log_likelihood(logits: Tensor, x: Tensor) -> Tensor:
    """Return the natural log probability (n,) of each row of 0 and 1 (n, l), its sites independent."""
    return -F.binary_cross_entropy_with_logits(logits.float(), x, reduction="none").sum(dim=1)


def r1_penalty(score: Tensor, x: Tensor) -> Tensor:
    """Half the mean squared norm of the score's gradient at real rows.

    References
    ----------
    Mescheder, Geiger & Nowozin 2018, arXiv 1801.04406.
    """
    (slope,) = torch.autograd.grad(score.sum(), x, create_graph=True)
    return 0.5 * slope.square().sum(dim=1).mean()


def energy_loss(points: Tensor, real: Tensor) -> Tensor:
    """Energy distance of two clouds of points, but for the part that only `real` decides.

    ``2 mean |p - r| - mean |p - p'|`` over all pairs, a point never with itself; least
    where both clouds have one distribution.

    Parameters
    ----------
    points : (n, d) Tensor
        At least two.
    real : (m, d) Tensor

    References
    ----------
    Szekely & Rizzo 2013, 10.1016/j.jspi.2013.03.018.
    """
    n = len(points)
    within = F.pdist(points).sum() / (n * (n - 1) / 2)
    loss: Tensor = 2 * torch.cdist(points, real).mean() - within
    return loss


def critic_loss(real: Tensor, synthetic: Tensor, real_weight: float | Tensor = 1.0) -> Tensor:
    """Wasserstein loss of a critic: mean synthetic score minus `real_weight` times the mean real score.

    Its negative, at the best critic of slope 1, is the distance of the two distributions.
    The generator's loss is minus the mean synthetic score.

    References
    ----------
    Arjovsky, Chintala & Bottou 2017, arXiv 1701.07875.
    """
    return synthetic.float().mean() - real_weight * real.float().mean()


def gradient_penalty(score: Tensor, x: Tensor) -> Tensor:
    """Mean of ``(|d score / d x| - 1)^2``, the norm being taken over all of a row's numbers.

    Parameters
    ----------
    score : (n,) Tensor
        Scores of the rows, each of its own row only.
    x : (n, ...) Tensor
        What they were computed from, with `requires_grad`.

    References
    ----------
    Gulrajani et al. 2017, arXiv 1704.00028.
    """
    (slope,) = torch.autograd.grad(score.sum(), x, create_graph=True)
    norm = torch.linalg.vector_norm(slope.flatten(1).float(), dim=1)
    penalty: Tensor = (norm - 1).square().mean()
    return penalty


def between(real: Tensor, synthetic: Tensor, u: Tensor) -> Tensor:
    """Return points on the lines from synthetic to real rows (n, ...): ``u real + (1 - u) synthetic``, u (n,)."""
    u = u.view(-1, *[1] * (real.dim() - 1))
    return u * real + (1 - u) * synthetic
