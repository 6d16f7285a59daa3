import torch
from torch import nn

from genome_ac_gan.nn.blocks import Dropout, hidden_layers, principal_axes, update_average
from genome_ac_gan.nn.discrete import logistic_noise, straight_through


def test_hidden_layers_have_the_widths_and_dropout_asked_for():
    layers = hidden_layers([7, 5, 3], slope=0.2, batch_norm=True, dropout=(0.5, 0.0))
    assert [type(layer).__name__ for layer in layers] == [
        "Linear", "BatchNorm1d", "LeakyReLU", "Dropout", "Linear", "BatchNorm1d", "LeakyReLU",
    ]  # fmt: skip
    assert layers(torch.randn(4, 7)).shape == (4, 3)
    assert float(layers[0].bias.abs().max()) == 0


def test_average_moves_by_its_decay_and_copies_buffers():
    average, module = nn.BatchNorm1d(2), nn.BatchNorm1d(2)
    nn.init.constant_(module.weight, 3.0)
    module.running_mean += 5
    update_average(average, module, 0.75)
    assert average.weight.tolist() == [1.5, 1.5]
    assert average.running_mean.tolist() == [5.0, 5.0]


def test_principal_axes_reproduce_the_second_moments():
    torch.manual_seed(0)
    x = torch.randn(400, 3) @ torch.tensor([[3.0, 0, 0, 0], [0, 2, 1, 0], [0, 0, 1, 1]]) + 4
    mean, axes = principal_axes(x, 3)
    assert torch.allclose(mean, x.mean(dim=0))
    assert torch.allclose(axes.T @ axes, torch.cov(x.T), atol=1e-3)


def test_principal_axes_beyond_the_rank_are_zero():
    mean, axes = principal_axes(torch.tensor([[0.0, 0, 0], [1, 1, 0]]), 5)
    assert axes.shape == (5, 3)
    assert float(axes[2:].abs().max()) == 0
    assert mean.tolist() == [0.5, 0.5, 0.0]


def test_straight_through_gives_signs_and_the_gradient_of_tanh():
    logits = torch.tensor([-2.0, 0.0, 0.3], requires_grad=True)
    alleles = straight_through(logits)
    assert alleles.tolist() == [-1.0, 1.0, 1.0]
    alleles.sum().backward()
    smooth = 0.5 * (1 - torch.tanh(logits.detach() / 2) ** 2)
    assert torch.allclose(logits.grad, smooth)


def test_logistic_noise_turns_a_logit_into_its_probability():
    noise = logistic_noise(200_000, generator=torch.Generator().manual_seed(1))
    share = float((noise + 1.0 >= 0).float().mean())
    assert abs(share - torch.sigmoid(torch.tensor(1.0)).item()) < 0.004


def test_dropout_drops_its_share_keeps_the_mean_and_passes_the_gradient():
    torch.manual_seed(0)
    x = torch.ones(501, 803, requires_grad=True)
    layer = Dropout(0.3)
    y = layer(x)
    assert abs(float((y == 0).float().mean()) - 0.3) < 0.003
    assert abs(y.detach().mean().item() - 1) < 0.005
    y.sum().backward()
    assert torch.equal(x.grad, y.detach())
    assert not torch.equal(layer(x), y)
    assert layer.eval()(x) is x


def test_dropout_masks_are_independent_between_neighbours():
    torch.manual_seed(1)
    dropped = (Dropout(0.5)(torch.ones(2000, 64)) == 0).float()
    correlation = torch.corrcoef(dropped.T) - torch.eye(64)
    assert float(correlation.abs().max()) < 0.12
