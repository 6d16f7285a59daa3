"""How models without labels come to obey them, with inner models whose every row is known."""

from typing import Literal

import numpy as np
import pytest
import torch
from torch import nn

from genome_ac_gan.config import Config
from genome_ac_gan.models import MODELS, GradientModel, create_model
from genome_ac_gan.models.base import BLOCK
from genome_ac_gan.models.labelled import PATIENCE, JointLabels, PerPopulation


class BernoulliConfig(Config):
    conditioning: Literal["per-population", "joint"] = "per-population"
    batch_size: int = 16
    n_steps: int | None = 6
    n_epochs: int | None = None


class Bernoulli(GradientModel):
    """Independent sites at the mean of the rows seen so far; writes down what it is shown."""

    name = "bernoulli"
    Config = BernoulliConfig

    def build(self, n_variants, n_populations):
        assert n_populations == 1
        self.net = nn.Linear(n_variants, 1)
        self.net.register_buffer("total", torch.zeros(n_variants))
        self.net.register_buffer("n", torch.zeros(()))

    def start(self, x, y):
        self.started_on, self.seen = x.clone(), []
        self.net.total.zero_()
        self.net.n.zero_()
        self._optimiser = torch.optim.SGD(self.net.parameters(), lr=0.1)

    @property
    def optimisers(self):
        return {"sgd": self._optimiser}

    def training_step(self, x, y):
        assert not y.any()
        self.seen.append((self.step, x.clone()))
        self.net.total += x.sum(dim=0)
        self.net.n += len(x)
        return {"loss": torch.zeros(())}

    def _sample(self, y, rng):
        frequency = self.net.total / self.net.n
        rows = torch.rand(len(y), len(frequency), generator=rng) < frequency
        return rows.to(torch.uint8)


class Copies(Bernoulli):
    """Draws one of its training rows, so that alleles and label of a drawn row belong together."""

    name = "copies"

    def _sample(self, y, rng):
        return self.started_on[torch.randint(len(self.started_on), (len(y),), generator=rng)]


class NeverLabelled(Bernoulli):
    """Draws ones in every column: two labels at once, which is none."""

    name = "never"

    def _sample(self, y, rng):
        return torch.ones(len(y), self.net.in_features, dtype=torch.uint8)


class OnlyA(Copies):
    """Draws rows of the first population only, each as often as the next."""

    name = "only-a"

    def _sample(self, y, rng):
        rows = self.started_on[self.started_on[:, -2] == 1]
        return rows[torch.randint(len(rows), (len(y),), generator=rng)]


@pytest.fixture
def make(monkeypatch):
    for kind in (Bernoulli, Copies, NeverLabelled, OnlyA):
        monkeypatch.setitem(MODELS, kind.name, kind)
    return lambda kind, conditioning, **settings: create_model(
        kind.name, conditioning=conditioning, **settings
    )


@pytest.fixture
def unequal(toy):
    return toy[np.concatenate([np.arange(20), np.arange(80, 160)])]  # 20 of A, 80 of B


@pytest.mark.parametrize("conditioning", ["per-population", "joint"])
def test_inner_models_move_along(make, toy, conditioning):
    model = make(Bernoulli, conditioning).fit(toy, seed=1)
    state, elsewhere = model.state(), torch.device("meta")
    loaded = make(Bernoulli, conditioning)
    loaded.describe(
        populations=model.populations, label=model.label, counts=model.counts, other_labels={},
        variants=model.variants,
    )  # fmt: skip
    loaded.load_state(state)
    assert {inner.device for inner in loaded.to(elsewhere).inner} == {elsewhere}
    before = make(Bernoulli, conditioning).to(elsewhere)
    before.prepare(toy, seed=1)
    assert {inner.device for inner in before.inner} == {elsewhere}


@pytest.mark.parametrize("stores", [True, False])
def test_a_wrapped_model_is_as_private_as_the_one_inside(make, monkeypatch, stores):
    monkeypatch.setattr(Copies, "stores_training_data", stores)
    assert make(Copies, "joint").stores_training_data is stores


# -- one copy for each population -----------------------------------------------------------------


def test_copies_take_turns_and_each_counts_its_own_steps(make, toy):
    model = make(Bernoulli, "per-population").fit(toy, seed=1)
    assert isinstance(model, PerPopulation)
    assert model.step == 12  # 6 of each
    assert [[step for step, _ in inner.seen] for inner in model.inner] == [list(range(6))] * 2


def test_each_copy_sees_only_its_population(make, unequal):
    model = make(Bernoulli, "per-population").fit(unequal, seed=1)
    for name, inner in zip("AB", model.inner, strict=True):
        own = {row.tobytes() for row in unequal.of(name).haplotypes}
        other = {row.tobytes() for row in unequal.haplotypes} - own
        assert other  # the populations share no row in the toy
        assert {row.numpy().tobytes() for row in inner.started_on} == own
        shown = {row.numpy().tobytes() for _, x in inner.seen for row in x}
        assert shown <= own
        assert all(x.shape == (16, unequal.n_variants) for _, x in inner.seen)


