"""An evaluation as files, and the schema of its record."""

import copy
import json
from importlib import resources

import jsonschema
import numpy as np
import pandas as pd
import pytest

from genome_ac_gan.experiment import record
from genome_ac_gan.experiment.results import write_evaluation
from genome_ac_gan.metrics import METRICS, Comparison, evaluate, evaluate_with_anchors
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.report import write_figures, write_report
from genome_ac_gan.simulate import two_population_toy

COLUMNS = ["source", "metric", "group", "population", "statistic", "value", "lower", "upper", "n", "ideal"]


def unlabelled(panel):
    labels = {"population": np.full(panel.n_haplotypes, "unlabelled")}
    return HaplotypePanel(
        haplotypes=panel.haplotypes, sample_id=panel.sample_id, labels=labels, label="population",
        variants=panel.variants,
    )  # fmt: skip


@pytest.fixture(scope="module")
def comparison():
    train, holdout, synthetic = (
        two_population_toy(np.random.default_rng(seed), n_people=20) for seed in range(3)
    )
    return Comparison(train=train, holdout=holdout, synthetic=synthetic)


@pytest.fixture(scope="module")
def outcome(comparison):
    return evaluate_with_anchors(
        comparison, ["allele-frequency"], seed=3, repeats=2, name="gan",
        others={"bare": unlabelled(comparison.synthetic)},
    )  # fmt: skip


@pytest.fixture(scope="module")
def written(outcome, tmp_path_factory):
    folder = tmp_path_factory.mktemp("judged") / "evaluation"
    write_evaluation(outcome, folder)
    return folder


@pytest.fixture(scope="module")
def check():
    text = (resources.files("genome_ac_gan") / "experiment" / "metrics.schema.json").read_text()
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema).validate


def test_the_record_fits_its_schema_and_equals_the_table(written, check, outcome):
    read = json.loads((written / "metrics.json").read_text())
    check(read)
    assert read == record(outcome)
    table = pd.read_csv(written / "table.tsv", sep="\t")
    assert list(table.columns) == COLUMNS
    pd.testing.assert_frame_equal(pd.DataFrame(read["rows"]), table, check_dtype=False)


def test_the_record_says_what_stands_behind_the_numbers(outcome, comparison):
    told = record(outcome)
    assert (told["seed"], told["repeats"], told["fast"]) == (3, 2, False)
    assert told["variants"] == comparison.train.n_variants
    kinds = {source["name"]: (source["kind"], source["labelled"]) for source in told["sources"]}
    assert kinds == {
        "gan": ("synthetic", True), "bare": ("synthetic", False), "train": ("anchor", True),
        "real": ("anchor", True), "independent": ("anchor", True),
    }  # fmt: skip
    by_name = {source["name"]: source["haplotypes"] for source in told["sources"]}
    assert by_name["gan"]["synthetic"] == dict(comparison.synthetic.counts)
    assert by_name["bare"]["synthetic"] == {"unlabelled": comparison.synthetic.n_haplotypes}
    assert sum(by_name["real"]["holdout"].values()) == comparison.holdout.n_haplotypes // 2


def damaged(change):
    def apply(whole):
        broken = copy.deepcopy(whole)
        change(broken)
        return broken

    return apply


@pytest.mark.parametrize(
    "damage",
    [
        damaged(lambda whole: whole.pop("seed")),
        damaged(lambda whole: whole.update(schema_version=1)),
        damaged(lambda whole: whole.update(format_version=1)),
        damaged(lambda whole: whole["rows"][0].update(value=None)),
        damaged(lambda whole: whole["rows"][0].update(group="beauty")),
        damaged(lambda whole: whole["rows"][-1].pop("ideal")),
        damaged(lambda whole: whole["sources"][0].update(kind="other")),
        damaged(lambda whole: whole["sources"][0]["haplotypes"].pop("train")),
        damaged(lambda whole: whole["metrics"][0].pop("headline")),
    ],
)
def test_the_schema_refuses_a_damaged_record(outcome, check, damage):
    check(record(outcome))
    with pytest.raises(jsonschema.ValidationError):
        check(damage(record(outcome)))


def test_every_metric_is_judged_recorded_and_drawn(comparison, check, tmp_path):
    outcome = evaluate_with_anchors(
        comparison, seed=3, repeats=2, name="gan", others={"bare": unlabelled(comparison.synthetic)}
    )
    check(record(outcome))
    write_evaluation(outcome, tmp_path / "evaluation")
    figures = write_figures(tmp_path, [".svg"])
    page = write_report(tmp_path).read_text(encoding="utf-8")
    found = set(outcome.table["metric"])
    for name, metric in METRICS.items():
        assert (f'<article id="metric-{name}">' in page) == (name in found)
        assert (f"{metric.title}: undefined for these panels" in page) == (name not in found)
    assert len(found) > len(METRICS) - 3
    assert len(figures) > len(found)


def test_an_evaluation_without_anchors_has_no_record(comparison):
    with pytest.raises(ValueError, match="without anchors"):
        record(evaluate(comparison, ["allele-frequency"], seed=1))
