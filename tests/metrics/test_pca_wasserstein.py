from dataclasses import replace

import pytest

from genome_ac_gan.metrics import evaluate


def readings(comparison, repeats=3):
    table = evaluate(comparison, ["pca-wasserstein"], seed=1, repeats=repeats).table
    return table.set_index(["population", "statistic"])


def test_a_set_as_large_as_the_holdout_set_is_judged_with_every_row_once(comparison):
    same = readings(replace(comparison, synthetic=comparison.holdout))
    assert same.value.to_numpy() == pytest.approx(0, abs=0.05)  # single precision of projections
    assert (same.upper > same.value).all()  # the interval still holds that other rows could have come


def test_one_row_less_than_needed_for_subsets_does_not_raise_the_distance(comparison):
    n = comparison.holdout.n_haplotypes
    ours = comparison.synthetic[::2]  # as many rows of each population as the holdout set
    assert ours.n_haplotypes == n
    every, subsets = (
        readings(replace(comparison, synthetic=synthetic), 10).value.loc["all"]
        for synthetic in (ours, comparison.synthetic)
    )
    for statistic in ("corrected", "sliced", "joint"):
        assert every[statistic] < 1.1 * subsets[statistic]
