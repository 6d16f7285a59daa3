import numpy as np
import pytest
import torch
from small_models import small

from genome_ac_gan.simulate import two_population_toy


@pytest.fixture(scope="session")
def toy():
    return two_population_toy(np.random.default_rng(0), n_people=40)


@pytest.fixture
def one_thread():
    """Compute on one thread, so that sums are rounded the same way every time."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def small_model():
    """Make a small Genome-AC-GAN of a preset, with settings on top."""

    def make(preset="stable", **settings):
        return small("genome-ac-gan", preset, **settings)

    return make
