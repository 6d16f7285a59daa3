"""The settings files in examples/ are settings, and name metrics that exist."""

from pathlib import Path

import pytest

from genome_ac_gan.config import to_yaml
from genome_ac_gan.experiment import read_config
from genome_ac_gan.metrics import METRICS
from genome_ac_gan.models import create_model

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


def test_there_are_examples():
    assert EXAMPLES


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_loads_and_reads_back_equal(path, tmp_path):
    config = read_config(path)
    written = tmp_path / "config.yaml"
    written.write_text(to_yaml(config))
    assert read_config(written) == config
    assert set(config.evaluate.metrics or ()) <= set(METRICS)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_makes_its_model(path):
    model = read_config(path).model
    made = create_model(model.name, preset=model.preset, **model.settings)
    assert made.config.model_dump(mode="json") == model.settings
