"""How the command ends, what it imports, and how it speaks of errors."""

import errno
import importlib.util
import json
import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import genome_ac_gan
from genome_ac_gan.cli import COMMANDS, main
from genome_ac_gan.cli.console import notice, verbosity
from genome_ac_gan.cli.programme import Programme, one_line
from genome_ac_gan.errors import CheckpointError, PanelError

ROOT = Path(__file__).parents[2]
HEAVY = (
    "torch",
    "sklearn",
    "pandas",
    "plotly",
    "cyvcf2",
    "pysam",
    "scipy",
    "matplotlib",
    "numpy",
    "pydantic",
)


def ending(error):
    """Run a programme whose only command raises `error`."""

    @click.command()
    @verbosity
    def fail():
        raise error

    programme = Programme(commands_by_name={"fail": "nowhere:fail"})
    programme.get_command = lambda context, name: fail
    return CliRunner().invoke(programme, ["fail"])


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (PanelError("x.vcf has no GT"), "x.vcf has no GT"),
        (CheckpointError("two\n  lines"), "two lines"),
        (OSError(errno.ENOSPC, "No space left on device", "out.npz"), "out.npz: No space left on device"),
        (PermissionError(errno.EACCES, "Permission denied", "out.npz"), "out.npz: Permission denied"),
        (OSError("htslib gave up"), "htslib gave up"),
        (FileNotFoundError(), "FileNotFoundError"),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_exit_code_2(error, line):
    result = ending(error)
    assert result.exit_code == 2
    assert result.stderr == f"genome-ac-gan: error: {line}\n"
    assert result.stdout == ""


def test_an_error_may_bring_its_own_exit_code():
    error = PanelError("stopped by SIGTERM")
    error.exit_code = 143
    assert ending(error).exit_code == 143


def test_other_errors_keep_their_traceback():
    result = ending(ZeroDivisionError("a bug"))
    assert isinstance(result.exception, ZeroDivisionError)


def test_an_interrupt_is_130_and_a_broken_pipe_silent():
    assert ending(KeyboardInterrupt()).exit_code == 130
    result = ending(BrokenPipeError())
    assert (result.exit_code, result.stderr) == (141, "")


def test_the_reader_of_a_pipe_may_leave():
    code = "from genome_ac_gan.cli import main; main(['export', '-o', '-', '-q'])"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 141


@pytest.mark.parametrize("arguments", [["nonsense"], ["export", "--nonsense"], ["export"], ["list", "genes"]])
def test_wrong_usage_is_one_line_that_points_to_the_help(arguments):
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "--help)" in result.stderr


def test_a_group_without_a_command_shows_its_help():
    result = CliRunner().invoke(main, ["config"])
    assert result.exit_code == 2
    assert "check" in result.stderr


def environment(**more):
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), **more}


def run_python(code, **more):
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(**more), check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def existing_commands():
    return [name for name, place in COMMANDS.items() if importlib.util.find_spec(place.partition(":")[0])]


def test_no_help_imports_anything_heavy():
    code = f"""
import contextlib, io, json, sys
from genome_ac_gan.cli import main
for name in {existing_commands()!r}:
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
        main([name, "--help"])
    assert out.getvalue().startswith("Usage: "), name
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main(["--version"])
print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
"""
    assert json.loads(run_python(code)) == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_line_and_the_common_options(name):
    module, _, attribute = COMMANDS[name].partition(":")
    command = getattr(import_module(module), attribute)
    assert command.name == name
    assert command.get_short_help_str()
    assert {"verbose", "quiet"} <= {parameter.name for parameter in command.params}


@pytest.mark.parametrize("name", ["generate", "evaluate", "import", "export"])
def test_examples_in_a_help_stand_on_lines_of_their_own(name):
    text = CliRunner().invoke(main, [name, "--help"]).stdout
    assert "\\b" not in text
    assert any(line.startswith(f"  genome-ac-gan {name} ") for line in text.splitlines())


def test_version_names_what_decides_the_numbers():
    result = CliRunner().invoke(main, ["--version"])
    names = [line.split()[0] for line in result.stdout.splitlines()]
    assert names[:3] == ["genome-ac-gan", "Python", "torch"]
    assert names[-1] == "htslib"
    assert result.stdout.splitlines()[0].endswith(genome_ac_gan.__version__)


def test_the_version_is_that_of_the_package():
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert metadata["project"]["version"] == genome_ac_gan.__version__


def test_public_names_are_there_though_imported_late():
    for name in genome_ac_gan.__all__:
        assert getattr(genome_ac_gan, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        genome_ac_gan.nonsense  # noqa: B018


@pytest.mark.parametrize(
    ("arguments", "said"), [(["fail"], "a note"), (["-q", "fail"], ""), (["fail", "-q"], "")]
)
def test_quiet_works_before_and_after_the_verb(arguments, said):
    @click.command()
    @verbosity
    def fail():
        notice("a\nnote")

    @click.group(cls=Programme, commands_by_name={"fail": "nowhere:fail"})
    @verbosity
    def programme():
        pass

    programme.get_command = lambda context, name: fail
    result = CliRunner().invoke(programme, arguments)
    assert result.stderr == (f"genome-ac-gan: {said}\n" if said else "")


def test_a_machine_without_a_home_or_a_locale_changes_nothing():
    code = "from genome_ac_gan.cli import main; main(['inspect'])"
    homeless = {"HOME": "/proc/none", "XDG_CACHE_HOME": "/proc/none", "LC_ALL": "C", "LANG": "C"}
    assert run_python(code, **homeless, OPENBLAS_NUM_THREADS="1000") == run_python(code)


def test_one_line_of_an_error_without_a_message():
    assert one_line(PanelError("")) == "PanelError"
