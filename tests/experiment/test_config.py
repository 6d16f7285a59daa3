import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from genome_ac_gan.config import parse_duration, to_yaml, validate
from genome_ac_gan.errors import ConfigError
from genome_ac_gan.experiment import ExperimentConfig, read_config
from genome_ac_gan.models.genome_ac_gan.config import PRESETS


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**40),
    preset=st.sampled_from(PRESETS),
    budget=st.none() | st.floats(1, 1e6),
    holdout=st.floats(0.01, 0.99),
    latent=st.integers(1, 999),
    counts=st.none() | st.dictionaries(st.text("ABC", min_size=1), st.integers(0, 99)),
)
def test_what_is_written_reads_back_equal(seed, preset, budget, holdout, latent, counts):
    config = ExperimentConfig.model_validate(
        {
            "seed": seed,
            "data": {"holdout": holdout},
            "model": {"preset": preset, "settings": {"generator": {"latent": latent}}},
            "train": {"budget": budget},
            "generate": {"counts": counts},
        }
    )
    again = validate(ExperimentConfig, yaml.safe_load(to_yaml(config)))
    assert again == config
    assert again.model.settings["generator"]["latent"] == latent


def test_durations_have_units():
    assert [parse_duration(text) for text in ("90", "90s", "2min", "1.5h")] == [90, 90, 120, 5400]
    assert read_config(pairs=["train.budget=2min"]).train.budget == 120


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("train.n_step=3", r"train.n_step: unknown; known: .*n_steps"),
        ("data.holdout=2", r"data.holdout: .*less than 1, not 2"),
        ("train.budget=2 fortnights", "is no duration: write 90s, 2min or 1.5h"),
        ("model.preset=best", "preset 'best' of genome-ac-gan: unknown; known: stable, paper, code"),
        ("model.settings.generator.latent=-1", "latent"),
        ("seed", r"--set seed: expected KEY=VALUE"),
    ],
)
def test_wrong_settings_name_their_place(pair, message):
    with pytest.raises(ConfigError, match=message):
        read_config(pairs=[pair])


def test_settings_on_the_command_line_win_over_the_file(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("seed: 3\ntrain: {n_steps: 5, log_every: 2}\n")
    config = read_config(path, pairs=["train.n_steps=9"])
    assert (config.seed, config.train.n_steps, config.train.log_every) == (3, 9, 2)


def test_files_that_are_no_settings_are_refused(tmp_path):
    path = tmp_path / "a.yaml"
    for text, message in (("- 1\n", "expected `key: value` lines"), ("a: [", "is not YAML")):
        path.write_text(text)
        with pytest.raises(ConfigError, match=message):
            read_config(path)
    with pytest.raises(ConfigError, match="no such file"):
        read_config(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match="is a folder, no file of settings"):
        read_config(tmp_path)
