import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genome_ac_gan.popgen.matching import longest_matches, match_starts


def slow_starts(queries, references, *, own=False):
    """Walk back from each site along each pair of rows."""
    starts = np.empty(queries.T.shape, dtype=int)  # (n_sites, n)
    for row, query in enumerate(queries):
        others = [other for index, other in enumerate(references) if not (own and index == row)]
        for site in range(len(query)):
            starts[site, row] = min((walk_back(query, other, site) for other in others), default=site + 1)
    return starts


def walk_back(query, other, site):
    start = site + 1
    while start > 0 and query[start - 1] == other[start - 1]:
        start -= 1
    return start


def slow_longest(query, references, contig, place):
    """Return the largest span over all segments on one contig that one reference shares, -1 without any."""
    spans = [
        place[last] - place[first]
        for other in references
        for first in range(len(query))
        for last in range(first, len(query))
        if contig[first] == contig[last] and np.array_equal(query[first : last + 1], other[first : last + 1])
    ]
    return max(spans, default=-1)


def random_rows(rng, n, n_sites):
    """Return rows with common and rare alleles, some of them copies of each other in parts."""
    x = (rng.random((n, n_sites)) < rng.beta(0.5, 1.5, n_sites)).astype(np.uint8)
    for row in range(1, n):
        a, b = np.sort(rng.integers(0, n_sites + 1, 2))
        x[row, a:b] = x[rng.integers(row), a:b]
    return x


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(0, 8), st.integers(1, 25))
def test_match_starts_are_those_of_walking_back_along_every_pair(seed, n, m, n_sites):
    x = random_rows(np.random.default_rng(seed), n + m, n_sites)
    queries, references = x[:n], x[n:]
    assert np.array_equal(list(match_starts(queries, references)), slow_starts(queries, references))
    others = slow_starts(queries, queries, own=True)
    assert np.array_equal(list(match_starts(queries, None)), others)


def test_sites_are_taken_across_blocks(monkeypatch):
    x = random_rows(np.random.default_rng(3), 12, 40)
    whole = np.array(list(match_starts(x[:5], x[5:])))
    monkeypatch.setattr("genome_ac_gan.popgen.matching.WIDTH", 7)
    assert np.array_equal(list(match_starts(x[:5], x[5:])), whole)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_longest_segment_is_that_of_all_pairs_and_segments_on_each_scale(seed):
    rng = np.random.default_rng(seed)
    x = random_rows(rng, 9, 18)
    contig = np.repeat(["1", "2"], [11, 7])
    scales = [np.cumsum(rng.integers(1, 500, 18)), np.cumsum(rng.random(18) < 0.5) / 10, np.arange(18)]
    found = longest_matches(x[:4], x[4:], contig, scales)
    for place, segments in zip(scales, found, strict=True):
        for row, (first, last) in enumerate(zip(segments.first, segments.last, strict=True)):
            expected = slow_longest(x[row], x[4:], contig, place)
            assert segments.span(place)[row] == max(expected, 0)
            assert (last >= first) == (expected >= 0)
            assert contig[first] == contig[max(first, last)]
            assert any(np.array_equal(x[row, first : last + 1], other[first : last + 1]) for other in x[4:])


def test_among_equally_long_segments_the_first_is_returned():
    query, reference = np.zeros((1, 7), np.uint8), np.array([[0, 0, 1, 0, 1, 0, 0]], np.uint8)
    (segments,) = longest_matches(query, reference, np.full(7, "1"), [np.arange(7)])
    assert (segments.first[0], segments.last[0], segments.n_variants[0]) == (0, 1, 2)


def test_a_copy_shares_its_longest_contig():
    x = random_rows(np.random.default_rng(5), 6, 30)
    contig = np.repeat(["1", "2"], [10, 20])
    (segments,) = longest_matches(x, x, contig, [np.arange(30)])
    assert (segments.first == 10).all()
    assert (segments.last == 29).all()


def test_a_row_is_not_compared_with_itself_among_its_own():
    x = np.array([[0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1]], np.uint8)
    (segments,) = longest_matches(x, None, np.full(4, "1"), [np.arange(4)])
    assert segments.n_variants.tolist() == [2, 2, 2]
    assert segments.first.tolist() == [2, 0, 0]


@pytest.mark.parametrize("references", [np.ones((3, 5), np.uint8), np.empty((0, 5), np.uint8)])
def test_a_row_that_shares_no_allele_has_an_empty_segment(references):
    (segments,) = longest_matches(np.zeros((2, 5), np.uint8), references, np.full(5, "1"), [np.arange(5)])
    assert segments.n_variants.tolist() == [0, 0]
    assert segments.span(np.arange(10, 15)).tolist() == [0, 0]
