"""The variational autoencoder against its exact likelihood, and preset by preset against its description."""

import itertools
import math

import numpy as np
import pytest
import torch
from small_models import small

from genome_ac_gan.errors import ConfigError
from genome_ac_gan.models import LikelihoodModel, create_model
from genome_ac_gan.models.vae import kl_weight
from genome_ac_gan.nn.losses import bernoulli_log_likelihood, kl_to_standard_normal
from genome_ac_gan.panel import HaplotypePanel, VariantTable
from genome_ac_gan.training.parallel import World

# -- a model of one latent number and six sites, whose likelihood can be integrated ----------------

ROWS = np.array(list(itertools.product([0, 1], repeat=6)), dtype=np.uint8)  # (64, 6)


@pytest.fixture(scope="module")
def tiny_panel(toy):
    return toy.select_variants(np.array([0, 4, 5, 6, 9, 10]))


@pytest.fixture(scope="module")
def tiny(tiny_panel):
    return small("vae", latent=1, widths=[8], n_steps=300).fit(tiny_panel, seed=1)


def exact(model, code):
    """Return log p(x | population) of all 64 rows by integrating over the latent number on a grid."""
    mean, covariance = (part[code].double() for part in model.prior.moments())
    scale = covariance[0, 0].sqrt()
    steps = torch.linspace(-9, 9, 4001, dtype=torch.float64)
    z = (mean + scale * steps)[:, None]
    with torch.no_grad():
        model.network.eval()
        logits = model.decoder(z.float(), torch.full((len(z),), code))
        rows = torch.from_numpy(ROWS).float()
        log_p = torch.stack(
            [bernoulli_log_likelihood(logits, row.expand_as(logits)) for row in rows]
        ).double()
    log_prior = -0.5 * steps.square() - 0.5 * math.log(2 * math.pi) + math.log(18 / 4000)
    return torch.logsumexp(log_p + log_prior, dim=1)


def bound(model, code, draws, repeats=1):
    """Return the mean of the bound over repeats, (64,), and its standard error."""
    settings, model.config = model.config, model.config.model_copy(update={"likelihood_draws": draws})
    x = torch.from_numpy(np.tile(ROWS, (repeats, 1)))
    y = torch.full((len(x),), code)
    with torch.no_grad():
        values = model._log_likelihood(x, y, torch.Generator().manual_seed(draws)).view(repeats, 64)
    model.config = settings
    return values.mean(dim=0), values.std(dim=0) / math.sqrt(repeats)


@pytest.mark.parametrize("code", [0, 1])
def test_the_exact_probabilities_of_all_rows_sum_to_one(tiny, code):
    assert exact(tiny, code).exp().sum().item() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("code", [0, 1])
def test_the_bound_is_below_the_exact_likelihood_and_closes_in_with_more_draws(tiny, code):
    true = exact(tiny, code)
    weights = true.exp()
    gaps = []
    for draws in (1, 4, 16, 64):
        mean, error = bound(tiny, code, draws, repeats=400)
        assert (mean < true + 5 * error + 1e-4).all()
        gaps.append(float((weights * (true - mean)).sum()))
    assert gaps[0] > 0.01  # there is something to close
    assert all(later < 0.7 * before for before, later in itertools.pairwise(gaps))
    assert gaps[-1] < 0.02


def test_one_draw_is_the_evidence_lower_bound(tiny):
    """Its mean over draws is E log p(x | z) - KL(q || prior), both worked out on a grid."""
    rows, y = torch.from_numpy(ROWS).float(), torch.zeros(64, dtype=torch.int64)
    with torch.no_grad():
        tiny.network.eval()
        mean, log_variance = tiny.encoder(rows, y)
        steps = torch.linspace(-8, 8, 801)
        density = torch.exp(-0.5 * steps.square()) / math.sqrt(2 * math.pi) * 16 / 800
        expected = torch.zeros(64)
        for step, weight in zip(steps, density, strict=True):
            z = mean + torch.exp(log_variance / 2) * step
            expected += weight * bernoulli_log_likelihood(tiny.decoder(z, y), rows)
    prior = [part[0].flatten() for part in tiny.prior.moments()]
    p = torch.distributions.Normal(prior[0], prior[1].sqrt())
    q = torch.distributions.Normal(mean, torch.exp(log_variance / 2))
    expected = expected - torch.distributions.kl_divergence(q, p).squeeze(1)
    found, error = bound(tiny, 0, 1, repeats=2000)
    assert ((found - expected).abs() < 5 * error + 1e-3).all()


