"""The plain GAN: updates worked out by hand, the published constants, and where its discriminator ends."""

import numpy as np
import pytest
import torch
from small_models import drawn, small

from genome_ac_gan.models.gan import GAN, GANConfig
from genome_ac_gan.nn.dense import RowNoise

LINEAR = {
    "generator": {"latent": 3, "widths": [], "batch_norm": False, "output": "tanh"},
    "discriminator": {"widths": [], "dropout": [], "r1": 0},
    "average": 0,
}


def plain(toy, preset="default", **settings):
    """Return a GAN without what wraps it, prepared on the rows of A, and these rows."""
    wrapped = small("gan", preset, conditioning="per-population", **settings)
    rows = toy.of("A")
    wrapped.fit(rows, seed=1, on_step=lambda step, losses: True)
    x, y = wrapped.encode(rows)
    wrapped.inner[0].start(x, y)  # optimisers as before the first step
    return wrapped.inner[0], x, y


def by_hand(network, weight, bias):
    """Set a linear network's weights and bias."""
    with torch.no_grad():
        network.weight.copy_(torch.as_tensor(weight, dtype=torch.float32).expand_as(network.weight))
        network.bias.copy_(torch.as_tensor(bias, dtype=torch.float32).expand_as(network.bias))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def array(tensor):
    return tensor.detach().numpy().astype(np.float64)


# -- updates by hand ------------------------------------------------------------------------------


@pytest.fixture
def linear(toy):
    """A GAN of two linear networks: the discriminator's weights are .01, the generator makes tanh(b)."""
    model, x, y = plain(toy, optimiser={"generator_lr": 0.125, "discriminator_lr": 0.25}, **LINEAR)
    bias = np.linspace(-1.5, 1.5, toy.n_variants)
    by_hand(model.generator.output, 0.0, bias)
    by_hand(model.discriminator.validity, 0.01, 0.0)
    return model, x[:32], y[:32], np.tanh(bias)


def test_an_update_moves_the_discriminator_then_the_generator_by_the_gradients_of_the_formula(linear):
    """With a first decay of 0, Adam's first step is the learning rate times the sign of the gradient."""
    model, x, y, made = linear
    losses = model.training_step(x, y)

    real = 2 * array(x) - 1
    before = np.full(real.shape[1], 0.01)
    on_real, on_made = real @ before, made @ before
    expected = (-np.log(sigmoid(on_real)).mean() - np.log(1 - sigmoid(on_made))) / 2
    assert float(losses["discriminator_validity"]) == pytest.approx(expected, abs=1e-5)

    pull = ((sigmoid(on_real) - 1) @ real) / len(real) + sigmoid(on_made) * made
    after = before - 0.25 * np.sign(pull)
    assert array(model.discriminator.validity.weight)[0] == pytest.approx(after, abs=1e-4)
    assert (np.sign(after) != np.sign(before)).any()  # so it matters which weights the generator meets

    bias = -0.25 * np.sign((sigmoid(on_real) - 1).mean() + sigmoid(on_made))
    score = made @ after + bias
    assert float(losses["generator_validity"].detach()) == pytest.approx(-np.log(sigmoid(score)), abs=1e-4)
    moved = array(model.generator.output.bias) - np.arctanh(made)
    assert moved == pytest.approx(0.125 * np.sign(after), abs=1e-3)


def test_an_update_leaves_the_other_network_alone(linear):
    model, x, y, _ = linear
    kept = [p.clone() for p in model.generator.parameters()]
    model._update_discriminator(x, y, *drawn(model, len(x)))
    assert all(torch.equal(a, b) for a, b in zip(kept, model.generator.parameters(), strict=True))
    kept = [p.clone() for p in model.discriminator.parameters()]
    model._update_generator(*model._synthetic_batch(32))
    assert all(torch.equal(a, b) for a, b in zip(kept, model.discriminator.parameters(), strict=True))
    assert all(p.requires_grad for p in model.discriminator.parameters())


