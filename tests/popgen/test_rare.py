import itertools
from collections import Counter

import numpy as np
import pytest

from genome_ac_gan.popgen import rare


@pytest.fixture(scope="module")
def rows():
    """31 haplotypes of 16 people, the last of them haploid, at 20 variants; two thirds of alleles 1 are common."""
    rng = np.random.default_rng(3)
    return (rng.random((31, 20)) < rng.choice([0.1, 0.3, 0.9], 20)).astype(np.uint8)


PERSON = np.arange(31) // 2
PARTNER = np.append(np.arange(30) ^ 1, 30)


def alleles_of(x):
    return rare.rarer_alleles(x.sum(axis=0, dtype=np.int64), len(x))


def people_with(x, alleles, combination):
    return {PERSON[row] for row in range(len(x)) if all(x[row, j] == alleles[j] for j in combination)}


def test_the_rarer_allele_is_in_at_most_half_of_the_rows(rows):
    carried = (rows == alleles_of(rows)).mean(axis=0)
    assert (carried <= 0.5).all()
    assert rare.rarer_alleles(np.array([5, 6, 4]), 10).tolist() == [1, 0, 1]


def test_rare_variants_are_below_one_percent_and_not_absent():
    counts = np.r_[np.repeat([0, 9, 10, 991, 1000], 60), 500]
    assert rare.rare_variants(counts, 1000).tolist() == [*range(60, 120), *range(180, 240)]


def test_of_common_variants_the_rarer_half_is_taken():
    assert rare.rare_variants(np.array([0, 300, 40, 500, 960, 100]), 1000).tolist() == [2, 4, 5]
    assert rare.rare_variants(np.array([0, 1000]), 1000).tolist() == []


def test_bits_count_who_carries_a_combination(rows):
    alleles = alleles_of(rows)
    bits = rare.carrier_bits(rows, alleles, width=7)
    combinations = np.array(list(itertools.combinations(range(20), 3)))
    expected = (rows[:, combinations] == alleles[combinations]).all(axis=2).sum(axis=0)
    assert np.array_equal(rare.carriers_together(bits, combinations, tile=100), expected)
    assert expected.max() > 1


def test_only_carriers_are_those_of_a_direct_search(rows):
    x = rows.copy()
    x[:, 0] = 0
    x[4:6, 0] = 1  # both haplotypes of one person
    x[:, 1] = 0
    x[5:7, 1] = 1  # of two people
    x[:, 2] = 1
    x[30, 2] = 0
    x[:, 3] = 0  # nobody
    alleles = alleles_of(x)
    found = rare.only_carriers(x, alleles, PERSON)
    assert found[:4].tolist() == [2, -1, 15, -1]
    for j in range(20):
        people = people_with(x, alleles, [j])
        assert found[j] == (people.pop() if len(people) == 1 else -1)


def test_distinct_ranks_are_distinct_and_even():
    uniform = np.random.default_rng(0).random((30_000, 3))
    ranks = rare.distinct_ranks(uniform, 5)
    assert (np.diff(np.sort(ranks, axis=1), axis=1) > 0).all()
    assert ranks.max() == 4
    counts = Counter(map(tuple, ranks.tolist()))
    assert len(counts) == 60  # 5 * 4 * 3 ordered choices
    assert max(abs(n - 500) for n in counts.values()) < 5 * np.sqrt(500)
    assert sorted(rare.distinct_ranks(np.full((1, 4), 0.999), 4)[0].tolist()) == [0, 1, 2, 3]


def private_of(x, k, most, tries=4000):
    alleles = alleles_of(x)
    bits = rare.carrier_bits(x, alleles)
    uniform = np.random.default_rng(1).random((len(x), tries, k))
    return rare.private_combinations(x, alleles, bits, PARTNER, np.arange(len(x)), uniform, most)


def test_enough_tries_find_all_private_combinations_of_an_enumeration(rows):
    x = rows.copy()
    x[1] = x[0]  # a person whose haplotypes are alike
    x[30, 10:] = alleles_of(x)[10:]  # the haploid one carries much
    alleles = alleles_of(x)
    found = private_of(x, 3, most=10**6, tries=20_000)
    expected = {
        (row, combination)
        for row in range(31)
        for combination in itertools.combinations(np.flatnonzero(x[row] == alleles).tolist(), 3)
        if people_with(x, alleles, combination) == {PERSON[row]}
    }
    ours = list(zip(found.row.tolist(), map(tuple, found.variants.tolist()), strict=True))
    assert len(ours) == len(set(ours))
    assert set(ours) == expected
    assert {0, 1, 30} <= {row for row, _ in expected}


def test_a_haplotype_gives_no_more_than_asked_for_and_none_when_it_carries_too_few(rows):
    found = private_of(rows, 3, most=2)
    assert max(Counter(found.row.tolist()).values()) == 2
    assert private_of(np.zeros_like(rows), 3, most=2).variants.shape == (0, 3)


def test_shuffling_keeps_each_variant_as_often_within_its_group():
    combinations = np.sort(np.random.default_rng(0).integers(0, 50, (40, 4)), axis=1)
    group = np.repeat(["a", "b"], [30, 10])
    shuffled = rare.shuffled_combinations(combinations, group, np.random.default_rng(1).random((4, 40)))
    for name in ("a", "b"):
        own = group == name
        assert sorted(shuffled[own].ravel()) == sorted(combinations[own].ravel())
    assert (np.diff(shuffled, axis=1) >= 0).all()
    assert (shuffled != combinations).any(axis=1).mean() > 0.9
