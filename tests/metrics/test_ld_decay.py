from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from genome_ac_gan.metrics import METRICS, Comparison, evaluate
from genome_ac_gan.metrics.fidelity import ld_decay
from genome_ac_gan.metrics.fidelity.ld_decay import _blocks, _Halves, _reading
from genome_ac_gan.popgen import ld
from genome_ac_gan.seeding import stream


def judged(comparison, **options):
    return evaluate(comparison, ["ld-decay"], seed=1, **options)


def values(comparison, population="all", **options):
    table = judged(comparison, **options).table
    table = table[table.population == population]
    return dict(zip(table.statistic, table.value, strict=True))


def with_map(comparison, cm):
    def mapped(panel):
        return replace(panel, variants=panel.variants.with_cm(cm))

    return Comparison(**{name: mapped(panel) for name, panel in comparison.panels.items()})


def all_pairs_decay(panel, kept, edges, place=None):
    variants = panel.variants[kept]
    return ld.decay(
        panel.haplotypes[:, kept], variants.contig, variants.position if place is None else place[kept], edges
    )


def test_identical_sets_have_the_same_linkage(comparison):
    same = replace(comparison, synthetic=comparison.holdout)
    expected = {"corrected": 0, "compat": 0, "r2_matrix_r": 1, "r2_matrix_rmse": 0}
    assert values(same) == pytest.approx(expected, abs=1e-5)
    for population in ("AFR", "EUR"):
        assert values(same, population) == pytest.approx({"corrected": 0, "r2_matrix_r": 1}, abs=1e-5)


def test_a_fixed_variant_counts_as_unlinked_on_the_fixed_set_only(comparison):
    x = comparison.holdout.haplotypes.copy()
    x[:, ::3] = 0
    fixed = replace(comparison, synthetic=replace(comparison.holdout, haplotypes=x))
    assert values(fixed)["compat"] == pytest.approx(0, abs=1e-6)
    assert values(fixed)["corrected"] > 0.01
    curve = judged(fixed).curves["ld-decay"]
    corrected = curve[curve.reading == "corrected"].pivot_table(
        index="distance", columns="panel", values="r2"
    )
    assert (corrected.synthetic <= corrected.holdout + 1e-6).all()


def test_the_corrected_reading_is_that_of_all_pairs_between_sets_of_one_size(comparison):
    # the fixture has fewer pairs in a bin than would be drawn
    same_size = replace(comparison, synthetic=comparison.synthetic[::2])
    frequency = comparison.holdout.haplotypes.mean(axis=0)
    kept = np.minimum(frequency, 1 - frequency) >= 0.01
    variants = comparison.holdout.variants
    edges = ld.log_bins(ld.longest_distance(variants.contig, variants.position))
    real, synthetic = (
        all_pairs_decay(panel, kept, edges) for panel in (same_size.holdout, same_size.synthetic)
    )
    rmse = np.sqrt(np.nanmean((real.mean - synthetic.mean) ** 2))
    outcome = judged(same_size)
    (row,) = outcome.table.query("population == 'all' and statistic == 'corrected'").itertuples()
    assert row.value == pytest.approx(rmse, rel=1e-4)
    assert row.n == kept.sum()
    assert row.lower < row.value < row.upper
    curve = outcome.curves["ld-decay"].query("reading == 'corrected' and panel == 'synthetic'")
    filled = synthetic.n_pairs > 0
    assert curve.r2.to_numpy() == pytest.approx(synthetic.mean[filled], abs=1e-5)
    assert curve["sem"].to_numpy() == pytest.approx(synthetic.sem[filled], abs=1e-4)
    assert curve.n_pairs.tolist() == synthetic.n_pairs[filled].tolist()


@pytest.mark.parametrize("population", ["AFR", "EUR"])
def test_populations_are_judged_over_their_own_common_variants(comparison, population):
    same_size = replace(comparison, synthetic=comparison.synthetic[::2])
    real, synthetic = (panel.of(population) for panel in (same_size.holdout, same_size.synthetic))
    frequency = real.haplotypes.mean(axis=0)
    kept = np.minimum(frequency, 1 - frequency) >= 0.05
    variants = comparison.holdout.variants
    edges = ld.log_bins(ld.longest_distance(variants.contig, variants.position))
    first, second = (all_pairs_decay(panel, kept, edges).mean for panel in (real, synthetic))
    found = values(same_size, population)
    assert found["corrected"] == pytest.approx(np.sqrt(np.nanmean((first - second) ** 2)), rel=1e-4)
    both = kept & (synthetic.haplotypes.std(axis=0) > 0)
    oracle = [np.corrcoef(panel.haplotypes[:, both], rowvar=False) ** 2 for panel in (real, synthetic)]
    upper = np.triu_indices(both.sum(), 1)
    r = np.corrcoef(oracle[0][upper], oracle[1][upper])[0, 1]
    assert found["r2_matrix_r"] == pytest.approx(r, abs=1e-4)


