"""Temperatures: that they stretch the noise of a label's rows, and find how near rows lie."""

import math

import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist, squareform

from genome_ac_gan.nn.temperature import Temperature, nearness


def test_factors_are_log_normal_with_the_numbers_of_the_label():
    module = Temperature(2)
    module.level.copy_(torch.tensor([0.0, -0.2]))
    module.width.copy_(torch.tensor([0.0, 0.3]))
    generator = torch.Generator().manual_seed(1)
    u, label = torch.randn(40_000, 1, generator=generator), torch.eye(2)[torch.arange(40_000) % 2]
    logs = module(u, label).log().squeeze(1)
    assert logs[::2].abs().max() == 0
    assert float(logs[1::2].mean()) == pytest.approx(-0.2, abs=0.01)
    assert float(logs[1::2].std()) == pytest.approx(0.3, rel=0.02)


def test_nearness_is_that_of_every_distance_between_rows_of_a_label():
    rng = np.random.default_rng(2)
    x, codes = rng.integers(0, 2, (90, 40), dtype=np.uint8), rng.integers(0, 2, 90)
    found = nearness(torch.tensor(x), torch.tensor(codes), 2)
    for code in (0, 1):
        distances = squareform(pdist(x[codes == code], "hamming") * x.shape[1])
        np.fill_diagonal(distances, np.inf)
        nearest = np.sort(np.log1p(distances.min(axis=1)))
        middle = nearest[len(nearest) // 4 : len(nearest) - len(nearest) // 4]
        assert found[:, code].tolist() == pytest.approx([middle.mean(), middle.var(ddof=1)], abs=1e-5)


def test_nearness_says_nothing_of_a_label_with_few_rows_and_steps_through_one_with_many():
    x = torch.randint(0, 2, (2512, 8), generator=torch.Generator().manual_seed(3))
    codes = torch.tensor([0] * 2500 + [1] * 9 + [2] * 3)
    found = nearness(x, codes, 4)
    assert torch.equal(found[:, 0], nearness(x[:2500:3], torch.zeros(834, dtype=torch.long), 1)[:, 0])
    assert found[:, 1:].abs().max() == 0


@pytest.mark.parametrize(("level", "width"), [(-0.2, 0.0), (0.15, 0.0), (-0.1, 0.3)])
def test_calibration_finds_the_temperatures_that_rows_were_drawn_with(level, width):
    """Alleles are carried where a logit of -1 and stretched noise is above 0."""
    generator = torch.Generator().manual_seed(4)
    label, codes = torch.ones(600, 1), torch.zeros(600, dtype=torch.long)

    def rows(module):
        u = torch.randn(600, 1, generator=generator)
        noise = torch.logit(torch.rand(600, 800, generator=generator))
        return (module(u, label) * noise - 1 > 0).float()

    true, module = Temperature(1), Temperature(1)
    true.level.fill_(level)
    true.width.fill_(width)
    wanted = nearness(rows(true), codes, 1)
    before = abs(nearness(rows(module), codes, 1) - wanted)[:, 0]
    for _ in range(30):
        module.calibrate(nearness(rows(module), codes, 1), wanted)
    after = abs(nearness(rows(module), codes, 1) - wanted)[:, 0]
    assert after[0] < 0.15 * before[0]
    assert float(module.level) == pytest.approx(level, abs=0.1)
    assert float(module.width) == pytest.approx(width, abs=0.15)


def test_temperatures_are_bounded():
    module = Temperature(2)
    for _ in range(50):
        module.calibrate(torch.tensor([[9.0, 0.0], [0.0, 4.0]]), torch.tensor([[0.0, 9.0], [4.0, 0.0]]))
    assert module.level.tolist() == pytest.approx([-0.3, 0.3])
    assert module.width.tolist() == pytest.approx([0.5, 0.0])
    assert math.isfinite(float(module(torch.full((1, 1), 9.0), torch.eye(2)[:1])))