def test_epochs_of_a_copy_are_those_of_its_population(make, unequal):
    model = make(Bernoulli, "per-population", n_steps=None, n_epochs=3)
    model.prepare(unequal, seed=1)
    assert [inner.n_steps for inner in model.inner] == [3 * (20 // 16), 3 * (80 // 16)]
    assert model.n_steps == 3 * 1 + 3 * 5


def test_a_population_is_sampled_from_its_copy(make, toy):
    model = make(Copies, "per-population").fit(toy, seed=1)
    sample = model.sample({"B": 40, "A": 30}, seed=1)
    for name in "AB":
        own = {row.tobytes() for row in toy.of(name).haplotypes}
        assert {row.tobytes() for row in sample.of(name).haplotypes} <= own
    assert model.shortfall == {}


def test_state_and_weights_are_those_of_all_copies(make, toy):
    model = make(Bernoulli, "per-population").fit(toy, seed=1)
    assert model.n_parameters == 2 * (toy.n_variants + 1)
    assert set(model.optimisers) == {"0/sgd", "1/sgd"}
    assert {name.split(".")[0] for name in model.state()} == {"0", "1"}


# -- the label as part of the row -----------------------------------------------------------------


def test_rows_carry_their_label_in_training(make, unequal):
    model = make(Bernoulli, "joint").fit(unequal, seed=1)
    assert isinstance(model, JointLabels)
    (inner,) = model.inner
    assert len(inner.seen) == model.step == 6
    of = {row.tobytes(): name for row, name in zip(unequal.haplotypes, unequal.population, strict=True)}
    rows = torch.cat([inner.started_on, *(x for _, x in inner.seen)])
    assert rows.shape == (100 + 6 * 16, unequal.n_variants + 2)
    for row in rows.numpy():
        expected = [1, 0] if of[row[:-2].tobytes()] == "A" else [0, 1]
        assert row[-2:].tolist() == expected


def test_joint_sampling_returns_rows_whose_own_label_is_the_one_asked_for(make, unequal):
    model = make(Copies, "joint").fit(unequal, seed=1)
    sample = model.sample({"A": 1500, "B": 40}, seed=3)  # A is a fifth of what is drawn: many blocks
    assert model.shortfall == {}
    for name in "AB":
        own = {row.tobytes() for row in unequal.of(name).haplotypes}
        assert {row.tobytes() for row in sample.of(name).haplotypes} <= own


def test_joint_sampling_keeps_the_conditional_distribution(make, toy):
    """Drawing again until the label fits leaves each row of the population equally likely."""
    model = make(Copies, "joint").fit(toy, seed=1)
    sample = model.sample({"A": 4000}, seed=2)
    distinct, weights = np.unique(toy.of("A").haplotypes, axis=0, return_counts=True)
    drawn, counts = np.unique(sample.haplotypes, axis=0, return_counts=True)
    assert np.array_equal(drawn, distinct)
    expected = 4000 * weights / weights.sum()
    chi_square = ((counts - expected) ** 2 / expected).sum()
    assert chi_square < len(distinct) + 4 * np.sqrt(2 * len(distinct))


def test_a_label_that_never_comes_up_is_counted_and_filled(make, toy):
    model = make(OnlyA, "joint").fit(toy, seed=1)
    sample = model.sample({"A": 25, "B": 30}, seed=1)
    assert dict(sample.counts) == {"A": 25, "B": 30}
    assert model.shortfall == {"B": 30}
    own = {row.tobytes() for row in toy.of("A").haplotypes}
    assert {row.tobytes() for row in sample.of("B").haplotypes} <= own  # what was drawn, whatever its label


def test_two_labels_at_once_are_none(make, toy):
    model = make(NeverLabelled, "joint").fit(toy, seed=1)
    sample = model.sample({"A": 3, "B": BLOCK}, seed=1)
    assert model.shortfall == {"A": 3, "B": BLOCK}
    assert sample.haplotypes.all()


def test_the_shortfall_is_that_of_the_last_sample(make, toy):
    model = make(OnlyA, "joint").fit(toy, seed=1)
    model.sample({"B": 5}, seed=1)
    model.sample({"A": 5}, seed=1)
    assert model.shortfall == {}


def test_drawing_again_ends(make, toy):
    model = make(NeverLabelled, "joint").fit(toy, seed=1)
    drawn = []
    sample = model.inner[0]._sample
    model.inner[0]._sample = lambda y, rng: drawn.append(len(y)) or sample(y, rng)
    model.sample({"A": 5}, seed=1)
    assert drawn == [BLOCK] * PATIENCE  # a block is more than enough for a model with the right proportions


def test_a_small_population_alone_is_drawn_until_there_is_enough(make, toy):
    """At 2 rows in 82 a block of samples takes some 42 blocks of draws."""
    rows = np.concatenate([np.flatnonzero(toy.population == "A")[:2], np.flatnonzero(toy.population == "B")])
    model = make(Copies, "joint").fit(toy[rows], seed=1)
    sample = model.sample({"A": BLOCK}, seed=1)
    assert model.shortfall == {}
    own = {row.tobytes() for row in toy.haplotypes[rows[:2]]}
    assert {row.tobytes() for row in sample.haplotypes} == own


@pytest.mark.parametrize("conditioning", ["per-population", "joint"])
@pytest.mark.parametrize("kind", [Bernoulli, OnlyA], ids=["bernoulli", "only-a"])
def test_rows_in_blocks_are_those_of_one_sample(make, unequal, kind, conditioning):
    if (kind, conditioning) == (OnlyA, "per-population"):
        kind = Copies
    model = make(kind, conditioning).fit(unequal, seed=1)
    counts = {"B": BLOCK + 9, "A": 40}
    blocks = list(model.sample_blocks(counts, seed=5))
    shortfall = model.shortfall
    whole = model.sample(counts, seed=5)
    assert [block.n_haplotypes for block in blocks] == [BLOCK, 49]
    assert np.array_equal(np.concatenate([block.haplotypes for block in blocks]), whole.haplotypes)
    assert model.shortfall == shortfall
    first = model.sample({"B": BLOCK}, seed=5)  # rows to come do not change those before
    assert np.array_equal(first.haplotypes, whole.haplotypes[:BLOCK])