def test_the_public_likelihood_is_the_bound_of_each_row_under_its_own_label(tiny, tiny_panel):
    assert isinstance(tiny, LikelihoodModel)
    assert tiny.likelihood == "bound"
    settings, tiny.config = tiny.config, tiny.config.model_copy(update={"likelihood_draws": 1024})
    found = tiny.log_likelihood(tiny_panel, seed=1)
    tiny.config = settings
    place = tiny_panel.haplotypes @ (2 ** np.arange(5, -1, -1))
    codes = np.searchsorted(np.array(tiny.populations), tiny_panel.population)
    expected = torch.stack([exact(tiny, 0), exact(tiny, 1)]).numpy()[codes, place]
    assert np.abs(found - expected).mean() < 0.03
    wrong = torch.stack([exact(tiny, 1), exact(tiny, 0)]).numpy()[codes, place]
    assert (expected - wrong).min() > 1  # the first site tells A from B


# -- training --------------------------------------------------------------------------------------


def losses_of(model, panel):
    kept = []
    model.fit(panel, seed=3, on_step=lambda step, losses: kept.append(losses) and None)
    return kept


def test_gradients_reach_every_weight_from_the_second_update_on(toy):
    """At the start the hidden layers add nothing, so that their own gradient is zero once."""
    model = small("vae", n_steps=2)
    model.fit(toy, seed=1)
    for name, weight in model.network.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.abs().max() > 0, name


def test_the_reported_terms_are_those_of_the_batch(toy):
    model = small("vae", n_steps=5).fit(toy, seed=1)
    x, y = model.encode(toy)
    model.rng.manual_seed(4)
    with torch.no_grad():
        mean, log_variance = model.encoder(x.float(), y)
        noise = torch.randn(mean.shape, generator=torch.Generator().manual_seed(4))
        logits = model.decoder(mean + torch.exp(log_variance / 2) * noise, y)
    losses = model.training_step(x, y)
    expected = torch.nn.functional.binary_cross_entropy_with_logits(logits, x.float(), reduction="sum")
    assert losses["reconstruction"].item() == pytest.approx(expected.item() / len(x), rel=1e-5)
    expected = kl_to_standard_normal(mean, log_variance).sum() / len(x)
    assert losses["divergence"].item() == pytest.approx(expected.item(), rel=1e-5)


def test_the_weight_of_the_divergence_rises_in_equal_steps():
    assert [kl_weight(step, 4) for step in range(6)] == [0.25, 0.5, 0.75, 1, 1, 1]
    assert kl_weight(0, 0) == 1
    assert kl_weight(0, 1) == 1


@pytest.mark.parametrize("start", ["glorot", "principal-axes"])
def test_the_posterior_does_not_collapse_on_the_toy(start, toy):
    """Six independent blocks are six bits, of which the latent numbers must carry at least five."""
    model = small("vae", n_steps=500, batch_size=64, start=start)
    last = losses_of(model, toy)[-1]
    assert last["divergence"] / math.log(2) > 5
    assert last["reconstruction"] < 5  # of 34 sites, 30 of them coins: 20.8 nats without latent numbers


def test_free_bits_keep_latent_numbers_from_being_given_up(toy):
    """Sites that are all independent tell of nothing to be encoded."""
    coins = np.random.default_rng(1).integers(2, size=toy.haplotypes.shape).astype(np.uint8)
    panel = toy._with(haplotypes=coins)
    settings = {"n_steps": 400, "latent": 2, "widths": [8], "start": "glorot", "learning_rate": 3e-3}
    last = [losses_of(small("vae", free_bits=bits, **settings), panel)[-1] for bits in (0, 0.7)]
    assert last[1]["divergence"] > 1.2
    assert last[1]["divergence"] > last[0]["divergence"] + 0.3


def test_the_fitted_prior_follows_the_encoded_rows_and_the_standard_one_stays(toy):
    fitted, standard = (
        small("vae", n_steps=150, prior=prior).fit(toy, seed=1) for prior in ("fitted", "standard")
    )
    mean, covariance = standard.prior.moments()
    assert torch.equal(mean, torch.zeros(2, 8))
    assert torch.equal(covariance, torch.eye(8).expand(2, 8, 8))
    x, y = fitted.encode(toy)
    with torch.no_grad():
        encoded, log_variance = fitted.encoder(x.float(), y)
    mean, covariance = fitted.prior.moments()
    for code in (0, 1):
        rows = encoded[y == code]
        expected = torch.cov(rows.T, correction=0) + torch.diag(log_variance[y == code].exp().mean(dim=0))
        assert (mean[code] - rows.mean(dim=0)).abs().max() < 0.1
        assert (covariance[code] - expected).abs().max() < 0.15
    assert fitted.log_likelihood(toy).mean() > standard.log_likelihood(toy).mean() - 0.5


