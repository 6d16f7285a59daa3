from dataclasses import replace

import numpy as np
import pytest

from genome_ac_gan.metrics.privacy import copies
from genome_ac_gan.panel import HaplotypePanel


def judged(comparison, repeats=5):
    return copies.METRIC(comparison, rng=np.random.default_rng(1), repeats=repeats).table


def values(table, population="all"):
    own = table[table.population == population]
    return dict(zip(own.statistic, own.value, strict=True))


def with_rows(panel: HaplotypePanel, x):
    return replace(panel, haplotypes=x)


def test_copies_and_duplicates_are_shares_of_the_synthetic_rows(comparison):
    x = comparison.synthetic.haplotypes.copy()
    x[:40] = comparison.train.haplotypes[:40]
    x[40:60] = x[60]
    found = values(judged(replace(comparison, synthetic=with_rows(comparison.synthetic, x))))
    assert found["identical_to_train"] == pytest.approx(40 / 400)
    assert found["duplicates"] == pytest.approx(21 / 400)


def test_a_row_of_one_difference_is_nearly_a_copy_and_one_of_two_is_not(comparison):
    x = np.zeros_like(comparison.synthetic.haplotypes)
    x[:] = 1 - comparison.train.haplotypes[0]  # near to nobody
    x[:30] = comparison.train.haplotypes[:30]
    x[:30, 7] ^= 1
    x[30:50] = comparison.train.haplotypes[30:50]
    x[30:50, [7, 9]] ^= 1
    found = values(judged(replace(comparison, synthetic=with_rows(comparison.synthetic, x))))
    assert found["identical_to_train"] == 0
    assert found["near_identical_to_train"] == pytest.approx(30 / 400)
    assert copies.near_limit(10_000) == 5
    assert copies.near_limit(300) == 1


@pytest.mark.parametrize("population", ["all", "AFR", "EUR"])
def test_what_real_people_share_by_chance_is_subtracted(comparison, population):
    held = comparison.holdout.haplotypes.copy()
    held[::10] = comparison.train.haplotypes[::20]  # 20 rows
    held[::10, 0] ^= 1
    data = replace(
        comparison,
        holdout=with_rows(comparison.holdout, held),
        synthetic=with_rows(comparison.synthetic, comparison.train.haplotypes),
    )
    found = values(judged(data), population)
    assert found["holdout_identical"] == 0
    assert found["holdout_near_identical"] == pytest.approx(0.1)
    assert found["excess"] == pytest.approx(0.9)


def test_shares_of_a_population_are_those_of_a_direct_count(comparison):
    table = judged(comparison)
    train = comparison.train.haplotypes.astype(int)
    for population in comparison.populations:
        own = comparison.synthetic.of(population).haplotypes
        nearest = np.array([np.abs(train - row).sum(axis=1).min() for row in own])
        assert values(table, population)["near_identical_to_train"] == pytest.approx((nearest <= 1).mean())
