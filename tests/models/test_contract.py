"""What every registered model promises, whatever it is."""

import numpy as np
import pytest
import torch
from small_models import EVERY, SMALL, small

from genome_ac_gan.checkpoint import load_model, save_model
from genome_ac_gan.errors import ConfigError, NotFittedError, PanelError
from genome_ac_gan.models import CONDITIONING, MODELS, GradientModel, LikelihoodModel, create_model
from genome_ac_gan.models.base import BLOCK
from genome_ac_gan.models.likelihood import ConditionalModel

COUNTS = {"B": 30, "A": 20}
FIRST = [(name, next(iter(kind.presets))) for name, kind in MODELS.items()]
TRAINED = [each for each in EVERY if isinstance(small(*each), GradientModel)]


def named(each):
    return "-".join(each)


@pytest.fixture(scope="module", params=EVERY, ids=named)
def fitted(request, toy):
    return small(*request.param, n_steps=4).fit(toy, seed=1)


@pytest.mark.parametrize("each", EVERY, ids=named)
def test_fit_returns_the_model_and_leaves_its_settings(each, toy):
    model = small(*each, n_steps=2)
    before = model.config.model_dump()
    assert model.fit(toy, seed=1) is model
    assert model.config.model_dump() == before
    assert model.step >= 1
    assert model.name == each[0]
    assert model.conditioning in CONDITIONING


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


@pytest.mark.parametrize("each", EVERY, ids=named)
def test_global_seeds_have_no_effect(each, toy):
    rows = []
    for state in (1, 2):
        torch.manual_seed(state)
        rows.append(small(*each, n_steps=3).fit(toy, seed=9).sample(COUNTS, seed=2).sha256)
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


@pytest.mark.parametrize("each", EVERY, ids=named)
def test_a_refit_forgets(each, toy):
    once = small(*each, n_steps=3).fit(toy, seed=1)
    twice = small(*each, n_steps=3).fit(toy, seed=8).fit(toy, seed=1)
    assert once.sample(COUNTS, seed=2).equals(twice.sample(COUNTS, seed=2))


def test_saved_and_loaded_models_sample_alike(fitted, tmp_path):
    save_model(fitted, tmp_path / "model", seed=1, step=4)
    loaded = load_model(tmp_path / "model")
    assert loaded.sample(COUNTS, seed=5).equals(fitted.sample(COUNTS, seed=5))
    assert loaded.n_parameters == fitted.n_parameters
    assert loaded.conditioning == fitted.conditioning


def test_a_likelihood_is_of_every_row_and_survives_the_disk(fitted, toy, tmp_path):
    if not isinstance(fitted, LikelihoodModel):
        pytest.skip("has no likelihood")
    values = fitted.log_likelihood(toy, seed=1)
    assert values.shape == (toy.n_haplotypes,)
    assert values.dtype == np.float64
    assert np.isfinite(values).all()
    assert (values < 1e-4).all()
    by_population = fitted.log_likelihood_by_population(toy, seed=1)
    assert by_population.shape == (toy.n_haplotypes, len(fitted.populations))
    if fitted.likelihood == "exact":  # the draws behind a bound are shared out anew
        own = np.searchsorted(fitted.populations, toy.population)
        np.testing.assert_allclose(by_population[np.arange(len(own)), own], values, rtol=1e-5)
    assert np.exp(fitted.log_prior).sum() == pytest.approx(1)
    save_model(fitted, tmp_path / "model", seed=1, step=4)
    assert np.array_equal(load_model(tmp_path / "model").log_likelihood(toy, seed=1), values)


def test_what_is_missing_is_expected_and_drawn_and_what_is_known_stays(fitted, toy, tmp_path):
    if not isinstance(fitted, ConditionalModel):
        pytest.skip("knows nothing of alleles given others")
    rng = np.random.default_rng(3)
    shape = toy.haplotypes.shape
    save_model(fitted, tmp_path / "model", seed=1, step=4)
    loaded = load_model(tmp_path / "model")
    for observed in (rng.random(shape) < 0.5, rng.random(shape[1]) < 0.5, np.zeros(shape[1], bool)):
        known = np.broadcast_to(observed, shape)
        expected = fitted.expected_alleles(toy, observed)
        assert expected.shape == shape
        assert expected.dtype == np.float32
        assert ((expected >= 0) & (expected <= 1)).all()
        assert np.array_equal(expected[known], toy.haplotypes[known])
        assert np.array_equal(loaded.expected_alleles(toy, observed), expected)
        first, again, other = (fitted.complete(toy, observed, seed=seed) for seed in (1, 1, 2))
        assert np.array_equal(first.haplotypes[known], toy.haplotypes[known])
        assert np.array_equal(first.sample_id, toy.sample_id)
        assert np.array_equal(first.population, toy.population)
        assert first.equals(again)
        assert not first.equals(other)
        hidden = ~known
        assert abs(first.haplotypes[hidden].mean() - expected[hidden].mean()) < 0.1
    assert fitted.complete(toy, np.ones(shape[1], bool), seed=1).equals(toy)