def test_two_processes_see_the_two_halves_of_the_batch_and_its_noise(toy):
    outcomes = []
    for world in (World(), World(rank=0, size=2), World(rank=1, size=2)):
        model = small("vae", n_steps=2).fit(toy, seed=1)
        x, y = model.encode(toy)
        model.world = world
        model.rng.manual_seed(5)
        with torch.no_grad():
            outcomes.append(model._passed(world.share(x.float()), world.share(y)))
    for whole, first, second in zip(*outcomes, strict=True):
        assert torch.allclose(whole, torch.cat([first, second]), atol=1e-4)


def test_products_in_bfloat16_hardly_change_the_losses(toy):
    losses = []
    for precision in ("fp32", "bf16"):
        model = small("vae", n_steps=40)
        model.precision = precision
        losses.append(losses_of(model, toy)[-1])
    assert losses[1]["reconstruction"] == pytest.approx(losses[0]["reconstruction"], rel=0.1)
    assert losses[1]["divergence"] == pytest.approx(losses[0]["divergence"], rel=0.1)


def test_the_first_updates_of_long_rows_improve_on_the_start():
    """Of 6,000 sites, where one learning rate for all weights makes the second batch ten times worse."""
    rng = np.random.default_rng(1)
    blocks = np.repeat(rng.random((200, 60)) < 0.1, 100, axis=1)
    variants = VariantTable(
        contig=np.full(6000, "1"), position=np.arange(1, 6001), ref=np.full(6000, "A"), alt=np.full(6000, "G")
    )
    panel = HaplotypePanel(
        haplotypes=(blocks ^ (rng.random(blocks.shape) < 0.02)).astype(np.uint8),
        sample_id=np.repeat([f"s{i}" for i in range(100)], 2),
        labels={"population": np.repeat("A", 200)},
        label="population",
        variants=variants,
    )
    losses = losses_of(small("vae", n_steps=6, latent=64), panel)
    totals = [loss["reconstruction"] + loss["divergence"] for loss in losses]
    assert max(totals[1:]) < 1.2 * totals[0]
    assert totals[-1] < totals[0]


# -- sampling --------------------------------------------------------------------------------------


def test_noise_of_one_draws_alleles_from_their_probabilities_and_none_rounds_them(toy):
    for scale in (1, 0):
        model = small("vae", n_steps=2, output_noise=scale).fit(toy, seed=1)
        with torch.no_grad():
            model.decoder.output.weight.zero_()
            p = torch.linspace(0.05, 0.95, toy.n_variants)
            model.decoder.output.bias.copy_(p.logit())
        drawn = torch.tensor(model.sample({"A": 20_000}, seed=1).haplotypes).float()
        if scale:
            assert (drawn.mean(dim=0) - p).abs().max() < 0.015
            assert torch.corrcoef(drawn.T).fill_diagonal_(0).abs().max() < 0.04
        else:
            assert torch.equal(drawn, (p >= 0.5).float().expand_as(drawn))


# -- presets and settings --------------------------------------------------------------------------


def test_the_published_network_has_four_latent_numbers_and_sees_no_label():
    for n_sites in (805, 10_000):
        model = create_model("vae", preset="yelmen2023", conditioning="network")
        inner = type(model)(model.config.model_copy(update={"conditioning": "joint"}))
        inner.build(n_sites, 1)
        assert inner.encoder.n_latent == inner.decoder.n_latent == 4
        assert inner.encoder.stack.plan.padded == (1023 if n_sites == 805 else 16_383)
    model = create_model("vae", preset="yelmen2023")
    assert model.conditioning == "joint"
    assert not isinstance(model, LikelihoodModel)
    config = model.config
    assert (config.width, config.slope, config.learning_rate, config.batch_size) == (8, 0.001, 1e-3, 256)
    assert (config.output_noise, config.n_epochs, config.prior) == (0, 10_001, "standard")


def test_a_convolutional_model_can_take_the_label_too(toy):
    model = small("vae", "yelmen2023", conditioning="network", n_steps=3).fit(toy, seed=1)
    assert np.isfinite(model.log_likelihood(toy)).all()
    assert model.sample({"B": 5}, seed=1).n_haplotypes == 5


def test_settings_that_contradict_each_other_are_refused():
    with pytest.raises(ConfigError, match="give n_steps or n_epochs"):
        create_model("vae", n_epochs=3)
    with pytest.raises(ConfigError, match="start principal-axes is of dense networks"):
        create_model("vae", stack="convolutional")
