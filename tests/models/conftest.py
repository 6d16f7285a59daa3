import numpy as np
import pytest

from genome_ac_gan.models import create_model
from genome_ac_gan.simulate import two_population_toy

SMALL = {
    "stable": {"generator": {"latent": 8, "widths": [24, 32]}, "discriminator": {"widths": [32, 16, 8]}},
    "paper": {"generator": {"latent": 8}},
    "code": {"generator": {"latent": 8}},
}


@pytest.fixture(scope="session")
def toy():
    return two_population_toy(np.random.default_rng(0), n_people=40)


@pytest.fixture
def small_model():
    """Make a small Genome-AC-GAN of a preset, with settings on top."""

    def make(preset="stable", **settings):
        chosen = {key: dict(value) for key, value in SMALL[preset].items()}
        for key, value in settings.items():
            chosen[key] = {**chosen.get(key, {}), **value} if isinstance(value, dict) else value
        model = create_model(
            "genome-ac-gan", preset=preset, **{"batch_size": 32, "n_steps": 60, "n_epochs": None, **chosen}
        )
        model.precision = "fp32"
        return model

    return make