@pytest.mark.parametrize(
    ("reading", "formula"),
    [
        ("non-saturating", lambda d: -np.log(d)),
        ("saturating", lambda d: np.log(1 - d)),  # the minimax game of Goodfellow et al.
    ],
)
def test_generator_losses_are_their_formulas(toy, reading, formula):
    model, _, _ = plain(toy, loss={"generator": reading})
    score = torch.tensor([-2.0, 0.5, 3.0])
    expected = formula(sigmoid(array(score))).mean()
    assert float(model._generator_validity(score)) == pytest.approx(expected, abs=1e-6)


def test_a_discriminator_of_a_fixed_generator_ends_at_the_log_ratio_of_probabilities(toy):
    """D* = p / (p + q), that is a logit of log(p / q): Goodfellow et al. 2014, proposition 1."""
    two = toy.select_variants(slice(4, 6))
    settings = {**LINEAR, "generator": {**LINEAR["generator"], "output": "straight-through"}}
    model, _, _ = plain(two, optimiser={"discriminator_lr": 0.02}, **settings)
    by_hand(model.generator.output, 0.0, 0.0)  # every allele 1 with probability 1/2
    p = np.array([0.9, 0.3])
    x = torch.tensor([[i < 900, 10 * (i % 100) < 300] for i in range(1000)], dtype=torch.uint8)
    y = torch.zeros(1000, dtype=torch.int64)
    for _ in range(150):
        model._update_discriminator(x, y, *drawn(model, len(x)))
    rows = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    probability = [np.prod([q if a > 0 else 1 - q for a, q in zip(row, p, strict=True)]) for row in rows]
    score = array(model._score(rows, model._label(torch.zeros(4, dtype=torch.int64))))
    assert score == pytest.approx(np.log(np.array(probability) / 0.25), abs=0.25)


# -- the published constants ----------------------------------------------------------------------


def leaky(x):
    return np.where(x > 0, x, 0.01 * x)


def layer(x, state, name):
    return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]


def test_published_networks_equal_a_slow_forward_pass(toy):
    model, x, _ = plain(toy, "yelmen2021")
    state = {name: array(tensor) for name, tensor in model.state().items()}
    z = np.random.default_rng(1).standard_normal((9, 600))
    none = torch.zeros(9, 0)
    expected = layer(leaky(layer(leaky(layer(z, state, "generator.hidden.0")), state, "generator.hidden.2")),
                     state, "generator.output")  # fmt: skip
    assert array(model.generator(torch.tensor(z).float(), none)) == pytest.approx(expected, abs=1e-4)
    rows = array(x[:9])
    hidden = leaky(
        layer(leaky(layer(rows, state, "discriminator.hidden.0")), state, "discriminator.hidden.2")
    )
    expected = layer(hidden, state, "discriminator.validity")[:, 0]
    assert array(model._score(x[:9].float(), none)) == pytest.approx(expected, abs=1e-5)


def test_published_networks_have_their_published_widths():
    with torch.device("meta"):
        model = GAN(GANConfig.model_validate(GAN.preset("yelmen2021")))
        model.build(805, 1)
    sizes = [tuple(p.shape) for p in model.network["generator"].parameters() if p.ndim == 2]
    assert sizes == [(670, 600), (731, 670), (805, 731)]
    sizes = [tuple(p.shape) for p in model.network["discriminator"].parameters() if p.ndim == 2]
    assert sizes == [(402, 805), (268, 402), (1, 268)]


def test_published_rows_are_lowered_once_by_uniform_noise(toy):
    model, x, _ = plain(toy, "yelmen2021")
    noise = array(x.float() - model._real_rows(x))
    assert 0 <= noise.min() < 0.001
    assert 0.099 < noise.max() <= 0.1 + 1e-6
    assert noise.mean() == pytest.approx(0.05, abs=0.003)
    again = array(x[20:40].float() - model._real_rows(x[20:40]))
    assert np.array_equal(again, noise[20:40])  # the same whenever a row comes, whatever the batch


