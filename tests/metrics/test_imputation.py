from dataclasses import replace

import numpy as np
import pytest

from genome_ac_gan.metrics import METRICS, POOLED, evaluate
from genome_ac_gan.metrics.utility import imputation
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.copying import CopyingModel, map_distances
from genome_ac_gan.popgen.frequency import minor_allele_frequencies
from genome_ac_gan.popgen.imputation import impute


def values(comparison, population=POOLED, seed=1):
    table = evaluate(comparison, ["imputation"], seed=seed).table
    return table[table.population == population].set_index("statistic").value


def with_label(panel, label):
    return HaplotypePanel(
        haplotypes=panel.haplotypes, sample_id=panel.sample_id, variants=panel.variants, label="pop",
        labels={"pop": np.full(panel.n_haplotypes, label)},
    )  # fmt: skip


def test_the_typed_variants_have_the_highest_train_maf_of_their_windows(comparison):
    typed = imputation.typed_variants(comparison.train)
    maf = minor_allele_frequencies(comparison.train.haplotypes)
    assert len(typed) == 30
    for window, column in zip(np.split(np.arange(300), 30), typed, strict=True):
        assert column == window[0] + np.argmax(maf[window])
    assert list(imputation.typed_variants(comparison.train.select_variants(slice(0, 9)))) == [
        np.argmax(maf[:9])
    ]
    assert len(imputation.typed_variants(comparison.train.select_variants(slice(0, 29)))) == 2


def test_weighted_r2_is_the_squared_correlation_of_repeated_rows():
    rng = np.random.default_rng(1)
    alleles = (rng.random((60, 9)) < 0.3).astype(np.uint8)
    dosage = (alleles * 0.5 + rng.random((60, 9)) * 0.4).astype(np.float32)
    times = rng.integers(1, 4, (3, 60))
    found = imputation.weighted_r2(dosage, alleles, times.astype(float))
    for row, each in zip(found, times, strict=True):
        x, y = np.repeat(dosage, each, axis=0), np.repeat(alleles, each, axis=0)
        assert row == pytest.approx([np.corrcoef(x[:, j], y[:, j])[0, 1] ** 2 for j in range(9)], abs=1e-4)


def test_a_constant_dosage_predicts_nothing():
    alleles = np.array([[0, 1], [1, 0], [1, 1], [0, 0]], dtype=np.uint8)
    dosage = np.array([[0.3, 0], [0.3, 1], [0.3, 0], [0.3, 1]], dtype=np.float32)
    assert imputation.weighted_r2(dosage, alleles, np.ones((1, 4))) == pytest.approx(np.array([[0, 1]]))


def test_hidden_alleles_are_not_looked_at(comparison):
    typed = imputation.typed_variants(comparison.train)
    holdout, reference = comparison.holdout, comparison.train.haplotypes
    hidden, dosage = imputation.impute_hidden(holdout, reference, typed)
    rolled = holdout.haplotypes.copy()
    rolled[:, hidden] = np.roll(rolled[:, hidden], 1, axis=0)
    same, again = imputation.impute_hidden(replace(holdout, haplotypes=rolled), reference, typed)
    assert np.array_equal(hidden, same)
    assert np.array_equal(dosage, again)


def test_leaving_out_fixed_variants_changes_no_dosage(comparison):
    typed = imputation.typed_variants(comparison.train)
    hidden, dosage = imputation.impute_hidden(comparison.holdout, comparison.train.haplotypes, typed)
    assert not np.isin(typed, hidden).any()
    variants = comparison.holdout.variants
    model = CopyingModel.of(
        comparison.train.haplotypes, map_distances(variants.contig, variants.position, None)
    )
    whole = impute(comparison.holdout.haplotypes[:, typed], model, typed)
    assert np.allclose(whole[:, hidden], dosage, atol=1e-5)


