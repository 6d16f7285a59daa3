"""Which device and which number format to compute with."""

import os
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import torch

from genome_ac_gan.errors import ConfigError
from genome_ac_gan.resources import available_threads

Precision = Literal["auto", "bf16", "fp32"]


def choose_device(name: str = "auto") -> torch.device:
    """Return the device called `cpu`, `cuda`, `mps`, or the best there is for `auto`.

    Raises
    ------
    ConfigError
        When the device is unknown or absent here.
    """
    present = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if present[kind])
    if name not in present:
        raise ConfigError(f"device {name!r}: unknown; known: auto, {', '.join(present)}")
    if not present[name]:
        here = ", ".join(kind for kind, there in present.items() if there)
        raise ConfigError(f"device {name!r} is not available here; available: {here}")
    return torch.device(name)


def prepare_cpu(threads: int | None = None) -> int:
    """Set torch's thread count and flush denormals to zero.

    By default the count is that of ``OMP_NUM_THREADS``, or what this process may
    use, shared among the processes that ``torchrun`` started here.

    Weights that an L2 penalty drives towards zero end as denormal numbers, on
    which processors are many times slower. New threads inherit the flag, so it
    is set before torch starts any.
    """
    torch.set_flush_denormal(True)
    torch.set_num_threads(threads or _default_threads())
    return torch.get_num_threads()


def _default_threads() -> int:
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdecimal() and int(wanted) > 0:
        return int(wanted)
    return max(1, available_threads() // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))


def has_fast_bf16(device: torch.device) -> bool:
    """Return whether bfloat16 products run in hardware on `device`."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        capabilities = torch.backends.cpu.get_cpu_capability()
        return "AVX512" in capabilities and bool(torch.cpu._is_avx512_bf16_supported())
    return False


def product_dtype(device: torch.device, precision: Precision) -> torch.dtype:
    """Return the number format of matrix products: bfloat16 where that is wanted and fast, else float32."""
    fast = precision == "bf16" or (precision == "auto" and has_fast_bf16(device))
    return torch.bfloat16 if fast else torch.float32


def autocast(device: torch.device, precision: Precision) -> AbstractContextManager[object]:
    """Return the context in which matrix products run in bfloat16, where that is wanted and fast."""
    if product_dtype(device, precision) == torch.bfloat16:
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return nullcontext()
