import allel
import numpy as np
import pytest

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
def test_agreement_is_over_all_pairs(x, tile):
    y = x ^ (np.random.default_rng(2).random(x.shape) < 0.1)
    both = ld.compare_r2(x, y, np.full(90, "1"), np.arange(1, 91), ld.log_bins(89), tile)
    a, b = (ld.r2_matrix(z)[np.triu_indices(90, 1)].astype(float) for z in (x, y))
    assert both.agreement.n_pairs == 90 * 89 // 2
    assert both.agreement.r == pytest.approx(np.corrcoef(a, b)[0, 1], abs=1e-5)
    assert both.agreement.rmse == pytest.approx(np.sqrt(np.mean((a - b) ** 2)), rel=1e-5)


def test_empty_bins_are_left_out_of_the_rmse():
    assert ld.decay_rmse(np.array([0.5, np.nan, 0.2]), np.array([0.1, 0.3, 0.2])) == pytest.approx(
        0.4 / np.sqrt(2)
    )
    assert np.isnan(ld.decay_rmse(np.array([np.nan]), np.array([0.3])))


def test_one_variant_has_no_pairs():
    one = ld.decay(np.array([[0], [1]], np.uint8), np.array(["1"]), np.array([5]), ld.log_bins(2))
    assert one.n_pairs.sum() == 0
