from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from genome_ac_gan.metrics.privacy import data_copying
from genome_ac_gan.metrics.privacy.data_copying import _cells, _centroids


def judged(comparison, repeats=5):
    return data_copying.METRIC(comparison, rng=np.random.default_rng(1), repeats=repeats)


def values(outcome, population="all"):
    own = outcome.table[outcome.table.population == population]
    return dict(zip(own.statistic, own.value, strict=True))


def to_train(panel, train):
    return np.array([(train.haplotypes != row).sum(axis=1).min() for row in panel.haplotypes])


def z(synthetic, holdout):
    """Return the z-score of scipy's p-value, without its continuity correction."""
    test = stats.mannwhitneyu(
        synthetic, holdout, method="asymptotic", use_continuity=False, alternative="less"
    )
    return stats.norm.ppf(test.pvalue)


def nearest_centroid(panel, centroids):
    return ((panel.haplotypes[:, None] - centroids[None]) ** 2).sum(axis=2).argmin(axis=1)


def test_scores_are_those_of_scipy_within_the_cells(comparison):
    centroids = _centroids(comparison)
    assert len(centroids) == 4  # one a hundred train rows
    panels = comparison.synthetic, comparison.holdout
    distances = [to_train(panel, comparison.train) for panel in panels]
    cells = [nearest_centroid(panel, centroids) for panel in panels]
    scores, share = [], []
    for cell in range(4):
        own = [distance[of == cell] for distance, of in zip(distances, cells, strict=True)]
        if min(map(len, own)) >= 20:
            scores.append(z(*own))
            share.append(len(own[1]))
    outcome = judged(comparison)
    found = values(outcome)
    assert len(scores) == len(outcome.curves["data-copying"]) >= 2
    assert found["c_t"] == pytest.approx(np.average(scores, weights=share), abs=1e-6)
    assert found["c_t_worst"] == pytest.approx(min(scores), abs=1e-6)
    for population in comparison.populations:
        own = [d[panel.population == population] for d, panel in zip(distances, panels, strict=True)]
        assert values(outcome, population)["c_t"] == pytest.approx(z(*own), abs=1e-6)


def test_cells_are_those_of_the_nearest_centroid(comparison):
    centroids = _centroids(comparison)
    found = _cells(comparison.synthetic, centroids)
    assert np.array_equal(found, nearest_centroid(comparison.synthetic, centroids))
    assert len(set(found.tolist())) > 1


def test_cells_do_not_depend_on_the_order_of_people(comparison):
    train = comparison.train
    people = np.random.default_rng(3).permutation(train.n_people)
    shuffled = train[np.concatenate([np.flatnonzero(train.person == person) for person in people])]
    assert _centroids(replace(comparison, train=shuffled)) == pytest.approx(_centroids(comparison))


def test_copies_in_one_cell_are_seen_by_its_score(comparison):
    centroids = _centroids(comparison)
    ours, train = (_cells(panel, centroids) for panel in (comparison.synthetic, comparison.train))
    cell = np.bincount(_cells(comparison.holdout, centroids)).argmax()
    x = comparison.synthetic.haplotypes.copy()
    rows = np.flatnonzero(ours == cell)
    x[rows] = comparison.train.haplotypes[np.resize(np.flatnonzero(train == cell), len(rows))]
    found = values(judged(replace(comparison, synthetic=replace(comparison.synthetic, haplotypes=x))))
    assert found["c_t_worst"] < -6
    assert found["c_t_worst"] < found["c_t"] < values(judged(comparison))["c_t"]


def test_sets_too_small_for_cells_are_one_cell(comparison):
    few = replace(comparison, synthetic=comparison.synthetic[np.r_[:6, 394:400]])
    outcome = judged(few)
    assert outcome.curves["data-copying"][["synthetic", "holdout"]].to_numpy().tolist() == [[12, 200]]
    distances = [to_train(panel, few.train) for panel in (few.synthetic, few.holdout)]
    assert values(outcome)["c_t"] == pytest.approx(z(*distances), abs=1e-6)
    assert set(outcome.table.population) == {"all"}


def test_equal_distances_are_no_evidence(comparison):
    flat = {name: replace(p, haplotypes=np.zeros_like(p.haplotypes)) for name, p in comparison.panels.items()}
    assert values(judged(replace(comparison, **flat)))["c_t"] == 0
    assert len(_centroids(replace(comparison, **flat))) == 1
