"""list and config: names from the registries, settings that read back equal."""

import pytest
import yaml
from click.testing import CliRunner

from genome_ac_gan.cli import main
from genome_ac_gan.cli.commented import attribute_comments, commented_yaml
from genome_ac_gan.config import Config, to_yaml


def call(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


def names_listed(what):
    result = call("list", what)
    assert result.exit_code == 0, result.output
    return {line.split()[0] for line in result.stdout.splitlines()[1:]}


def test_lists_are_the_registries():
    from genome_ac_gan.formats import READERS, WRITERS
    from genome_ac_gan.metrics import METRICS
    from genome_ac_gan.models import MODELS

    assert names_listed("models") == set(MODELS)
    assert names_listed("metrics") == set(METRICS)
    assert names_listed("formats") == {*READERS, *WRITERS}


def test_show_writes_every_setting_and_reads_back_equal(tmp_path):
    from genome_ac_gan.experiment import read_config

    (tmp_path / "a.yaml").write_text("seed: 4\ndata: {holdout: 0.3}\n")
    result = call(
        "config", "show", tmp_path / "a.yaml", "--set", "data.label=pop", "--set", "train.budget=2min"
    )
    assert result.exit_code == 0, result.output
    (tmp_path / "b.yaml").write_text(result.stdout)
    shown = read_config(tmp_path / "b.yaml")
    assert (shown.seed, shown.data.holdout, shown.data.label, shown.train.budget) == (4, 0.3, "pop", 120)
    assert call("config", "show", tmp_path / "b.yaml").stdout == result.stdout


@pytest.mark.parametrize("preset", ["stable", "paper", "code"])
def test_default_explains_itself_and_is_a_settings_file(tmp_path, preset):
    from genome_ac_gan.experiment import read_config

    result = call("config", "default", "genome-ac-gan", "--preset", preset)
    assert result.exit_code == 0, result.output
    (tmp_path / "a.yaml").write_text(result.stdout)
    assert read_config(tmp_path / "a.yaml") == read_config(settings={"model": {"preset": preset}})
    assert "    # Length of the noise vector" in result.stdout
    assert call("config", "check", tmp_path / "a.yaml").stdout == f"{tmp_path}/a.yaml: good\n"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("train: {n_step: 3}", "n_step: unknown"),
        ("seed: many", "seed"),
        ("- 1", "key: value"),
        ("a: [", "YAML"),
    ],
)
def test_wrong_settings_are_one_line(tmp_path, text, word):
    (tmp_path / "a.yaml").write_text(text)
    for verb in ("check", "show"):
        result = call("config", verb, tmp_path / "a.yaml")
        assert (result.exit_code, result.stdout) == (2, "")
        assert word in result.stderr
        assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["show", "--set", "seed"], "KEY=VALUE"),
        (["show", "absent.yaml"], "absent.yaml"),
        (["default", "perceptron"], "perceptron"),
        (["default", "--preset", "bold"], "bold"),
    ],
)
def test_wrong_words_are_one_line(arguments, word):
    result = call("config", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert word in result.stderr
    assert result.stderr.count("\n") == 1


class Inner(Config):
    """A section.

    Attributes
    ----------
    depth, width
        How deep,
        and how wide.

    Notes
    -----
    Not about a setting.
    """

    depth: int = 1
    width: tuple[int, ...] = (2, 3)


class Outer(Config):
    """No attributes here."""

    inner: Inner = Inner()
    note: str = "yes: no"


class Derived(Inner):
    """A section with more.

    Attributes
    ----------
    height
        How high.
    """

    height: int = 4


def test_comments_of_a_section_it_derives_from_come_along():
    assert attribute_comments(Derived) == {"depth": ["How deep,", "and how wide."], "height": ["How high."]}


def test_comments_come_from_the_docstring():
    assert attribute_comments(Inner) == {"depth": ["How deep,", "and how wide."]}
    text = commented_yaml(Outer())
    assert text == (
        "inner:\n  # How deep,\n  # and how wide.\n  depth: 1\n  width: [2, 3]\nnote: 'yes: no'\n"
    )
    assert yaml.safe_load(text) == yaml.safe_load(to_yaml(Outer()))
