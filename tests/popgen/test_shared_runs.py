import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genome_ac_gan.popgen import runs
from genome_ac_gan.popgen.runs import gaps_at, shared_runs


def walk(a, b, gap, contig):
    """Step from the gap to the left and right until the rows differ or the contig ends."""
    left, right = gap, gap + 1
    while a[left] == b[left] and left > 0 and contig[left - 1] == contig[gap]:
        left -= 1
    while a[right] == b[right] and right + 1 < len(a) and contig[right + 1] == contig[gap]:
        right += 1
    return left, right


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 50))
def test_runs_are_those_found_step_by_step(seed, percent):
    rng = np.random.default_rng(seed)
    x = (rng.random((6, 20)) < percent / 100).astype(np.uint8)
    contig = np.repeat(["1", "2"], [12, 8])
    pairs, before = rng.integers(0, 6, (9, 2)), gaps_at(contig, rng.random((9, 4)))
    left, right = shared_runs(x, pairs, before, contig)
    for (first, second), gaps, *found in zip(pairs, before, left, right, strict=True):
        expected = [walk(x[first], x[second], gap, contig) for gap in gaps]
        assert [*zip(*found, strict=True)] == expected


def test_pairs_are_taken_in_chunks(monkeypatch):
    rng = np.random.default_rng(1)
    x = (rng.random((6, 30)) < 0.2).astype(np.uint8)
    pairs, before = rng.integers(0, 6, (11, 2)), rng.integers(0, 29, (11, 3))
    whole = shared_runs(x, pairs, before, np.full(30, "1"))
    monkeypatch.setattr(runs, "CHUNK", 4)
    assert np.array_equal(shared_runs(x, pairs, before, np.full(30, "1")), whole)


def test_gaps_are_equally_likely_and_never_between_contigs():
    share = (np.arange(3000) + 0.5) / 3000
    gaps, counts = np.unique(gaps_at(np.array(["1", "1", "2", "2", "2"]), share), return_counts=True)
    assert gaps.tolist() == [0, 2, 3]
    assert counts.tolist() == [1000, 1000, 1000]


@pytest.mark.parametrize("n_variants", [0, 1, 2])
def test_there_are_no_gaps_without_two_variants_of_a_contig(n_variants):
    with pytest.raises(ValueError, match="two variants"):
        gaps_at(np.array(["1", "2"])[:n_variants], np.array([0.5]))
