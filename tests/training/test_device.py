import subprocess
import sys

import pytest
import torch

from genome_ac_gan.errors import ConfigError
from genome_ac_gan.training.device import autocast, choose_device


def test_cpu_is_always_there_and_auto_finds_a_device():
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("auto").type in ("cpu", "cuda", "mps")


def test_unknown_and_absent_devices_are_refused():
    with pytest.raises(ConfigError, match="unknown; known: auto, cpu, cuda, mps"):
        choose_device("tpu")
    if not torch.cuda.is_available():
        with pytest.raises(ConfigError, match="not available here"):
            choose_device("cuda")


def test_fp32_means_fp32():
    layer = torch.nn.Linear(4, 4)
    with autocast(torch.device("cpu"), "fp32"):
        assert layer(torch.randn(2, 4)).dtype == torch.float32
    with autocast(torch.device("cpu"), "bf16"):
        assert layer(torch.randn(2, 4)).dtype == torch.bfloat16


def test_denormals_are_flushed_in_every_thread():
    """In a fresh process, since worker threads inherit the flag when they start."""
    code = (
        "from genome_ac_gan.training.device import prepare_cpu; prepare_cpu(2); import torch;"
        "x = torch.full((4_000_000,), 1e-30); print(int(((x * 1e-10) != 0).sum()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
