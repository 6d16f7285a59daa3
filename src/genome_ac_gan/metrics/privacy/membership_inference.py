"""Attacks that guess from synthetic haplotypes who was trained on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
)
from genome_ac_gan.metrics.draws import MIN_ROWS, draw, drawn_people, equal_counts, weightings
from genome_ac_gan.metrics.privacy.attacks import Attacks, Fold, Pair
from genome_ac_gan.metrics.scores import Scores, summarised
from genome_ac_gan.popgen.ranks import on_one_grid, smaller, true_positive_rates

if TYPE_CHECKING:
    from pandas import DataFrame

Floats = npt.NDArray[np.float64]
FALSE_POSITIVES = 0.01
CURVE = np.geomspace(0.001, 1, 46)  # false-positive rates


def membership_inference(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Area under the ROC curve (AUC), and true-positive rate at 1% false positives (TPR), of attacks on membership.

    Members are train rows, non-members holdout rows, in equal numbers from each
    population; each is given a score, high for members:

    - `distance`: minus the Hamming distance to the nearest synthetic row.
    - `snp`, `kernel`: log-density under the synthetic set minus log-density
      under a reference set (DOMIAS, van Breugel et al. 2023, arXiv:2302.12580).
      `snp` is the product of allele frequencies, (carriers + 1/2) / (n + 1),
      within the row's population where the synthetic set has labels; `kernel`
      the mean over the set of e**d (1 - e)**(n_variants - d), d the Hamming
      distance, e the median distance of holdout rows to their nearest other,
      per variant.
    - `likelihood`: the log-likelihood of the model itself, where it has one;
      `likelihood_ratio`: minus the log-density `snp` of the reference set.

    The reference set is one half of the holdout people, never in train; the
    other half are the non-members; then the halves change places, and the two
    results are averaged. `_auc` counts ties one half. `_tpr` is the share of
    members strictly above the threshold (Carlini et al. 2022,
    arXiv:2112.03570); the j-th highest of n non-members stands at a
    false-positive rate of j / (n + 1), linear in between, so that guessing gives
    1% in small sets too.

    Halves and rows are drawn `repeats` times. The value is the mean over the
    draws; the interval also weights people at random (Bayesian bootstrap).
    Pooled, and within each population with at least 20 members and
    non-members. `n` is the number of either over both halves.
    """
    people = {name: weightings(data.panels[name], repeats, rng) for name in ("train", "holdout")}
    attacks = Attacks(data)
    found: list[_Judged] = []
    n: dict[str, int] = {}
    for repeat in range(repeats):
        folds, counts = _folds(data, rng)
        weights = {name: rows[[0, 1 + repeat]] for name, rows in people.items()}
        n = {POOLED: 2 * sum(counts.values()), **{name: 2 * count for name, count in counts.items()}}
        parts = _parts(counts, labelled=data.labelled)
        judged = [_judged(attacks.scores(fold), fold, weights, parts) for fold in folds]
        found.extend([_mean_of_halves(*judged)] if judged else [])
    if not found:
        return MetricResult(table=as_table([]))
    rows = summarised([each.plain for each in found], [each.weighted for each in found], n)
    return MetricResult(table=as_table(rows), curves={"membership-inference": _curve(found, n[POOLED] // 2)})


@dataclass(frozen=True)
class _Judged:
    """Scores by population and statistic, and pooled true-positive rates along the curve by attack."""

    plain: Scores
    weighted: Scores
    curves: Mapping[str, Floats]


def _folds(data: Comparison, rng: np.random.Generator) -> tuple[list[Fold], dict[str, int]]:
    """Return the two folds, rows of each population one after the other, and how many of each; none without people."""
    holdout, strata = data.holdout, data.strata(data.holdout)
    names, counted = np.unique(strata[holdout.first_rows], return_counts=True)
    halves = {str(name): int(n) // 2 for name, n in zip(names, counted, strict=True) if n > 1}
    if not halves:
        return [], {}
    first = drawn_people(holdout, strata, halves, rng)[holdout.person]
    sides = [np.where(side & np.isin(strata, list(halves)), strata, "") for side in (first, ~first)]
    train = data.strata(data.train)
    counts = equal_counts(*(side[side != ""] for side in sides), train[np.isin(train, list(halves))])
    rows = [draw(holdout, side, counts, rng) for side in sides]
    folds = [
        Fold(members=draw(data.train, train, counts, rng), others=others, reference=reference)
        for others, reference in (rows, rows[::-1])
    ]
    return folds, counts


def _parts(counts: Mapping[str, int], *, labelled: bool) -> dict[str, slice]:
    """Return where the rows of `all` and of each population stand that has enough in both folds together."""
    ends = np.cumsum(list(counts.values()))
    parts = {
        name: slice(int(end) - n, int(end))
        for (name, n), end in zip(counts.items(), ends, strict=True)
        if labelled and 2 * n >= MIN_ROWS
    }
    return {POOLED: slice(None), **parts}


def _judged(
    scores: Mapping[str, Pair], fold: Fold, weights: Mapping[str, Floats], parts: Mapping[str, slice]
) -> _Judged:
    found: tuple[Scores, Scores] = {}, {}
    curves = {}
    member_weights, other_weights = weights["train"][:, fold.members], weights["holdout"][:, fold.others]
    for attack, (members, others) in scores.items():
        for population, part in parts.items():
            own = members[part], others[part], member_weights[:, part], other_weights[:, part]
            rates = true_positive_rates(*own, np.append(CURVE, FALSE_POSITIVES))
            areas = _areas(*own)
            for index, each in enumerate(found):
                each[population, f"{attack}_auc"] = float(areas[index])
                each[population, f"{attack}_tpr"] = float(rates[index, -1])
            if population == POOLED:
                curves[attack] = rates[0, :-1]
    return _Judged(*found, curves)


def _areas(members: Floats, others: Floats, member_weights: Floats, other_weights: Floats) -> Floats:
    _, below, above = on_one_grid(others, members, other_weights, member_weights)
    return smaller(below, above)


def _mean_of_halves(first: _Judged, second: _Judged) -> _Judged:
    return _Judged(
        {key: (value + second.plain[key]) / 2 for key, value in first.plain.items()},
        {key: (value + second.weighted[key]) / 2 for key, value in first.weighted.items()},
        {attack: (rates + second.curves[attack]) / 2 for attack, rates in first.curves.items()},
    )


def _curve(found: list[_Judged], n: int) -> "DataFrame":
    """Return the mean curve of each attack, from the rate of one false positive among n on."""
    import pandas as pd

    drawn = (n + 1) * CURVE >= 1
    rates = {attack: np.mean([each.curves[attack] for each in found], axis=0) for attack in found[0].curves}
    return pd.concat(
        [
            pd.DataFrame({"attack": attack, "fpr": CURVE[drawn], "tpr": tpr[drawn]})
            for attack, tpr in rates.items()
        ],
        ignore_index=True,
    )


METRIC = Metric(
    function=membership_inference, title="Membership inference", group="privacy", headline="distance_auc",
    statistics={
        "distance_auc": Statistic(
            ideal=0.5, name="attack by distance, AUC",
            about="How well training people are told from unseen ones by how near an artificial genome comes to "
            "them. One half is guessing, 1 gives every training person away.",
        ),
        "distance_tpr": Statistic(
            ideal=0.01, name="found at 1% false alarms",
            about="Share of training haplotypes that the attack by distance finds at one false alarm in a hundred. "
            "1% is guessing.",
        ),
        "likelihood_auc": Statistic(
            ideal=0.5, name="attack by the model, AUC",
            about="The same by how probable a model holds a haplotype to be: what somebody can do who has the model, "
            "not just its artificial genomes. Known of models with a likelihood only.",
        ),
        **statistics(
            kernel_auc=0.5, snp_auc=0.5, likelihood_ratio_auc=0.5, kernel_tpr=0.01, snp_tpr=0.01,
            likelihood_tpr=0.01, likelihood_ratio_tpr=0.01,
        ),
    },
)  # fmt: skip
