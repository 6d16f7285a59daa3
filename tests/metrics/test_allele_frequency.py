import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from genome_ac_gan.formats import write_panel
from genome_ac_gan.metrics import Comparison, evaluate
from genome_ac_gan.metrics.allele_counts import by_population
from genome_ac_gan.metrics.draws import person_weights
from genome_ac_gan.panel import HaplotypePanel, VariantTable
from genome_ac_gan.popgen.frequency import evenly_spaced, weighted_counts

METRIC = "allele-frequency"


def values(comparison, population="all"):
    table = evaluate(comparison, [METRIC], seed=1, repeats=3).table
    table = table[table.population == population]
    return dict(zip(table.statistic, table.value, strict=True))


def rows_of(panel, population):
    return panel.haplotypes if population == "all" else panel.of(population).haplotypes


def as_panel(x, population, prefix):
    n = x.shape[1]
    return HaplotypePanel(
        haplotypes=x, sample_id=np.array([f"{prefix}{index:05d}" for index in range(len(x))]),
        labels={"pop": np.asarray(population)}, label="pop",
        variants=VariantTable(
            contig=np.full(n, "1"), position=np.arange(1, n + 1), ref=np.full(n, "A"), alt=np.full(n, "C")
        ),
    )  # fmt: skip


def columns(n, *counts):
    """Return n haplotypes whose variants have these numbers of alternative alleles."""
    return np.stack([(np.arange(n) < count).astype(np.uint8) for count in counts], axis=1)


def by_hand(train, holdout, synthetic):
    return Comparison(**{
        name: as_panel(x, np.full(len(x), "A"), name)
        for name, x in (("train", train), ("holdout", holdout), ("synthetic", synthetic))
    })  # fmt: skip


@pytest.mark.parametrize("population", ["all", "AFR", "EUR"])
def test_bins_of_minor_allele_frequency_agree_with_numpy(comparison, population):
    found = values(comparison, population)
    real, synthetic = (
        rows_of(panel, population).mean(axis=0) for panel in (comparison.holdout, comparison.synthetic)
    )
    turned = real > 0.5
    real, synthetic = (np.where(turned, 1 - f, f) for f in (real, synthetic))
    bins = {"below_1": real < 0.01, "1_to_5": (real >= 0.01) & (real < 0.05), "above_5": real >= 0.05}
    for name, kept in bins.items():
        assert (f"mae_maf_{name}" in found) == kept.any()
        if not kept.any():
            continue
        assert found[f"mae_maf_{name}"] == pytest.approx(np.abs(real - synthetic)[kept].mean(), abs=1e-6)
        if len(set(real[kept])) > 1:
            r = np.corrcoef(real[kept], synthetic[kept])[0, 1]
            assert found[f"r_maf_{name}"] == pytest.approx(r, abs=1e-6)


def test_bins_are_closed_below_and_open_above_on_both_sides_of_one_half():
    # MAF 0, .99%, 1%, 4.99% and 5%, of the alternative and of the reference allele
    counts = np.array([0, 99, 100, 499, 500])
    x = columns(10_000, *counts, *(10_000 - counts))
    table = evaluate(by_hand(x, x, x), [METRIC], seed=1, repeats=1).table
    n = table[table.population == "all"].set_index("statistic").n
    assert n[["mae_maf_below_1", "mae_maf_1_to_5", "mae_maf_above_5"]].tolist() == [4, 4, 2]


def test_lost_fixed_and_invented_variants_are_told_apart():
    # one variant a column: kept, lost, lost and rare, fixed, fixed and rare, invented, invented, not in the
    # holdout but in train, another single allele than the real people's
    n = 200
    holdout = columns(n, 90, 90, 1, 90, n - 1, 0, n, 0, 0)
    train = columns(n, 90, 90, 1, 90, n - 1, 0, n, 5, 0)
    synthetic = columns(n, 80, 0, 0, n, n, 3, n - 3, 3, n)
    found = values(by_hand(train, holdout, synthetic))
    assert {name: found[name] for name in ("lost", "fixed", "lost_rare", "invented")} == {
        "lost": 2, "fixed": 2, "lost_rare": 2, "invented": 2,
    }  # fmt: skip


