from itertools import combinations

import allel
import numpy as np
import pytest

from genome_ac_gan.popgen.spectrum import folded, pairwise_differences, projected_spectrum, projection


@pytest.fixture
def x():
    rng = np.random.default_rng(6)
    return (rng.random((9, 60)) < rng.beta(0.4, 0.8, 60)).astype(np.uint8)


@pytest.mark.parametrize("n", [8, 9])
def test_the_whole_spectrum_is_that_of_scikit_allel(x, n):
    x = x[:n]
    oracle = allel.sfs_folded(allel.HaplotypeArray(x.T).count_alleles(max_allele=1), n=n)
    found = folded(projected_spectrum(x.sum(axis=0, dtype=np.int64), n, n))
    assert found.tolist() == oracle[: n // 2 + 1].tolist()


@pytest.mark.parametrize("m", [2, 5, 6])
def test_the_projection_is_the_mean_over_all_choices_of_chromosomes(x, m):
    choices = list(combinations(range(9), m))
    expected = np.zeros(m // 2 + 1)
    for choice in choices:
        copies = x[list(choice)].sum(axis=0, dtype=int)
        expected += np.bincount(np.minimum(copies, m - copies), minlength=m // 2 + 1)
    found = folded(projected_spectrum(x.sum(axis=0, dtype=np.int64), 9, m))
    np.testing.assert_allclose(found, expected / len(choices), rtol=1e-10)


def test_chances_of_large_sets_sum_to_one():
    chances = projection(5008, 100)
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-9)
    np.testing.assert_allclose(chances @ np.arange(101), np.arange(5009) * 100 / 5008, rtol=1e-9)


def test_pairwise_differences_do_not_depend_on_the_projection(x):
    counts = x.sum(axis=0, dtype=np.int64)
    oracle = allel.mean_pairwise_difference(allel.HaplotypeArray(x.T).count_alleles(max_allele=1)).sum()
    for m in range(2, 10):
        assert pairwise_differences(folded(projected_spectrum(counts, 9, m)), m) == pytest.approx(oracle)


def test_a_neutral_sample_has_one_over_j_variants_of_each_class():
    msprime = pytest.importorskip("msprime")
    trees = msprime.sim_ancestry(
        40, population_size=1e4, sequence_length=2e6, recombination_rate=2e-8, random_seed=3
    )
    trees = msprime.sim_mutations(
        trees, rate=2e-8, random_seed=3, model=msprime.BinaryMutationModel(), discrete_genome=False
    )
    counts = trees.genotype_matrix().sum(axis=1, dtype=np.int64)
    found = folded(projected_spectrum(counts, 80, 20))
    j = np.arange(1, 11)
    expected = 1 / j + np.where(j < 10, 1 / (20 - j), 0)
    np.testing.assert_allclose(found[1:] / found[1:].sum(), expected / expected.sum(), rtol=0.25)
