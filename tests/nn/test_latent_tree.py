"""Exact propagation in a small tree, against enumeration of all states."""

from itertools import pairwise, product

import numpy as np
import pytest
import torch

from genome_ac_gan.nn import latent_tree_learning
from genome_ac_gan.nn.latent_tree import Counts, LatentTree, tree_order
from genome_ac_gan.nn.latent_tree_learning import Shrinkage, clustered, expected_counts, maximise
from genome_ac_gan.panel import MISSING

PARENTS = [2, 0, -1, 2, 2, -1, 5]  # two trees; variant 2 has three children
K = 3
NONE = Shrinkage(marginal=0, label=0, allele=0)


def random_tree(parents=PARENTS, n_labels=2, n_states=K, seed=1):
    rng = torch.Generator().manual_seed(seed)
    tree = LatentTree(np.array(parents), n_labels, n_states)
    weights = torch.rand(tree.transition.shape, generator=rng) ** 2 + 0.02
    roots = [i for i, column in enumerate(tree.order.tolist()) if parents[column] < 0]
    weights[:, roots] = weights[:, roots, :1]
    tree.transition.copy_(weights / weights.sum(dim=-1, keepdim=True))
    tree.carry.copy_(torch.rand(tree.carry.shape, generator=rng))
    return tree


@pytest.fixture
def tree():
    return random_tree()


def by_column(tree):
    """Return transitions (c, l, K, K) and probabilities of allele 1 (l, K) in the order of columns."""
    back = torch.argsort(tree.order)
    return tree.transition[:, back].double(), tree.carry[back].double()


def joint(tree, x, label, parents=PARENTS):
    """Yield every combination of states with its probability together with the alleles x (l,)."""
    transition, carry = by_column(tree)
    for states in product(range(tree.n_states), repeat=len(parents)):
        p = 1.0
        for i, (parent, state) in enumerate(zip(parents, states, strict=True)):
            p *= float(transition[label, i, states[parent] if parent >= 0 else 0, state])
            if x[i] != MISSING:
                p *= float(carry[i, state] if x[i] else 1 - carry[i, state])
        yield states, p


def every_row(n):
    return torch.tensor(list(product([0, 1], repeat=n)), dtype=torch.uint8)


def test_levels_hold_every_variant_once_and_rounds_one_child_of_a_parent():
    order, levels = tree_order(np.array(PARENTS))
    assert sorted(order.tolist()) == list(range(7))
    for above, level in pairwise(levels):
        columns = order[level.nodes]
        assert order[above.nodes][level.parent.numpy()].tolist() == [PARENTS[c] for c in columns]
        assert sum(part.stop - part.start for part in level.rounds) == len(columns)
        for part in level.rounds:
            assert len(set(level.parent[part].tolist())) == part.stop - part.start


def test_order_puts_parents_first_and_circles_are_refused():
    parent = np.array([2, 0, -1, 2, 1])
    order, levels = tree_order(parent)
    place = np.argsort(order)
    assert all(place[p] < place[i] for i, p in enumerate(parent) if p >= 0)
    assert [level.nodes.stop - level.nodes.start for level in levels] == [1, 2, 1, 1]
    with pytest.raises(ValueError, match="circle"):
        tree_order(np.array([1, 0, -1]))


def test_probabilities_are_those_of_enumeration_and_sum_to_one(tree):
    rows = every_row(7)
    for label in (0, 1):
        found = tree.log_likelihood(rows, label).exp()
        assert float(found.sum()) == pytest.approx(1, abs=1e-6)
        for row in (0, 17, 90, 127):
            assert float(found[row]) == pytest.approx(
                sum(p for _, p in joint(tree, rows[row], label)), rel=1e-5
            )


def test_missing_alleles_are_summed_over(tree):
    some = torch.tensor([[1, MISSING, 0, MISSING, 1, 1, MISSING], [MISSING] * 7], dtype=torch.uint8)
    found = tree.log_likelihood(some, 0).exp()
    assert float(found[0]) == pytest.approx(sum(p for _, p in joint(tree, some[0], 0)), rel=1e-5)
    assert float(found[1]) == pytest.approx(1, abs=1e-6)


