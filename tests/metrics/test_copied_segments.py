from dataclasses import replace

import numpy as np
import pytest

from genome_ac_gan.metrics import Comparison, shared
from genome_ac_gan.metrics.privacy import copied_segments as module
from genome_ac_gan.metrics.privacy.copied_segments import copied_segments
from genome_ac_gan.panel import concat


def judge(data, repeats=3):
    return copied_segments(data, rng=np.random.default_rng(1), repeats=repeats)


def values(data, population="all"):
    table = judge(data).table
    return table[table.population == population].set_index("statistic").value.to_dict()


def slow_lengths(panel, train):
    """Return the longest run in bp of each row, from every pair and every contig."""
    variants = panel.variants
    found = []
    for row in panel.haplotypes:
        longest = 0
        for other in train.haplotypes:
            start = None
            for site, same in enumerate(row == other):
                begins = start is None or variants.contig[site] != variants.contig[site - 1]
                start = None if not same else site if begins else start
                if start is not None:
                    longest = max(longest, variants.position[site] - variants.position[start])
        found.append(longest)
    return np.array(found)


@pytest.fixture(scope="module")
def small(comparison):
    return Comparison(
        train=comparison.train[::9], holdout=comparison.holdout[::9], synthetic=comparison.synthetic[::14]
    )


def test_statistics_are_those_of_all_pairs_of_rows(small):
    ours, theirs = (slow_lengths(panel, small.train) for panel in (small.synthetic, small.holdout))
    found = values(small)
    above = (ours[:, None] > theirs) + (ours[:, None] == theirs) / 2
    assert found["longer_than_holdout"] == pytest.approx(above.mean())
    assert found["median_bp_ratio"] == pytest.approx(np.median(ours) / np.median(theirs))
    at_end = np.sort(theirs)[::-1][int(0.05 * len(theirs))]  # where the longest 5% of holdout lengths end
    assert (ours > at_end).mean() <= found["beyond_holdout"] <= (ours >= at_end).mean()


def test_equal_sets_reach_every_ideal(small):
    found = values(replace(small, synthetic=small.holdout))
    for statistic, value in found.items():
        assert value == pytest.approx(module.METRIC.statistics[statistic].ideal)


def test_a_contig_copied_from_a_training_haplotype_is_flagged_whatever_the_rest_is(comparison):
    """Contig 2, the longer one, is that of a row; contig 1 takes every other variant from another row."""

    def half_shuffled(panel):
        other = np.arange(panel.n_haplotypes)
        for name in panel.populations:
            own = np.flatnonzero(panel.population == name)
            other[own] = np.roll(own, 7)
        x = panel.haplotypes.copy()
        x[:, :150:2] = panel.haplotypes[other, :150:2]
        return replace(panel, haplotypes=x)

    copied = values(replace(comparison, synthetic=half_shuffled(comparison.train)))
    fresh = values(replace(comparison, synthetic=half_shuffled(comparison.synthetic)))
    assert copied["beyond_holdout"] > 0.25 > 0.1 > fresh["beyond_holdout"]
    assert copied["longer_than_holdout"] > 0.75 > 0.55 > fresh["longer_than_holdout"]


def test_no_training_row_is_left_out_where_the_judged_sets_are_cut(comparison, monkeypatch):
    monkeypatch.setattr(module, "pooled", lambda data: shared.pooled(data, 100))
    cut = judge(replace(comparison, synthetic=comparison.train))
    contigs = [comparison.train.variants.position[[149, 299]] - comparison.train.variants.position[[0, 150]]]
    assert set(cut.table.n[cut.table.population == "all"]) == {100}
    lengths = cut.curves["copied-segments"].query("panel == 'synthetic'").length
    assert (lengths == np.max(contigs)).all()


def test_segments_of_the_holdout_are_found_once_for_all_sources(comparison, monkeypatch):
    asked, original = [], module.longest_matches
    monkeypatch.setattr(module, "longest_matches", lambda *args: asked.append(1) or original(*args))
    data = replace(comparison, holdout=comparison.holdout[:])
    for synthetic in (comparison.synthetic[:], comparison.synthetic[::4]):
        judge(replace(data, synthetic=synthetic))
    assert len(asked) == 3


def test_genetic_lengths_are_judged_when_a_map_is_known(small):
    assert "median_cm_ratio" not in values(small)
    variants = small.train.variants
    cm = variants.position / 1e6
    mapped = Comparison(**{
        name: panel.with_variants(variants.with_cm(cm)) for name, panel in small.panels.items()
    })  # fmt: skip
    found = values(mapped)
    assert found["median_cm_ratio"] == pytest.approx(found["median_bp_ratio"])
    assert set(judge(mapped).curves["copied-segments"].unit) == {"bp", "cm"}


def test_a_population_is_held_against_all_training_rows(comparison):
    """A row copied from a training row of the other population is found."""
    afr, eur = (comparison.train.of(name) for name in ("AFR", "EUR"))
    moved = replace(
        afr[:100], haplotypes=eur.haplotypes[:100], sample_id=np.array([f"m{i:03d}" for i in range(100)])
    )
    synthetic = concat([moved, comparison.synthetic.of("EUR")])
    assert values(replace(comparison, synthetic=synthetic), "AFR")["longer_than_holdout"] > 0.9


def test_lengths_of_0_have_no_ratio(comparison):
    single = Comparison(**{name: panel.select_variants([0]) for name, panel in comparison.panels.items()})
    assert set(values(single)) == {"beyond_holdout", "longer_than_holdout"}
