import itertools

import numpy as np
import pytest
from scipy import stats

from genome_ac_gan.popgen import density
from genome_ac_gan.popgen.distance import hamming

EVERY = np.array(list(itertools.product([0, 1], repeat=9)), np.uint8)
ROWS = (np.random.default_rng(0).random((5, 9)) < 0.4).astype(np.uint8)


def test_probabilities_of_all_haplotypes_sum_to_one():
    sites = density.log_site_density(EVERY, density.smoothed_frequencies(ROWS), tile=100)
    copies = density.log_copy_density(hamming(EVERY, ROWS), 9, 0.1, tile=100)
    assert np.exp(sites).sum() == pytest.approx(1)
    assert np.exp(copies).sum() == pytest.approx(1)


def test_sites_are_independent_bernoulli_draws():
    frequency = density.smoothed_frequencies(ROWS)
    assert frequency == pytest.approx((ROWS.sum(axis=0) + 0.5) / 6)
    expected = stats.bernoulli.logpmf(EVERY, frequency).sum(axis=1)
    assert density.log_site_density(EVERY, frequency) == pytest.approx(expected, abs=1e-5)


def test_copies_are_the_mean_over_the_set():
    distance = hamming(EVERY, ROWS)
    expected = (0.1**distance * 0.9 ** (9 - distance)).mean(axis=1)
    assert np.exp(density.log_copy_density(distance, 9, 0.1)) == pytest.approx(expected, rel=1e-5)


def test_far_rows_do_not_underflow():
    distance = np.array([[9000.0, 9001.0], [0.0, 10000.0]], np.float32)
    found = density.log_copy_density(distance, 10000, 0.01)
    assert np.isfinite(found).all()
    assert found[0] == pytest.approx(
        9000 * np.log(0.01) + 1000 * np.log(0.99) + np.log((1 + 0.01 / 0.99) / 2), rel=1e-6
    )


def test_the_error_rate_is_bounded():
    assert density.copying_error(np.array([2, 3, 10]), 20) == 0.15
    assert density.copying_error(np.array([0, 0]), 20) == 0.025
    assert density.copying_error(np.array([0, 0]), 1) == 0.5
