import shutil
import subprocess
from dataclasses import replace

import allel
import numpy as np
import pytest

from genome_ac_gan.formats import write_panel
from genome_ac_gan.metrics import Comparison, evaluate
from genome_ac_gan.panel import HaplotypePanel, VariantTable

METRIC = "population-differentiation"
FOUR = ("AFR", "EAS", "EUR", "SAS")


def as_panel(x, population, prefix):
    n = x.shape[1]
    return HaplotypePanel(
        haplotypes=x, sample_id=np.array([f"{prefix}{index // 2:05d}" for index in range(len(x))]),
        labels={"pop": np.asarray(population)}, label="pop",
        variants=VariantTable(
            contig=np.full(n, "1"), position=np.arange(1, n + 1), ref=np.full(n, "A"), alt=np.full(n, "C")
        ),
    )  # fmt: skip


def drawn(names, sizes, shift=0.0, n_variants=400, seed=5):
    """Return three fresh samples; the synthetic frequencies are moved at random by `shift`."""
    rng = np.random.default_rng(seed)
    ancestral = rng.beta(0.6, 0.9, n_variants)
    own = {name: np.clip(ancestral + rng.normal(0, 0.12, n_variants), 0.01, 0.99) for name in names}
    moved = {name: np.clip(p + rng.normal(0, 1, n_variants) * shift, 0.01, 0.99) for name, p in own.items()}

    def sample(prefix, frequencies):
        x = np.concatenate(
            [rng.random((n, n_variants)) < frequencies[name] for name, n in zip(names, sizes, strict=True)]
        )
        return as_panel(x.astype(np.uint8), np.repeat(names, sizes), prefix)

    return Comparison(train=sample("t", own), holdout=sample("h", own), synthetic=sample("s", moved))


@pytest.fixture(scope="module")
def four():
    return drawn(FOUR, (60, 40, 50, 36), shift=0.03)


def values(outcome, population="all"):
    table = outcome.table[outcome.table.population == population]
    return dict(zip(table.statistic, table.value, strict=True))


def hudson(first, second):
    counts = [allel.HaplotypeArray(x.T).count_alleles(max_allele=1) for x in (first, second)]
    numerator, denominator = allel.hudson_fst(*counts)
    return np.nansum(numerator) / np.nansum(denominator)


def weir_cockerham(first, second):
    """Theta of people who carry each haplotype twice: the haploid form."""
    x = np.concatenate([first, second]).T
    groups = [range(len(first)), range(len(first), x.shape[1])]
    a, b, c = allel.weir_cockerham_fst(allel.GenotypeArray(np.stack([x, x], axis=2).astype("i1")), groups)
    return np.nansum(a) / np.nansum(a + b + c)


@pytest.mark.parametrize("population", ["all", *FOUR])
def test_values_are_made_of_all_pairs_with_a_population(four, population):
    pairs = [
        (a, b) for i, a in enumerate(FOUR) for b in FOUR[i + 1 :] if population in ("all", a, b)
    ]  # fmt: skip
    sets = {
        name: {population: panel.of(population).haplotypes for population in FOUR}
        for name, panel in four.panels.items()
    }
    real, synthetic = sets["holdout"], sets["synthetic"]
    found = values(evaluate(four, [METRIC], seed=1), population)
    r = [
        np.corrcoef(*(each[a].mean(axis=0) - each[b].mean(axis=0) for each in (real, synthetic)))[0, 1]
        for a, b in pairs
    ]
    assert found["delta_r"] == pytest.approx(np.mean(r))
    for name, function in (("hudson", hudson), ("weir_cockerham", weir_cockerham)):
        both = np.array([[function(each[a], each[b]) for a, b in pairs] for each in (real, synthetic)])
        assert found[f"{name}_rmse"] == pytest.approx(np.sqrt(np.mean((both[0] - both[1]) ** 2)))
        if name == "hudson":
            assert found["hudson_r"] == pytest.approx(np.corrcoef(both)[0, 1])
    whole = [
        panel.haplotypes if population == "all" else panel.of(population).haplotypes
        for panel in (four.holdout, four.synthetic)
    ]
    assert found["fst_real_synthetic"] == pytest.approx(hudson(*whole))


def test_every_pair_stands_in_the_curve(four):
    curve = evaluate(four, [METRIC], seed=1).curves[METRIC].set_index(["first", "second"])
    assert len(curve) == 6
    real, synthetic = (
        [panel.of(name).haplotypes for name in ("EAS", "SAS")] for panel in (four.holdout, four.synthetic)
    )
    row = curve.loc[("EAS", "SAS")]
    assert row.hudson_holdout == pytest.approx(hudson(*real))
    assert row.hudson_synthetic == pytest.approx(hudson(*synthetic))
    assert row.weir_cockerham_holdout == pytest.approx(weir_cockerham(*real))
    assert row.weir_cockerham_synthetic == pytest.approx(weir_cockerham(*synthetic))


def test_fresh_people_score_near_the_ideal_and_moved_frequencies_do_not():
    fresh, moved = (evaluate(drawn(FOUR, (60, 40, 50, 36), shift), [METRIC], seed=1) for shift in (0, 0.15))
    near, far = values(fresh), values(moved)
    row = fresh.table.set_index(["population", "statistic"]).loc[("all", "fst_real_synthetic")]
    assert row.lower < 0 < row.upper
    assert near["delta_r"] > 0.6 > far["delta_r"]
    assert abs(near["fst_real_synthetic"]) < 0.003
    assert far["fst_real_synthetic"] > 0.01
    assert far["hudson_rmse"] > 4 * near["hudson_rmse"]


