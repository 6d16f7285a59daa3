"""Rows of a table from what a metric scored in each draw, plain and with people weighted at random."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from genome_ac_gan.metrics.base import summary

Scores = dict[tuple[str, str], float]  # by population and statistic
Limits = tuple[float, float]


def summarised(
    plain: Sequence[Scores],
    weighted: Sequence[Scores],
    n: Mapping[str, int],
    limits: Callable[[str], Limits] | Limits = (0.0, 1.0),
) -> list[dict[str, Any]]:
    """Return rows whose value is the mean of the plain scores and whose interval is that of the weighted ones.

    Parameters
    ----------
    plain, weighted
        One entry a draw; weighted draws are centred on the value.
    n
        How many rows are judged, by population; other populations are left out.
    limits
        Range of all statistics, or a function that gives that of one.

    A statistic that is undefined (missing or NaN) in one draw has no row.
    """
    rows = []
    for key in plain[0]:
        values, draws = (np.array([scores.get(key, np.nan) for scores in each]) for each in (plain, weighted))
        if key[0] in n and np.isfinite(values).all() and np.isfinite(draws).all():
            limit = limits(key[1]) if callable(limits) else limits
            rows.append(summary(*key, draws, n[key[0]], value=float(values.mean()), limits=limit))
    return rows