@pytest.mark.parametrize("each", FIRST, ids=named)
def test_other_labels_that_the_population_decides_come_along(each, toy):
    labels = {"population": toy.population, "continent": np.where(toy.population == "A", "North", "South")}
    labels["sex"] = np.resize(np.repeat(["m", "f"], 2), toy.n_haplotypes)
    panel = toy._with(labels=labels, label="population").with_population("population")
    sample = small(*each, n_steps=2).fit(panel, seed=1).sample(COUNTS, seed=1)
    assert sorted(sample.labels) == ["continent", "population"]
    assert sample.labels["continent"][0] == "South"


def test_unknown_population_unfitted_and_empty_requests_are_refused(fitted):
    with pytest.raises(PanelError, match="population 'XXX' was not in the training panel; it had: A, B"):
        fitted.sample({"XXX": 3}, seed=1)
    with pytest.raises(PanelError, match="no haplotypes asked for"):
        fitted.sample({"A": 0}, seed=1)


@pytest.mark.parametrize("each", FIRST, ids=named)
def test_models_and_panels_with_nothing_to_go_on_are_refused(each, toy):
    with pytest.raises(NotFittedError, match=r"has no parameters yet: call fit\(\) or load_model\(\)"):
        small(*each).sample(COUNTS, seed=1)
    with pytest.raises(PanelError, match="has 1 variant"):
        small(*each).fit(toy.select_variants(slice(0, 1)), seed=1)
    with pytest.raises(PanelError, match="all 4 variants are monomorphic"):
        small(*each).fit(toy.of("A").select_variants(slice(0, 4)), seed=1)


def test_unknown_names_list_the_known_ones():
    with pytest.raises(ConfigError, match="model 'gann': unknown; known: genome-ac-gan"):
        create_model("gann")
    with pytest.raises(ConfigError, match="unknown; known: stable, paper, code, cce"):
        create_model("genome-ac-gan", preset="best")
    with pytest.raises(ConfigError, match=r"generator.latents: unknown; known: .*latent"):
        create_model("genome-ac-gan", generator={"latents": 3})


@pytest.mark.parametrize("each", EVERY, ids=named)
def test_one_population_and_two_variants_train(each, toy):
    panel = small(*each, n_steps=3).fit(toy.of("A"), seed=1).sample({"A": 12}, seed=1)
    assert dict(panel.counts) == {"A": 12}
    two = toy.select_variants(slice(4, 6))
    assert small(*each, n_steps=2).fit(two, seed=1).sample(COUNTS, seed=1).n_variants == 2


def stopped_and_resumed(first, second, toy):
    kept = {}

    def stop(step, losses):
        if step == 9:
            kept.update(first.training_state())
        return step == 9

    first.fit(toy, seed=4, on_step=stop)
    second.resume_from(kept)
    return second.fit(toy, seed=4)


@pytest.mark.parametrize("each", TRAINED, ids=named)
@pytest.mark.usefixtures("one_thread")
def test_a_straight_run_equals_one_that_was_stopped_and_resumed(each, toy):
    """9 + 11 steps are 20, bit for bit, in every preset's kind of training (on one thread)."""
    models = [small(*each) for _ in range(3)]
    for model in models:
        model.last_step = 20
    straight = models[0].fit(toy, seed=4)
    resumed = stopped_and_resumed(models[1], models[2], toy)
    assert resumed.step == 20
    for name, tensor in straight.state().items():
        assert torch.equal(tensor, resumed.state()[name]), name


def test_every_preset_has_a_small_form_for_these_tests():
    assert set(SMALL) == set(EVERY)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_a_first_line_for_the_list_and_sensible_presets(name):
    assert MODELS[name].__doc__
    assert MODELS[name].name == name
    complete = set(MODELS[name].Config.model_fields)
    assert all(set(MODELS[name].preset(preset)) == complete for preset in MODELS[name].presets)