@pytest.mark.parametrize("population", ["all", "EUR"])
def test_all_real_people_are_train_and_holdout_together(comparison, population):
    found = values(comparison, population)
    both = np.concatenate([rows_of(panel, population) for panel in (comparison.train, comparison.holdout)])
    real, synthetic = both.mean(axis=0), rows_of(comparison.synthetic, population).mean(axis=0)
    assert found["r_all_real"] == pytest.approx(np.corrcoef(real, synthetic)[0, 1], abs=1e-6)
    assert found["mae_all_real"] == pytest.approx(np.abs(real - synthetic).mean(), abs=1e-6)


def test_counts_of_populations_sum_to_those_of_the_panel(comparison):
    panel = comparison.holdout
    weights = person_weights(panel, 4, np.random.default_rng(0))
    counts = dict(by_population(comparison, panel, weights, slice(10, 50)))
    assert list(counts) == ["AFR", "EUR", "all"]
    plain = panel.haplotypes[:, 10:50].astype(float)
    for name, own in counts.items():
        rows = comparison.rows_of(panel, name)
        expected = np.concatenate([np.ones((1, rows.sum())), weights[:, rows]])
        np.testing.assert_allclose(own.counts, expected @ plain[rows], rtol=1e-5)
        np.testing.assert_allclose(own.effective, expected.sum(axis=1) ** 2 / (expected**2).sum(axis=1))
        assert own.n == rows.sum()


def test_whole_weights_count_exactly():
    x = (np.random.default_rng(0).random((70, 33)) < 0.4).astype(np.uint8)
    times = np.random.default_rng(1).integers(0, 5, (3, 70)).astype(float)
    assert np.array_equal(weighted_counts(x, times, width=10), times @ x)


def test_evenly_spaced_indices_keep_the_ends():
    assert evenly_spaced(5, 9).tolist() == [0, 1, 2, 3, 4]
    assert evenly_spaced(101, 5).tolist() == [0, 25, 50, 75, 100]
    assert evenly_spaced(0, 5).tolist() == []


def test_curves_stay_small_and_hold_the_frequent_variants(comparison):
    n = 3
    populations = [f"P{index:02d}" for index in range(20)]
    rng = np.random.default_rng(3)
    frequency = np.where(np.arange(4000) % 100 == 7, 1.0, 0.1)
    panels = {
        name: as_panel(
            (rng.random((20 * n, 4000)) < frequency).astype(np.uint8), np.repeat(populations, n), name
        )
        for name in ("train", "holdout", "synthetic")
    }
    curves = evaluate(Comparison(**panels), [METRIC], seed=1, repeats=1).curves
    assert len(curves["allele-frequency"]) < 20_000
    assert set(curves["allele-frequency"].population) == {"all", *populations}
    ranges = curves["allele-frequency-ranges"]
    real = panels["holdout"].haplotypes.mean(axis=0)
    assert (ranges.variants == "high").sum() == (real >= 0.8).sum()
    assert ranges.holdout[ranges.variants == "high"].min() >= 0.8


def test_frequencies_are_those_of_plink2(comparison, tmp_path):
    if shutil.which("plink2") is None:
        pytest.skip("plink2 is not installed")
    found = {}
    for name in ("holdout", "train"):
        panel = comparison.panels[name]
        write_panel(panel, tmp_path / f"{name}.vcf.gz", on_notice=str)
        for population in ("all", "AFR"):
            kept = tmp_path / "kept.txt"
            people = dict.fromkeys(panel.sample_id[comparison.rows_of(panel, population)])
            kept.write_text("".join(f"{name}\n" for name in people))
            subprocess.run(
                ["plink2", "--vcf", tmp_path / f"{name}.vcf.gz", "--keep", kept, "--freq", "--threads", "1",
                 "--memory", "640", "--out", tmp_path / "p"],
                check=True, capture_output=True,
            )  # fmt: skip
            lines = [line.split() for line in (tmp_path / "p.afreq").read_text().splitlines()]
            place = lines[0].index("ALT_FREQS")
            found[name, population] = np.array([float(line[place]) for line in lines[1:]])
    judged = evaluate(replace(comparison, synthetic=comparison.train), [METRIC], seed=1, repeats=1)
    curve = judged.curves[METRIC]
    for population in ("all", "AFR"):
        rows = curve[curve.population == population]
        np.testing.assert_allclose(rows.holdout, found["holdout", population], rtol=1e-5)
        np.testing.assert_allclose(rows.synthetic, found["train", population], rtol=1e-5)
    table = judged.table.set_index(["population", "statistic"]).value
    r = np.corrcoef(found["holdout", "AFR"], found["train", "AFR"])[0, 1]
    assert table["AFR", "r"] == pytest.approx(r, abs=1e-5)
