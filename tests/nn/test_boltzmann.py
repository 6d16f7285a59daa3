"""Restricted Boltzmann machines against the enumeration of all their states, in float64."""

import itertools
from functools import partial

import numpy as np
import pytest
import torch

from genome_ac_gan.nn.boltzmann import (
    Machine,
    Moments,
    Noise,
    bernoulli,
    categorical,
    centred,
    gibbs,
    means,
    moment_gap,
)

CPU = torch.device("cpu")
FREE, LABELS, HIDDEN = 4, 2, 4
NAMES = ("weight", "visible_bias", "hidden_bias")


def states(n):
    """All rows of n zeros and ones."""
    return torch.tensor(list(itertools.product([0.0, 1.0], repeat=n)), dtype=torch.float64)


def labelled():
    """All visible states in which exactly one label is 1, (2^4 * 2, 6)."""
    x, y = states(FREE), torch.eye(LABELS, dtype=torch.float64)
    return torch.cat([x.repeat_interleave(LABELS, dim=0), y.repeat(len(x), 1)], dim=1)


def machine(n_given=LABELS, scale=1.5, seed=3):
    """A machine whose parameters are exact in bfloat16."""
    torch.manual_seed(seed)
    made = Machine(FREE, n_given, HIDDEN, sd=scale).requires_grad_(False)
    for bias in (made.visible_bias, made.hidden_bias):
        bias.normal_(std=scale)
    for parameter in made.parameters():
        parameter.copy_(parameter.bfloat16().float())
    return made


def parameters(made):
    """W, a and b in float64, ready for autograd."""
    return [getattr(made, name).detach().double().clone().requires_grad_() for name in NAMES]


def energy(v, h, weight, a, b):
    """E(v, h) of every pair of rows of v (n, v) and h (m, h): (n, m)."""
    return -(v @ a)[:, None] - h @ b - v @ weight @ h.T


def log_joint(v, theta):
    """log P(v, h) over the given visible states and all hidden ones, (n, m)."""
    e = -energy(v, states(HIDDEN), *theta)
    return e - e.logsumexp(dim=(0, 1))


def stream(seed=1):
    return Noise(torch.Generator().manual_seed(seed), CPU)


# -- energies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_given", [0, 2, 6])
def test_free_energy_is_that_of_all_hidden_states(n_given):
    made = machine(n_given)
    v = states(FREE + n_given)  # up to all 2^10 visible states
    expected = -(-energy(v, states(HIDDEN), *parameters(made))).logsumexp(dim=1)
    rows = v.float()
    assert torch.allclose(made.free_energy(rows, made.hidden_logits(rows)).double(), expected, atol=1e-5)


def test_free_energies_give_the_probability_of_a_label_given_alleles():
    made = machine()
    v = labelled()
    joint = log_joint(v, parameters(made)).exp().sum(dim=1).view(-1, LABELS)  # P(x, y)
    expected = joint / joint.sum(dim=1, keepdim=True)
    rows = v.float()
    energies = made.free_energy(rows, made.hidden_logits(rows)).view(-1, LABELS)
    assert torch.allclose((-energies).softmax(dim=1).double(), expected, atol=1e-6)


# -- sampling -------------------------------------------------------------------------------------


def assert_means(rows, expected):
    """Each mean is within 4 standard errors of what is expected of independent rows."""
    rows = rows.double()
    error = (rows.std(dim=0) / len(rows) ** 0.5).clamp(min=1e-4)
    assert ((rows.mean(dim=0) - expected).abs() <= 4 * error).all()


def pairs(v):
    return (v[:, :, None] * v[:, None, :]).flatten(1)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_long_gibbs_sampling_has_the_marginals_of_the_enumeration(dtype):
    made = machine()
    p = log_joint(labelled(), parameters(made)).exp()
    start = torch.zeros(20_000, FREE + LABELS, dtype=dtype)
    v = made.unclamped(start, steps=100, noise=stream())
    assert (v[:, FREE:].sum(dim=1) == 1).all()
    assert_means(v, p.sum(dim=1) @ labelled())
    assert_means(pairs(v), p.sum(dim=1) @ pairs(labelled()))
    assert_means(made.hidden_logits(v).sigmoid(), p.sum(dim=0) @ states(HIDDEN))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_clamped_sampling_has_the_conditional_marginals_and_keeps_what_is_clamped(dtype):
    made = machine()
    given = torch.eye(LABELS, dtype=dtype).repeat_interleave(10_000, dim=0)
    x = made.clamped(torch.zeros(len(given), FREE, dtype=dtype), given, steps=100, noise=stream())
    assert torch.equal(given, torch.eye(LABELS, dtype=dtype).repeat_interleave(10_000, dim=0))
    p = log_joint(labelled(), parameters(made)).exp().sum(dim=1).view(-1, LABELS)
    p = p / p.sum(dim=0)  # P(x | y), (2^4, 2)
    for label, rows in enumerate(x.split(10_000)):
        assert_means(rows, p[:, label] @ states(FREE))
        assert_means(pairs(rows), p[:, label] @ pairs(states(FREE)))


