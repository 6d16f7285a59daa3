"""Runs of models that are fitted in one go, and what likelihoods add to an evaluation."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from genome_ac_gan.checkpoint import load_model, read_card, save_model
from genome_ac_gan.experiment import RunDir, begin, draw, read_config, run_stages
from genome_ac_gan.experiment.stages import IMPOSSIBLE, log_likelihoods
from genome_ac_gan.metrics import Comparison, evaluate
from genome_ac_gan.models import MODELS, GradientModel, LikelihoodModel, create_model
from genome_ac_gan.panel import load_panel
from genome_ac_gan.simulate import embedded_panel, two_population_toy

AT_ONCE = [name for name, kind in MODELS.items() if not issubclass(kind, GradientModel)]
QUICK = {"fast": True, "repeats": 2, "metrics": ["membership-inference"]}


@pytest.fixture(scope="module")
def finished(tmp_path_factory, panel_file):
    """Runs of every such model, and what was said meanwhile, by name."""
    runs = {}
    for name in AT_ONCE:
        folder, said = RunDir(tmp_path_factory.mktemp("runs") / name), []
        train = {"validation": 0.3, "budget": 60}
        settings = {"data": {"panel": str(panel_file)}, "model": {"name": name}, "train": train}
        config = read_config(settings={**settings, "evaluate": QUICK})
        begin(folder, config)
        run_stages(folder, config, on_notice=said.append)
        runs[name] = folder, said
    return runs


def table_of(folder):
    return pd.read_csv(folder.evaluation / "table.tsv", sep="\t")


@pytest.mark.parametrize("name", AT_ONCE)
def test_a_run_goes_through_every_stage(finished, name):
    folder, said = finished[name]
    assert list(folder.record()["stages"]) == ["split", "train", "generate", "evaluate", "report"]
    assert f"{name} is fitted in one go: train.budget left aside" in said
    assert not any("step 1" in line for line in said)
    assert "steps" not in folder.record()["stages"]["train"]
    card = read_card(folder.model)
    assert (card["model"], card["conditioning"], card["step"]) == (name, "per-population", 1)
    assert card["score"] > 0
    assert json.loads(folder.log.read_text())["event"] == "score"
    page = (folder.folder / "report.html").read_text()
    assert f"{name} is fitted in one go" in page
    assert ("as private as the" in page) == card["stores_training_data"]


@pytest.mark.parametrize("name", AT_ONCE)
def test_attacks_by_likelihood_are_there_for_models_that_have_one(finished, name):
    folder, _ = finished[name]
    table = table_of(folder)
    found = table[table["statistic"].str.startswith("likelihood")]
    noted = folder.record()["stages"]["evaluate"].get("log_likelihood")
    if not issubclass(MODELS[name], LikelihoodModel):
        assert found.empty
        assert noted is None
        return
    assert set(found["source"]) == {"synthetic"}
    assert set(found["statistic"]) == {
        "likelihood_auc", "likelihood_tpr", "likelihood_ratio_auc", "likelihood_ratio_tpr",
    }  # fmt: skip
    model = load_model(folder.model)
    for side in ("train", "holdout"):
        assert noted[side] == pytest.approx(
            model.log_likelihood(load_panel(folder.panel(side))).mean(), abs=1e-3
        )


def test_a_chain_gives_its_people_away_by_likelihood_though_not_by_its_samples():
    """Both know 100 people; samples of either come no nearer to them than to others."""
    panel = embedded_panel().select_variants(slice(0, 600))
    people = np.random.default_rng(1).permutation(panel.n_people)
    train, holdout = panel[np.isin(panel.person, people[:100])], panel[np.isin(panel.person, people[100:200])]
    auc = {}
    for name in ("markov", "independent"):
        model = create_model(name).fit(train, seed=1)
        known = {"train": model.log_likelihood(train), "holdout": model.log_likelihood(holdout)}
        synthetic = model.sample(train.counts, seed=1)
        comparison = Comparison(train=train, holdout=holdout, synthetic=synthetic, log_likelihood=known)
        table = evaluate(comparison, ["membership-inference"], seed=1, repeats=3).table
        auc[name] = table[table["population"] == "all"].set_index("statistic")["value"]
    assert auc["markov"]["likelihood_auc"] > 0.75
    assert auc["markov"]["distance_auc"] < 0.6
    assert auc["independent"]["likelihood_auc"] < 0.65


def test_likelihoods_are_of_the_models_own_variants_and_populations(tmp_path):
    toy = two_population_toy(np.random.default_rng(0))
    save_model(create_model("markov").fit(toy, seed=1), tmp_path / "chain", seed=1)
    save_model(create_model("resample").fit(toy, seed=1), tmp_path / "copier", seed=1)
    assert set(log_likelihoods(tmp_path / "chain", {"train": toy, "holdout": toy.of("A")}, seed=1)) == {
        "train",
        "holdout",
    }
    narrow = toy.select_variants(slice(0, 20))
    renamed = toy._with(labels={"pop": np.where(toy.population == "A", "A", "C")}, label="pop")
    for panel in (narrow, renamed):
        assert log_likelihoods(tmp_path / "chain", {"train": toy, "holdout": panel}, seed=1) is None
    (tmp_path / "copier" / "weights.safetensors").unlink()  # without likelihoods they are not read
    assert log_likelihoods(tmp_path / "copier", {"train": toy}, seed=1) is None
    assert log_likelihoods(tmp_path / "gone", {"train": toy}, seed=1) is None


def test_impossible_rows_are_ranked_last_in_a_run_of_plain_counts(tmp_path, panel_file):
    settings = {"order": 3, "back_off": 0, "share": 0, "pseudocount": 0}
    config = read_config(
        settings={
            "data": {"panel": str(panel_file)},
            "model": {"name": "markov", "settings": settings},
            "train": {"validation": 0.3},
            "evaluate": {"repeats": 2, "metrics": ["membership-inference"]},
        }
    )
    folder = RunDir(tmp_path / "run")
    begin(folder, config)
    run_stages(folder, config)
    toy = load_panel(folder.panel("holdout"))
    flipped = toy._with(haplotypes=1 - toy.haplotypes)
    assert (log_likelihoods(folder.model, {"holdout": flipped}, seed=1)["holdout"] == IMPOSSIBLE).all()
    assert np.isfinite(table_of(folder)["value"]).all()


def test_what_could_not_be_drawn_is_told_when_all_blocks_are_taken(tmp_path, monkeypatch):
    def short(self, y, rng):
        self.shortfall = {"A": 7}
        return torch.zeros(len(y), len(self.variants), dtype=torch.uint8)

    toy = two_population_toy(np.random.default_rng(0))
    save_model(create_model("independent").fit(toy, seed=1), tmp_path / "model", seed=1)
    monkeypatch.setattr(MODELS["independent"], "_sample", short)
    said = []
    blocks, _ = draw(tmp_path / "model", counts={"A": 30, "B": 30}, seed=1, on_notice=said.append)
    assert said == []
    assert sum(block.n_haplotypes for block in blocks) == 60
    assert said == [
        "warning: independent hardly ever draws some populations: the label of 7 of A was put on rows drawn without it"
    ]
