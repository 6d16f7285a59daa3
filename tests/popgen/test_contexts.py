"""Sparse counts of contexts against sets and dictionaries."""

from collections import Counter

import numpy as np
import pytest

from genome_ac_gan.popgen.backoff import ladder, levels
from genome_ac_gan.popgen.contexts import Stretch, context_counts, narrow

CONTIG = np.repeat(["1", "2"], [13, 7])


def rows(n=60, seed=1):
    rng = np.random.default_rng(seed)
    founders = rng.integers(0, 2, (4, len(CONTIG)))
    return (founders[rng.integers(0, 4, n)] ^ (rng.random((n, len(CONTIG))) < 0.1)).astype(np.uint8)


def context(row, site, length):
    start = 13 if site >= 13 else 0
    return row[max(start, site - length) : site].tobytes()


@pytest.mark.parametrize("order", [0, 1, 3, 12])
def test_every_context_is_stored_once_with_the_alleles_after_it(order):
    x, codes = rows(), np.arange(60) % 3
    counts = context_counts(x, codes, 3, CONTIG, order)
    assert counts.n_contexts.tolist() == [
        len({context(row, site, order) for row in x}) for site in range(len(CONTIG))
    ]
    stretch = Stretch.of(counts, slice(0, len(CONTIG)), np.arange(3))
    for site in range(len(CONTIG)):
        own = stretch.counts[stretch.first[site] : stretch.first[site + 1]]
        for place in range(3):
            seen = Counter((context(row, site, order), row[site]) for row in x[codes == place])
            assert Counter(own[:, 1 + place].ravel()[own[:, 1 + place].ravel() > 0]) == Counter(seen.values())
        assert np.array_equal(own[:, 0], own[:, 1:].sum(axis=1))


def test_shorter_contexts_are_sums_over_neighbours():
    x, order = rows(), 12
    counts = context_counts(x, np.zeros(60, int), 1, CONTIG, order)
    available = np.concatenate([np.arange(13), np.arange(7)])
    found = levels(Stretch.of(counts, slice(5, 20), np.arange(1)), available[5:])
    assert ladder(order) == [0, 1, 3, 6, 12]
    for length, level in zip(ladder(order), found, strict=True):
        expected = [
            sorted(Counter(context(row, site, length) for row in x).values()) for site in range(5, 20)
        ]
        assert sorted(level.counts[:, 0].sum(axis=1)) == sorted(n for each in expected for n in each)


@pytest.mark.parametrize(("most", "widest"), [(1, 99), (10**6, 4), (50, 6), (10**6, 99)])
def test_stretches_cover_all_sites_in_order(most, widest):
    counts = context_counts(rows(), np.zeros(60, int), 1, CONTIG, 4)
    found = counts.stretches(most, widest)
    assert [site for sites in found for site in range(sites.start, sites.stop)] == list(range(len(CONTIG)))
    for sites in found:
        n = int(counts.first[sites.stop] - counts.first[sites.start])
        assert n <= most or sites.stop - sites.start == 1
        assert sites.stop - sites.start <= widest


def test_numbers_are_kept_in_the_narrowest_type_that_torch_knows():
    for most, kind in ((255, np.uint8), (256, np.int16), (2**15, np.int32), (2**31, np.int64)):
        assert narrow(np.array([0, most])).dtype == kind
    assert narrow(np.array([], dtype=np.int64)).dtype == np.uint8
