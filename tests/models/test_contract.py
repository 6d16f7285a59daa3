"""What every registered model promises, whatever it is."""

import numpy as np
import pytest
import torch

from genome_ac_gan.checkpoint import load_model, save_model
from genome_ac_gan.errors import ConfigError, NotFittedError, PanelError
from genome_ac_gan.models import create_model
from genome_ac_gan.models.base import BLOCK
from genome_ac_gan.models.genome_ac_gan.config import PRESETS

COUNTS = {"B": 30, "A": 20}


@pytest.fixture(params=PRESETS)
def fitted(request, small_model, toy):
    model = small_model(request.param, n_steps=4)
    return model.fit(toy, seed=1)


def test_fit_returns_the_model_and_leaves_its_settings(small_model, toy):
    model = small_model(n_steps=2)
    before = model.config.model_dump()
    assert model.fit(toy, seed=1) is model
    assert model.config.model_dump() == before


def test_samples_have_the_counts_labels_ids_and_sites_asked_for(fitted, toy):
    panel = fitted.sample(COUNTS, seed=2)
    assert dict(panel.counts) == {"A": 20, "B": 30}
    assert panel.haplotypes.dtype == np.uint8
    assert panel.sample_id[0] == "AG_B_000001"
    assert panel.sample_id[-1] == "AG_A_000020"
    assert panel.n_people == 50
    assert panel.variants.same_sites(toy.variants)


def test_same_seed_same_rows_and_another_seed_other_rows(fitted):
    first, again, other = (fitted.sample(COUNTS, seed=seed) for seed in (3, 3, 4))
    assert first.equals(again)
    assert not first.equals(other)


def test_global_seeds_have_no_effect(small_model, toy):
    rows = []
    for state in (1, 2):
        torch.manual_seed(state)
        rows.append(small_model(n_steps=3).fit(toy, seed=9).sample(COUNTS, seed=2).sha256)
        drawn = torch.rand(1)
        torch.manual_seed(state)
        assert torch.equal(drawn, torch.rand(1))  # and fit left the global stream where it was
    assert rows[0] == rows[1]


def test_blocks_are_the_rows_of_one_sample(fitted):
    counts = {"A": BLOCK + 7, "B": 5}
    blocks = list(fitted.sample_blocks(counts, seed=1))
    assert [block.n_haplotypes for block in blocks] == [BLOCK, 12]
    whole = fitted.sample(counts, seed=1)
    assert np.array_equal(np.concatenate([block.haplotypes for block in blocks]), whole.haplotypes)


def test_a_refit_forgets(small_model, toy):
    once = small_model(n_steps=3).fit(toy, seed=1)
    twice = small_model(n_steps=3).fit(toy, seed=8).fit(toy, seed=1)
    assert once.sample(COUNTS, seed=2).equals(twice.sample(COUNTS, seed=2))


def test_saved_and_loaded_models_sample_alike(fitted, tmp_path):
    save_model(fitted, tmp_path / "model", seed=1, step=4)
    assert load_model(tmp_path / "model").sample(COUNTS, seed=5).equals(fitted.sample(COUNTS, seed=5))


def test_other_labels_that_the_population_decides_come_along(small_model, toy):
    labels = {"population": toy.population, "continent": np.where(toy.population == "A", "North", "South")}
    labels["sex"] = np.resize(np.repeat(["m", "f"], 2), toy.n_haplotypes)
    panel = toy._with(labels=labels, label="population").with_population("population")
    sample = small_model(n_steps=2).fit(panel, seed=1).sample(COUNTS, seed=1)
    assert sorted(sample.labels) == ["continent", "population"]
    assert sample.labels["continent"][0] == "South"


def test_unknown_population_unfitted_and_empty_requests_are_refused(fitted, small_model):
    with pytest.raises(PanelError, match="population 'XXX' was not in the training panel; it had: A, B"):
        fitted.sample({"XXX": 3}, seed=1)
    with pytest.raises(PanelError, match="no haplotypes asked for"):
        fitted.sample({"A": 0}, seed=1)
    with pytest.raises(
        NotFittedError, match=r"GenomeACGAN has no parameters yet: call fit\(\) or load_model\(\)"
    ):
        small_model().sample(COUNTS, seed=1)


def test_panels_with_nothing_to_learn_are_refused(small_model, toy):
    with pytest.raises(PanelError, match="has 1 variant"):
        small_model().fit(toy.select_variants(slice(0, 1)), seed=1)
    with pytest.raises(PanelError, match="all 4 variants are monomorphic"):
        small_model().fit(toy.of("A").select_variants(slice(0, 4)), seed=1)


def test_unknown_names_list_the_known_ones():
    with pytest.raises(ConfigError, match="model 'gann': unknown; known: genome-ac-gan"):
        create_model("gann")
    with pytest.raises(ConfigError, match="unknown; known: stable, paper, code"):
        create_model("genome-ac-gan", preset="best")
    with pytest.raises(ConfigError, match=r"generator.latents: unknown; known: .*latent"):
        create_model("genome-ac-gan", generator={"latents": 3})


def test_one_population_trains(small_model, toy):
    panel = small_model(n_steps=5).fit(toy.of("A"), seed=1).sample({"A": 12}, seed=1)
    assert dict(panel.counts) == {"A": 12}


def stopped_and_resumed(first, second, toy):
    kept = {}

    def stop(step, losses):
        if step == 25:
            kept.update(first.training_state())
        return step == 25

    first.fit(toy, seed=4, on_step=stop)
    second.resume_from(kept)
    return second.fit(toy, seed=4)


def test_a_straight_run_equals_one_that_was_stopped_and_resumed(small_model, toy):
    """25 + 35 steps are 60, bit for bit, in every preset's kind of training (on one thread)."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for preset in PRESETS:
            straight = small_model(preset).fit(toy, seed=4)
            resumed = stopped_and_resumed(small_model(preset), small_model(preset), toy)
            for name, tensor in straight.state().items():
                assert torch.equal(tensor, resumed.state()[name]), (preset, name)
    finally:
        torch.set_num_threads(threads)


def test_a_toy_is_learned_with_its_labels_linkage_and_frequencies(small_model, toy):
    """Fixed differences obey the label, copies within a block agree, and frequencies are near."""
    near_the_panel = {"output_noise": 0.15, "output_start": "principal-axes"}
    model = small_model(n_steps=900, batch_size=64, average=0.99, generator=near_the_panel).fit(toy, seed=2)
    sample = model.sample({"A": 300, "B": 300}, seed=1)
    a, b = sample.of("A").haplotypes.astype(float), sample.of("B").haplotypes.astype(float)
    assert a[:, :4].mean() < 0.1
    assert b[:, :4].mean() > 0.9
    blocks = np.corrcoef(sample.haplotypes[:, 4:].T.astype(float)) ** 2
    within = np.mean([blocks[5 * k, 5 * k + 1 : 5 * k + 5].mean() for k in range(6)])
    between = np.mean([blocks[5 * k, 5 * k + 5 :].mean() for k in range(5)])
    assert within > 0.2
    assert between < 0.1
    assert np.abs(a[:, 4:].mean(axis=0) - 0.5).max() < 0.35
