"""The `line` generator of the Genome-AC-GAN: what happens before the game, and how the game begins."""

import numpy as np
import pytest
import torch

from genome_ac_gan.models.genome_ac_gan.likelihood import contig_numbers
from genome_ac_gan.models.genome_ac_gan.networks import LineGenerator
from genome_ac_gan.models.genome_ac_gan.structure import Structure
from genome_ac_gan.nn.blocks import frequencies_by_label
from genome_ac_gan.nn.temperature import nearness
from genome_ac_gan.popgen.shrinkage import shrunk_frequencies


@pytest.fixture
def at_step(small_model, toy):
    """Train a small line until a step; return the model and the losses of every step."""

    def trained(step, **settings):
        model, losses = small_model(**settings), []
        model.fit(toy, seed=3, on_step=lambda now, found: losses.append(found) or now == step)
        return model, losses

    return trained


def likelihood(model, toy):
    x, y = model.encode(toy)
    with torch.no_grad():
        logits = model.generator.line(x.float(), model._label(y))
    return float((torch.sigmoid((2 * x.float() - 1) * logits)).log().sum(dim=1).mean())


def test_updates_before_the_game_raise_the_likelihood_and_leave_the_discriminator_alone(at_step, toy):
    first, _ = at_step(1)
    last, losses = at_step(60, likelihood={"n_steps": 61})
    assert all(set(found) == {"negative_log_likelihood"} for found in losses)
    assert likelihood(last, toy) > likelihood(first, toy) + 3  # nats of some 10
    assert losses[-1]["negative_log_likelihood"] == pytest.approx(-likelihood(last, toy), abs=2)
    for before, after in zip(first.discriminator.parameters(), last.discriminator.parameters(), strict=True):
        assert torch.equal(before, after)
    assert last.generator.axes.axes.abs().max() == 0


def test_a_training_that_ended_before_the_game_is_told_of(at_step, small_model, toy):
    (remark,) = at_step(12)[0].remarks
    assert "ended at update 12" in remark
    assert at_step(13)[0].remarks == ()
    dense = small_model("dense", n_steps=2)
    assert dense.fit(toy, seed=1).remarks == ()


def test_linked_variants_are_all_that_a_line_looks_at(at_step, toy):
    model, _ = at_step(60, likelihood={"n_steps": 60})
    used = (model.generator.line.weight != 0).sum(dim=(0, 1))
    # six blocks of five sites, and the four sites that tell labels apart
    assert 0 < int(used.sum()) <= 30 * 4 + 10
    unlinked, _ = at_step(60, likelihood={"n_steps": 60}, generator={"linked": 1000})
    assert unlinked.generator.line.weight.abs().max() == 0


def test_the_generator_waits_until_the_discriminator_has_begun(at_step):
    model, losses = at_step(16)  # 12 by likelihood, 2 of the discriminator alone
    kinds = [sorted(found) for found in losses]
    assert "discriminator_validity" in kinds[12]
    assert "generator_validity" not in kinds[13]
    assert "generator_validity" in kinds[14]
    assert model.step == 16


def test_a_dense_generator_does_not_wait_for_a_likelihood_it_has_not(small_model, toy):
    model, losses = small_model("dense", likelihood={"n_steps": 5}, discriminator={"first": 2}), []
    model.fit(toy, seed=3, on_step=lambda now, found: losses.append(found) or now == 4)
    assert ["generator_validity" in found for found in losses] == [False, False, True, True]


def test_calibration_brings_drawn_frequencies_to_those_of_the_rows(at_step, toy):
    model, _ = at_step(60, likelihood={"n_steps": 60})
    x, y = model.encode(toy)
    wanted, counts = frequencies_by_label(x, y, 2)
    assert counts.tolist() == [80, 80]
    assert wanted.numpy() == pytest.approx(np.stack([toy.of(p).haplotypes.mean(axis=0) for p in "AB"]))

    def error():
        sample = model.sample({"A": 2000, "B": 2000}, seed=1)
        drawn = np.stack([sample.of(p).haplotypes.mean(axis=0) for p in "AB"])
        return np.abs(drawn - wanted.numpy()).mean()

    with torch.no_grad():
        for network in (model.generator, model.sampler):
            network.line.threshold.add_(0.7)
    off = error()
    model._calibrate(12)
    assert error() < 0.4 * off


