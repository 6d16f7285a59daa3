"""The hidden Chow-Liu tree learns from haplotypes of which some alleles are unknown."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from genome_ac_gan.models import create_model
from genome_ac_gan.popgen.components import components
from genome_ac_gan.simulate import two_population_toy

SETTINGS = {"n_states": 4, "n_epochs": 15, "label": 1, "window": 16}


@pytest.fixture(scope="module")
def toy():
    return two_population_toy(np.random.default_rng(0), n_people=80)


@pytest.fixture(scope="module")
def observed(toy):
    return np.random.default_rng(1).random(toy.haplotypes.shape) < 0.7


def learned(panel, **more):
    return create_model("hclt", **SETTINGS).fit(panel, seed=1, **more)


def test_what_is_hidden_has_no_influence(toy, observed):
    other = replace(toy, haplotypes=np.where(observed, toy.haplotypes, 1 - toy.haplotypes))
    one, two = learned(toy, observed=observed), learned(other, observed=observed)
    for name, weights in one.state().items():
        assert torch.equal(weights, two.state()[name]), name


def test_missing_alleles_cost_less_than_wrong_ones(toy, observed):
    unseen = two_population_toy(np.random.default_rng(5), n_people=80)
    whole, partly, wrong = (
        float(model.log_likelihood(unseen).mean())
        for model in (
            learned(toy),
            learned(toy, observed=observed),
            learned(replace(toy, haplotypes=np.where(observed, toy.haplotypes, 0))),
        )
    )
    assert whole - 3 < partly <= whole + 1
    assert partly > wrong + 3


def test_a_site_nobody_is_known_at_and_all_known_are_bounds(toy):
    nowhere = np.ones(toy.n_variants, bool)
    one = learned(toy, observed=nowhere)
    assert torch.equal(one.tree.carry, learned(toy).tree.carry)
    nowhere[3] = False
    model = learned(toy, observed=nowhere)
    assert np.isfinite(model.log_likelihood(toy)).all()
    drawn = model.sample({"A": 400, "B": 400}, seed=1).haplotypes[:, 3]
    assert set(np.unique(drawn)) <= {0, 1}


def of_two_kinds(toy, seed):
    """The panel's people with other alleles: two kinds without a name, which differ a little everywhere."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 2, toy.n_haplotypes)
    frequency = np.where(kind[:, None] == np.arange(toy.n_variants) % 2, 0.2, 0.7)
    drawn = (rng.random(toy.haplotypes.shape) < frequency).astype(np.uint8)
    one = np.full(toy.n_haplotypes, "all")
    return replace(toy, haplotypes=drawn, labels={"population": one}, label="population"), kind


def test_components_find_kinds_that_no_label_tells(toy):
    panel, kind = of_two_kinds(toy, 1)
    found = components(panel.haplotypes, np.zeros(len(kind), np.int64), 2, seed=1)
    agreement = (found == kind).mean()
    assert max(agreement, 1 - agreement) > 0.95
    model = create_model("hclt", **SETTINGS | {"n_states": 2, "n_components": 2}).fit(panel, seed=1)
    drawn = model.sample({"all": 800}, seed=1).haplotypes
    contrast = 1 - 2 * (np.arange(toy.n_variants) % 2)
    assert (drawn @ contrast).std() == pytest.approx((panel.haplotypes @ contrast).std(), rel=0.1)
    assert not torch.allclose(model.tree.transition[0], model.tree.transition[1], atol=0.1)


def test_a_mixture_is_the_sum_over_its_components(toy):
    model = create_model("hclt", **SETTINGS | {"n_components": 3}).fit(toy, seed=1)
    shares = model.tree.get_buffer("shares")
    assert shares.sum(dim=1).tolist() == pytest.approx([1, 1])
    x, y = model.encode(toy)
    by_hand = np.array(
        [
            [float(model.tree.log_likelihood(row[None], 3 * int(code) + m)) for m in range(3)]
            for row, code in zip(x[:5], y[:5], strict=True)
        ]
    )
    expected = np.logaddexp.reduce(by_hand + shares[y[:5]].log().numpy(), axis=1)
    np.testing.assert_allclose(model.log_likelihood(toy)[:5], expected, rtol=1e-6)
    nothing = np.zeros(toy.n_variants, bool)
    frequencies = model.expected_alleles(toy[:1], nothing)[0]
    drawn = model.sample({"A": 4000}, seed=3).haplotypes.mean(axis=0)
    np.testing.assert_allclose(drawn, frequencies, atol=0.04)


def test_small_populations_have_fewer_components():
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1, 2], [100, 45, 10])
    found = components(rng.integers(0, 2, (155, 30), np.uint8), codes, 4, seed=1)
    assert [len(set(found[codes == code])) for code in range(3)] == [4, 2, 1]
