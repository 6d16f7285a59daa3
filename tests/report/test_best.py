"""Which set is marked the best: only where intervals part."""

import math
from itertools import permutations

import pytest

from genome_ac_gan.report import best


@pytest.mark.parametrize(
    ("intervals", "ideal", "winner"),
    [
        ({"a": (0.1, 0.2), "b": (0.3, 0.4)}, 0, "a"),
        ({"a": (0.1, 0.3), "b": (0.2, 0.4)}, 0, None),  # they overlap
        ({"a": (0.1, 0.2), "b": (0.2, 0.4)}, 0, None),  # they touch
        ({"a": (0.90, 0.95), "b": (0.97, 0.99)}, 1, "b"),
        ({"a": (0.3, 0.4), "b": (0.55, 0.58)}, 0.5, "b"),  # on either side of the ideal
        ({"a": (0.4, 0.6), "b": (0.45, 0.55)}, 0.5, None),  # both hold the ideal
        (
            {"a": (0.45, 0.55), "b": (0.6, 0.7)},
            0.5,
            "a",
        ),  # one holds it, and the other is farther than its ends
        ({"a": (0.3, 0.55), "b": (0.6, 0.7)}, 0.5, None),  # one end is farther than the other's near end
        ({"a": (0.1, 0.2)}, 0, None),  # nothing to compare with
        ({}, 0, None),
        ({"a": (0.1, 0.2), "b": (0.3, 0.4), "c": (0.15, 0.5)}, 0, None),
        ({"a": (0.1, 0.2), "b": (0.3, 0.4), "c": (0.3, 0.5)}, 0, "a"),
        ({"a": (0.1, 0.1), "b": (0.3, 0.4)}, 0, None),  # a value without an interval is no claim
        ({"a": (0.1, 0.2), "b": (0.3, 0.3)}, 0, None),
        ({"a": (0.1, 0.1 + 1e-15), "b": (0.3, 0.4)}, 0, None),  # nor is one of rounding
        ({"a": (0.1, 0.2), "b": (math.nan, math.nan)}, 0, None),
    ],
)
def test_the_best_set(intervals, ideal, winner):
    for order in permutations(intervals):
        assert best({name: intervals[name] for name in order}, ideal) == winner
