"""What the command does for every registered model: settings, a run by name, and what is said of its folder."""

import json

import pytest
from calling import call

from genome_ac_gan.experiment import read_config
from genome_ac_gan.models import CONDITIONING, MODELS

EVERY = [(name, preset) for name, kind in MODELS.items() for preset in kind.presets]


@pytest.mark.parametrize(("name", "preset"), EVERY)
def test_default_settings_read_back_equal(name, preset, tmp_path):
    text = call("config", "default", name, "--preset", preset).stdout
    (tmp_path / "a.yaml").write_text(text)
    assert read_config(tmp_path / "a.yaml") == read_config(
        settings={"model": {"name": name, "preset": preset}}
    )
    assert call("config", "check", tmp_path / "a.yaml").stdout.endswith(": good\n")
    explained = text.partition("  settings:")[2].partition("\ntrain:")[0]
    assert explained.count("#") >= len(MODELS[name].Config.model_fields) // 2


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """A trained Markov chain, chosen by its flag."""
    folder = tmp_path_factory.mktemp("runs") / "chain"
    words = ["--model", "markov", "--preset", "order-5", "--set", "model.settings.share=1", "--threads", 1]
    call("train", *words, "-r", "1:1-150000", "-o", folder)
    return folder


def test_a_model_is_chosen_by_its_flag(chain):
    config = read_config(chain / "config.yaml")
    assert (config.model.name, config.model.preset) == ("markov", "order-5")
    assert config.model.settings == {"order": 5, "back_off": 0.01, "share": 1.0, "pseudocount": 1.0}


def test_inspect_tells_how_a_model_obeys_and_what_it_holds(chain):
    record = json.loads(call("inspect", chain / "model", "--json").stdout)
    assert record["conditioning"] == "per-population"
    assert record["conditioning"] in CONDITIONING
    text = call("inspect", chain).stdout
    assert "conditioning: per-population\n" in text
    assert "stores_training_data: True\n" in text


def test_generate_warns_of_training_haplotypes(chain, tmp_path):
    outcome = call("generate", chain, "-n", "CEU=6", "-o", tmp_path / "a.npz")
    assert "holds training haplotypes: it is as private as the panel it was made from" in outcome.stderr


def test_an_unknown_model_or_preset_is_one_line(tmp_path):
    refused = call("run", "--model", "ising", "-o", tmp_path / "r", code=2)
    assert "model 'ising': unknown; known: genome-ac-gan, " in refused.stderr
    refused = call("run", "--model", "markov", "--preset", "stable", "-o", tmp_path / "r", code=2)
    assert "preset 'stable' of markov: unknown; known: default, order-5, order-10" in refused.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("length", [[], ["--n-steps", 3]])
def test_a_model_that_goes_by_epochs_tells_its_progress(length, tmp_path):
    words = ["--model", "hclt", "--set", "model.settings={n_states: 4, n_epochs: 3}", "--threads", 1]
    outcome = call("train", *words, *length, "-r", "1:1-150000", "-o", tmp_path / "tree")
    assert "step 3/3  0:00 left" in outcome.stderr
