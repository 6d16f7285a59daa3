"""The Genome-AC-GAN against an independent, slow forward pass, and preset by preset against its description."""

import numpy as np
import pytest
import torch

from genome_ac_gan.errors import ConfigError
from genome_ac_gan.models import create_model, model_settings
from genome_ac_gan.models.genome_ac_gan.config import PRESETS, preset_settings
from genome_ac_gan.nn.dense import kernels, layer_widths

# -- a slow twin in NumPy, float64, written from the description of the authors' program ----------


def leaky(x, slope):
    return np.where(x > 0, x, slope * x)


def dense(x, state, name):
    return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]


def slow_generator(state, z, label, repeats, slope):
    joined = np.concatenate([label] * repeats[0] + [z] + [label] * repeats[1], axis=1)
    for index in (0, 2, 4):  # each dense layer is followed by its activation
        joined = leaky(dense(joined, state, f"generator.hidden.{index}"), slope)
    return np.tanh(dense(joined, state, "generator.output"))


def slow_discriminator(state, x, slope):
    for index in (0, 2, 4):
        x = leaky(dense(x, state, f"discriminator.hidden.{index}"), slope)
    validity = 1 / (1 + np.exp(-dense(x, state, "discriminator.validity")[:, 0]))
    logits = dense(x, state, "discriminator.population")
    return validity, softmax(logits)


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def slow_bce(p, target):
    return np.mean(-(target * np.log(p) + (1 - target) * np.log(1 - p)))


def slow_plce(p, y, epsilon=0.2, alpha=0.1):
    smooth = alpha / y.shape[1] + (1 - alpha) * y
    return np.mean(-(smooth * np.log(p)).sum(axis=1) + epsilon * (smooth * (1 - softmax(p))).sum(axis=1))


def as_numpy(model):
    return {name: tensor.detach().numpy().astype(np.float64) for name, tensor in model.state().items()}


@pytest.fixture
def code_model(small_model, toy):
    """A `code` model without dropout, so that two passes can agree, prepared on the toy panel."""
    model = small_model("code", discriminator={"dropout": [0, 0, 0]})
    model.fit(toy, seed=5, on_step=lambda step, losses: step == 3)
    return model


def test_code_networks_equal_a_slow_forward_pass(code_model):
    rng = np.random.default_rng(1)
    z, label = rng.standard_normal((9, 8)), np.eye(2)[rng.integers(2, size=9)]
    x = rng.random((9, 34))
    state = as_numpy(code_model)
    logits = code_model.generator(torch.tensor(z).float(), torch.tensor(label).float())
    expected = slow_generator(state, z, label, (4, 4), 0.01)
    assert np.abs(torch.tanh(logits).detach().numpy() - expected).max() < 1e-5
    score, classes = code_model.discriminator(torch.tensor(x).float())
    validity, p = slow_discriminator(state, x, 0.01)
    assert np.abs(torch.sigmoid(score).detach().numpy() - validity).max() < 1e-5
    assert np.abs(torch.softmax(classes, 1).detach().numpy() - p).max() < 1e-5


def captured(model, method):
    """Record the arguments, the weights before, and the outcome of every call of a method."""
    calls, original = [], getattr(model, method)

    def spy(*args):
        before = as_numpy(model)
        outcome = original(*args)
        calls.append((before, args, {k: float(v.detach()) for k, v in outcome.items()}))
        return outcome

    setattr(model, method, spy)
    return calls


def test_code_discriminator_losses_equal_the_slow_ones(code_model, toy):
    calls = captured(code_model, "_discriminator_step")
    x, y = code_model.encode(toy)
    code_model.training_step(x[:32], y[:32])
    assert len(calls) == 2  # two mixed batches
    for state, (rows, validity, target, real), losses in calls:
        p_valid, p_class = slow_discriminator(state, rows.numpy().astype(np.float64), 0.01)
        assert losses["discriminator_validity"] == pytest.approx(
            slow_bce(p_valid, validity.numpy()), abs=1e-5
        )
        assert losses["discriminator_class"] == pytest.approx(slow_plce(p_class, target.numpy()), abs=1e-5)
        assert 0 < int(real.sum()) < len(real)


