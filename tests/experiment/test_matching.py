"""Sets with other populations than the real people, side by side."""

import numpy as np
import pytest

from genome_ac_gan.errors import PanelError
from genome_ac_gan.experiment.matching import comparable
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.simulate import two_population_toy


@pytest.fixture(scope="module")
def real():
    return [two_population_toy(np.random.default_rng(seed), n_people=10) for seed in (0, 1)]


def relabelled(panel, name):
    labels = {panel.label: np.full(panel.n_haplotypes, name)}
    return HaplotypePanel(
        haplotypes=panel.haplotypes, sample_id=panel.sample_id, labels=labels, label=panel.label,
        variants=panel.variants,
    )  # fmt: skip


def matched(real, sets):
    said = []
    return comparable(*real, sets, on_notice=said.append), said


def test_equal_populations_change_nothing(real):
    sets = {"ours": real[1], "bare": relabelled(real[0], "unlabelled")}
    (train, holdout, kept), said = matched(real, sets)
    assert train is real[0]
    assert holdout is real[1]
    assert kept == sets
    assert said == []


def test_what_one_set_lacks_is_left_out_for_all(real):
    sets = {"whole": real[1], "half": real[1].of("B")}
    (train, holdout, kept), said = matched(real, sets)
    assert {panel.populations for panel in (train, holdout, *kept.values())} == {("B",)}
    assert kept["half"] is sets["half"]
    assert said == ["judged without A: the set half has none of them"]


def test_sets_that_cannot_be_judged_against_the_same_people_are_refused(real):
    with pytest.raises(
        PanelError, match=r"no population of the real people \(A, B\) is in all sets: a has A; b has B"
    ):
        matched(real, {"a": real[1].of("A"), "b": real[1].of("B")})
    bare = relabelled(real[1], "unlabelled")
    with pytest.raises(PanelError, match="the set half lacks A and the set bare carries no labels"):
        matched(real, {"half": real[1].of("B"), "bare": bare})


def test_unknown_populations_are_left_to_the_comparison_to_refuse(real):
    sets = {"odd": relabelled(real[1], "Z")}
    with pytest.raises(PanelError, match="is in all sets: odd has Z"):
        matched(real, sets)
