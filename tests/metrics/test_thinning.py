"""A quick look: whole people, right proportions, same numbers for the same seed."""

from dataclasses import replace

import numpy as np
import pytest

from genome_ac_gan.errors import ConfigError
from genome_ac_gan.metrics import METRICS, Comparison, evaluate_with_anchors
from genome_ac_gan.metrics.thinning import thinned
from genome_ac_gan.panel import HaplotypePanel


def cut(comparison, n=100, seed=0):
    return thinned(comparison, n, np.random.default_rng(seed))


def test_people_stay_whole_and_populations_in_proportion(comparison):
    small = cut(comparison)
    for panel, full in zip(small.panels.values(), comparison.panels.values(), strict=True):
        assert dict(panel.counts) == {"AFR": 60, "EUR": 40}
        ploidy = full.n_haplotypes // full.n_people
        assert panel.n_people * ploidy == panel.n_haplotypes
        rows = {tuple(row) for row in full.haplotypes.tolist()}
        assert {tuple(row) for row in panel.haplotypes.tolist()} <= rows


def test_small_panels_stay_the_same_objects(comparison):
    assert cut(comparison, n=10_000) is comparison
    some = cut(comparison, n=200)
    assert some.holdout is comparison.holdout
    assert some.train is not comparison.train


def test_every_population_keeps_two_people(comparison):
    assert {min(panel.counts.values()) for panel in cut(comparison, n=4).panels.values()} == {2, 4}


def test_the_seed_alone_decides_not_the_order_of_rows(comparison):
    def turned(panel):
        return panel[np.arange(panel.n_haplotypes)[::-1]]

    first, again, other = cut(comparison), cut(comparison), cut(comparison, seed=1)
    assert first.train.equals(again.train)
    assert not first.train.equals(other.train)
    backwards = cut(Comparison(**{name: turned(panel) for name, panel in comparison.panels.items()}))
    assert set(backwards.train.sample_id.tolist()) == set(first.train.sample_id.tolist())


def test_likelihoods_follow_their_rows(comparison):
    rows = np.arange(comparison.train.n_haplotypes, dtype=float)
    small = cut(replace(comparison, log_likelihood={"train": rows}))
    kept = small.log_likelihood["train"].astype(int)
    assert np.array_equal(comparison.train.haplotypes[kept], small.train.haplotypes)


def test_a_quick_look_has_fewer_repeats_and_says_so(comparison, monkeypatch):
    monkeypatch.setattr("genome_ac_gan.metrics.evaluation.FAST_HAPLOTYPES", 100)
    outcome = evaluate_with_anchors(
        comparison, ["allele-frequency"], seed=1, fast=True, name="gan", others={"rbm": comparison.synthetic}
    )
    design = outcome.design
    assert (design.fast, design.repeats, design.n_variants) == (True, 3, 300)
    assert design.counts["gan"] == {panel: {"AFR": 60, "EUR": 40} for panel in comparison.panels}
    assert design.counts["rbm"] == design.counts["gan"]
    assert list(design.counts) == ["gan", "train", "real", "independent", "rbm"]
    same = outcome.table.drop(columns="source")
    gan, rbm = (same[outcome.table.source == name].reset_index(drop=True) for name in ("gan", "rbm"))
    assert gan.equals(rbm)  # the same rows of the same panel
    assert evaluate_with_anchors(comparison, ["allele-frequency"], seed=1).design.repeats == 10


def test_sets_with_and_without_labels_are_judged_by_what_they_have(comparison):
    bare = HaplotypePanel(
        haplotypes=comparison.synthetic.haplotypes, sample_id=comparison.synthetic.sample_id,
        labels={"pop": np.full(comparison.synthetic.n_haplotypes, "unlabelled")}, label="pop",
        variants=comparison.synthetic.variants,
    )  # fmt: skip
    name = next(iter(METRICS))
    for first, second in ((comparison.synthetic, bare), (bare, comparison.synthetic)):
        data = replace(comparison, synthetic=first)
        table = evaluate_with_anchors(
            data, [name], seed=1, repeats=2, name="first", others={"second": second}
        ).table
        found = {
            source: set(table.population[table.source == source]) for source in ("first", "second", "train")
        }
        labelled, unlabelled = ("first", "second") if first is comparison.synthetic else ("second", "first")
        assert found[labelled] == found["train"] == {"all", "AFR", "EUR"}
        assert found[unlabelled] == {"all"}


def test_names_of_sets_differ_from_each_other_and_from_the_anchors(comparison):
    with pytest.raises(ConfigError, match="two synthetic panels are called gan"):
        evaluate_with_anchors(comparison, seed=1, name="gan", others={"gan": comparison.train})
    with pytest.raises(ConfigError, match="cannot be called train"):
        evaluate_with_anchors(comparison, seed=1, name="train")
