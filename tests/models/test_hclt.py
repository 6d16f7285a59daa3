"""The hidden Chow-Liu tree learns from haplotypes of which some alleles are unknown."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from genome_ac_gan.models import create_model
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
