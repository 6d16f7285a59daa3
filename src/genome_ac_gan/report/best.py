"""Which of several sets of artificial genomes a statistic calls the best, if any."""

import math
from collections.abc import Mapping


def best(intervals: Mapping[str, tuple[float, float]], ideal: float) -> str | None:
    """Return the set that lies nearer to the ideal than every other; None where intervals do not part.

    Each interval is read as a range of distances from the ideal (from 0 when it
    holds the ideal). A set is the best when the farthest end of its range is
    nearer than the nearest end of every other's. A value without an interval
    (`lower` equals `upper`, or either is no number) is no claim of certainty:
    where one set has none, and where there is one set only, none is marked.

    Parameters
    ----------
    intervals
        Name of the set -> (lower, upper).
    ideal
        Of the statistic.
    """
    ranges = {name: _distances(lower, upper, ideal) for name, (lower, upper) in intervals.items()}
    if len(ranges) < 2 or any(not near < far for near, far in ranges.values()):
        return None
    first, second = sorted(ranges, key=lambda name: ranges[name])[:2]
    return first if ranges[first][1] < ranges[second][0] else None


def has_width(lower: float, upper: float) -> bool:
    """Return whether there is an interval at all: not a value repeated, up to rounding, nor no number."""
    return upper - lower > 1e-9 * max(abs(lower), abs(upper))


def _distances(lower: float, upper: float, ideal: float) -> tuple[float, float]:
    """Return the nearest and the farthest distance of an interval; NaN when it has no width."""
    if not has_width(lower, upper):
        return math.nan, math.nan
    ends = abs(lower - ideal), abs(upper - ideal)
    return 0.0 if lower <= ideal <= upper else min(ends), max(ends)