def test_expected_counts_are_those_of_enumeration(tree):
    x = torch.tensor([[1, 0, 0, 1, 1, MISSING, 0], [0, 0, 1, 1, MISSING, 1, 1]], dtype=torch.uint8)
    counts = Counts.none(tree)
    tree.expect(x, tree.transition[1], counts.pairs[1], counts.shown)
    counts.pairs[1] *= tree.transition[1]
    pairs, shown = torch.zeros(7, K, K), torch.zeros(2, 7, K)
    for row in x:
        weighted = list(joint(tree, row, 1))
        evidence = sum(p for _, p in weighted)
        for states, p in weighted:
            for i, state in enumerate(states):
                pairs[i, states[PARENTS[i]] if PARENTS[i] >= 0 else 0, state] += p / evidence
                if row[i] != MISSING:
                    shown[int(row[i]), i, state] += p / evidence
    torch.testing.assert_close(counts.pairs[1], pairs[tree.order], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(counts.shown, shown[:, tree.order], atol=1e-5, rtol=1e-4)
    assert counts.pairs[0].abs().max() == 0


def test_expected_alleles_are_those_of_enumeration(tree):
    x = torch.tensor([[1, MISSING, 0, MISSING, MISSING, 1, MISSING]], dtype=torch.uint8)
    found = tree.expected_alleles(x, 0)[0]
    evidence = sum(p for _, p in joint(tree, x[0], 0))
    for column in range(7):
        if x[0, column] != MISSING:
            assert found[column] == x[0, column]
        else:
            carrier = x[0].clone()
            carrier[column] = 1
            p = sum(p for _, p in joint(tree, carrier, 0)) / evidence
            assert float(found[column]) == pytest.approx(p, abs=1e-5)


def test_draws_keep_what_is_given_and_follow_the_probabilities_of_the_rest(tree):
    given = torch.tensor([[1, MISSING, 0, MISSING, MISSING, 1, MISSING]], dtype=torch.uint8)
    n = 20_000
    drawn = tree.draw(given.expand(n, -1), 1, torch.Generator().manual_seed(1))
    assert (drawn[:, given[0] != MISSING] == given[0][given[0] != MISSING]).all()
    expected = tree.expected_alleles(given, 1)[0]
    error = (expected * (1 - expected) / n).sqrt()
    assert ((drawn.float().mean(dim=0) - expected).abs() <= 4 * error + 1e-6).all()
    rows = every_row(7)
    free = tree.draw(torch.full((n, 7), MISSING, dtype=torch.uint8), 1, torch.Generator().manual_seed(2))
    p = tree.log_likelihood(rows, 1).exp().float()
    places = (free.long() * 2 ** torch.arange(6, -1, -1)).sum(dim=1)
    share = torch.bincount(places, minlength=128) / n
    assert ((share - p).abs() <= 4.5 * (p * (1 - p) / n).sqrt() + 1e-4).all()


def test_a_variant_with_very_many_children_loses_nothing_to_rounding():
    parents = [-1] + [0] * 60
    tree = random_tree(parents, n_labels=1, n_states=2, seed=3)
    x = torch.randint(0, 2, (5, 61), generator=torch.Generator().manual_seed(1), dtype=torch.uint8)
    transition, carry = by_column(tree)
    own = torch.stack(
        [torch.where(x[:, i, None] == 1, carry[i], 1 - carry[i]) for i in range(61)]
    )  # (l, n, K)
    up = (own[1:] @ transition[0, 1:].transpose(1, 2)).log().sum(dim=0) + own[0].log()
    expected = (up + transition[0, 0, 0].log()).logsumexp(dim=1)
    torch.testing.assert_close(tree.log_likelihood(x, 0), expected, rtol=1e-5, atol=1e-4)


def test_expectation_and_maximisation_never_lower_the_likelihood():
    truth = random_tree(seed=7)
    y = torch.arange(2).repeat_interleave(150)
    rng = torch.Generator().manual_seed(5)
    nothing = torch.full((150, 7), MISSING, dtype=torch.uint8)
    x = torch.cat([truth.draw(nothing, label, rng) for label in (0, 1)])
    tree, totals = random_tree(seed=8), []
    for _ in range(25):
        counts, total = expected_counts(tree, x, y)
        totals.append(float(total))
        maximise(tree, counts, [], NONE)
    assert (np.diff(totals) >= -1e-2).all()
    assert totals[-1] > totals[0] + 50


def test_counts_are_the_same_however_rows_are_shared_out(tree, monkeypatch):
    x = torch.randint(0, 3, (90, 7), generator=torch.Generator().manual_seed(1), dtype=torch.uint8)
    y = torch.arange(90) % 2
    whole, total = expected_counts(tree, x, y)
    monkeypatch.setattr(latent_tree_learning, "_BYTES", 4 * 2 * 7 * K * 16)
    before = torch.get_num_threads()
    for n in (1, 3):
        torch.set_num_threads(n)
        shared, again = expected_counts(tree, x, y)
        assert torch.get_num_threads() == n
        torch.testing.assert_close(shared.pairs, whole.pairs)
        torch.testing.assert_close(shared.shown, whole.shown)
        assert float(again) == pytest.approx(float(total))
    torch.set_num_threads(before)


def test_counts_in_bfloat16_are_those_of_float32_but_for_rounding(tree):
    x = torch.randint(0, 3, (200, 7), generator=torch.Generator().manual_seed(2), dtype=torch.uint8)
    x[x == 2] = MISSING
    y = torch.arange(200) % 2
    exact, total = expected_counts(tree, x, y)
    rounded, about = expected_counts(tree, x, y, torch.bfloat16)
    torch.testing.assert_close(rounded.pairs, exact.pairs, rtol=0.03, atol=0.03)
    torch.testing.assert_close(rounded.shown, exact.shown, rtol=0.03, atol=0.03)
    assert float(about) == pytest.approx(float(total), rel=0.01)


def test_samples_of_a_known_tree_give_back_its_parameters():
    """States are told by alleles, so that there is one answer: a chain of two states."""
    parents = [-1, 0, 1, 2]
    truth = random_tree(parents, n_labels=1, n_states=2, seed=2)
    truth.carry.copy_(torch.tensor([[0.02, 0.97]] * 4))
    nothing = torch.full((30_000, 4), MISSING, dtype=torch.uint8)
    x = truth.draw(nothing, 0, torch.Generator().manual_seed(1))
    tree = LatentTree(np.array(parents), 1, 2)
    tree.load_state_dict(truth.state_dict())
    tree.transition.copy_((truth.transition + 0.5) / 2)
    tree.carry.copy_(torch.tensor([[0.1, 0.9]] * 4))
    y = torch.zeros(len(x), dtype=torch.int64)
    for _ in range(200):
        maximise(tree, expected_counts(tree, x, y)[0], [], NONE)
    pairwise = lambda t: (t.transition[0, 1:, :, None] * t.carry[1:, None, :, None].transpose(2, 3)).sum()  # noqa: E731
    assert float(pairwise(tree)) == pytest.approx(float(pairwise(truth)), rel=0.05)
    rows = every_row(4)
    torch.testing.assert_close(
        tree.log_likelihood(rows, 0).exp(), truth.log_likelihood(rows, 0).exp(), atol=0.01, rtol=0
    )


def test_little_seen_transitions_are_those_of_the_group_and_well_seen_ones_their_own():
    tree = random_tree([-1, 0], n_labels=3, n_states=2)
    counts = Counts.none(tree)
    counts.shown += 1
    counts.pairs[:, 0, 0] = 500
    counts.pairs[0, 1] = torch.tensor([[900.0, 100], [100, 900]])
    counts.pairs[1, 1] = torch.tensor([[0.0, 0], [0, 0]])  # the same group as the first
    counts.pairs[2, 1] = torch.tensor([[100.0, 900], [900, 100]])
    groups = [torch.tensor([0, 0, 1])]
    maximise(tree, counts, groups, Shrinkage(marginal=0, label=10, allele=0))
    found = tree.transition[:, 1, 0, 0]
    overall = 1000 / 2000
    group = (900 + 10 * overall) / 1010
    assert found.tolist() == pytest.approx(
        [(900 + 10 * group) / 1010, group, (100 + 10 * (100 + 10 * overall) / 1010) / 1010], rel=1e-5
    )


def test_transitions_out_of_states_that_nobody_was_in_lead_where_haplotypes_are():
    tree = random_tree([-1, 0], n_labels=1, n_states=3)
    counts = Counts.none(tree)
    counts.shown += 1
    counts.pairs[0, 0, 0] = torch.tensor([60.0, 40, 0])
    counts.pairs[0, 1] = torch.tensor([[60.0, 0, 0], [0, 0, 40], [0, 0, 0]])
    maximise(tree, counts, [], Shrinkage(marginal=1, label=0, allele=0))
    assert tree.transition[0, 1, 2].tolist() == pytest.approx([0.6, 0, 0.4], abs=1e-3)
    assert tree.transition[0, 1, 0, 0] > 0.99


def test_clusters_start_far_above_independent_variants():
    rng = np.random.default_rng(1)
    founders = rng.integers(0, 2, (4, 40))
    x = torch.from_numpy(founders[rng.integers(0, 4, 200)].astype(np.uint8))
    y = torch.from_numpy(rng.integers(0, 2, 200))
    tree = LatentTree(np.arange(-1, 39), 2, 8)
    counts = clustered(tree, x, x, y, torch.Generator().manual_seed(1), window=20)
    assert float(counts.pairs[:, 5].sum()) == 200
    assert float(counts.shown[:, 5].sum()) == 200
    maximise(tree, counts, [], Shrinkage(marginal=1, label=10, allele=0.1))
    mean = np.mean([float(tree.log_likelihood(x[y == k], k).mean()) for k in (0, 1)])
    assert mean > -6  # four founders: log 4 is 1.4; independent variants: some -20


@pytest.mark.parametrize("n", [3, 50])
def test_fewer_rows_than_states_do(n):
    x = torch.randint(0, 2, (n, 20), generator=torch.Generator().manual_seed(1), dtype=torch.uint8)
    tree = LatentTree(np.arange(-1, 19), 1, 8)
    y = torch.zeros(n, dtype=torch.int64)
    maximise(tree, clustered(tree, x, x, y, torch.Generator().manual_seed(1), window=64), [],
             Shrinkage(marginal=1, label=10, allele=0.1))  # fmt: skip
    assert torch.isfinite(tree.log_likelihood(x, 0)).all()
