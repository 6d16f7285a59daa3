import json
import pickle

import numpy as np
import pytest
import torch

from genome_ac_gan.checkpoint import load_model, load_training, read_card, save_model, save_training
from genome_ac_gan.errors import CheckpointError, GenomeACGANError
from genome_ac_gan.models import create_model
from genome_ac_gan.simulate import two_population_toy


@pytest.fixture(scope="module")
def toy():
    return two_population_toy(np.random.default_rng(0))


@pytest.fixture(scope="module")
def model(toy):
    sizes = {"generator": {"latent": 4, "widths": [8]}, "discriminator": {"widths": [8], "dropout": [0.1]}}
    return create_model("genome-ac-gan", batch_size=8, n_steps=2, **sizes).fit(toy, seed=1)


@pytest.fixture
def folder(model, tmp_path):
    save_model(model, tmp_path / "model", seed=1, step=2)
    return tmp_path / "model"


def edit_card(folder, **changes):
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, **changes}))


def test_the_card_says_what_the_model_is(folder, model, toy):
    card = read_card(folder)
    assert card["populations"] == ["A", "B"]
    assert card["counts"] == {"A": 40, "B": 40}
    assert card["variants_sha256"] == toy.variants.sha256
    averaged = sum(p.numel() for p in model.sampler.parameters())
    assert card["n_parameters"] == sum(p.numel() for p in model.network.parameters()) - averaged
    assert card["stores_training_data"] is False


def test_a_run_folder_leads_to_its_model(folder, model):
    assert load_model(folder.parent).sample({"A": 3}, seed=1).equals(model.sample({"A": 3}, seed=1))


def test_other_variants_are_refused(folder, toy):
    with pytest.raises(
        CheckpointError, match=r"was trained on 34 other variants \(1:1000 to 1:\d+\) than the 20"
    ):
        load_model(folder, variants=toy.variants[:20])


def test_what_is_no_model_folder_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match=r"is no model folder: it has no card.json"):
        load_model(tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format_version": 99}, "model format 99; this version reads format 1"),
        ({"model": "other"}, "unknown model 'other'; known: genome-ac-gan"),
        ({"variants_sha256": "0"}, "variants.npz is not the one the model was saved with"),
    ],
)
def test_cards_of_another_kind_are_refused(folder, changes, message):
    edit_card(folder, **changes)
    with pytest.raises(CheckpointError, match=message):
        load_model(folder)


def test_damaged_weights_and_card_are_refused(folder):
    weights = folder / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(CheckpointError, match="does not hold the weights"):
        load_model(folder)
    (folder / "card.json").write_text("{")
    with pytest.raises(CheckpointError, match="damaged"):
        load_model(folder)


def test_weights_of_another_architecture_are_refused(folder):
    card = read_card(folder)
    card["config"]["generator"]["widths"] = [9]
    edit_card(folder, config=card["config"])
    with pytest.raises(CheckpointError, match="does not hold the weights of this model"):
        load_model(folder)


def test_a_training_state_with_code_in_it_is_refused(tmp_path):
    class Sly:
        def __reduce__(self):
            return print, ("code ran",)

    path = tmp_path / "training.pt"
    torch.save({"format_version": 1, "sly": Sly()}, path)
    with pytest.raises(CheckpointError, match="damaged"):
        load_training(path)
    path.write_bytes(pickle.dumps({"format_version": 1}))
    with pytest.raises(CheckpointError):
        load_training(path)


def test_a_training_state_reads_back(tmp_path):
    save_training({"step": 3, "noise": torch.arange(4)}, tmp_path / "training.pt")
    state = load_training(tmp_path / "training.pt")
    assert state["step"] == 3
    assert state["noise"].tolist() == [0, 1, 2, 3]
    with pytest.raises(CheckpointError, match="no training to resume"):
        load_training(tmp_path / "other.pt")


def test_a_full_disk_is_one_line(model, monkeypatch, tmp_path):
    def full(*args, **kwargs):
        raise RuntimeError("[enforce fail at inline_container.cc:595] . unexpected pos 64 vs 0")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(CheckpointError, match=r"training.pt cannot be written: \[enforce fail"):
        save_training({"step": 1}, tmp_path / "training.pt")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(GenomeACGANError, match=r"the folder .* does not exist"):
        save_model(model, tmp_path / "none" / "model")
