import shutil
import subprocess

import allel
import numpy as np
import pytest
from scipy.stats import sem

from genome_ac_gan.formats import write_panel
from genome_ac_gan.panel import HaplotypePanel, VariantTable
from genome_ac_gan.popgen import frequency, ld


@pytest.fixture
def x():
    rng = np.random.default_rng(3)
    x = (rng.random((40, 90)) < rng.random(90)).astype(np.uint8)
    x[:, 7] = 1  # one allele only
    x[:, 8] = x[:, 3]  # complete linkage
    return x


def test_counts_and_frequencies_agree_with_scikit_allel(x):
    counts = allel.HaplotypeArray(x.T).count_alleles(max_allele=1)
    assert np.array_equal(frequency.allele_counts(x), counts[:, 1])
    assert np.allclose(frequency.allele_frequencies(x), counts.to_frequencies()[:, 1])
    assert np.array_equal(frequency.polymorphic(x), counts.is_segregating())


def test_weighted_frequencies_are_those_of_repeated_rows(x):
    times = np.random.default_rng(0).integers(0, 4, (3, len(x)))
    expected = [frequency.allele_frequencies(np.repeat(x, each, axis=0)) for each in times]
    assert np.allclose(frequency.weighted_frequencies(x, times.astype(float), width=13), expected)


@pytest.mark.parametrize("tile", [11, 90, 500])
def test_r2_is_numpys_squared_correlation(x, tile):
    kept = frequency.polymorphic(x)
    expected = np.corrcoef(x[:, kept], rowvar=False) ** 2
    np.fill_diagonal(expected, 0)
    assert np.allclose(ld.r2_matrix(x, tile)[np.ix_(kept, kept)], expected, atol=1e-5)
    assert (ld.r2_matrix(x, tile)[~kept] == 0).all()


def test_r2_agrees_with_scikit_allel_on_homozygous_diploids(x):
    # Rogers and Huff's r is over genotypes; doubled haplotypes have the correlation of the alleles
    kept = x[:, frequency.polymorphic(x)]
    oracle = allel.rogers_huff_r(2 * kept.T.astype(np.int8)) ** 2
    assert np.allclose(ld.r2_matrix(kept)[np.triu_indices(kept.shape[1], 1)], oracle, atol=1e-4)


