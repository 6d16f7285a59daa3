import torch

from genome_ac_gan.training.optimisers import RMSprop, with_decay


def test_rmsprop_takes_the_steps_of_torchs_own():
    torch.manual_seed(0)
    ours, theirs = (torch.nn.Parameter(torch.linspace(-1, 1, 12)) for _ in range(2))
    optimisers = (
        RMSprop([{"params": [ours], "weight_decay": 0.02}], lr=0.01, rho=0.9, eps=1e-7),
        torch.optim.RMSprop([theirs], lr=0.01, alpha=0.9, eps=1e-7, weight_decay=0.02),
    )
    for step in range(60):
        gradient = torch.randn(12) * (1 + step % 3)
        for parameter, optimiser in zip((ours, theirs), optimisers, strict=True):
            parameter.grad = gradient.clone()
            optimiser.step()
        assert torch.allclose(ours, theirs, atol=2e-6)


def test_rmsprop_goes_on_after_a_reload():
    def two_steps(reload: bool) -> torch.Tensor:
        parameter = torch.nn.Parameter(torch.ones(3))
        optimiser = RMSprop([parameter], lr=0.1, rho=0.9, eps=1e-7)
        for gradient in ([1.0, 2.0, 3.0], [0.5, -1.0, 0.1]):
            if reload and optimiser.state:
                state = optimiser.state_dict()
                optimiser = RMSprop([parameter], lr=0.1, rho=0.9, eps=1e-7)
                optimiser.load_state_dict(state)
            parameter.grad = torch.tensor(gradient)
            optimiser.step()
        return parameter.detach()

    assert torch.equal(two_steps(reload=True), two_steps(reload=False))


def test_decay_falls_on_kernels_as_the_gradient_of_a_squared_penalty():
    kernel, bias = torch.nn.Parameter(torch.tensor([2.0])), torch.nn.Parameter(torch.tensor([2.0]))
    optimiser = torch.optim.SGD(with_decay([kernel], [bias], l2=0.05), lr=1.0)
    kernel.grad, bias.grad = torch.zeros(1), torch.zeros(1)
    optimiser.step()
    assert kernel.item() == torch.tensor(2.0 - 2 * 0.05 * 2.0).item()
    assert bias.item() == 2.0
