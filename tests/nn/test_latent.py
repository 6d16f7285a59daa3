"""The parts of a variational autoencoder, against torch.distributions and against the formulas in NumPy."""

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from genome_ac_gan.nn.gaussians import MovingGaussians
from genome_ac_gan.nn.genomic_conv import ConvPlan
from genome_ac_gan.nn.latent import (
    LEAST_VARIANCE,
    ConvDecoder,
    ConvEncoder,
    DenseDecoder,
    DenseEncoder,
    start_at_principal_axes,
)
from genome_ac_gan.nn.losses import (
    bernoulli_log_likelihood,
    kl_to_standard_normal,
    normal_log_density,
    one_hot,
)


@pytest.fixture
def numbers():
    draw = torch.Generator().manual_seed(1)
    return [torch.randn(7, 5, generator=draw) for _ in range(3)]


def test_the_divergence_and_densities_are_those_of_torch_distributions(numbers):
    mean, log_variance, z = numbers
    q = Normal(mean, torch.exp(log_variance / 2))
    expected = kl_divergence(q, Normal(torch.zeros(5), torch.ones(5)))
    assert torch.allclose(kl_to_standard_normal(mean, log_variance), expected, atol=1e-6)
    assert torch.allclose(normal_log_density(z, mean, log_variance), q.log_prob(z).sum(dim=1), atol=1e-5)
    x = (z > 0).float()
    decoded = Independent(Bernoulli(logits=mean), 1)
    assert torch.allclose(bernoulli_log_likelihood(mean, x), decoded.log_prob(x), atol=1e-5)


def test_the_likelihood_of_extreme_logits_is_finite_and_right():
    logits = torch.tensor([[200.0, -200.0]])
    assert bernoulli_log_likelihood(logits, torch.tensor([[1.0, 0.0]])).item() == 0
    assert bernoulli_log_likelihood(logits, torch.tensor([[0.0, 1.0]])).item() == -400


# -- Gaussians fitted to a stream ------------------------------------------------------------------


def test_gaussians_are_standard_normal_before_they_saw_anything(numbers):
    prior = MovingGaussians(2, 5, 0.9)
    codes = torch.tensor([0, 1, 0, 1, 0, 1, 1])
    expected = Normal(0.0, 1.0).log_prob(numbers[0]).sum(dim=1)
    assert torch.allclose(prior.log_density(numbers[0], codes), expected, atol=1e-5)
    assert torch.equal(prior.draw(codes, numbers[0]), numbers[0])


def test_gaussians_pool_decayed_rows_with_imagined_ones():
    """Two updates at decay 1/2, class by class, against weighted moments of a written-out list of rows."""
    rng = np.random.default_rng(3)
    means, variances = rng.normal(size=(2, 9, 3)), rng.uniform(0.1, 2, size=(2, 9, 3))
    codes = rng.integers(2, size=(2, 9))
    prior = MovingGaussians(2, 3, 0.5)
    for mean, variance, code in zip(means, variances, codes, strict=True):
        label = one_hot(torch.tensor(code), 2)
        prior.update(prior.count(torch.tensor(mean).float(), torch.tensor(variance).float(), label))
    for k in range(2):
        weight = np.concatenate([np.where(codes[0] == k, 0.5, 0), np.where(codes[1] == k, 1.0, 0), [3]])
        rows = np.concatenate([*means, np.zeros((1, 3))])
        spread = np.concatenate([*variances, np.ones((1, 3))])
        centre = np.average(rows, axis=0, weights=weight)
        covariance = np.cov(rows.T, aweights=weight, ddof=0) + np.diag(
            np.average(spread, axis=0, weights=weight)
        )
        mean, found = (part[k].numpy() for part in prior.moments())
        assert np.allclose(mean, centre, atol=1e-5)
        assert np.allclose(found, covariance, atol=1e-5)


def test_draws_and_densities_are_those_of_the_fitted_gaussians():
    draw = torch.Generator().manual_seed(2)
    prior = MovingGaussians(2, 3, 1.0)
    for k, turn in enumerate(torch.randn(2, 3, 3, generator=draw)):
        rows = torch.randn(500, 3, generator=draw) @ turn + 2 * k
        prior.update(prior.count(rows, torch.zeros_like(rows), one_hot(torch.full((500,), k), 2)))
    mean, covariance = prior.moments()
    codes = torch.arange(20_000) % 2
    z = prior.draw(codes, torch.randn(len(codes), 3, generator=draw))
    for k in range(2):
        expected = multivariate_normal(mean[k].numpy(), covariance[k].numpy()).logpdf(z[codes == k].numpy())
        assert np.allclose(prior.log_density(z, codes)[codes == k].numpy(), expected, atol=1e-3)
        assert torch.allclose(torch.cov(z[codes == k].T), covariance[k], atol=0.06 * covariance[k].max())


# -- encoders and decoders -------------------------------------------------------------------------


