"""The report names any model in plain words, and does not speak of updates where there are none."""

import json

import pytest

from genome_ac_gan.metrics import METRICS
from genome_ac_gan.models import CONDITIONING, MODELS
from genome_ac_gan.report import read_run
from genome_ac_gan.report.about import dois, dois_in
from genome_ac_gan.report.facts import facts
from genome_ac_gan.report.html import render
from genome_ac_gan.report.methods import methods
from genome_ac_gan.report.model import idea, likelihood, obedience, sources, takes_updates
from genome_ac_gan.report.sections import sections


@pytest.fixture
def fitted_at_once(run_folder):
    """The run folder of a Markov chain."""
    card = {"model": "markov", "conditioning": "per-population", "step": 1, "score": 1.25, "n_parameters": 0}
    (run_folder / "model" / "card.json").write_text(json.dumps({**card, "stores_training_data": True}))
    (run_folder / "config.yaml").write_text("seed: 7\nmodel: {name: markov, preset: order-5}\n")
    path = run_folder / "provenance.json"
    record = json.loads(path.read_text())
    record["stages"]["train"] = {"seconds": 12.2, "device": "cpu", "threads": 1}
    record["stages"]["evaluate"] = {"log_likelihood": {"train": -1190.25, "holdout": -1224.06}}
    path.write_text(json.dumps(record))
    (run_folder / "log.jsonl").write_text('{"event": "score", "step": 1, "score": 1.25, "best": true}\n')
    return run_folder


def test_facts_of_a_model_without_updates(fitted_at_once):
    found = {fact.name: (fact.value, fact.note) for fact in facts(read_run(fitted_at_once))}
    assert found["Model"] == ("markov", f"preset order-5. {idea('markov')}")
    assert found["Labels"] == ("per-population", "one copy of the model for each population")
    assert found["Training"] == ("12 s", "in one go, cpu, 1 thread")
    assert found["Held-out score"][0] == "1.250"
    assert found["Log-likelihood"] == (
        "−1,224.1 nats",
        "mean of a held-out haplotype; −1,190.2 nats of a training haplotype",
    )
    assert "Checkpoint kept" not in found


def test_the_methods_text_of_a_model_without_updates(fitted_at_once):
    text = methods(read_run(fitted_at_once))
    assert text.startswith(
        "Artificial genomes were drawn from the model markov (preset order-5; doi:10.1101/2023.05"
    )
    assert ", fitted in 12 s on cpu. The model: Markov chain" in text
    assert "Its labels: one copy of the model for each population." in text
    assert "is −1,224.1 nats of a held-out haplotype and −1,190.2 nats of a training haplotype." in text
    assert "update" not in text


def test_the_page_of_a_model_without_updates(fitted_at_once):
    training = sections(read_run(fitted_at_once))[-1]
    assert training.charts == ()
    assert training.missing[0].startswith("markov is fitted in one go")
    page = render(read_run(fitted_at_once))
    assert "Artificial haplotypes made by the model markov for 2 populations" in page
    assert "as private as the" in page
    assert 'The model markov: doi:<a href="https://doi.org/10.1101/2023.05.16.541036">' in page


def test_a_lower_bound_is_called_one(fitted_at_once, monkeypatch):
    monkeypatch.setattr(MODELS["markov"], "likelihood", "bound")
    text = methods(read_run(fitted_at_once))
    assert "is at least −1,224.1 nats of a held-out haplotype and at least −1,190.2 nats" in text


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_words_and_a_source(name):
    assert len(idea(name)) > 20
    assert not idea(name).endswith(".")
    assert all(source.startswith("10.") for source in sources(name))
    assert sources(name)


def test_a_model_of_another_version_is_named_without_words(fitted_at_once):
    (fitted_at_once / "model" / "card.json").write_text(
        '{"model": "ising", "conditioning": "osmosis", "step": 3}'
    )
    found = {fact.name: (fact.value, fact.note) for fact in facts(read_run(fitted_at_once))}
    assert found["Model"] == ("ising", "preset order-5")
    assert found["Labels"] == ("osmosis", "")
    assert found["Checkpoint kept"] == ("update 3", "")
    assert (idea("ising"), sources("ising"), likelihood("ising"), takes_updates("ising")) == (
        "",
        [],
        "",
        True,
    )
    assert all(obedience(way) for way in CONDITIONING)


def test_sources_are_found_as_papers_write_them():
    text = "A, 10.1371/journal.pgen.1009303; B, arXiv 1406.2661. C (doi:10.1101/2024.02.14.580420), arXiv:1610.09585"
    assert dois_in(text) == [
        "10.1371/journal.pgen.1009303", "10.48550/arXiv.1406.2661",
        "10.1101/2024.02.14.580420", "10.48550/arXiv.1610.09585",
    ]  # fmt: skip
    assert all("//" not in doi for name in METRICS for doi in dois(name))