def test_labels_move_the_alleles_of_the_machine_that_is_tested():
    p = log_joint(labelled(), parameters(machine())).exp().sum(dim=1).view(-1, LABELS)
    p = p / p.sum(dim=0)
    assert ((p[:, 0] - p[:, 1]) @ states(FREE)).abs().max() > 0.15


def test_no_steps_return_the_start_and_one_seed_one_walk():
    made = machine()
    start = torch.ones(5, FREE + LABELS)
    walk = {"weight": made.weight, "visible_bias": made.visible_bias, "hidden_bias": made.hidden_bias}
    assert torch.equal(gibbs(start, **walk, steps=0, noise=stream()), start)
    first, again, other = (gibbs(start, **walk, steps=9, noise=stream(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


# -- random numbers -------------------------------------------------------------------------------


class EveryValue:
    """Stands for a stream: each 16-bit number once."""

    def bits(self, n, width):
        return torch.arange(-32768, 32768).to(torch.int16).view(n, width)

    def uniform(self, n):
        return (torch.arange(n) + 0.5) / n


@pytest.mark.parametrize("p", [0, 1 / 140_000, 1 / 130_000, 1e-5, 0.3, 0.5, 0.99999, 1])
def test_a_probability_is_exact_to_the_nearest_of_65536(p):
    drawn = bernoulli(torch.full((256, 256), p), EveryValue(), torch.float32)
    assert int(drawn.sum()) == round(p * 65536)
    assert set(drawn.unique().tolist()) <= {0.0, 1.0}


def test_bits_are_uniform_and_independent():
    bits = stream().bits(1000, 403).double()
    assert float(bits.mean()) == pytest.approx(-0.5, abs=4 * 65536 / 12**0.5 / 403_000**0.5)
    assert len(torch.unique(bits)) > 65_000
    lags = [torch.corrcoef(torch.stack([bits.flatten()[:-k], bits.flatten()[k:]]))[0, 1] for k in (1, 2, 4)]
    assert max(abs(float(r)) for r in lags) < 4 / 403_000**0.5


def test_processes_share_the_rows_of_a_joint_draw():
    joint = stream().bits(6, 5)
    shares = [Noise(torch.Generator().manual_seed(1), CPU, rank=rank, size=2).bits(3, 5) for rank in range(2)]
    assert torch.equal(torch.cat(shares), joint)


def test_a_group_is_drawn_by_its_softmax():
    logits = torch.tensor([0.0, 1.0, -2.0]).expand(100_000, 3)
    drawn = categorical(logits, EveryValue(), torch.bfloat16)
    assert drawn.dtype == torch.bfloat16
    assert torch.allclose(means(drawn), logits[0].softmax(dim=0), atol=2e-5)


# -- gradients ------------------------------------------------------------------------------------


def data_rows():
    return labelled()[[0, 3, 3, 9, 12, 12, 12, 31, 20, 5]]


def gap_to(made, weights, chains):
    """The gap between the data and weighted visible states, by the code under test: it is affine in the chains."""
    data = data_rows().float()
    data_hidden = made.hidden_logits(data).sigmoid()
    parts = []
    for row in chains.float():
        hidden = made.hidden_logits(row[None]).sigmoid()
        parts.append(moment_gap(data, data_hidden, row[None], hidden))
    mixed = [torch.einsum("n,n...->...", weights.float(), torch.stack(p)) for p in zip(*parts, strict=True)]
    return Moments(*mixed)


def joint_likelihood(theta, model=log_joint):
    """Mean log P(x, y) of the data, by enumeration."""
    v, data = labelled(), data_rows()
    log_p = model(v, theta).logsumexp(dim=1)
    return torch.stack([log_p[(v == row).all(dim=1)][0] for row in data]).mean()


def conditional_likelihood(theta, model=log_joint):
    """Mean log P(x | y) of the data, by enumeration."""
    v, data = labelled(), data_rows()
    log_p = model(v, theta).logsumexp(dim=1)
    own = torch.stack([log_p[(v == row).all(dim=1)][0] for row in data])
    of_label = torch.stack([log_p[v[:, FREE] == row[FREE]].logsumexp(dim=0) for row in data])
    return (own - of_label).mean()


def exact_gap(made, likelihood):
    """The gap to the exact distribution of the machine: joint, or given the labels of the data."""
    v = labelled()
    p = log_joint(v, parameters(made)).exp().sum(dim=1).detach()
    if likelihood is conditional_likelihood:
        shares = data_rows()[:, FREE:].mean(dim=0)  # of each label in the data
        of_label = v[:, FREE:].T @ p
        p = p * (v[:, FREE:] @ (shares / of_label))
    return gap_to(made, p, v)


@pytest.mark.parametrize("likelihood", [joint_likelihood, conditional_likelihood])
def test_the_gap_of_moments_is_the_gradient_of_the_exact_likelihood(likelihood):
    made = machine()
    theta = parameters(made)
    expected = torch.autograd.grad(likelihood(theta), theta)
    for name, mine, truth in zip(NAMES, exact_gap(made, likelihood), expected, strict=True):
        assert torch.allclose(mine.double(), truth, atol=1e-6), name


def centred_log_joint(v, theta, m, s):
    """log P(v, h) from the energy of units less their offsets, written out anew."""
    weight, a, b = theta
    v, h = v - m, states(HIDDEN) - s
    e = (v @ a)[:, None] + h @ b + v @ weight @ h.T
    return e - e.logsumexp(dim=(0, 1))


@pytest.mark.parametrize("likelihood", [joint_likelihood, conditional_likelihood])
def test_the_centred_gradient_is_the_plain_one_in_other_coordinates(likelihood):
    made = machine()
    weight, a, b = (p.detach() for p in parameters(made))
    hidden = made.hidden_logits(data_rows().float()).sigmoid()
    m, s = means(data_rows()).double(), means(hidden).double()
    moved = [p.clone().requires_grad_() for p in (weight, a + weight @ s, b + m @ weight)]
    same = log_joint(labelled(), (weight, a, b))
    assert torch.allclose(centred_log_joint(labelled(), moved, m, s), same, atol=1e-9)
    slope = torch.autograd.grad(likelihood(moved, partial(centred_log_joint, m=m, s=s)), moved)
    new_weight, new_a, new_b = (p + d for p, d in zip(moved, slope, strict=True))
    steps = (new_weight - weight, new_a - new_weight @ s - a, new_b - m @ new_weight - b)
    mine = centred(exact_gap(made, likelihood), m.float(), s.float())
    for name, step, truth in zip(NAMES, mine, steps, strict=True):
        assert torch.allclose(step.double(), truth, atol=2e-6), name


def test_gaps_in_bfloat16_are_rounded_after_the_difference():
    """Two nearly equal sets of rows: moments rounded one by one would be wrong by as much as they differ."""
    rng = torch.Generator().manual_seed(1)
    data = (torch.rand(1000, 12, generator=rng) < 0.9).float()
    chains, p = data.clone(), torch.rand(1000, 7, generator=rng)
    chains[:20] = 1 - chains[:20]
    exact = moment_gap(data, p, chains, p)
    low = moment_gap(data.bfloat16(), p, chains.bfloat16(), p)
    for mine, truth in zip(low, exact, strict=True):
        assert mine.dtype == torch.float32
        assert float((mine - truth).abs().max()) < 0.01 * float(truth.abs().max() + 1e-3)


def test_gaps_of_unequal_numbers_are_those_of_repeated_rows():
    rng = torch.Generator().manual_seed(1)
    data, chains = ((torch.rand(n, 6, generator=rng) < 0.5).float() for n in (5, 10))
    p, q = torch.rand(5, 3, generator=rng), torch.rand(10, 3, generator=rng)
    unequal = moment_gap(data.bfloat16(), p, chains.bfloat16(), q)
    repeated = moment_gap(data.repeat(2, 1), p.repeat(2, 1), chains, q)
    for mine, truth in zip(unequal, repeated, strict=True):
        assert np.allclose(mine, truth, atol=1e-6)


def test_a_step_moves_every_parameter_along_its_gradient():
    made = machine()
    before = [getattr(made, name).clone() for name in NAMES]
    made.ascend(Moments(*(torch.ones_like(p) for p in before)), 0.5)
    for name, old in zip(NAMES, before, strict=True):
        assert torch.allclose(getattr(made, name), old + 0.5), name
