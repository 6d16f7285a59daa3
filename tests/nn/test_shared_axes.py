"""The latent axes: what they begin at, and that stretched logits keep their chances."""

import math

import pytest
import torch

from genome_ac_gan.nn.shared_axes import SharedAxes


def axes(n_variants=60, n_axes=4, n_labels=2):
    torch.manual_seed(1)
    return SharedAxes(n_axes, n_labels, n_variants, widths=[8], slope=0.2)


def planted(strength, n=3000, n_variants=60):
    """Rows of variance 1 that share one direction, twice as wide under label 1 as under label 0."""
    generator = torch.Generator().manual_seed(2)
    direction = torch.where(torch.arange(n_variants) % 3 == 0, 1.0, 0.0)
    codes = torch.arange(n) % 2
    shared = torch.randn(n, 1, generator=generator) * (1 + codes[:, None])
    return torch.randn(n, n_variants, generator=generator) + strength * shared * direction, codes, direction


def test_noise_has_no_axes():
    module, (rows, codes, _) = axes(), planted(0)
    assert module.start(rows, torch.ones(60), codes) == 0
    assert module(torch.randn(5, 4), torch.eye(2)[[0, 1, 0, 1, 1]]).abs().max() == 0
    assert torch.equal(module.spread, torch.ones(2, 60))


def test_what_rows_share_becomes_an_axis_with_a_width_for_each_label():
    module, (rows, codes, direction) = axes(), planted(0.5)
    weight = torch.full((60,), 0.5)
    assert module.start(rows, weight, codes) == 1
    for code in (0, 1):
        shifts = module(torch.randn(20_000, 4), torch.eye(2)[[code] * 20_000])
        expected = 0.5 * (1 + code) / 0.5  # of a shared number of variance (1 + code)^2, over the weight
        assert float(shifts.std(dim=0)[direction == 1].mean()) == pytest.approx(expected, rel=0.1)
        assert float(shifts.std(dim=0)[direction == 0].mean()) < 0.15
        together = torch.corrcoef(shifts.T[direction == 1])
        assert together.min() > 0.95


def test_shifts_are_bounded_at_the_start():
    module, (rows, codes, _) = axes(), planted(0.5)
    module.start(rows, torch.full((60,), 0.01), codes)
    widest = ((module.spread.square() - 1) * 8 / math.pi).sqrt().amax(dim=0)
    assert float(widest.max()) == pytest.approx(2.5, abs=1e-3)


@pytest.mark.parametrize("logit", [-4.0, -1.0, 0.0, 2.0])
def test_stretched_logits_keep_their_chances(logit):
    module, (rows, codes, _) = axes(), planted(0.5)
    module.start(rows, torch.full((60,), 0.5), codes)
    label = torch.eye(2)[[1] * 50_000]
    shifted = torch.sigmoid(logit * module.spread[1] + module(torch.randn(50_000, 4), label))
    kept = 1 / (1 + math.exp(-logit))
    assert shifted.mean(dim=0).detach().numpy() == pytest.approx(kept, abs=0.02)


def test_the_bend_begins_at_nothing_and_can_be_learned():
    module, (rows, codes, _) = axes(), planted(0.5)
    module.start(rows, torch.ones(60), codes)
    z, label = torch.randn(7, 4), torch.eye(2)[[0, 1, 0, 1, 0, 1, 1]]
    straight = torch.stack([
        z[i] @ module.mixing[int(label[i].argmax())] @ module.axes for i in range(7)
    ])  # fmt: skip
    assert torch.allclose(module(z, label), straight, atol=1e-5)
    module(z, label).square().sum().backward()
    assert module.bend.weight.grad.abs().max() > 0
