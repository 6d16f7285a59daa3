"""Named, independent streams of random numbers, all derived from one seed.

The name of a stream is mixed into the seed, so that a new consumer of random
numbers shifts none of the others.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


def derived_seed(seed: int, name: str) -> int:
    """Return the 63-bit seed of the stream `name` under `seed`."""
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def stream(seed: int, name: str) -> np.random.Generator:
    """Return a fresh NumPy generator for the stream `name` under `seed`."""
    return np.random.default_rng(derived_seed(seed, name))


def torch_stream(seed: int, name: str, device: "torch.device | str" = "cpu") -> "torch.Generator":
    """Return a fresh torch generator for the stream `name` under `seed`."""
    import torch

    return torch.Generator(device=device).manual_seed(derived_seed(seed, name))


@contextmanager
def seeded_torch(seed: int, name: str) -> Iterator[None]:
    """Run a block with torch's global generators seeded, and put them back afterwards.

    Layers initialise themselves and dropout draws through the global generator:
    this is the only place that touches it.
    """
    import torch

    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        torch.manual_seed(derived_seed(seed, name))
        yield
