"""Several processes that train one model, each on its share of every batch.

Started by ``torchrun``. Every process draws the whole batch and its noise from
the same seeds and keeps its own rows, so that the averaged gradients are those
of one process on the whole batch.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor


@dataclass(frozen=True)
class World:
    """The processes that train together: which one this is, of how many."""

    rank: int = 0
    size: int = 1

    @property
    def first(self) -> bool:
        """Whether this is the process that logs, scores and writes."""
        return self.rank == 0

    def share(self, rows: Tensor) -> Tensor:
        """Return this process's rows of a joint batch, whose length must be a multiple of `size`."""
        return rows if self.size == 1 else rows.chunk(self.size)[self.rank]

    def gather(self, rows: Tensor) -> Tensor:
        """Return the joint rows of which every process has its `share`."""
        if self.size == 1:
            return rows
        shares = [torch.empty_like(rows) for _ in range(self.size)]
        dist.all_gather(shares, rows.contiguous())
        return torch.cat(shares)

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Replace every tensor's numbers by their mean over the processes."""
        if self.size == 1:
            return
        flat = torch.cat([tensor.flatten() for tensor in tensors])
        dist.all_reduce(flat)
        flat /= self.size
        for tensor, mean in zip(tensors, torch.split(flat, [t.numel() for t in tensors]), strict=True):
            tensor.copy_(mean.view_as(tensor))

    def average_gradients(self, parameters: Iterable[Tensor]) -> None:
        """Replace every gradient by its mean over the processes."""
        self.average([p.grad for p in parameters if p.grad is not None])

    def any(self, flag: bool) -> bool:
        """Return whether the flag is set in any process."""
        if self.size == 1:
            return flag
        vote = torch.tensor([float(flag)])
        dist.all_reduce(vote)
        return bool(vote.item())


def launched_first() -> bool:
    """Return whether this process is the first that ``torchrun`` started, or was started alone."""
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def process_group(device: torch.device) -> Iterator[World]:
    """Join the processes that ``torchrun`` started; alone when it started none."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield World()
        return
    if device.type == "cuda":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    dist.init_process_group("cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo")
    try:
        yield World(rank=dist.get_rank(), size=size)
    finally:
        dist.destroy_process_group()