def test_code_generator_losses_equal_the_slow_ones(code_model, monkeypatch):
    seen = {}
    rows_of, extra = code_model._synthetic_rows, code_model._extra_noise
    monkeypatch.setattr(
        code_model, "_synthetic_rows", lambda c: seen.setdefault("rows", rows_of(seen.setdefault("y", c)))
    )
    monkeypatch.setattr(code_model, "_extra_noise", lambda n: seen.setdefault("noise", extra(n)))
    state = as_numpy(code_model)
    losses = code_model._update_generator(*code_model._synthetic_batch(32))
    p_valid, p_class = slow_discriminator(state, seen["rows"].detach().numpy().astype(np.float64), 0.01)
    target = 1 - seen["noise"].numpy()
    assert float(losses["generator_validity"].detach()) == pytest.approx(slow_bce(p_valid, target), abs=1e-5)
    expected = slow_plce(p_class, np.eye(2)[seen["y"].numpy()])
    assert float(losses["generator_class"].detach()) == pytest.approx(expected, abs=1e-5)


# -- the presets, against their descriptions ------------------------------------------------------


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_states_every_number(name):
    resolved = model_settings("genome-ac-gan", name, {})
    assert create_model("genome-ac-gan", preset=name).config.model_dump(mode="json") == resolved
    stated = preset_settings(name)
    assert places(stated) == places(resolved)  # none is left to a default
    assert model_settings("genome-ac-gan", "stable", stated) == resolved


def places(settings):
    """Return the names of all settings, those of sections with the section's in front."""
    inner = {key: places(value) if isinstance(value, dict) else {()} for key, value in settings.items()}
    return {(key, *below) for key, names in inner.items() for below in names}


def test_cce_is_stable_with_another_class_loss():
    stable, cce = (preset_settings(name) for name in ("stable", "cce"))
    assert (stable["loss"].pop("class_loss"), cce["loss"].pop("class_loss")) == ("paper", "cce")
    assert stable == cce


def test_cce_trains_on_plain_cross_entropy(small_model, toy):
    model = small_model("cce")
    model.prepare(toy, seed=1)
    logits, codes = torch.tensor([[1.0, 3.0], [0.5, -2.0]]), torch.tensor([1, 1])
    p = softmax(logits.numpy().astype(float))
    assert float(model._class_loss(logits, model._class_targets(codes))) == pytest.approx(
        -np.log(p[:, 1]).mean(), abs=1e-6
    )


def test_the_classes_recognised_are_those_of_a_slow_forward_pass(code_model, toy):
    x, _ = code_model.encode(toy)
    _, p = slow_discriminator(as_numpy(code_model), toy.haplotypes.astype(np.float64), 0.01)
    assert code_model.recognised(x).tolist() == p.argmax(axis=1).tolist()
    assert len(set(p.argmax(axis=1).tolist())) == 2


def test_recognising_classes_leaves_a_training_as_it_was(small_model, toy):
    looked = []

    def look(step, losses):
        looked.append(model.recognised(model.encode(toy)[0]))

    model, alone = small_model("paper"), small_model("paper")
    model.last_step = alone.last_step = 4
    model.fit(toy, seed=5, on_step=look)
    alone.fit(toy, seed=5)
    assert len(looked) == 4
    assert all(torch.equal(tensor, alone.state()[name]) for name, tensor in model.state().items())
    assert model.discriminator.training


def test_widths_are_shares_of_the_variants_rounded_down():
    assert layer_widths(["M/1.3", "M/1.2", "M/1.1", 7], 805) == [619, 670, 731, 7]
    assert layer_widths(["M/4"], 2) == [1]


def test_published_networks_have_their_published_size():
    with torch.device("meta"):
        model = create_model("genome-ac-gan", preset="code")
        model.build(10_000, 5)
    sizes = {name: sum(p.numel() for p in part.parameters()) for name, part in model.network.items()}
    assert 230e6 < sizes["generator"] < 240e6
    assert 74e6 < sizes["discriminator"] < 76e6


def test_code_lowers_real_rows_by_clipped_noise(small_model, toy):
    model = small_model("code")
    model.prepare(toy, seed=1)
    model.rng.manual_seed(1)
    x, _ = model.encode(toy)
    lowered = x.float() - model._real_rows(x)
    assert 0 <= float(lowered.min()) < float(lowered.max()) < 0.1
    assert float(lowered.mean()) == pytest.approx(0.0108, abs=0.001)  # of N(.01, .01) cut at 0


