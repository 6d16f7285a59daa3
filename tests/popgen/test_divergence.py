import allel
import numpy as np
import pytest

from genome_ac_gan.popgen.divergence import (
    difference_correlations,
    hudson_fst,
    moments,
    weir_cockerham_fst,
)

SIZES = (14, 30, 9)


@pytest.fixture
def populations():
    """Three samples of haplotypes, unequal in size; some variants are fixed in one or in all."""
    rng = np.random.default_rng(2)
    ancestral = rng.beta(0.5, 0.8, 200)
    ancestral[:5] = 0
    return [
        (rng.random((n, 200)) < np.clip(ancestral + shift * rng.normal(0, 0.2, 200) * (ancestral > 0), 0, 1))
        .astype(np.uint8)
        for n, shift in zip(SIZES, (0.3, 1, 1), strict=True)
    ]  # fmt: skip


def frequencies(populations):
    return np.array([x.mean(axis=0) for x in populations])


def over_pairs(function):
    result = np.full((3, 3), np.nan)
    for a in range(3):
        for b in range(3):
            if a != b:
                result[a, b] = function(a, b)
    return result


def test_hudson_is_that_of_scikit_allel(populations):
    counts = [allel.HaplotypeArray(x.T).count_alleles(max_allele=1) for x in populations]

    def oracle(a, b):
        numerator, denominator = allel.hudson_fst(counts[a], counts[b])
        return np.nansum(numerator) / np.nansum(denominator)

    found = hudson_fst(moments(frequencies(populations)), np.array(SIZES, float))
    np.testing.assert_allclose(found, over_pairs(oracle), rtol=1e-9)


def test_weir_and_cockerham_is_that_of_scikit_allel_for_people_who_carry_each_haplotype_twice(populations):
    def oracle(a, b):
        x = np.concatenate([populations[a], populations[b]]).T
        people = allel.GenotypeArray(np.stack([x, x], axis=2).astype("i1"))
        groups = [range(SIZES[a]), range(SIZES[a], SIZES[a] + SIZES[b])]
        parts = allel.weir_cockerham_fst(people, groups)
        between, within, heterozygous = (np.nansum(part) for part in parts)
        return between / (between + within + heterozygous)

    found = weir_cockerham_fst(moments(frequencies(populations)), np.array(SIZES, float))
    np.testing.assert_allclose(found, over_pairs(oracle), rtol=1e-9)


def test_weir_and_cockerham_is_the_haploid_formula_of_textbooks(populations):
    # Weir 1996, Genetic Data Analysis II: theta = sum of T1 / sum of T2
    def twin(a, b):
        top = bottom = 0.0
        n = np.array([SIZES[a], SIZES[b]], float)
        mean_n, n_c = n.mean(), n.sum() - (n**2).sum() / n.sum()
        for variant in range(200):
            p = np.array([populations[a][:, variant].mean(), populations[b][:, variant].mean()])
            mean = (n * p).sum() / n.sum()
            s2 = (n * (p - mean) ** 2).sum() / mean_n
            top += s2 - (mean * (1 - mean) - s2 / 2) / (mean_n - 1)
            bottom += (n_c - 1) / (mean_n - 1) * mean * (1 - mean) + (
                1 + (mean_n - n_c) / (mean_n - 1)
            ) * s2 / 2
        return top / bottom

    found = weir_cockerham_fst(moments(frequencies(populations)), np.array(SIZES, float))
    np.testing.assert_allclose(found, over_pairs(twin), rtol=1e-9)


def test_blocks_of_variants_add_up_and_cases_stand_in_front(populations):
    p = frequencies(populations)
    cases = np.stack([p, p[:, ::-1], p / 2])
    together = moments(cases[..., :70]) + moments(cases[..., 70:])
    sizes = np.tile(np.array(SIZES, float), (3, 1))
    for function in (hudson_fst, weir_cockerham_fst):
        expected = [function(moments(case), sizes[0]) for case in cases]
        np.testing.assert_allclose(function(together, sizes), expected, rtol=1e-9)


@pytest.mark.parametrize("function", [hudson_fst, weir_cockerham_fst])
def test_two_samples_of_one_population_average_zero(function):
    rng = np.random.default_rng(0)
    shared = rng.beta(0.5, 0.5, 40_000)
    p = np.array([rng.binomial(n, shared) / n for n in (4, 40, 12)])
    found = function(moments(p), np.array([4.0, 40, 12]))
    off = found[~np.eye(3, dtype=bool)]
    assert np.abs(off).max() < 0.004
    assert (off < 0).any()  # not clipped


def test_effective_sizes_keep_weighted_estimates_unbiased():
    rng = np.random.default_rng(1)
    shared = rng.beta(0.5, 0.5, 20_000)
    weights = rng.exponential(size=(2, 12))
    x = [rng.random((12, 20_000)) < shared for _ in range(2)]
    p = np.array([np.average(each, axis=0, weights=w) for each, w in zip(x, weights, strict=True)])
    effective = weights.sum(axis=1) ** 2 / (weights**2).sum(axis=1)
    assert abs(hudson_fst(moments(p), effective)[0, 1]) < 0.006
    assert hudson_fst(moments(p), np.array([12.0, 12]))[0, 1] > 0.04


def test_what_has_no_value_is_nan():
    p = np.array([[0.0, 1, 0.5], [0.0, 1, 0.25], [1.0, 1, 0.0]])
    one = hudson_fst(moments(p), np.array([2.0, 4, 1]))
    assert np.isnan(np.diagonal(one)).all()
    assert np.isnan(one[2]).all()
    assert np.isfinite(one[0, 1])
    theta = weir_cockerham_fst(moments(p), np.array([2.0, 1, 1]))
    assert np.isnan(theta[1, 2])
    assert np.isfinite(theta[0, 1])
    fixed = np.array([[0.0, 1], [0.0, 1]])
    for function in (hudson_fst, weir_cockerham_fst):
        assert np.isnan(function(moments(fixed), np.array([9.0, 9]))).all()


def test_fixed_differences_are_complete_differentiation():
    p = np.array([[0.0, 1, 0], [1.0, 0, 1]])
    assert hudson_fst(moments(p), np.array([5.0, 8]))[0, 1] == pytest.approx(1)
    assert weir_cockerham_fst(moments(p), np.array([5.0, 8]))[0, 1] == pytest.approx(1)


def test_correlations_of_differences_are_numpys(populations):
    real = frequencies(populations)
    synthetic = np.clip(real + np.random.default_rng(4).normal(0, 0.1, real.shape), 0, 1)

    def twin(a, b):
        return np.corrcoef(real[a] - real[b], synthetic[a] - synthetic[b])[0, 1]

    found = difference_correlations(moments(np.concatenate([real, synthetic])), 3)
    np.testing.assert_allclose(found, over_pairs(twin), rtol=1e-9)


def test_a_constant_difference_has_no_correlation(populations):
    real = frequencies(populations)
    synthetic = np.stack([real[0], real[0], real[2]])
    found = difference_correlations(moments(np.concatenate([real, synthetic])), 3)
    assert np.isnan(found[0, 1])
    assert np.isfinite(found[0, 2])