def test_genetic_distance_is_read_when_there_is_a_map(comparison):
    # the distance in bp on another scale: the same pairs in bins of other widths
    position = comparison.holdout.variants.position
    assert "corrected_cm" not in values(comparison)
    outcome = judged(with_map(comparison, position * 1e-4))
    table = outcome.table.set_index(["population", "statistic"]).value
    assert table["all", "corrected_cm"] == pytest.approx(table["all", "corrected"], rel=0.5)
    curve = outcome.curves["ld-decay"].query("reading == 'corrected_cm' and panel == 'holdout'")
    assert 0.0001 < curve.distance.min() < curve.distance.max() < np.ptp(position) * 1e-4
    plain = judged(comparison).table.set_index(["population", "statistic"]).value
    assert table.drop(("all", "corrected_cm")).equals(plain)


def test_a_map_without_resolution_has_one_bin(comparison):
    flat = with_map(comparison, np.zeros(300))
    curve = judged(flat).curves["ld-decay"].query("reading == 'corrected_cm' and panel == 'holdout'")
    assert curve.n_pairs.tolist() == [ld_decay.MOST_PAIRS]
    assert 0 < curve.distance.item() < ld.FINEST_CM


def test_unequal_sets_are_compared_at_one_size(comparison):
    # r2 of unlinked variants is 1 / (n - 1): a fifth of the rows would have five times as much
    fewer = replace(comparison, synthetic=comparison.synthetic[::5])
    curve = judged(fewer).curves["ld-decay"]
    far = curve[(curve.reading == "corrected") & (curve.distance > 1e4)].groupby("panel").r2.mean()
    assert far["holdout"] == pytest.approx(far["synthetic"], rel=0.25)


def test_blocks_are_disjoint_stratified_and_keep_people_together():
    strata = np.repeat(["a", "b"], [60, 40])
    keys = np.repeat(np.random.default_rng(0).random(50), 2)  # people of two rows
    blocks = _blocks(keys, strata, 20, 4)
    assert [len(rows) for rows in blocks] == [20] * 4
    together = np.concatenate(blocks)
    assert len(set(together.tolist())) == 80
    for rows in blocks:
        assert (strata[rows] == "a").sum() == 12
        assert len(set(keys[rows])) == 10
    # 5 rows of 3 + 2: two blocks of 2 + 1 leave a row over, and the second begins again where one is short
    small = _blocks(np.arange(5.0), np.array(["a", "a", "a", "b", "b"]), 3, 2)
    assert [len(set(rows.tolist())) for rows in small] == [3, 3]


def test_halves_are_of_people_and_equal_in_both_sets(comparison):
    halves = _Halves(comparison, 3, stream(1, "x"))
    reading = _reading(comparison, "corrected", "all")
    curves = halves.curves(reading)
    # 200 holdout and 400 synthetic rows: one block against two, in each half as well
    assert [len(each) for each in curves["holdout"]] == [1] * 4
    assert [len(each) for each in curves["synthetic"]] == [2] * 4
    errors = [
        np.mean([ld.decay_rmse(a[0], b[0]) for a, b in product(*pair)])
        for pair in zip(curves["holdout"], curves["synthetic"], strict=True)
    ]
    (row,) = (
        judged(comparison, repeats=3).table.query("statistic == 'corrected' and population == 'all'").value
    )
    assert row == pytest.approx(errors[0], rel=0.3)  # another stream cuts other blocks


def test_what_is_shared_of_the_holdout_set_does_not_depend_on_who_asks_first(comparison):
    def fresh():
        return {name: replace(panel, haplotypes=panel.haplotypes.copy()) for name, panel in panels.items()}

    panels = comparison.panels
    first = judged(Comparison(**fresh())).table
    again = fresh()
    judged(Comparison(**{**again, "synthetic": again["train"]}))
    assert judged(Comparison(**again)).table.equals(first)


def test_every_statistic_is_foreseen(comparison):
    found = judged(with_map(comparison, comparison.holdout.variants.position * 1e-4)).table
    assert set(found.statistic) == set(METRICS["ld-decay"].statistics)


def test_more_variants_than_can_be_paired_are_thinned(comparison, monkeypatch):
    everything = values(comparison)
    monkeypatch.setattr(ld_decay, "MOST_VARIANTS", 150)
    table = judged(comparison).table
    rows = table[table.population == "all"].set_index("statistic")
    assert rows.n[["compat", "r2_matrix_r", "r2_matrix_rmse"]].tolist() == [150] * 3
    assert rows.n["corrected"] > 150
    assert rows.value["corrected"] == everything["corrected"]
    assert rows.value["r2_matrix_r"] == pytest.approx(everything["r2_matrix_r"], abs=0.1)