def test_calibrations_aim_at_frequencies_drawn_towards_those_of_relatives(at_step, toy):
    def aims(shrinkage):
        return at_step(1, likelihood={"n_steps": 12, "shrinkage": shrinkage})[0].likelihood_start.frequencies

    own, shrunk = aims(False).double().numpy(), aims(True).double().numpy()
    sizes = np.array(list(toy.counts.values()))
    for name, frequencies in zip(toy.populations, own, strict=True):
        np.testing.assert_allclose(frequencies, toy.of(name).haplotypes.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(shrunk, shrunk_frequencies(own, sizes), atol=1e-6)
    assert np.abs(shrunk - own).max() > 1e-4


def test_calibration_brings_temperatures_to_how_near_the_rows_of_a_label_lie(at_step, toy):
    model, _ = at_step(60, likelihood={"n_steps": 61})
    model.sampler.load_state_dict(model.generator.state_dict())
    x, y = model.encode(toy)
    own = nearness(x, y, 2)
    model._calibrate(5)
    level = model.generator.temperature.level
    assert level.abs().max() == 0
    model._calibrate(5, own + torch.tensor([[2.0, 0.0], [0.0, 0.0]]))  # as if rows of A lay further apart
    assert level[0] == pytest.approx(0.3)
    assert level[0] > level[1] + 0.1


@pytest.mark.parametrize("average", [0, 0.9])
def test_calibrations_move_what_is_trained_and_what_is_sampled_alike(at_step, average):
    model, _ = at_step(13, average=average, likelihood={"n_steps": 12, "calibrations": 4})
    states = [network.state_dict() for network in (model.generator, model.sampler)]
    for name in ("line.threshold", "temperature.level", "temperature.width"):
        assert torch.equal(*(state[name] for state in states))
    before = {name: tensor.clone() for name, tensor in states[0].items()}
    model._calibrate(2)
    moved = states[0]["line.threshold"] - before["line.threshold"]
    assert moved.abs().max() > 0
    assert torch.equal(states[0]["line.threshold"], states[1]["line.threshold"])


def test_temperatures_are_found_before_the_game_and_when_it_begins_and_then_kept(at_step):
    before, found, begun, later, never = (
        at_step(step, **settings)[0].generator.temperature.state_dict()
        for step, settings in (
            (11, {}), (12, {}), (13, {}), (20, {}), (20, {"likelihood": {"n_steps": 12, "temperatures": False}})
        )
    )  # fmt: skip
    assert found["level"].abs().max() > 0 < begun["level"].abs().max()
    for name in ("level", "width"):
        assert before[name].abs().max() == 0 == never[name].abs().max()
        assert torch.equal(begun[name], later[name])


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("step", [12, 13, 17])  # the last by likelihood, the first of the game, within it
def test_a_training_stopped_within_the_game_goes_on_as_if_it_had_not(small_model, toy, step):
    straight, stopped, resumed = (small_model() for _ in range(3))
    for model in (straight, stopped, resumed):
        model.last_step = 22
    straight.fit(toy, seed=4)
    stopped.last_step = step
    stopped.fit(toy, seed=4)
    resumed.resume_from(stopped.training_state())
    resumed.fit(toy, seed=4)
    for name, tensor in straight.state().items():
        assert torch.equal(tensor, resumed.state()[name]), name


def test_a_haplotype_is_what_its_noise_its_label_and_the_alleles_before_say(at_step):
    model, _ = at_step(20)
    generator = model.generator
    assert isinstance(generator, LineGenerator)
    generator.temperature.width.fill_(0.4)
    z, u, noise = torch.randn(5, 8), torch.randn(5, 1), torch.logit(torch.rand(5, 34))
    label = model._label(torch.tensor([0, 1, 0, 1, 1]))
    rows = generator(z, u, label, noise)
    assert set(rows.detach().unique().tolist()) <= {-1.0, 1.0}
    alleles = (rows.detach() + 1) / 2
    pushed = generator.axes(z, label) + generator.temperature(u, label) * noise
    logits = generator.line(alleles, label) + pushed / (label @ generator.axes.spread)
    assert torch.equal(logits >= 0, rows > 0)

    gradients = []
    for held in (True, False):  # what a line held still spares is no other gradient
        generator.zero_grad(set_to_none=True)
        generator.line.requires_grad_(not held)
        generator(z, u, label, noise).sum().backward()
        assert (generator.line.threshold.grad is None) == held
        gradients.append(generator.axes.mixing.grad)
    assert gradients[0].abs().max() > 0
    assert gradients[0].numpy() == pytest.approx(gradients[1].numpy(), abs=1e-5)


def test_the_game_leaves_a_line_that_is_held(at_step):
    settings = {"n_steps": 12, "calibrations": 0, "calibrate_every": 0}
    before, held, free = (
        at_step(step, likelihood=settings | {"held": held})[0].generator.state_dict()
        for step, held in ((13, True), (20, True), (20, False))
    )
    for name in ("line.weight", "line.threshold"):
        assert torch.equal(before[name], held[name])
        assert not torch.equal(before[name], free[name])
    assert not torch.equal(held["axes.axes"], before["axes.axes"])


@pytest.mark.parametrize(("axes", "share"), [(2, 1), (8, 1), (32, 0.5)])
def test_many_axes_are_moved_less(at_step, monkeypatch, axes, share):
    monkeypatch.setattr(LineGenerator, "start_axes", lambda self, x, codes, label: axes)
    model, _ = at_step(13)
    rates = {group["lr"] for group in model.optimisers["generator"].param_groups}
    assert list(rates) == pytest.approx([model.config.optimiser.generator_lr * share])


@pytest.mark.parametrize("why", ["no likelihood", "no axes"])
def test_a_line_plays_where_nothing_else_could(at_step, why, monkeypatch):
    if why == "no axes":
        monkeypatch.setattr(LineGenerator, "start_axes", lambda self, x, codes, label: 0)
    likelihood = {"n_steps": 12 if why == "no axes" else 0, "calibrations": 0, "calibrate_every": 0}
    first, last = (at_step(step, likelihood=likelihood)[0].generator for step in (13, 20))
    if why == "no axes":
        assert first.axes.mixing.abs().max() == 0
    assert not torch.equal(first.line.threshold, last.line.threshold)


def test_contigs_are_numbered():
    assert contig_numbers(np.array(["2", "2", "X"])).tolist() == [0, 0, 1]


def test_structure_is_least_where_rows_lie_as_the_training_rows_do_under_their_labels(toy):
    rng = np.random.default_rng(5)
    x = torch.tensor(2.0 * toy.haplotypes.astype(float) - 1).float()
    label = torch.eye(2)[torch.tensor((toy.population == "B").astype(int))]
    structure = Structure(x, label, 3)
    again = rng.integers(0, len(x), 120)
    own = float(structure.loss(x[again], label[again]))
    shuffled = float(structure.loss(x[again][:, rng.permutation(x.shape[1])], label[again]))
    swapped = float(structure.loss(x[again], 1 - label[again]))
    assert own < shuffled - 0.1
    assert own < swapped - 0.005  # labels tell four sites of 34 apart


def test_structure_is_a_loss_of_the_generator_alone(at_step):
    _, with_it = at_step(16)
    _, without = at_step(16, loss={"structure": 0})
    assert "generator_structure" in with_it[-1]
    assert "generator_structure" not in without[-1]
    assert with_it[13]["discriminator_validity"] == without[13]["discriminator_validity"]
