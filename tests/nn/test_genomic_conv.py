"""The stacks along the genome: lengths for any number of sites, padding that stays apart, and where they start."""

import numpy as np
import pytest
import torch

from genome_ac_gan.nn.conv_start import start_at_rows
from genome_ac_gan.nn.genomic_conv import ConvPlan, DownStack, UpStack

SHAPES = [(padding, patch) for padding in ("published", "none") for patch in (1, 4, 16, 64, "auto")]


def up(plan, n_labels=0, width=1):
    return UpStack(plan, width=width, in_channels=2, noise_channels=2, n_labels=n_labels)


def passed(stack, n=3, codes=None):
    noise = [torch.randn(n, *shape) for shape in stack.noise_shapes]
    return stack(torch.randn(n, 2, stack.plan.start), noise=noise, codes=codes)


@pytest.mark.parametrize(
    ("n_sites", "padded", "n_blocks", "start"),
    [(10_000, 16_383, 4, 4), (65_535, 65_535, 5, 4), (65_536, 65_536, 5, 5), (805, 1_023, 2, 4)],
)
def test_published_lengths_are_those_of_the_paper_and_the_next_ones_follow(n_sites, padded, n_blocks, start):
    plan = ConvPlan.of(n_sites)
    assert (plan.padded, plan.n_blocks, plan.start) == (padded, n_blocks, start)
    assert [a - 2 * b for a, b in zip(plan.lengths[2:], plan.lengths[1:-1], strict=True)] == (
        [0] * (2 * n_blocks + 3) if start == 5 else [1] * (2 * n_blocks + 3)
    )


def test_the_channel_plan_is_the_published_one():
    assert ConvPlan.of(10_000).multiples == (38, 30, 22, 14, 6)
    assert ConvPlan.of(65_535).multiples == (46, 38, 30, 22, 14, 6)
    assert ConvPlan.of(10_000).residual == (1, 3)
    assert ConvPlan.of(65_535).residual == (1, 3, 5)
    stack = up(ConvPlan.of(10_000), width=10)
    assert set(stack.residuals) == {"1", "3"}
    assert [layer.in_channels for layer in stack.residuals["1"] if hasattr(layer, "in_channels")] == [
        300,
        300,
    ]


@pytest.mark.parametrize("n_sites", [2, 5, 805, 1000, 10_000])
@pytest.mark.parametrize(("padding", "patch"), SHAPES)
def test_rows_of_any_length_go_up_and_down(n_sites, padding, patch):
    plan = ConvPlan.of(n_sites, padding, patch)
    assert plan.padded >= n_sites
    codes = torch.tensor([0, 2, 1])
    assert passed(up(plan)).shape == (3, n_sites)
    assert passed(up(plan, n_labels=3), codes=codes).shape == (3, n_sites)
    for norm in ("none", "instance"):
        down = DownStack(plan, width=1, in_channels=3, out_channels=2, norm=norm, n_labels=3)
        assert down(torch.randn(3, 3, n_sites), codes=codes).shape == (3, 2, plan.end)
    assert min(*plan.lengths, plan.end) > 1  # something to norm over, and weights that all meet data


def test_without_published_padding_rows_are_filled_to_a_whole_patch_only():
    assert ConvPlan.of(10_000, "none", 1).padded == 10_000
    assert ConvPlan.of(10_000, "none", 64).padded == 10_048
    assert ConvPlan.of(10_000, "none", "auto").patch == 256
    assert ConvPlan.of(805, "none", "auto").patch == 16


def test_folding_puts_each_site_at_its_place_and_zeros_behind_the_last():
    plan = ConvPlan.of(805, "none", 16)
    x = torch.randn(2, 3, 805)
    folded = plan.folded(x)  # (positions, n, c, patch)
    assert torch.equal(folded[7, 1, 2], x[1, 2, 7 * 16 : 8 * 16])
    assert torch.equal(folded[50, 0, 0], torch.cat([x[0, 0, 800:], torch.zeros(11)]))


@pytest.mark.parametrize(("padding", "patch"), [("published", 1), ("none", 16), ("published", 4)])
def test_filled_in_sites_get_no_gradient_and_have_none(padding, patch):
    """Behind the row's end the last layer's own numbers are never read, so nothing flows from there."""
    plan = ConvPlan.of(805, padding, patch)
    stack = up(plan)
    passed(stack).square().sum().backward()
    if patch == 1:
        gradient = stack.output.location.everywhere.grad[0]
        assert gradient[:805].abs().min() > 0
        assert gradient[806:].abs().max() == 0  # site 805 is a neighbour of the last real one
    else:
        gradient = stack.output.bias.grad.transpose(0, 1).flatten()  # (positions * patch,)
        assert gradient[:805].abs().min() > 0
        assert gradient[805:].abs().max() == 0


@pytest.mark.parametrize(("padding", "patch"), [("published", 1), ("none", 4), ("published", 4)])
def test_a_row_and_the_row_filled_by_hand_are_judged_alike(padding, patch):
    plan = ConvPlan.of(805, padding, patch)
    down = DownStack(plan, width=1, norm="none")
    x = torch.randn(4, 1, 805)
    filled = torch.cat([x, torch.zeros(4, 1, plan.padded - 805)], dim=2).requires_grad_()
    short = x.clone().requires_grad_()
    scores = down(short)
    assert torch.allclose(scores, down(filled), atol=1e-6)
    (of_short,) = torch.autograd.grad(scores.sum(), short)
    (of_filled,) = torch.autograd.grad(down(filled).sum(), filled)
    assert torch.allclose(of_short, of_filled[:, :, :805], atol=1e-6)


def test_codes_without_which_labels_cannot_be_read_are_missed():
    with pytest.raises(ValueError, match="need the labels' codes"):
        passed(up(ConvPlan.of(50), n_labels=2))


def test_the_last_layer_starts_at_the_rows_frequencies_and_their_linkage_within_patches():
    rng = np.random.default_rng(0)
    codes = torch.tensor(np.repeat([0, 1], 1000))
    share = np.where(codes.numpy()[:, None] == 0, 0.3, 0.7)
    blocks = (rng.random((2000, 12)) < share).astype(np.uint8)  # 12 blocks of 4 identical sites
    rows = torch.tensor(np.repeat(blocks, 4, axis=1))
    torch.manual_seed(1)
    stack = up(ConvPlan.of(48, "none", 16), n_labels=2, width=2)
    noise = [torch.randn(3000, *shape) for shape in [(2, stack.plan.start), *stack.noise_shapes]]
    drawn = torch.tensor(np.arange(3000) % 2)
    with torch.no_grad():
        features = stack.features(noise[0], noise=noise[1:], codes=drawn)
        start_at_rows(stack, features, drawn, rows, codes, 0.1)
        logits = stack(noise[0], noise=noise[1:], codes=drawn)
    logits = logits + 0.1 * torch.logit(torch.rand_like(logits), eps=1e-6)
    x = (logits >= 0).float()
    for code, expected in ((0, 0.3), (1, 0.7)):
        assert (x[drawn == code].mean(dim=0) - expected).abs().max() < 0.1  # reached: .07
    within = torch.corrcoef(x.T)
    assert torch.stack([within[4 * k, 4 * k + 1 : 4 * k + 4] for k in range(12)]).mean() > 0.7