def test_swapped_labels_leave_the_sets_alike_but_turn_the_differences(comparison):
    panel = comparison.synthetic
    swapped = np.where(panel.population == "AFR", "EUR", "AFR")
    labelled = HaplotypePanel(
        haplotypes=panel.haplotypes, sample_id=panel.sample_id, labels={"pop": swapped}, label="pop",
        variants=panel.variants,
    )  # fmt: skip
    found = values(evaluate(replace(comparison, synthetic=labelled), [METRIC], seed=1))
    plain = values(evaluate(comparison, [METRIC], seed=1))
    assert found["delta_r"] == pytest.approx(-plain["delta_r"])
    assert found["fst_real_synthetic"] == pytest.approx(plain["fst_real_synthetic"])


def test_fewer_than_three_pairs_have_no_correlation_of_fst(comparison):
    outcome = evaluate(comparison, [METRIC], seed=1)
    assert "hudson_r" not in set(outcome.table.statistic)
    assert set(outcome.table.n[outcome.table.statistic == "hudson_rmse"]) == {1}


def test_one_population_and_none_are_compared_as_two_sets_only(comparison):
    one = Comparison(**{name: panel.of("AFR") for name, panel in comparison.panels.items()})
    outcome = evaluate(one, [METRIC], seed=1)
    assert set(outcome.table.statistic) == {"fst_real_synthetic"}
    assert outcome.curves == {}
    panel = comparison.synthetic
    unlabelled = HaplotypePanel(
        haplotypes=panel.haplotypes, sample_id=panel.sample_id, variants=panel.variants, label="pop",
        labels={"pop": np.full(panel.n_haplotypes, "unlabelled")},
    )  # fmt: skip
    found = values(evaluate(replace(comparison, synthetic=unlabelled), [METRIC], seed=1))
    assert found == {
        "fst_real_synthetic": pytest.approx(hudson(comparison.holdout.haplotypes, panel.haplotypes))
    }


def test_a_population_of_one_haplotype_leaves_its_pairs_without_hudson():
    few = drawn(("A", "B", "C"), (20, 30, 1))
    outcome = evaluate(few, [METRIC], seed=1)
    assert not outcome.table.isna().any(axis=None)
    n = outcome.table.set_index(["population", "statistic"]).n
    assert n["all", "hudson_rmse"] == 1
    assert n["all", "weir_cockerham_rmse"] == n["all", "delta_r"] == 3
    assert ("C", "hudson_rmse") not in n.index
    assert ("C", "fst_real_synthetic") not in n.index


def test_published_pairs_are_drawn_first_and_curves_stay_small():
    names = ("AFR", "AMR", "EAS", "EUR", "SAS", "X1", "X2")
    many = drawn(names, (6,) * len(names), n_variants=3000)
    curve = evaluate(many, [METRIC], seed=1, repeats=1).curves["population-differences"]
    pairs = list(dict.fromkeys(zip(curve["first"], curve["second"], strict=True)))
    assert pairs[:7] == [
        ("AFR", "EUR"), ("AFR", "SAS"), ("EUR", "EAS"), ("EAS", "SAS"), ("AMR", "AFR"), ("AMR", "EAS"), ("AMR", "SAS"),
    ]  # fmt: skip
    assert len({frozenset(pair) for pair in pairs}) == len(pairs) == 12
    assert len(curve) == 12 * 1500
    first = curve[(curve["first"] == "AMR") & (curve["second"] == "AFR")]
    expected = [many.holdout.of(name).haplotypes.mean(axis=0) for name in ("AMR", "AFR")]
    assert first.holdout.iloc[0] == pytest.approx((expected[0] - expected[1])[0])


@pytest.mark.parametrize(
    ("method", "twice", "column"),
    [("hudson", False, "hudson_holdout"), ("wc", True, "weir_cockerham_holdout")],
)
def test_fst_is_that_of_plink2(four, tmp_path, method, twice, column):
    # for Weir and Cockerham people carry each haplotype twice: plink2 has the diploid form
    if shutil.which("plink2") is None:
        pytest.skip("plink2 is not installed")
    panel = four.holdout
    if twice:
        panel = as_panel(np.repeat(panel.haplotypes, 2, axis=0), np.repeat(panel.population, 2), "h")
    write_panel(panel, tmp_path / "h.vcf.gz", on_notice=str)
    people = dict(zip(panel.sample_id, panel.population, strict=True))
    (tmp_path / "groups.txt").write_text(
        "".join(["#IID\tPOP\n", *(f"{a}\t{b}\n" for a, b in people.items())])
    )
    subprocess.run(
        ["plink2", "--vcf", "h.vcf.gz", "--pheno", "groups.txt", "--fst", "POP", f"method={method}",
         "--threads", "1", "--memory", "640", "--out", "p"],
        check=True, capture_output=True, cwd=tmp_path,
    )  # fmt: skip
    lines = [line.split() for line in (tmp_path / "p.fst.summary").read_text().splitlines()[1:]]
    curve = evaluate(four, [METRIC], seed=1, repeats=1).curves[METRIC].set_index(["first", "second"])
    assert len(lines) == 6
    for first, second, value in lines:
        assert curve.loc[(first, second), column] == pytest.approx(float(value), rel=1e-4)
