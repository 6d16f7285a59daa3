"""Conditional Boltzmann machines along the genome: chunks, contexts, and what crosses a border."""

import numpy as np
import pytest
import torch
from small_models import small

from genome_ac_gan.models import create_model, model_settings
from genome_ac_gan.models.crbm import places


def stop_at(step):
    return lambda now, losses: now == step


def clamped_calls(machines, monkeypatch):
    """Record what each machine is started from and clamped to, as copies and as the tensors themselves."""
    calls = []
    for machine in machines:
        original = machine.clamped

        def spy(x, given, *, original=original, **kwargs):
            outcome = original(x, given, **kwargs)
            calls.append((given.clone(), given, outcome.clone()))
            return outcome

        monkeypatch.setattr(machine, "clamped", spy)
    return calls


@pytest.mark.parametrize(
    ("n", "chunk", "context"), [(34, 12, 7), (34, 12, 20), (34, 40, 5), (36, 12, 12), (34, 33, 1), (5, 1, 0)]
)
def test_chunks_cover_the_genome_once_and_contexts_end_where_they_begin(n, chunk, context):
    found = places(n, chunk, context)
    assert [site for _, start, end in found for site in range(start, end)] == list(range(n))
    assert all(start - first == min(context, start) for first, start, _ in found)
    assert all(end - start == chunk for _, start, end in found[:-1])


def test_training_clamps_real_contexts_and_labels_and_leaves_them(toy, monkeypatch):
    model = small("crbm").fit(toy, seed=1, on_step=stop_at(2))
    calls = clamped_calls(model.machines, monkeypatch)
    x, y = next(model.batches)
    model.training_step(x, y)
    assert len(calls) == len(model.machines) == 3
    label = torch.nn.functional.one_hot(y, 2).float()
    for (first, start, _), (before, after, drawn) in zip(model._places, calls, strict=True):
        assert torch.equal(before, torch.cat([x[:, first:start].float(), label], dim=1))
        assert torch.equal(before, after)
        assert not torch.equal(drawn, x[:, start : start + drawn.shape[1]].float())


def test_sampling_clamps_what_was_drawn_before_and_leaves_it(toy, monkeypatch):
    model = small("crbm").fit(toy, seed=1, on_step=stop_at(2))
    calls = clamped_calls(model.samplers, monkeypatch)
    sample = model.sample({"A": 40, "B": 30}, seed=1)
    x = torch.from_numpy(np.array(sample.haplotypes)).float()
    label = torch.nn.functional.one_hot(torch.tensor([0] * 40 + [1] * 30), 2).float()
    for (first, start, end), (given, _, drawn) in zip(model._places, calls, strict=True):
        assert torch.equal(given, torch.cat([x[:, first:start], label], dim=1))
        assert torch.equal(drawn, x[:, start:end])  # nothing changed it later


def test_a_genome_that_no_chunk_divides_is_drawn_to_its_end(toy):
    sample = small("crbm").fit(toy, seed=1, on_step=stop_at(1)).sample({"A": 60}, seed=1)
    assert sample.n_variants == 34  # 12 + 12 + 10
    assert 0.2 < sample.haplotypes[:, 24:].mean() < 0.8
    one = small("crbm", chunk=100).fit(toy, seed=1, on_step=stop_at(1))
    assert len(one.machines) == 1


def border_r2(toy, **settings):
    """r2 between sites 11 and 12, in one block of the toy and in two chunks of 12."""
    model = small("crbm", batch_size=100, average=0.98, learning_rate=0.5, **settings).fit(toy, seed=1)
    x = model.sample({"A": 400, "B": 400}, seed=1).haplotypes.astype(float)
    return np.corrcoef(x[:, 11], x[:, 12])[0, 1] ** 2


def test_linkage_across_the_border_of_chunks_is_learned(toy):
    """Four seeds reach .59 or more through the hidden units."""
    real = toy.haplotypes.astype(float)
    assert np.corrcoef(real[:, 11], real[:, 12])[0, 1] ** 2 > 0.99
    assert border_r2(toy, n_steps=500) > 0.5
    assert border_r2(toy, n_steps=300, context=0) < 0.1


def test_the_preset_has_the_numbers_of_the_comparison_and_two_halves_of_10000():
    settings = model_settings("crbm", "genomator", {})
    numbers = {
        "n_hidden": 2000, "learning_rate": 0.001, "gibbs_steps": 50, "batch_size": 1252, "n_epochs": 20_001,
        "chunk": 5000, "context": 5000, "init_sd": 0.01, "average": 0,
    }  # fmt: skip
    assert {name: settings[name] for name in numbers} == numbers
    assert places(10_000, settings["chunk"], settings["context"]) == [(0, 0, 5000), (0, 5000, 10_000)]


def test_parameters_grow_in_proportion_to_the_genome():
    sizes = []
    for n in (4000, 8000):
        model = create_model("crbm", n_hidden=20, chunk=100, context=50)
        model.build(n, 5)
        sizes.append(model.n_parameters)
    assert sizes[1] / sizes[0] == pytest.approx(2, abs=0.02)
