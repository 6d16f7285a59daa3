"""The restricted Boltzmann machine: its chains, its start, its presets."""

import numpy as np
import pytest
import torch
from small_models import small

from genome_ac_gan.errors import ConfigError
from genome_ac_gan.models import create_model, model_settings
from genome_ac_gan.training.parallel import World


def stop_at(step):
    return lambda now, losses: now == step


def spied(model, monkeypatch, method):
    """Record what a method of the machine under training is given, and what it returns."""
    calls, original = [], getattr(model.machine, method)

    def spy(*args, **kwargs):
        before = [part.clone() for part in args]
        outcome = original(*args, **kwargs)
        calls.append((before, kwargs, outcome.clone()))
        return outcome

    monkeypatch.setattr(model.machine, method, spy)
    return calls


def another_step(model):
    x, y = next(model.batches)
    losses = model.training_step(x, y)
    return x, y, losses


# -- chains that last -----------------------------------------------------------------------------


@pytest.mark.parametrize(("clamped", "method"), [(True, "clamped"), (False, "unclamped")])
def test_persistent_chains_go_on_where_they_were(toy, monkeypatch, clamped, method):
    model = small("rbm", "pcd", clamped=clamped).fit(toy, seed=1, on_step=stop_at(2))
    alleles, labels = (part.clone() for part in model.chains)
    calls = spied(model, monkeypatch, method)
    another_step(model)
    ((start, *_), kwargs, ran) = calls[0]
    assert torch.equal(start[:, :34], alleles.float())
    assert kwargs["steps"] == model.config.gibbs_steps
    after, labels_after = model.chains
    assert torch.equal(ran[:, :34], after.float())
    assert not torch.equal(after, alleles)
    assert torch.equal(labels, labels_after) == clamped


def test_persistent_chains_are_part_of_the_state_and_outlive_a_stop(toy):
    first = small("rbm", "pcd")
    first.fit(toy, seed=1, on_step=stop_at(5))
    assert first.state()["chains"].dtype == torch.uint8
    kept = first.training_state()
    second = small("rbm", "pcd", n_steps=6)
    second.resume_from(kept)
    starts = []
    original = second._steps

    def spy(alleles, labels, noise):
        starts.append((alleles.clone(), labels.clone()))
        return original(alleles, labels, noise)

    second._steps = spy
    second.fit(toy, seed=1)
    assert len(starts) == 1
    assert torch.equal(starts[0][0], kept["net"]["chains"].float())
    assert torch.equal(starts[0][1], kept["net"]["chain_labels"])
    assert "chains" not in small("rbm").fit(toy, seed=1, on_step=stop_at(1)).state()


def test_persistent_chains_start_in_the_proportions_of_the_panel(toy):
    unequal = toy[np.concatenate([np.arange(20), np.arange(80, 160)])]  # 20 of A, 80 of B
    model = small("rbm", "pcd", clamped=True).fit(unequal, seed=1, on_step=stop_at(1))
    _, labels = model.chains
    assert torch.bincount(labels).tolist() == [10, 40]  # of 50


def test_a_population_without_a_chain_is_refused_where_chains_keep_their_labels(toy):
    with pytest.raises(ConfigError, match="none of 1 chains is of population B"):
        small("rbm", "pcd", chains=1, clamped=True).fit(toy, seed=1)
    small("rbm", "pcd", chains=1, clamped=False).fit(toy, seed=1, on_step=stop_at(1))


def test_samples_start_at_chains_of_their_own_label_where_told(toy):
    model = small("rbm", "pcd", clamped=True, sampling_start="chains").fit(toy, seed=1, on_step=stop_at(1))
    alleles, labels = model.chains
    alleles.copy_((labels * 2 + 1)[:, None].expand_as(alleles) % 5)  # a mark of the label: 1 or 3
    y = torch.tensor([0, 1, 1, 0] * 20)
    started = model._chains_of(y, torch.Generator().manual_seed(1))
    assert torch.equal(started[:, 0].long(), y * 2 + 1)
    labels.zero_()  # no chain has label 1: any will do
    assert model._chains_of(y, torch.Generator().manual_seed(1)).shape == (80, 34)


# -- new chains -----------------------------------------------------------------------------------


def test_new_chains_start_afresh_with_the_labels_of_the_batch(toy, monkeypatch):
    model = small("rbm", chains=48).fit(toy, seed=1, on_step=stop_at(3))
    calls = spied(model, monkeypatch, "clamped")
    _, y, _ = another_step(model)
    ((start, given), _, _) = calls[0]
    assert torch.equal(given.argmax(dim=1), torch.cat([y, y[:16]]))  # 48 chains for 32 rows
    shares = torch.stack([start[given.argmax(dim=1) == k].mean(dim=0) for k in range(2)])
    assert (shares[0, :4] == 0).all()  # alleles that population A does not have
    assert (shares[1, :4] == 1).all()