def test_noise_of_different_rows_and_variants_is_independent_and_uniform():
    torch.manual_seed(1)
    noise = array(RowNoise(400)(torch.randint(0, 2, (200, 400), dtype=torch.uint8)))
    shares, _ = np.histogram(noise, bins=20, range=(0, 1))
    assert np.abs(shares / noise.size - 0.05).max() < 0.005
    for matrix in (np.corrcoef(noise), np.corrcoef(noise.T)):
        pairs = matrix[np.triu_indices(len(matrix), 1)]
        # a correlation of n independent pairs has a standard deviation of n ** -1/2
        assert pairs.std() < 1.5 * noise.size**0.5 / len(matrix) ** 0.5 / noise.shape[0] ** 0.5
        assert abs(pairs.mean()) < 0.01


def test_noise_is_uniform_for_rows_of_zeros_and_of_65536_ones():
    noise = RowNoise(65_536)(torch.stack([torch.zeros(65_536), torch.ones(65_536)]).to(torch.uint8))
    assert noise.dtype == torch.float32
    assert float(noise.min()) >= 0
    assert float(noise.max()) <= 1
    assert noise.mean(dim=1).tolist() == pytest.approx([0.5, 0.5], abs=0.006)


def test_published_targets_are_softened_for_real_rows_only(toy):
    model, _, _ = plain(toy, "yelmen2021")
    real, synthetic = (model._validity_targets(4000, real=side) for side in (True, False))
    assert 0.9 <= float(real.min()) < 0.901
    assert 0.999 < float(real.max()) <= 1
    assert not synthetic.any()
    assert (model._generator_targets(5) == 1).all()


def test_default_targets_and_rows_are_exact(toy):
    model, x, _ = plain(toy)
    assert (model._validity_targets(5, real=True) == 1).all()
    assert torch.equal(model._real_rows(x), 2 * x.float() - 1)


def test_the_published_discriminator_is_updated_on_real_rows_then_on_synthetic(toy):
    model, x, y = plain(toy, "yelmen2021")
    steps, original = [], model._discriminator_step

    def spy(rows, validity, labels, real):
        steps.append((rows, validity, real, array(model._score(rows, labels))))
        outcome = original(rows, validity, labels, real)
        steps[-1] += (float(outcome["discriminator_validity"].detach()),)
        return outcome

    model._discriminator_step = spy
    losses = model._update_discriminator(x[:32], y[:32], *drawn(model, 32))
    assert [bool(real.all()) for _, _, real, _, _ in steps] == [True, False]
    for _, validity, _, score, loss in steps:
        t, d = array(validity), sigmoid(score)
        assert loss == pytest.approx(-(t * np.log(d) + (1 - t) * np.log(1 - d)).mean(), abs=1e-5)
    assert float(losses["discriminator_validity"]) == pytest.approx(np.mean([s[-1] for s in steps]), abs=1e-6)
    assert float(steps[0][0].min()) < 0  # reals of 0 lowered
    assert float(steps[1][0].abs().max()) < 1  # tanh


def test_the_published_penalty_and_optimisers(toy):
    model, _, _ = plain(toy, "yelmen2021")
    for network, lr, hidden in (("generator", 1e-4, 2), ("discriminator", 8e-4, 2)):
        optimiser = model.optimisers[network]
        penalised, free = optimiser.param_groups
        assert (penalised["lr"], penalised["betas"], penalised["eps"]) == (lr, (0.9, 0.999), 1e-7)
        assert (penalised["weight_decay"], len(penalised["params"])) == (2e-4, hidden)  # of l2 = 1e-4
        assert (free["weight_decay"], len(free["params"])) == (0, 4)


# -- it sees no label -----------------------------------------------------------------------------


def test_neither_network_has_an_input_for_a_label(toy):
    model, _, _ = plain(toy)
    assert model.generator.hidden[0].in_features == model.config.generator.latent
    assert model.discriminator.hidden[0].in_features == toy.n_variants