def test_r2_agrees_with_plink_on_homozygous_diploids(x, tmp_path):
    # plink correlates genotypes: a haplotype stands twice, as a person with two equal ones
    if shutil.which("plink1.9") is None:
        pytest.skip("plink1.9 is not installed")
    kept = np.repeat(x[:, frequency.polymorphic(x)], 2, axis=0)
    n = kept.shape[1]
    panel = HaplotypePanel(
        haplotypes=kept, sample_id=np.repeat([f"S{row}" for row in range(len(x))], 2),
        labels={"pop": np.full(len(kept), "A")}, label="pop",
        variants=VariantTable(
            contig=np.full(n, "1"), position=100 * np.arange(1, n + 1), ref=np.full(n, "A"), alt=np.full(n, "C")
        ),
    )  # fmt: skip
    write_panel(panel, tmp_path / "x.vcf", on_notice=str)
    command = ["plink1.9", "--vcf", "x.vcf", "--r2", "square", "--out", "x", "--memory", "640"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    oracle = np.loadtxt(tmp_path / "x.ld")
    np.fill_diagonal(oracle, 0)
    assert np.allclose(ld.r2_matrix(panel.haplotypes), oracle, atol=1e-5)


def test_independent_variants_have_r2_of_one_over_n_minus_one():
    n = 50
    x = (np.random.default_rng(1).random((n, 1500)) < 0.5).astype(np.uint8)
    pairs = ld.r2_matrix(x)[np.triu_indices(1500, 1)]
    assert pairs.mean() == pytest.approx(1 / (n - 1), rel=0.01)


def test_bins_have_the_edges_they_promise():
    assert ld.log_bins(2_245_457)[[0, -1]] == pytest.approx([1, 2_245_457])
    compat = ld.compat_bins(2_245_457)
    assert len(compat) == len(ld.log_bins(10)) == 50
    assert compat == pytest.approx(10.0 ** np.linspace(0, np.log(2_245_457), 50))
    assert np.count_nonzero(compat < 2_245_457) == 22


def test_genetic_bins_begin_at_zero_and_cover_maps_of_any_length():
    edges = ld.cm_bins(4.9)
    assert len(edges) == 51
    assert edges[[0, 1, -1]] == pytest.approx([0, ld.FINEST_CM, 4.9])
    assert edges[2:] / edges[1:-1] == pytest.approx((4.9 / ld.FINEST_CM) ** (1 / 49))
    assert (np.diff(ld.cm_bins(0.0)) > 0).all()


def test_contigs_are_found_in_order():
    contig = np.array(["2", "2", "1", "X", "X"])
    assert ld.contig_blocks(contig) == [slice(0, 2), slice(2, 3), slice(3, 5)]
    assert ld.contig_blocks(contig[:0]) == []
    assert ld.contig_length(contig, np.array([5.0, 5.5, 0.0, 1.0, 4.0])) == 3
    assert ld.longest_distance(contig[2:3], np.array([7])) == 2


@pytest.mark.parametrize("tile", [7, 1000])
@pytest.mark.parametrize("bins", [ld.log_bins, ld.compat_bins])
def test_decay_is_the_mean_over_pairs_on_one_contig(x, tile, bins):
    rng = np.random.default_rng(5)
    contig = np.repeat(["1", "2", "3"], [30, 1, 59])
    position = np.concatenate(
        [np.sort(rng.choice(5000, 30, False)), [9], np.sort(rng.choice(800, 59, False))]
    )
    edges = bins(ld.longest_distance(contig, position))
    result = ld.decay(x, contig, position, edges, tile)
    r2 = ld.r2_matrix(x)
    i, j = np.triu_indices(90, 1)
    same = contig[i] == contig[j]
    i, j = i[same], j[same]
    distance = position[j] - position[i]
    n_pairs, _ = np.histogram(distance, edges)
    total, _ = np.histogram(distance, edges, weights=r2[i, j].astype(float))
    assert np.array_equal(result.n_pairs, n_pairs)
    assert n_pairs.sum() == len(i)
    assert np.allclose(result.total, total, atol=1e-4)
    assert np.array_equal(np.isnan(result.mean), n_pairs == 0)


@pytest.mark.parametrize("tile", [13, 1000])
def test_standard_errors_are_scipys(x, tile):
    position = np.sort(np.random.default_rng(5).choice(5000, 90, False))
    edges = ld.log_bins(5000)
    result = ld.decay(x, np.full(90, "1"), position, edges, tile)
    i, j = np.triu_indices(90, 1)
    r2, where = ld.r2_matrix(x)[i, j].astype(float), np.digitize(position[j] - position[i], edges) - 1
    for column in np.flatnonzero(result.n_pairs > 1):
        assert result.sem[column] == pytest.approx(sem(r2[where == column]), abs=1e-5)
    assert result.sem[result.n_pairs == 1] == pytest.approx(0, abs=1e-5)
    assert np.isnan(result.sem[result.n_pairs == 0]).all()


@pytest.mark.parametrize("tile", [13, 1000])
def test_agreement_is_over_all_pairs(x, tile):
    y = x ^ (np.random.default_rng(2).random(x.shape) < 0.1)
    both = ld.compare_r2(x, y, np.full(90, "1"), np.arange(1, 91), ld.log_bins(89), tile)
    a, b = (ld.r2_matrix(z)[np.triu_indices(90, 1)].astype(float) for z in (x, y))
    assert both.agreement.n_pairs == 90 * 89 // 2
    assert both.agreement.r == pytest.approx(np.corrcoef(a, b)[0, 1], abs=1e-5)
    assert ld.agreement(x, y, tile).r == pytest.approx(both.agreement.r)
    assert both.agreement.rmse == pytest.approx(np.sqrt(np.mean((a - b) ** 2)), rel=1e-5)


def test_empty_bins_are_left_out_of_the_rmse():
    assert ld.decay_rmse(np.array([0.5, np.nan, 0.2]), np.array([0.1, 0.3, 0.2])) == pytest.approx(
        0.4 / np.sqrt(2)
    )
    assert np.isnan(ld.decay_rmse(np.array([np.nan]), np.array([0.3])))


def test_one_variant_has_no_pairs():
    one = ld.decay(np.array([[0], [1]], np.uint8), np.array(["1"]), np.array([5]), ld.log_bins(2))
    assert one.n_pairs.sum() == 0
