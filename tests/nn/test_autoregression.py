"""The autoregression against loops over variants, and its screening against plain correlations."""

import itertools

import numpy as np
import pytest
import torch

from genome_ac_gan.nn.autoregression import Autoregression, linked_weights


def filled(n_variants=11, n_labels=2, span=4, seed=1):
    """Make an autoregression with random numbers wherever a weight leads from an earlier variant."""
    torch.manual_seed(seed)
    module = Autoregression(n_variants, n_labels, span=span)
    module.centre.uniform_(0, 1)
    with torch.no_grad():
        module.threshold.normal_()
        for to, back in itertools.product(range(n_variants), range(1, span + 1)):
            if to >= back:
                module.weight[place(module, to - back, to)] = torch.randn(())
    return module


def place(module, source, to):
    """Return where the weight from one variant to another stands."""
    block = to // module.span
    return block, source - (block - 1) * module.span, to % module.span


def slow_logit(module, row, label, to):
    before = range(max(0, to - module.span), to)
    return float(module.threshold[label, to].detach()) + sum(
        float(module.weight[place(module, source, to)].detach()) * float(row[source] - module.centre[source])
        for source in before
    )


@pytest.mark.parametrize(("n_variants", "span"), [(11, 4), (12, 4), (3, 8), (70, 35)])
def test_logits_equal_a_loop_over_variants(n_variants, span):
    module = filled(n_variants, span=span)
    x = torch.randint(2, (5, n_variants)).float()
    labels = torch.tensor([0, 1, 1, 0, 1])
    logits = module(x, torch.eye(2)[labels])
    for row, label, found in zip(x, labels.tolist(), logits, strict=True):
        slow = [slow_logit(module, row, label, to) for to in range(n_variants)]
        assert found.detach().numpy() == pytest.approx(np.array(slow), abs=1e-5)


@pytest.mark.parametrize(("n_variants", "span"), [(11, 4), (12, 4), (3, 8), (200, 5)])
@pytest.mark.parametrize(("linked", "l1"), [(False, 0.0), (True, 0.0), (False, 0.03)])
def test_gradients_of_the_likelihood_are_those_of_autograd(n_variants, span, linked, l1):
    module = filled(n_variants, span=span)
    if linked:
        module.allow(torch.rand(module.weight.shape) < 0.4)
    x = torch.randint(2, (7, n_variants)).float()
    label = torch.eye(2)[torch.tensor([0, 1, 1, 0, 1, 1, 0])]
    logits = module(x, label)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="sum") / 7
    (loss + l1 * module.weight.abs().sum()).backward()
    slow = [parameter.grad.clone() for parameter in module.parameters()]
    for parameter in module.parameters():
        parameter.grad = None
    for _ in range(2):  # again into the same memory
        assert float(module.likelihood_gradients(x, label, l1=l1)) == pytest.approx(loss.item(), rel=1e-5)
        for parameter, expected in zip(module.parameters(), slow, strict=True):
            assert parameter.grad.numpy() == pytest.approx(expected.numpy(), abs=1e-6)


@pytest.mark.parametrize(("n_variants", "span"), [(11, 4), (3, 8), (70, 35)])
def test_a_walk_decides_each_allele_by_those_before_it(n_variants, span):
    module = filled(n_variants, span=span)
    drive = 2 * torch.randn(6, n_variants)
    drawn, sums = module.draw(drive + module.threshold[1])
    assert torch.equal(drawn, (sums >= 0).float())
    assert (sums - drive - module(drawn, torch.eye(2)[[1] * 6])).abs().max() < 1e-4
    for row, push in zip(drawn, drive, strict=True):
        slow = torch.zeros(n_variants)
        for to in range(n_variants):
            slow[to] = float(slow_logit(module, slow, 1, to) + float(push[to]) >= 0)
        assert torch.equal(row, slow)


def test_the_probabilities_of_all_haplotypes_sum_to_one():
    module = filled(6, span=3)
    every = torch.tensor(list(itertools.product([0.0, 1.0], repeat=6)))
    signs = 2 * every - 1
    logits = module(every, torch.eye(2)[torch.zeros(64, dtype=torch.int64)])
    assert float(torch.sigmoid(signs * logits).prod(dim=1).sum()) == pytest.approx(1, abs=1e-5)


def test_draws_have_the_probabilities():
    module = filled(3, span=2)
    every = torch.tensor(list(itertools.product([0.0, 1.0], repeat=3)))
    logits = module(every, torch.eye(2)[torch.ones(8, dtype=torch.int64)])
    expected = torch.sigmoid((2 * every - 1) * logits).prod(dim=1)
    generator = torch.Generator().manual_seed(2)
    noise = torch.logit(torch.rand(40_000, 3, generator=generator))
    drawn = module.draw(module.threshold[1] + noise)[0] @ torch.tensor([4.0, 2.0, 1.0])
    shares = torch.bincount(drawn.long(), minlength=8) / 40_000
    assert (shares - expected).abs().max() < 0.01


def test_it_begins_at_the_frequencies_of_each_label():
    x = (torch.rand(4000, 5) < torch.tensor([0.1, 0.5, 0.9, 0.3, 0.0])).float()
    codes = torch.arange(4000) % 2
    module = Autoregression(5, 2, span=2)
    module.start(x, codes)
    for code in (0, 1):
        own = x[codes == code].mean(dim=0)
        assert torch.sigmoid(module.threshold[code]).detach().numpy() == pytest.approx(own.numpy(), abs=1e-3)
    assert torch.sigmoid(module.threshold[:, 4]).max() < 1e-5  # what nobody carries stays all but impossible


def test_only_variants_that_go_together_are_linked():
    rng = np.random.default_rng(3)
    n, span = 400, 3
    x = rng.integers(0, 2, (n, 10)).astype(float)
    codes = rng.integers(0, 2, n)
    x[:, 4] = np.where(rng.random(n) < 0.9, x[:, 3], x[:, 4])
    x[:, 7] = np.where(rng.random(n) < 0.9, x[:, 6], x[:, 7])  # the next contig begins at 7
    x[:, 9] = x[:, 2]  # too far
    contig = torch.tensor([0] * 7 + [1] * 3)
    found = linked_weights(torch.tensor(x).float(), torch.tensor(codes), contig, span=span, z=4)
    scaled = np.empty_like(x)
    for code in (0, 1):
        own = x[codes == code]
        scaled[codes == code] = (own - own.mean(axis=0)) / own.std(axis=0)
    score = np.abs(scaled.T @ scaled) / n**0.5
    module = Autoregression(10, 2, span=span)
    expected = torch.zeros_like(found)
    for to in range(10):
        for source in range(max(0, to - span), to):
            if score[source, to] > 4 and contig[source] == contig[to]:
                expected[place(module, source, to)] = True
    assert torch.equal(found, expected)
    assert expected.sum() == 1


def test_weights_that_are_not_allowed_stay_zero():
    module = Autoregression(9, 1, span=3)
    allowed = torch.zeros_like(module.weight, dtype=torch.bool)
    allowed[place(module, 4, 5)] = True
    module.allow(allowed)
    module(torch.ones(8, 9), torch.ones(8, 1)).sum().backward()
    assert module.weight.grad[~allowed].abs().max() == 0
    assert module.weight.grad[allowed].abs().min() > 0
