"""Runs of models that know every probability: chosen by likelihood, and asked themselves for hidden alleles."""

import json

import pandas as pd
import pytest

from genome_ac_gan.checkpoint import read_card
from genome_ac_gan.experiment import RunDir, begin, read_config, run_stages


@pytest.fixture(scope="module")
def finished(tmp_path_factory, panel_file):
    folder = RunDir(tmp_path_factory.mktemp("runs") / "hclt")
    settings = {"n_states": 6, "window": 8, "n_epochs": 40, "marginal": 0.01, "label": 0.01}
    config = read_config(
        settings={
            "data": {"panel": str(panel_file)},
            "model": {"name": "hclt", "settings": settings},
            "train": {"validation": 0.3, "precision": "fp32"},  # in which no update lowers the likelihood
            "evaluate": {"repeats": 2, "metrics": ["imputation", "membership-inference"]},
        }
    )
    begin(folder, config)
    run_stages(folder, config)
    return folder


def events(folder, kind):
    return [e for e in map(json.loads, folder.log.read_text().splitlines()) if e["event"] == kind]


def test_every_update_is_scored_by_the_likelihood_of_validation_people_and_the_best_is_kept(finished):
    scores = events(finished, "score")
    assert [score["step"] for score in scores] == list(range(1, len(scores) + 1))
    assert all(score["score"] == pytest.approx(-score["components"]["log_likelihood"]) for score in scores)
    best = [score for score in scores if score["best"]][-1]
    assert best["score"] == min(score["score"] for score in scores)
    assert read_card(finished.model)["step"] == best["step"]


def test_training_ends_when_five_updates_in_a_row_were_no_better(finished):
    best = [score["best"] for score in events(finished, "score")]
    assert len(best) < 40
    assert best[-6:] == [True] + 5 * [False]
    losses = [step["negative_log_likelihood"] for step in events(finished, "step")]
    assert losses == sorted(losses, reverse=True)  # while that of training people went on rising


def test_the_model_itself_imputes(finished):
    table = pd.read_csv(finished.evaluation / "table.tsv", sep="\t")
    rows = table[(table.metric == "imputation") & (table.population == "all")]
    found = rows[rows.source == "synthetic"].set_index("statistic").value
    assert found["direct_r2"] > found["train_r2"] - 0.05
    assert "direct_r2" not in set(rows[rows.source != "synthetic"].statistic)
    assert "likelihood_auc" in set(table.statistic)
