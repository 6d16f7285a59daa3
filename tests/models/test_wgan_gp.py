"""The WGAN-GP: its penalty, its packs, its memory-saving parts, and the published numbers."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from small_models import small

from genome_ac_gan.errors import ConfigError
from genome_ac_gan.models import create_model
from genome_ac_gan.models.wgan_gp import WGANGP, WGANGPConfig
from genome_ac_gan.nn.losses import between, critic_loss, gradient_penalty
from genome_ac_gan.training.parallel import World


@pytest.fixture
def started(toy):
    """Make a small model that stands before its first step, with the encoded toy panel."""

    def make(preset="default", **settings):
        model = small("wgan-gp", preset, **settings)
        model.last_step = 0
        model.fit(toy, seed=3)
        return model, *model.encode(toy)

    return make


def unwrapped(preset, **settings):
    """Make a model that sees no label and is not wrapped for it."""
    kept = small("wgan-gp", preset, **settings).config.model_dump()
    return WGANGP(WGANGPConfig.model_validate(kept))


# -- losses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("slope", [0.0, 0.25, 1.0, 3.0])
def test_the_penalty_of_a_linear_critic_is_its_slope_less_one_squared(slope):
    direction = torch.randn(3, 40)
    weight = (slope * direction / direction.norm()).requires_grad_()
    x = torch.randn(5, 3, 40, requires_grad=True)
    penalty = gradient_penalty((x * weight).sum(dim=(1, 2)), x)
    assert float(penalty.detach()) == pytest.approx((slope - 1) ** 2, abs=1e-6)
    penalty.backward()
    assert torch.isfinite(weight.grad).all()  # a norm of 0 too


def test_the_penalty_takes_the_norm_over_a_whole_pack_and_the_mean_over_packs():
    x = torch.zeros(2, 2, 2, requires_grad=True)
    scores = (x * torch.tensor([[[3.0, 0], [0, 4]], [[1, 0], [0, 0]]])).sum(dim=(1, 2))
    assert float(gradient_penalty(scores, x).detach()) == pytest.approx(((5 - 1) ** 2 + 0) / 2)


def test_the_critics_loss_weighs_the_real_side_only():
    real, synthetic = torch.tensor([2.0, 4.0]), torch.tensor([1.0, -1.0])
    assert float(critic_loss(real, synthetic)) == -3
    assert float(critic_loss(real, synthetic, 0.9)) == pytest.approx(-2.7)


def test_points_in_between_lie_on_the_line_of_each_pair():
    real, synthetic = torch.ones(3, 2, 4), torch.zeros(3, 2, 4)
    points = between(real, synthetic, torch.tensor([0.0, 0.25, 1.0]))
    assert torch.equal(points, torch.tensor([0.0, 0.25, 1.0])[:, None, None].expand(3, 2, 4))


# -- packs and labels -----------------------------------------------------------------------------


def test_rows_of_a_pack_share_one_population_and_begin_with_the_given_row(started):
    model, x, y = started()
    packs = (model._packs(x[:20], y[:20]) + 1) / 2
    assert packs.shape == (20, 3, x.shape[1])
    assert torch.equal(packs[:, 0], x[:20].float())
    training = {row.tobytes() for row in x.numpy()}
    for pack, code in zip(packs.numpy().astype(np.uint8), y[:20].tolist(), strict=True):
        for row in pack:
            assert row.tobytes() in training
            assert round(row[:4].mean()) == code  # the toy's first four sites tell the populations apart


def test_without_labels_packs_mix_populations_and_are_coded_as_the_generator_writes(toy):
    model = unwrapped("wgan23")
    model.last_step = 0
    x = torch.from_numpy(np.array(toy.haplotypes))
    model.prepare(toy, seed=1)
    model._fit(x, torch.zeros(len(x), dtype=torch.int64), 1, lambda step, losses: None)
    packs = model._packs(x[:60], torch.zeros(60, dtype=torch.int64))
    tells = packs[:, :, :4].mean(dim=2).round()
    assert (tells.amax(dim=1) != tells.amin(dim=1)).float().mean() > 0.5
    assert set(packs.unique().tolist()) == {0.0, 1.0}
    synthetic = model._synthetic_packs(model._noise(6), torch.zeros(2, dtype=torch.int64))
    assert synthetic.shape == (2, 3, x.shape[1])
    assert 0 < float(synthetic.detach().min()) < float(synthetic.detach().max()) < 1


def test_the_critic_sees_alleles_of_one_and_minus_one_on_either_side(started):
    model, x, y = started()
    synthetic = model._synthetic_packs(model._noise(30), y[:10]).detach()
    assert torch.allclose(synthetic.abs(), torch.ones_like(synthetic))  # but for rounding
    assert set(synthetic.sign().unique().tolist()) == {-1.0, 1.0}
    assert set(model._packs(x, y).unique().tolist()) == {-1.0, 1.0}


def test_the_label_enters_both_networks(started):
    model, x, y = started()
    model.network.eval()
    noise, packs = model._noise(6), model._packs(x[:6], y[:6])
    a, b = torch.zeros(6, dtype=torch.int64), torch.ones(6, dtype=torch.int64)
    assert (model.generator(noise, a) - model.generator(noise, b)).abs().max() > 0.1
    loss = (model.critic(packs, a) - model.critic(packs, b)).abs().sum()
    assert loss > 0
    loss.backward()
    tables = [w.grad for name, w in model.critic.named_parameters() if name.endswith("by_label")]
    assert len(tables) == 2
    assert all(table.abs().max() > 0 for table in tables)


@pytest.mark.parametrize("preset", ["default", "wgan23"])
def test_a_packs_score_does_not_depend_on_the_other_packs(preset, toy):
    model = unwrapped(preset)
    model.build(34, 2)
    packs, codes = torch.randn(8, 3, 34), torch.arange(8) % 2
    together = model.critic(packs, codes)
    alone = torch.cat([model.critic(packs[i : i + 1], codes[i : i + 1]) for i in range(8)])
    assert torch.allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize(("preset", "rounded"), [("default", True), ("wgan23", False)])
def test_a_critic_with_instance_norm_is_never_rounded_to_bfloat16(preset, rounded):
    model = unwrapped(preset)
    model.build(300, 2)
    real, synthetic, u, codes = (
        torch.randn(4, 3, 300),
        torch.randn(4, 3, 300),
        torch.rand(4),
        torch.arange(4) % 2,
    )
    losses = []
    for precision in ("fp32", "bf16"):
        model.precision = precision
        losses.append(float(model._critic_losses(real, synthetic, codes, u, 1.0)["penalty"].detach()))
    assert (losses[0] != losses[1]) == rounded


# -- micro-batches --------------------------------------------------------------------------------


def critic_gradients(model, x, y, micro_batch):
    model.config = model.config.model_copy(update={"micro_batch": micro_batch})
    model.network.load_state_dict(model.kept)
    model.generator.eval()  # synthetic rows then do not depend on their company
    model.rng.manual_seed(7)
    model.start_optimisers()
    losses = model._update_critic(x[:10], y[:10])
    return losses, {name: w.grad.clone() for name, w in model.critic.named_parameters()}


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("micro_batch", [3, 12, 29])
def test_the_critics_gradient_adds_up_to_that_of_the_whole_batch(micro_batch, started):
    model, x, y = started(output_noise=0)
    model.kept = {name: tensor.clone() for name, tensor in model.state().items()}
    model.start_optimisers = lambda: setattr(model, "_critic_optimiser", model._adam(model.critic, 1e-3))
    whole_losses, whole = critic_gradients(model, x, y, None)
    losses, parts = critic_gradients(model, x, y, micro_batch)
    for name in whole_losses:
        assert float(losses[name]) == pytest.approx(float(whole_losses[name]), abs=1e-5)
    for name, gradient in whole.items():
        assert torch.allclose(parts[name], gradient, atol=1e-5), name
        assert gradient.abs().max() > 0 or name == "head.2.bias", name  # real and synthetic cancel there


def test_the_generators_gradient_adds_up_but_for_its_batch_norm(started):
    """In `eval` mode it is exact; in training a norm over fewer rows gives another gradient."""
    model, _, y = started(output_noise=0)
    kept = {name: tensor.clone() for name, tensor in model.state().items()}

    def gradients(micro_batch, training):
        model.config = model.config.model_copy(update={"micro_batch": micro_batch})
        model.network.load_state_dict(kept)
        model.generator.train(training)
        model.rng.manual_seed(7)
        model._update_generator(y[:10])
        return torch.cat([w.grad.flatten() for w in model.generator.parameters()])

    assert torch.allclose(gradients(None, False), gradients(9, False), atol=1e-5)
    whole, parts = gradients(None, True), gradients(9, True)
    assert not torch.allclose(whole, parts, atol=1e-5)


def test_batches_that_do_not_hold_a_pack_are_refused(toy):
    with pytest.raises(ConfigError, match="micro_batch must hold at least one pack of 3 rows"):
        create_model("wgan-gp", micro_batch=2)
    with pytest.raises(ConfigError, match="batch_size must hold at least one pack of 5 rows"):
        create_model("wgan-gp", batch_size=4, packing=5)
    with pytest.raises(ConfigError, match="principal-axes needs patches"):
        create_model("wgan-gp", patch=1)
    model = small("wgan-gp", batch_size=32)
    model.world = World(rank=0, size=2)  # 16 rows each are 5 packs and a rest
    with pytest.raises(ConfigError, match="batch_size to a multiple of 6"):
        model.fit(toy, seed=1)


def test_short_rows_leave_every_weight_a_number(toy):
    """In bfloat16 too, where a convolution over one position has gradients that nobody wrote."""
    model = small("wgan-gp")
    model.precision = "bf16"
    model.fit(toy.select_variants(slice(0, 5)), seed=1, on_step=lambda step, losses: step == 3)
    for name, weight in model.network.named_parameters():
        assert torch.isfinite(weight).all(), name
        assert weight.grad is None or torch.isfinite(weight.grad).all(), name


# -- updates --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("step", "updates"), [(0, 7), (1, 3)])
def test_a_step_updates_the_critic_so_often_and_more_before_the_first_generator_update(
    step, updates, started, monkeypatch
):
    model, x, y = started(critic_steps=3, critic_first=4)
    seen, update = [], model._update_critic

    def spy(rows, codes):
        seen.append(rows)
        return update(rows, codes)

    monkeypatch.setattr(model, "_update_critic", spy)
    model.step = step
    before = model.generator.stack.output.weight.clone()
    losses = model.training_step(x[:30], y[:30])
    assert set(losses) == {"critic", "penalty", "generator"}
    assert len(seen) == updates
    assert torch.equal(seen[0], x[:10])
    assert not torch.equal(seen[1], seen[2])
    assert not torch.equal(model.generator.stack.output.weight, before)


def test_a_critic_learns_to_tell_synthetic_packs_from_real_ones(started):
    model, _, _ = started(output_start="random", critic_lr=0.003)
    losses = []
    for _ in range(40):
        rows, codes = model._any_rows(10)
        losses.append(float(model._update_critic(rows, codes)["critic"]))
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 0.5  # reached: .9


def test_the_generator_climbs_what_the_critic_scores(started):
    model, _, _ = started(generator_lr=0.01)
    for _ in range(20):
        rows, codes = model._any_rows(10)
        model._update_critic(rows, codes)
    codes = codes.repeat(4)
    noise = model._noise(3 * len(codes))

    def score():
        model.rng.manual_seed(5)
        with torch.no_grad():
            return float(model.critic(model._synthetic_packs(noise, codes), codes).mean())

    before = score()
    losses = [float(model._update_generator(codes)) for _ in range(20)]
    assert losses[0] == pytest.approx(-before, abs=0.3)  # the same packs but for their noise
    assert score() > before + 0.3


def test_the_real_side_weighs_a_random_part_less(started, monkeypatch):
    model, x, y = started(real_weight_noise=0.4)
    weights, losses = [], model._critic_losses

    def spy(real, synthetic, codes, u, weight):
        weights.append(weight)
        return losses(real, synthetic, codes, u, weight)

    monkeypatch.setattr(model, "_critic_losses", spy)
    for _ in range(30):
        model._update_critic(x[:4], y[:4])
    assert 0.6 <= min(weights) < 0.7 < 0.9 < max(weights) <= 1


def test_what_nobody_carries_starts_absent_without_noise_too(toy):
    of_one = toy.of("A")  # its first four variants are 0 in every row
    model = small("wgan-gp", output_noise=0, patch=4)
    model.fit(of_one, seed=1, on_step=lambda step, losses: True)
    fixed = ~of_one.haplotypes.any(axis=0)
    assert fixed[:4].all()
    assert not model.sample({"A": 100}, seed=1).haplotypes[:, fixed].any()


def test_the_averaged_network_keeps_batch_statistics_of_its_own(started):
    model, x, y = started(average=0.9)
    model.training_step(x[:30], y[:30])
    model.training_step(x[:30], y[:30])
    of = [dict(net.named_buffers()) for net in (model.generator, model.sampler)]
    means = [name for name in of[0] if name.endswith("running_mean")]
    assert all(not torch.equal(of[0][name], of[1][name]) for name in means)


# -- published numbers ----------------------------------------------------------------------------


def convolutions(channels, *, bias, norm):
    """Count weights of layers with kernel 3 between these channels, their biases and their norms."""
    pairs = list(pairwise(channels))
    return sum(3 * a * b + bias * b + norm * b for a, b in pairs)


def test_the_published_generator_and_critic_have_the_weights_of_their_plan():
    """Widths of 10 channels at 10,000 sites; the two extra inputs are noise, the third the location vector."""
    model = unwrapped("wgan23", width=10)
    model.build(10_000, 1)
    locations = 4 + 15 + 63 + 255 + 1023 + 4095 + 16_383
    ladders = [
        [3, 440, 420, 400, 380],
        [383, 360, 340, 320, 300], [300, 300, 300],
        [303, 280, 260, 240, 220],
        [223, 200, 180, 160, 140], [140, 140, 140],
        [143, 120, 100, 80, 60],
        [63, 40, 20, 10, 5],
    ]  # fmt: skip
    up = locations + sum(convolutions(ladder, bias=0, norm=2) for ladder in ladders)
    up += convolutions([6, 1], bias=1, norm=0)
    mirrored = [
        [4, 10, 20, 40, 60], [60, 60, 60],
        [61, 80, 100, 120, 140],
        [141, 160, 180, 200, 220], [220, 220, 220],
        [221, 240, 260, 280, 300],
        [301, 320, 340, 360, 380],
        [381, 400, 420, 440],
    ]  # fmt: skip
    down = locations - 4 + sum(convolutions(ladder, bias=1, norm=2) for ladder in mirrored)
    down += convolutions([440, 1], bias=1, norm=2) + 4 + 1  # the head: a norm, then 4 -> 1
    assert sum(w.numel() for w in model.generator.parameters()) == up == 4_955_477
    assert sum(w.numel() for w in model.critic.parameters()) == down == 4_606_772
    assert model.n_parameters == 9_562_249


def test_the_published_preset_states_the_published_constants():
    settings = WGANGP.preset("wgan23")
    published = {
        "width": 10, "noise": 2, "slope": 0.01, "packing": 3, "critic_steps": 10, "penalty": 10,
        "generator_lr": 5e-4, "critic_lr": 5e-4, "first_decay": 0.5, "decay": 0.9,
        "real_weight_noise": 0.1, "output": "sigmoid", "critic_norm": "instance", "n_epochs": 10_001,
        "patch": 1, "padding": "published", "conditioning": "joint", "average": 0, "critic_first": 0,
    }  # fmt: skip
    assert {name: settings[name] for name in published} == published
    assert settings["batch_size"] // settings["packing"] == 96


def test_an_epoch_lasts_until_the_critic_has_judged_a_pack_for_each_row():
    model = WGANGP(WGANGPConfig.model_validate(WGANGP.preset("wgan23")))
    model.counts = {"all": 4006}
    assert model.n_steps == 10_001 * 5  # 4,006 / (96 packs x 10 updates), rounded up
