from itertools import combinations

import numpy as np
import pytest
from sklearn.metrics import mutual_info_score

from genome_ac_gan.popgen.dependence import chow_liu_tree, mutual_information


@pytest.fixture
def sample():
    """Haplotypes of two populations in which neighbours go together; the last variant never varies."""
    rng = np.random.default_rng(3)
    codes = np.repeat([0, 1], [70, 50])
    walk = rng.integers(0, 2, (120, 1)) ^ np.cumsum(rng.random((120, 12)) < 0.2, axis=1) % 2
    x = np.where(rng.random((120, 12)) < 0.3 * codes[:, None], 1, walk).astype(np.uint8)
    x[:, -1] = 0
    return x, codes


def given_population(x, codes, i, j):
    return sum(
        (codes == code).mean() * mutual_info_score(x[codes == code, i], x[codes == code, j])
        for code in np.unique(codes)
    )


def test_information_is_that_of_scikit_learn(sample):
    x, codes = sample
    found = mutual_information(x, codes, slice(2, 7), pseudocount=0)
    expected = [[given_population(x, codes, i, j) for j in range(12)] for i in range(2, 7)]
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_pseudocounts_take_information_and_never_add_any(sample):
    x, codes = sample
    plain, smoothed = (mutual_information(x, codes, slice(0, 12), pseudocount=n) for n in (0, 5))
    assert (smoothed <= plain + 1e-6).all()
    assert smoothed[0, 1] < 0.95 * plain[0, 1]


def information_of(tree, x, codes):
    return sum(given_population(x, codes, i, p) for i, p in enumerate(tree) if p >= 0)


def best_of_all_trees(x, codes):
    """Prim by enumeration: add the best edge from inside to outside, again and again."""
    weight = {(i, j): given_population(x, codes, i, j) for i, j in combinations(range(x.shape[1]), 2)}
    inside, total = {0}, 0.0
    while len(inside) < x.shape[1]:
        edge = max((e for e in weight if len(inside & set(e)) == 1), key=weight.get)
        inside |= set(edge)
        total += weight[edge]
    return total


@pytest.mark.parametrize("partners", [3, 64])
def test_the_tree_holds_the_most_information(sample, partners):
    x, codes = sample
    tree = chow_liu_tree(x, codes, np.repeat("1", 12), partners=partners)
    assert information_of(tree, x, codes) == pytest.approx(best_of_all_trees(x, codes), abs=1e-3)


def test_each_contig_has_a_tree_of_its_own(sample):
    x, codes = sample
    tree = chow_liu_tree(x, codes, np.repeat(["1", "2", "3"], [5, 6, 1]))
    assert (tree < 0).sum() == 3
    contig = np.repeat([1, 2, 3], [5, 6, 1])
    below = np.flatnonzero(tree >= 0)
    assert (contig[below] == contig[tree[below]]).all()


def test_a_chain_hangs_by_its_middle():
    rng = np.random.default_rng(1)
    x = (rng.integers(0, 2, (4000, 1)) ^ np.cumsum(rng.random((4000, 9)) < 0.1, axis=1) % 2).astype(np.uint8)
    tree = chow_liu_tree(x, np.zeros(4000, int), np.repeat("1", 9))
    assert tree.tolist() == [1, 2, 3, 4, -1, 4, 5, 6, 7]