def test_uniform_chains_start_as_fair_coins(toy, monkeypatch):
    model = small("rbm", "rbm23", chains=500).fit(toy, seed=1, on_step=stop_at(1))
    calls = spied(model, monkeypatch, "clamped")
    another_step(model)
    ((start, _), _, _) = calls[0]
    assert float(start.mean()) == pytest.approx(0.5, abs=4 * 0.5 / (500 * 34) ** 0.5)
    assert float(start[:, :4].mean()) == pytest.approx(0.5, abs=4 * 0.5 / 2000**0.5)


def test_unclamped_chains_learn_the_share_of_each_label(toy):
    unequal = toy[np.concatenate([np.arange(20), np.arange(80, 160)])]
    model = small("rbm", "pcd", learning_rate=0.05, n_steps=150, gibbs_steps=5, chains=400)
    model.fit(unequal, seed=1)
    assert float(model.chains[1].float().mean()) == pytest.approx(0.8, abs=0.1)


# -- where it starts ------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", ["default", "rbm23"])
def test_an_untrained_machine_has_the_frequencies_of_the_panel(toy, preset):
    model = small("rbm", preset, init_sd=1e-9, learning_rate=1e-9).fit(toy, seed=1, on_step=stop_at(1))
    sample = model.sample({"A": 4000}, seed=1).haplotypes.mean(axis=0)
    truth = toy.haplotypes.mean(axis=0)
    assert (np.abs(sample - truth) <= 4 * np.sqrt(truth * (1 - truth) / 4000) + 1e-3).all()


# -- learning -------------------------------------------------------------------------------------


def test_a_step_in_bfloat16_is_nearly_one_in_float32(toy):
    """Draws that fall between two rounded probabilities differ, so only means can agree."""
    steps = {}
    for precision in ("fp32", "bf16"):
        model = small("rbm", chains=500, batch_size=500)
        model.precision = precision
        model.prepare(toy, seed=1)
        start = {name: value.clone() for name, value in model.state().items()}
        model.fit(toy, seed=1, on_step=stop_at(1))
        after = model.state()["machines.0.weight"] - start["machines.0.weight"]
        steps[precision] = after.flatten()
    cosine = torch.nn.functional.cosine_similarity(steps["fp32"], steps["bf16"], dim=0)
    assert float(cosine) > 0.99


@pytest.mark.parametrize(("step", "decay"), [(0, 0.1), (8, 0.5), (100, 0.75)])
def test_the_average_follows_the_machine_closely_at_first(toy, step, decay):
    model = small("rbm", average=0.75).fit(toy, seed=1, on_step=stop_at(1))
    before = {name: value.clone() for name, value in model.state().items()}
    model.step = step
    another_step(model)
    after = model.state()
    for name in ("weight", "visible_bias", "hidden_bias"):
        expected = decay * before[f"average.0.{name}"] + (1 - decay) * after[f"machines.0.{name}"]
        assert torch.allclose(after[f"average.0.{name}"], expected, atol=1e-6)
    assert model.n_parameters == sum(p.numel() for p in model.machine.parameters())


def test_losses_are_gaps_between_data_and_chains(toy):
    model = small("rbm").fit(toy, seed=1, on_step=stop_at(1))
    _, _, losses = another_step(model)
    assert set(losses) == {"free_energy_gap", "frequency_gap", "hidden_gap"}
    assert 0 < float(losses["frequency_gap"]) < 0.2


# -- settings -------------------------------------------------------------------------------------


def test_presets_have_the_published_numbers():
    expected = {
        "rbm23": {
            "training": "out-of-equilibrium", "n_hidden": 500, "learning_rate": 0.01, "gibbs_steps": 50,
            "batch_size": 500, "chains": 500, "n_epochs": 2001, "init_sd": 0.01, "centred": True,
            "chain_start": "uniform", "sampling_steps": None, "average": 0,
        },
        "pcd": {
            "training": "pcd", "n_hidden": 50, "learning_rate": 0.01, "gibbs_steps": 10, "batch_size": 32,
            "chains": 500, "n_epochs": 800, "init_sd": 1e-5, "centred": False, "sampling_steps": 500,
            "clamped": False, "average": 0,
        },
    }  # fmt: skip
    for preset, numbers in expected.items():
        settings = model_settings("rbm", preset, {})
        assert {name: settings[name] for name in numbers} == numbers


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_epochs": 5}, "give n_steps or n_epochs"),
        ({"sampling_start": "chains"}, "needs training pcd"),
        ({"clamped": False}, "clamped false needs training pcd"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        create_model("rbm", **settings)


def test_chains_that_processes_cannot_share_are_refused(toy):
    model = small("rbm", chains=49)
    model.world = World(rank=0, size=2)
    with pytest.raises(ConfigError, match="49 chains cannot be shared by 2 processes"):
        model.fit(toy, seed=1)
