import math

import numpy as np
import pytest
import torch

from genome_ac_gan.nn.losses import class_loss, energy_loss, one_hot, r1_penalty, validity_loss

# The paper's worked example: the true class is the second of four, and both outputs give it .55.
SPREAD = [0.15, 0.55, 0.15, 0.15]
LUMPED = [0.45, 0.55, 0.0, 0.0]
READINGS = ("paper", "code", "polyloss", "cce")


def logits_of(p: list[float]) -> torch.Tensor:
    return torch.tensor([[math.log(max(value, 1e-30)) for value in p]])


def example_loss(p: list[float], reading: str) -> float:
    target = one_hot(torch.tensor([1]), 4)
    return float(class_loss(logits_of(p), target, reading=reading, epsilon=0.2, alpha=0.1))


def slow_class_loss(p, y, reading, epsilon, alpha):
    """Write the readings out term by term, for one row of probabilities and targets."""
    n = len(p)
    soft = [alpha / n + (1 - alpha) * value for value in y]
    again = [math.exp(value) / sum(math.exp(other) for other in p) for value in p]
    cross_entropy = -sum(
        w * math.log(q) for w, q in zip(soft if reading == "code" else y, p, strict=True) if w
    )
    if reading == "cce":
        return cross_entropy
    if reading == "polyloss":
        return cross_entropy + epsilon * (1 - sum(w * q for w, q in zip(soft, p, strict=True)))
    return cross_entropy + epsilon * sum(w * (1 - q) for w, q in zip(soft, again, strict=True))


def test_the_papers_example_by_reading():
    assert example_loss(SPREAD, "cce") == pytest.approx(example_loss(LUMPED, "cce"), abs=1e-6)
    assert example_loss(SPREAD, "polyloss") == pytest.approx(example_loss(LUMPED, "polyloss"), abs=1e-6)
    assert example_loss(LUMPED, "paper") - example_loss(SPREAD, "paper") == pytest.approx(0.0009, abs=5e-5)


def test_the_papers_example_in_the_code_reading():
    """Its smoothed cross-entropy also punishes classes that get nothing, so compare penalties alone."""
    target = one_hot(torch.tensor([1]), 4)

    def penalty(p: list[float]) -> float:
        with_penalty, without = (
            class_loss(logits_of(p), target, reading="code", epsilon=epsilon, alpha=0.1)
            for epsilon in (0.2, 0.0)
        )
        return float(with_penalty - without)

    assert penalty(LUMPED) - penalty(SPREAD) == pytest.approx(0.0009, abs=5e-5)
    assert example_loss(LUMPED, "code") > example_loss(SPREAD, "code") + 1


@pytest.mark.parametrize("reading", READINGS)
def test_class_loss_equals_its_formula(reading):
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.ones(5), size=7)
    y = rng.dirichlet(np.ones(5), size=7)
    expected = np.mean([slow_class_loss(a, b, reading, 0.3, 0.15) for a, b in zip(p, y, strict=True)])
    ours = class_loss(torch.tensor(p).log(), torch.tensor(y), reading=reading, epsilon=0.3, alpha=0.15)
    assert float(ours) == pytest.approx(expected, abs=1e-5)


def test_class_loss_of_a_single_class_is_finite():
    target = one_hot(torch.zeros(3, dtype=torch.int64), 1)
    for reading in READINGS:
        loss = class_loss(torch.randn(3, 1), target, reading=reading, epsilon=0.2, alpha=0.1)
        assert torch.isfinite(loss)


def test_validity_loss_survives_extreme_logits():
    loss = validity_loss(torch.tensor([500.0, -500.0]), torch.tensor([1.0, 1.0]))
    assert float(loss) == pytest.approx(250.0)


def test_r1_of_a_linear_score_is_half_its_squared_slope():
    weight = torch.tensor([3.0, 4.0])
    x = torch.randn(6, 2, requires_grad=True)
    assert float(r1_penalty(x @ weight, x)) == pytest.approx(12.5)


def test_energy_loss_equals_a_loop_over_pairs_and_is_least_for_the_same_distribution():
    generator = torch.Generator().manual_seed(1)
    p, r = torch.randn(7, 2, generator=generator), torch.randn(9, 2, generator=generator)
    across = np.mean([float((a - b).norm()) for a in p for b in r])
    within = np.mean([float((p[i] - p[j]).norm()) for i in range(7) for j in range(7) if i != j])
    assert float(energy_loss(p, r)) == pytest.approx(2 * across - within, rel=1e-5)
    many = torch.randn(2000, 2, generator=generator)
    same, moved = torch.randn(2000, 2, generator=generator), torch.randn(2000, 2, generator=generator) + 0.5
    wider = 1.5 * torch.randn(2000, 2, generator=generator)
    assert float(energy_loss(same, many)) < min(
        float(energy_loss(moved, many)), float(energy_loss(wider, many))
    )
