"""Two processes under torchrun, against one on the joint batch."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

SCRIPT = Path(__file__).with_name("two_processes.py")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def outcome(out, processes):
    launcher = [sys.executable]
    if processes > 1:
        launcher += ["-m", "torch.distributed.run", "--nproc-per-node", str(processes)]
        launcher += ["--master-addr", "127.0.0.1", "--master-port", str(free_port())]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*launcher, str(SCRIPT), str(out)], capture_output=True, text=True, env=environment, timeout=400
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return torch.load(out, weights_only=True)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parallel")
    return [outcome(folder / f"{n}.pt", n) for n in (1, 2)]


def test_two_processes_have_the_gradients_of_one(outcomes):
    one, two = outcomes
    assert float(two["apart"].max()) < 1e-6  # default presets keep the processes in step
    alone, together = one["gradients"], two["gradients"]
    assert alone.keys() == together.keys()
    assert {name.split("/")[0] for name in alone} == {"code", "paper"}
    for name, gradient in alone.items():
        scale = float(gradient.abs().max()) + 1e-8
        assert float((gradient - together[name]).abs().max()) < 1e-4 * scale, name


@pytest.mark.parametrize("machine", ["persistent", "rbm", "crbm"])
def test_two_processes_share_the_chains_of_one(machine, outcomes):
    one, two = (outcome["machines"][machine] for outcome in outcomes)
    assert ("chains" in one) == (machine == "persistent")
    assert "chains" not in one or one["chains"].float().std() > 0.4
    for name, value in one.items():
        assert torch.allclose(value.double(), two[name].double(), atol=1e-6), name