def test_value_and_bins_follow_from_the_dosages_by_hand(comparison):
    # the synthetic panel has the counts of train: the whole of it is drawn
    typed = imputation.typed_variants(comparison.train)
    hidden, dosage = imputation.impute_hidden(comparison.holdout, comparison.synthetic.haplotypes, typed)
    alleles = comparison.holdout.haplotypes[:, hidden]
    r2 = np.array(
        [
            np.corrcoef(x, y)[0, 1] ** 2 if x.std() > 1e-6 else 0
            for x, y in zip(dosage.T, alleles.T, strict=True)
        ]
    )
    maf, found = minor_allele_frequencies(alleles), values(comparison)
    assert found["r2"] == pytest.approx(r2.mean(), abs=1e-3)
    low = (maf >= 0.01) & (maf < 0.05)
    assert low.any()
    assert ("r2_maf_below_1" in found) == (maf < 0.01).any()  # an empty bin has no row
    assert found["r2_maf_1_to_5"] == pytest.approx(r2[low].mean(), abs=1e-3)
    assert found["r2_maf_above_5"] == pytest.approx(r2[maf >= 0.05].mean(), abs=1e-3)
    assert found["ratio"] == pytest.approx(found["r2"] / found["train_r2"])
    assert found["gain"] == pytest.approx(found["both_r2"] - found["train_r2"])


def test_fresh_people_are_as_good_as_train_rows_and_independent_sites_are_not(sources):
    fresh, independent = values(sources["synthetic"]), values(sources["independent"])
    assert fresh["ratio"] == pytest.approx(1, abs=0.05)
    assert abs(fresh["gain"]) < 0.05
    assert independent["ratio"] < 0.7
    assert independent["r2"] < independent["both_r2"] < independent["train_r2"]


def test_train_rows_are_the_same_for_all_sources(sources):
    first, second = values(sources["synthetic"]), values(sources["independent"], seed=5)
    assert first["train_r2"] == second["train_r2"]


def test_a_panel_without_the_alleles_of_a_population_fails_it(comparison):
    # both labels carry haplotypes of AFR only
    own = comparison.synthetic.haplotypes[comparison.synthetic.population == "AFR"]
    swapped = comparison.synthetic.haplotypes.copy()
    swapped[comparison.synthetic.population == "EUR"] = own[:160]
    found = replace(comparison, synthetic=replace(comparison.synthetic, haplotypes=swapped))
    assert values(found, "EUR")["ratio"] < values(found, "AFR")["ratio"] - 0.1


def test_what_a_model_expects_itself_stands_beside(comparison):
    asked = []

    def imputer(panel, typed):
        asked.append((panel, typed))
        return panel.haplotypes * np.float32(0.9)

    found = values(replace(comparison, imputer=imputer))
    assert found["direct_r2"] == pytest.approx(1, abs=1e-4)
    assert found["direct_r2_maf_1_to_5"] == pytest.approx(1, abs=1e-4)
    assert found["r2"] == values(comparison)["r2"] < 1
    ((panel, typed),) = asked
    assert panel is comparison.holdout
    assert list(typed) == list(imputation.typed_variants(comparison.train))
    assert "direct_r2" not in values(comparison)


def test_small_populations_of_the_holdout_have_no_rows(comparison):
    few = np.r_[:120, 120:130]
    table = evaluate(replace(comparison, holdout=comparison.holdout[few]), ["imputation"], seed=1).table
    assert set(table.population) == {POOLED, "AFR"}


def test_unlabelled_sets_are_drawn_pooled(comparison):
    unlabelled = replace(comparison, synthetic=with_label(comparison.synthetic, "unlabelled"))
    assert values(unlabelled)["r2"] == pytest.approx(values(comparison)["r2"], abs=0.02)


def test_the_curve_holds_every_hidden_variant_once_for_each_panel(comparison):
    result = METRICS["imputation"](comparison, rng=np.random.default_rng(1), repeats=2)
    curve = result.curves["imputation"]
    (n,) = result.table[(result.table.population == POOLED) & (result.table.statistic == "r2")].n
    assert set(curve.panel) == {"synthetic", "train", "both"}
    assert (curve.groupby("panel").n_variants.sum() == n).all()
    for panel, prefix in (("synthetic", ""), ("both", "both_")):
        rows = curve[curve.panel == panel]
        expected = result.table.set_index(["population", "statistic"]).value[POOLED, f"{prefix}r2"]
        assert np.average(rows.r2, weights=rows.n_variants) == pytest.approx(expected)


def test_a_large_holdout_is_cut_in_proportion(comparison, monkeypatch):
    whole = values(comparison)
    monkeypatch.setattr(imputation, "MAX_ROWS", 150)
    table = evaluate(comparison, ["imputation"], seed=1).table
    cut = values(comparison)
    assert set(table.population) == {POOLED, "AFR", "EUR"}
    assert cut["r2"] != whole["r2"]
    assert cut["r2"] == pytest.approx(whole["r2"], abs=0.05)