def panel_of(rng, n=300, n_sites=12):
    """Two populations whose sites follow two hidden numbers."""
    codes = rng.integers(2, size=n)
    hidden = rng.normal(size=(n, 2)) @ rng.normal(size=(2, n_sites)) + codes[:, None] * rng.normal(
        size=n_sites
    )
    return (hidden + rng.logistic(size=hidden.shape) > 0).astype(float), codes


@pytest.mark.parametrize("n_labels", [0, 2])
def test_the_start_is_the_factor_model_of_the_rows(n_labels):
    """Written out in NumPy with an exact decomposition; the axes' signs are free."""
    x, codes = panel_of(np.random.default_rng(4))
    d = 12  # all axes: the decomposition by random projections is exact then
    encoder = DenseEncoder(12, n_labels, d, widths=[9], slope=0.01)
    decoder = DenseDecoder(12, n_labels, d, widths=[9], slope=0.01)
    rows, y = torch.tensor(x).float(), torch.tensor(codes)
    start_at_principal_axes(encoder, decoder, rows, y)

    groups = np.eye(2)[codes] if n_labels else np.ones((len(x), 1))
    f = (groups.T @ x + 0.5) / (groups.sum(axis=0)[:, None] + 1)
    residuals = x - groups @ f
    v = np.maximum((residuals**2).mean(axis=0), LEAST_VARIANCE)
    centred = residuals - residuals.mean(axis=0)
    _, s, axes = np.linalg.svd(centred, full_matrices=False)
    a = axes[:d] * s[:d, None] / np.sqrt(len(x) - 1)
    precision = np.eye(d) + (a / v) @ a.T
    posterior = residuals @ (np.linalg.solve(precision, a / v)).T

    z = torch.randn(len(x), d, generator=torch.Generator().manual_seed(5))
    mean, log_variance = (part.detach().numpy() for part in encoder(rows, y))
    logits = decoder(z, y).detach().numpy()
    base = np.log(f / (1 - f))
    signs = np.sign((mean * posterior).sum(axis=0))
    assert np.allclose(mean, posterior * signs, atol=2e-3)
    assert np.allclose(log_variance, -np.log(np.diag(precision)), atol=2e-3)
    assert np.allclose(logits, groups @ base + (z.numpy() * signs) @ (a / v), atol=0.02)


def test_a_start_on_rows_of_less_rank_than_latent_numbers_leaves_the_rest_at_the_prior():
    x = torch.tensor([[0.0, 0, 1, 1], [1, 1, 0, 0]] * 10)
    codes = torch.zeros(20, dtype=torch.int64)
    encoder, decoder = DenseEncoder(4, 1, 3, widths=[5], slope=0), DenseDecoder(4, 1, 3, widths=[5], slope=0)
    start_at_principal_axes(encoder, decoder, x, codes)
    mean, log_variance = encoder(x, codes)
    assert mean[:, 0].abs().min() > 0.5
    assert torch.allclose(mean[:, 1:], torch.zeros(20, 2), atol=1e-3)
    assert torch.allclose(log_variance[:, 1:], torch.zeros(20, 2), atol=1e-3)


def parts(kind, n_labels):
    if kind == "dense":
        sizes = (70, n_labels, 4)
        return DenseEncoder(*sizes, widths=[9], slope=0.1), DenseDecoder(*sizes, widths=[9], slope=0.1)
    shape = {"channels": 1, "width": 2, "slope": 0.1, "n_labels": n_labels}
    return ConvEncoder(ConvPlan.of(70), **shape), ConvDecoder(ConvPlan.of(70), **shape)


@pytest.mark.parametrize("kind", ["dense", "convolutional"])
def test_the_label_enters_encoder_and_decoder_where_there_are_labels(kind):
    x = (torch.rand(6, 70, generator=torch.Generator().manual_seed(1)) < 0.5).float()
    z = torch.randn(6, 4, generator=torch.Generator().manual_seed(2))
    zeros, ones = torch.zeros(6, dtype=torch.int64), torch.ones(6, dtype=torch.int64)
    for n_labels in (0, 2):
        encoder, decoder = parts(kind, n_labels)
        assert encoder.n_latent == decoder.n_latent == 4
        same = [
            torch.allclose(encoder(x, zeros)[0], encoder(x, ones)[0]),
            torch.allclose(encoder(x, zeros)[1], encoder(x, ones)[1]),
            torch.allclose(decoder(z, zeros), decoder(z, ones)),
        ]
        assert same == [n_labels == 0] * 3


@pytest.mark.parametrize("n_sites", [2, 805, 1100, 4097])
def test_convolutional_parts_fit_together_at_any_number_of_sites(n_sites):
    plan = ConvPlan.of(n_sites)
    shape = {"channels": 2, "width": 2, "slope": 0.1, "n_labels": 0}
    codes = torch.zeros(3, dtype=torch.int64)
    mean, log_variance = ConvEncoder(plan, **shape)(torch.zeros(3, n_sites), codes)
    assert mean.shape == log_variance.shape == (3, 2 * plan.end)
    assert ConvDecoder(plan, **shape)(mean, codes).shape == (3, n_sites)
