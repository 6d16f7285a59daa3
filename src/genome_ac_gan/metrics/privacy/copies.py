"""Synthetic rows that are a training row, or nearly one."""

from typing import Any

import numpy as np

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
from genome_ac_gan.metrics.draws import weightings
from genome_ac_gan.metrics.privacy.neighbours import nearest_rows
from genome_ac_gan.popgen.distance import found_in, repeated

NEAR = 2000  # one variant in so many may differ


def copies(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Share of synthetic haplotypes that equal, or almost equal, a training haplotype, and how many of real ones do.

    - `identical_to_train`: equal to a train row at every variant;
      `holdout_identical` is the same of holdout rows.
    - `near_identical_to_train`, `holdout_near_identical`: at most one variant in
      2,000 differs from the nearest train row, 5 of 10,000; one may always.
    - `excess`: `near_identical_to_train` - `holdout_near_identical`. In a short
      region people who never met share haplotypes; what exceeds that is copied.
    - `duplicates`: equal to another synthetic row.

    Over all synthetic, all train and all holdout rows; a population's are its
    own rows against all train rows. Values are of the full sets; intervals from
    weighting the people of synthetic and holdout set at random (Bayesian
    bootstrap). A share of 0 has no interval. `n` is the number of rows of the
    set that the share is of, of the synthetic set for `excess`. The share of
    identical rows is the identical-match rate of SNPgen (arXiv:2603.10873).
    """
    most = near_limit(data.holdout.n_variants)
    verdicts = {
        "identical_to_train": found_in(data.synthetic.haplotypes, data.train.haplotypes),
        "near_identical_to_train": nearest_rows(data.synthetic, data.train).distance <= most,
        "duplicates": repeated(data.synthetic.haplotypes),
        "holdout_identical": found_in(data.holdout.haplotypes, data.train.haplotypes),
        "holdout_near_identical": nearest_rows(data.holdout, data.train).distance <= most,
    }
    panels = {name: data.holdout if name.startswith("holdout") else data.synthetic for name in verdicts}
    weights = {panel: weightings(panel, repeats, rng) for panel in (data.synthetic, data.holdout)}
    table: list[dict[str, Any]] = []
    for population in (POOLED, *data.populations):
        shares = {}
        for name, verdict in verdicts.items():
            rows = data.rows_of(panels[name], population)
            own = weights[panels[name]][:, rows]
            shares[name] = own @ verdict[rows] / own.sum(axis=1)
            table.append(weighted_row(population, name, shares[name], int(rows.sum()), (0.0, 1.0)))
        excess = shares["near_identical_to_train"] - shares["holdout_near_identical"]
        n = int(data.rows_of(data.synthetic, population).sum())
        table.append(weighted_row(population, "excess", excess, n, (-1.0, 1.0)))
    return MetricResult(table=as_table(table))


def near_limit(n_variants: int) -> int:
    """Return how many variants of a near-identical row may differ."""
    return max(1, n_variants // NEAR)


METRIC = Metric(
    function=copies, title="Copies of training haplotypes", group="privacy", headline="excess",
    statistics={
        "excess": Statistic(
            ideal=0, name="near-copies beyond chance",
            about="How many more artificial genomes than unseen real people are practically a training haplotype. "
            "0 is ideal.",
        ),
        "identical_to_train": Statistic(
            ideal=0, name="identical to a training haplotype",
            about="Share of artificial genomes that are a training haplotype, allele by allele. In a long region it "
            "should be 0; in a short one people share haplotypes by chance.",
        ),
        **statistics(
            near_identical_to_train=0, duplicates=0, holdout_identical=0, holdout_near_identical=0,
        ),
    },
)  # fmt: skip
