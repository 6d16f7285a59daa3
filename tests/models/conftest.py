import numpy as np
import pytest
from small_models import small

from genome_ac_gan.simulate import two_population_toy


@pytest.fixture(scope="session")
def toy():
    return two_population_toy(np.random.default_rng(0), n_people=40)


@pytest.fixture
def small_model():
    """Make a small Genome-AC-GAN of a preset, with settings on top."""

    def make(preset="stable", **settings):
        return small("genome-ac-gan", preset, **settings)

    return make
