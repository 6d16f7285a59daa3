from dataclasses import replace

import numpy as np
import pytest

from conftest import as_panel
from genome_ac_gan.metrics import Comparison, evaluate
from genome_ac_gan.metrics.fidelity.shared_haplotypes import shared_haplotypes
from genome_ac_gan.panel import VariantTable


def even(n, contigs=1, cm=None):
    """Return n variants 100 bp apart on each contig."""
    contig = np.repeat([str(index) for index in range(contigs)], n)
    position = np.tile(100 * np.arange(1, n + 1), contigs)
    return VariantTable(contig=contig, position=position, ref=np.full(len(contig), "A"),
                        alt=np.full(len(contig), "C"), cm=cm)  # fmt: skip


def two_people(variants, step, prefix, ploidy=1):
    """Return people who differ at every `step`-th variant; the haplotypes of a person are equal."""
    x = np.zeros((2 * ploidy, len(variants)), dtype=np.uint8)
    x[ploidy:, ::step] = 1
    return as_panel(x, ["P"] * len(x), variants, prefix, ploidy)


def values(holdout, synthetic, train=None):
    data = Comparison(train=train or holdout, holdout=holdout, synthetic=synthetic)
    table = shared_haplotypes(data, rng=np.random.default_rng(1), repeats=3).table
    return table[table.population == "all"].set_index("statistic").value.to_dict()


@pytest.mark.parametrize("ploidy", [1, 2])
def test_lengths_are_distances_between_differences_of_different_people(ploidy):
    variants = even(41, contigs=2, cm=np.tile(np.arange(41) / 10, 2))
    holdout, synthetic = two_people(variants, 4, "h", ploidy), two_people(variants, 2, "s", ploidy)
    found = values(holdout, synthetic)
    assert found["log_length"] == pytest.approx(np.log10(2), abs=0.03)  # contig 2 begins one variant later
    assert found["mean_ratio_bp"] == found["mean_ratio_cm"] == pytest.approx(0.5, abs=0.03)


def test_runs_are_cut_at_the_ends_of_a_contig():
    variants = even(101, contigs=2)
    alike, apart = two_people(variants, 1000, "h"), two_people(variants, 1, "s")
    found = values(alike, apart)
    assert found["log_length"] == pytest.approx(2)
    assert found["mean_ratio_bp"] == pytest.approx(0.01)
    assert "mean_ratio_cm" not in found


def test_other_shares_of_populations_are_no_difference(comparison):
    """AFR haplotypes are made alike, so that runs of the populations differ; the set judged is mostly AFR."""

    def with_founder(panel):
        x = panel.haplotypes.copy()
        x[panel.population == "AFR"] &= np.arange(300) % 10 == 0
        return replace(panel, haplotypes=x)

    panels = {name: with_founder(panel) for name, panel in comparison.panels.items()}
    data = Comparison(**panels)
    skewed = replace(
        data, synthetic=data.synthetic[(data.synthetic.population == "AFR") | (np.arange(400) >= 370)]
    )
    even_value, skewed_value = (
        evaluate(each, ["shared-haplotypes"], seed=2).table.set_index(["population", "statistic"]).value
        for each in (data, skewed)
    )
    assert even_value["AFR", "log_length"] < 0.1
    assert skewed_value["all", "log_length"] < 0.1
    assert skewed_value["all", "mean_ratio_bp"] == pytest.approx(1, abs=0.1)


def test_sites_drawn_one_by_one_break_runs_up(sources):
    fresh, independent = (
        shared_haplotypes(sources[name], rng=np.random.default_rng(1), repeats=10).table.set_index(
            ["population", "statistic"]
        )
        for name in ("synthetic", "independent")
    )
    for population in ("all", "AFR", "EUR"):
        assert independent.lower[population, "log_length"] > fresh.upper[population, "log_length"]
        assert independent.upper[population, "mean_ratio_bp"] < fresh.lower[population, "mean_ratio_bp"]


def test_one_person_or_one_variant_a_contig_leaves_nothing_to_judge(comparison):
    variants = even(5)
    one, two = (
        as_panel(np.eye(2, 5, dtype=np.uint8), ["P"] * 2, variants, "s", 2),
        two_people(variants, 1, "h"),
    )
    assert values(two, one) == {}
    assert values(*(two_people(even(1, contigs=3), 1, prefix) for prefix in "hs")) == {}
