import allel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genome_ac_gan.popgen import haplotypes
from genome_ac_gan.popgen.haplotypes import haplotype_diversity, window_haplotypes, windows


def few_haplotypes(seed, n=60, n_variants=100, n_founders=7):
    rng = np.random.default_rng(seed)
    founders = (rng.random((n_founders, n_variants)) < 0.3).astype(np.uint8)
    x = founders[rng.integers(n_founders, size=n)]
    x[rng.random(x.shape) < 0.01] ^= 1
    return x


def test_windows_stay_on_their_contig_and_leave_out_the_remainder():
    contig = np.repeat(["1", "2", "3"], [7, 2, 3])
    assert windows(contig, 3) == [slice(0, 3), slice(3, 6), slice(7, 9), slice(9, 12)]
    assert windows(contig[:0], 3) == []


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 7, 50, 64, 65, 150]))
def test_rows_have_equal_numbers_where_their_alleles_are_equal(seed, width):
    x = few_haplotypes(seed, n=12, n_variants=150)
    among = windows(np.full(150, "1"), width)
    numbers = window_haplotypes(x, among)
    for column, window in enumerate(among):
        same = (x[:, None, window] == x[None, :, window]).all(axis=2)
        assert np.array_equal(numbers[:, [column]] == numbers[:, column], same)
        assert set(numbers[:, column]) == set(range(numbers[:, column].max() + 1))


@pytest.mark.parametrize("block", [1, 4, 16])
def test_statistics_are_those_of_scikit_allel(monkeypatch, block):
    monkeypatch.setattr(haplotypes, "BLOCK", block)
    x = few_haplotypes(1)
    found = haplotype_diversity(window_haplotypes(x, windows(np.full(100, "1"), 10)))
    h1, h12, _, h2_h1 = allel.moving_garud_h(x.T, size=10)
    assert np.allclose(found.h1, h1)
    assert np.allclose(found.h12, h12)
    assert np.allclose(found.h2_h1, h2_h1)
    assert np.allclose(found.diversity, allel.moving_haplotype_diversity(x.T, size=10))


def test_weights_are_repeated_rows():
    numbers = window_haplotypes(few_haplotypes(2), windows(np.full(100, "1"), 20))
    times = np.random.default_rng(3).integers(0, 4, 60)
    weighted = haplotype_diversity(numbers, times / 7)
    repeated = haplotype_diversity(np.repeat(numbers, times, axis=0))
    for name in ("h1", "h12", "h2_h1"):
        assert np.allclose(getattr(weighted, name), getattr(repeated, name))


def test_one_haplotype_has_no_diversity_and_unlike_rows_have_all():
    for numbers, expected in ((np.zeros(5, int), (0, 1, 1, 0)), (np.arange(5), (1, 0.2, 0.28, 0.8))):
        found = haplotype_diversity(numbers[:, None])
        values = np.concatenate([found.diversity, found.h1, found.h12, found.h2_h1])
        assert values == pytest.approx(expected)
