"""Distance to the closest training row, and how much closer that is than the second, against unseen people."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from genome_ac_gan.metrics.base import (
    POOLED,
    Comparison,
    Metric,
    MetricResult,
    Statistic,
    as_table,
    statistics,
    weighted_row,
)
from genome_ac_gan.metrics.draws import MIN_ROWS, weightings
from genome_ac_gan.metrics.privacy.neighbours import nearest_rows
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.ranks import (
    in_lowest_part,
    kolmogorov_smirnov,
    median,
    on_one_grid,
    smaller,
)

if TYPE_CHECKING:
    from pandas import DataFrame

Floats = npt.NDArray[np.float64]
LOW = 0.05
RATIOS = {"nndr_below_08_excess": 0.8, "nndr_below_05_excess": 0.5}
LIMITS = {"below_holdout_5": (0.0, 1.0), "closer_than_holdout": (0.0, 1.0), "ks": (0.0, 1.0)}
SHARES = np.linspace(0, 1, 101)


def closest_record(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Hamming distance to the closest training haplotype (DCR), of synthetic haplotypes against that of unseen people.

    d1 is the distance of a row to its nearest train row, d2 to the second
    nearest; NNDR = d1 / d2, and 1 when both are 0. Holdout rows are measured
    against the same train rows.

    - `closer_than_holdout`: chance that the DCR of a synthetic row is below that
      of a holdout row, ties one half (Mann-Whitney).
    - `below_holdout_5`: share of synthetic rows in the lowest 5% of holdout DCRs;
      of rows at the percentile itself the part counts that makes it 5% for the
      holdout rows.
    - `median_ratio`: median DCR, synthetic over holdout; no row when that of the
      holdout is 0.
    - `ks`: Kolmogorov-Smirnov distance of the two distributions of DCR.
    - `nndr_median_difference`, `nndr_below_08_excess`, `nndr_below_05_excess`:
      median NNDR, share below .8 and share below .5, synthetic minus holdout.

    Over all rows; a population's (at least 20 rows of it in either set) are its
    own rows against all train rows. Values are of the full sets; intervals from
    weighting the people of synthetic and holdout set at random (Bayesian
    bootstrap), centred on the value. `n` is the number of synthetic rows. The
    curve holds quantiles of DCR, the median at share .5. After SNPgen
    (arXiv:2603.10873).
    """
    import pandas as pd

    panels = {"synthetic": data.synthetic, "holdout": data.holdout}
    records = {name: _records(panel, data.train) for name, panel in panels.items()}
    weights = {name: weightings(panel, repeats, rng) for name, panel in panels.items()}
    table: list[dict[str, Any]] = []
    curves: list[DataFrame] = []
    for population in (POOLED, *data.populations):
        rows = {name: data.rows_of(panel, population) for name, panel in panels.items()}
        n = {name: int(own.sum()) for name, own in rows.items()}
        if population != POOLED and min(n.values()) < MIN_ROWS:
            continue
        found = {name: records[name][:, own] for name, own in rows.items()}
        own_weights = {name: weights[name][:, own] for name, own in rows.items()}
        for statistic, values in _compared(found, own_weights).items():
            limits = LIMITS.get(statistic, (-np.inf, np.inf))
            table.append(weighted_row(population, statistic, values, n["synthetic"], limits))
        curves.extend(_quantiles(population, name, found[name][0]) for name in panels)
    return MetricResult(
        table=as_table(table), curves={"closest-record": pd.concat(curves, ignore_index=True)}
    )


def _records(panel: HaplotypePanel, train: HaplotypePanel) -> Floats:
    """Return DCR and NNDR of each row, (2, n)."""
    found = nearest_rows(panel, train)
    ratio = np.divide(found.distance, found.second, out=np.ones(len(found.second)), where=found.second > 0)
    return np.stack([found.distance, ratio])


def _compared(found: dict[str, Floats], weights: dict[str, Floats]) -> dict[str, Floats]:
    """Return each statistic under each weighting, from DCR and NNDR of either set."""
    (synthetic, synthetic_ratio), (holdout, holdout_ratio) = found["synthetic"], found["holdout"]
    both = weights["synthetic"], weights["holdout"]
    grid, ours, theirs = on_one_grid(synthetic, holdout, *both)
    middle, theirs_middle = median(grid, ours), median(grid, theirs)
    result = {
        "closer_than_holdout": smaller(ours, theirs),
        "below_holdout_5": in_lowest_part(ours, theirs, LOW),
        "median_ratio": np.divide(
            middle, theirs_middle, out=np.full(len(middle), np.nan), where=theirs_middle > 0
        ),
        "ks": kolmogorov_smirnov(ours, theirs),
    }
    grid, ours, theirs = on_one_grid(synthetic_ratio, holdout_ratio, *both)
    result["nndr_median_difference"] = median(grid, ours) - median(grid, theirs)
    for statistic, limit in RATIOS.items():
        below = grid < limit
        result[statistic] = (ours - theirs)[:, below].sum(axis=1)
    return result


def _quantiles(population: str, panel: str, values: npt.NDArray[np.float64]) -> "DataFrame":
    import pandas as pd

    distance = np.quantile(values, SHARES)
    return pd.DataFrame({"population": population, "panel": panel, "share": SHARES, "distance": distance})


METRIC = Metric(
    function=closest_record, title="Distance to the closest training haplotype", group="privacy",
    headline="closer_than_holdout",
    statistics={
        "closer_than_holdout": Statistic(
            ideal=0.5, name="closer to training than unseen people",
            about="How often an artificial genome lies closer to its nearest training haplotype than an unseen real "
            "one does. One half is ideal; towards 1, training haplotypes shine through; towards 0, artificial "
            "genomes are unlike real ones.",
        ),
        "below_holdout_5": Statistic(
            ideal=LOW, name="as close as the closest 5% of people",
            about="Share of artificial genomes as close to a training haplotype as the closest 5% of unseen people. "
            "5% is ideal.",
        ),
        **statistics(
            median_ratio=1, ks=0, nndr_median_difference=0, nndr_below_08_excess=0, nndr_below_05_excess=0,
        ),
    },
)  # fmt: skip
