import numpy as np
import pytest

from genome_ac_gan.experiment import RunDir, read_config
from genome_ac_gan.panel import save_panel
from genome_ac_gan.simulate import two_population_toy

TINY = {
    "train": {"n_steps": 60, "score_every": 20, "log_every": 5, "precision": "fp32", "validation": 0.3},
    "evaluate": {"repeats": 2, "metrics": ["allele-frequency", "ld-decay", "nearest-neighbour-accuracy"]},
    "model": {
        "settings": {
            "batch_size": 16,
            "generator": {"latent": 4, "widths": [16]},
            "discriminator": {"widths": [16, 8], "dropout": [0.2, 0.2]},
        }
    },
}


@pytest.fixture(scope="session")
def panel_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("panel") / "toy.npz"
    save_panel(two_population_toy(np.random.default_rng(0), n_people=50), path)
    return path


@pytest.fixture
def tiny(panel_file):
    """Settings of an experiment that takes a second, with others on top."""

    def make(**settings):
        return read_config(None, settings={**TINY, "data": {"panel": str(panel_file)}, **settings})

    return make


@pytest.fixture
def started(tmp_path, tiny):
    """A run folder that has begun, and its settings."""
    config = tiny()
    folder = RunDir(tmp_path / "run")
    folder.start(config)
    return folder, config
