"""Which Python the Makefile takes, on machines made of small shell scripts."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIM = "echo 'no such version is active' >&2; exit 127"


def python(version=(3, 12), ensurepip=True):
    """Return the body of a command that answers like a Python of that version."""
    old = "exit 1" if version < (3, 11) else "exit 0"
    bare = "exit 0" if ensurepip else "exit 1"
    named = f"echo python3.{version[1]}-venv"
    return f'case "$*" in *ensurepip*) {bare};; *-venv*) {named};; *version_info*) {old};; esac'


@pytest.fixture
def machine(tmp_path):
    """Return a function that puts commands on a machine and asks for its Python."""
    shell = shutil.which("sh")
    if shell is None:
        pytest.skip("no sh here")
    for tool in ("sh", "sed", "expr"):
        (tmp_path / tool).symlink_to(shutil.which(tool))

    def ask(commands, **environment):
        for name, body in commands.items():
            (tmp_path / name).write_text(f"#!{shell}\n{body}\n")
            (tmp_path / name).chmod(0o755)
        return subprocess.run(
            [shell, str(ROOT / "scripts" / "find-python")],
            env={"PATH": str(tmp_path), **environment}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return ask


@pytest.mark.parametrize(
    ("commands", "taken"),
    [
        ({"python3.13": python(), "python3.12": python(), "python3": python()}, "python3.13"),
        ({"python3.13": SHIM, "python3.12": SHIM, "python3.11": python()}, "python3.11"),
        ({"python3": python()}, "python3"),
        ({"python3.12": python(ensurepip=False), "python3": python()}, "python3"),
        ({"python3.12": python(ensurepip=False), "uv": "exit 0"}, "python3.12"),
    ],
)
def test_the_first_that_runs_and_can_make_environments(machine, commands, taken):
    result = machine(commands)
    assert (result.stdout, result.stderr, result.returncode) == (f"{taken}\n", "", 0)


def test_the_one_with_a_torch_wheel_at_hand_comes_first(machine, tmp_path):
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "torch-2.13.0+cpu-cp311-cp311-linux_x86_64.whl").touch()
    commands = {"python3.13": python(), "python3.11": python()}
    assert machine(commands, PIP_FIND_LINKS=str(wheels)).stdout == "python3.11\n"
    assert machine(commands, PIP_FIND_LINKS=str(wheels), PYTHON="python3.13").stdout == "python3.13\n"
    assert machine({"python3.11": SHIM}, PIP_FIND_LINKS=str(wheels)).stdout == "python3.13\n"


@pytest.mark.parametrize(
    ("commands", "environment", "missing"),
    [
        ({}, {}, "no Python >= 3.11 found"),
        ({"python3": python((3, 9))}, {}, "no Python >= 3.11 found"),
        ({"python3": python((3, 11), ensurepip=False)}, {}, "python3.11-venv"),
        ({"python3": python()}, {"PYTHON": "python4"}, "PYTHON=python4"),
    ],
)
def test_what_is_missing_is_said_in_one_line(machine, commands, environment, missing):
    result = machine(commands, **environment)
    assert (result.stdout, result.returncode) == ("", 1)
    assert missing in result.stderr
    assert result.stderr.count("\n") == 1