@pytest.mark.parametrize(
    ("preset", "real", "synthetic"),
    [("stable", (1, 1), (0, 0)), ("paper", (0.9, 1), (0, 0.1)), ("code", (0.88, 0.995), (0.005, 0.02))],
)
def test_validity_targets_by_preset(small_model, toy, preset, real, synthetic):
    model = small_model(preset)
    model.prepare(toy, seed=1)
    model.rng.manual_seed(1)
    for side, (low, high) in ((True, real), (False, synthetic)):
        targets = model._validity_targets(4000, real=side)
        assert low <= float(targets.min())
        assert float(targets.max()) <= high
        assert float(targets.max() - targets.min()) >= 0.4 * (high - low)


def test_paper_pulls_class_vectors_inwards_and_keeps_them_distributions(small_model, toy):
    model = small_model("paper")
    model.prepare(toy, seed=1)
    model.rng.manual_seed(1)
    target = model._class_targets(torch.tensor([0, 1, 1, 0] * 200))
    assert torch.allclose(target.sum(dim=1), torch.ones(800))
    assert target.argmax(dim=1).tolist() == [0, 1, 1, 0] * 200
    assert 0.9 <= float(target.max(dim=1).values.min()) < 0.92


def test_paper_updates_on_real_rows_then_on_synthetic_and_saturates(small_model, toy):
    model = small_model("paper")
    model.fit(toy, seed=2, on_step=lambda step, losses: True)
    calls = captured(model, "_discriminator_step")
    x, y = model.encode(toy)
    losses = model.training_step(x[:32], y[:32])
    assert [bool(real.all()) for _, (_, _, _, real), _ in calls] == [True, False]
    assert float(losses["generator_validity"]) < 0  # minus a cross-entropy


def test_labels_of_synthetic_rows_follow_the_setting(small_model, toy):
    unequal = toy[np.concatenate([np.arange(20), np.arange(80, 160)])]  # 20 of A, 80 of B
    for preset, share in (("code", 0.5), ("paper", 0.8)):
        model = small_model(preset)
        model.fit(unequal, seed=1, on_step=lambda step, losses: True)
        assert float(model._synthetic_labels(8000).float().mean()) == pytest.approx(share, abs=0.03)


def test_the_penalty_falls_on_the_kernels_named(small_model, toy):
    model = small_model("paper")
    model.prepare(toy, seed=1)
    assert [len(part) for part in kernels(model.discriminator, "all")] == [5, 5]
    assert [len(part) for part in kernels(model.discriminator, "hidden")] == [3, 7]


def test_principal_axes_start_where_the_panel_is(small_model, toy):
    model = small_model("dense", generator={"output_start": "principal-axes", "output_noise": 0})
    x, y = (model.prepare(toy, seed=1), model.encode(toy))[1]
    model.start(x, y)
    mean = (2 * toy.haplotypes.astype(float) - 1).mean(axis=0)
    assert np.allclose(model.generator.output.bias.detach().numpy(), mean, atol=1e-5)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_each_update_sees_the_weights_of_the_one_before(code_model, toy, precision):
    """Casts of weights must not outlive an update of them: the second batch is judged by the new weights."""
    code_model.precision = precision
    calls = captured(code_model, "_discriminator_step")
    x, y = code_model.encode(toy)
    code_model._discriminator_optimiser.param_groups[0]["lr"] = 0.05
    code_model.training_step(x[:32], y[:32])
    (_, _, _), (state, (rows, validity, _, _), losses) = calls
    p_valid, _ = slow_discriminator(state, rows.numpy().astype(np.float64), 0.01)
    assert losses["discriminator_validity"] == pytest.approx(slow_bce(p_valid, validity.numpy()), rel=0.05)


def test_epochs_are_whole_batches_of_the_panel(small_model, toy):
    model = small_model("code", n_steps=None, n_epochs=7)
    model.prepare(toy, seed=1)
    assert model.n_steps == 7 * (160 // 32)
    published = create_model("genome-ac-gan", preset="code")
    published.counts = {"all": 4006}
    assert published.n_steps == 10_001 * 15


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_steps": 5, "n_epochs": 5}, "give n_steps or n_epochs"),
        ({"discriminator": {"dropout": [0.1]}}, "one share for each of discriminator.widths"),
        ({"alleles": "0/1"}, "set alleles to -1/\\+1"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        create_model("genome-ac-gan", **settings)
