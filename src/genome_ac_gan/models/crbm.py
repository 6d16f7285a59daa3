"""Conditional restricted Boltzmann machines, one for each chunk of the genome, each given the chunk before."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import torch
from pydantic import Field
from torch import Tensor

from genome_ac_gan.config import Count
from genome_ac_gan.models.boltzmann import BoltzmannConfig, BoltzmannModel
from genome_ac_gan.nn.boltzmann import Machine, Noise
from genome_ac_gan.nn.losses import one_hot


class CRBMConfig(BoltzmannConfig):
    """Conditional machines along the genome in every number.

    Attributes
    ----------
    chunk
        Variants that one machine draws; the last one draws what is left.
    context
        Variants before a chunk that its machine is given, fewer where the genome begins; 0
        makes chunks independent given the label.
    """

    n_hidden: Count = 200
    chunk: Count = 500
    context: Annotated[int, Field(ge=0)] = 200
    n_steps: Count | None = 2000


class CRBM(BoltzmannModel):
    """Conditional Boltzmann machines along the genome: each draws a chunk given the one before and the label.

    The first machine is given the label only. A step updates every machine on real
    contexts: one chain for each row of the batch, clamped to the row's label and context.

    References
    ----------
    Yelmen et al. 2023, 10.1371/journal.pcbi.1011584; Genomator's comparison
    (Bioinformatics 2025); Taylor, Hinton & Roweis 2006, NeurIPS 19; Decelle,
    Furtlehner & Seoane 2021, arXiv 2105.13889; Melchior, Fischer & Wiskott 2016, JMLR
    17(99).
    """

    name = "crbm"
    Config = CRBMConfig
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "default": {},
        "genomator": {
            "chunk": 5000,
            "context": 5000,
            "n_hidden": 2000,
            "chain_start": "uniform",
            "learning_rate": 0.001,
            "gibbs_steps": 50,
            "average": 0,
            "batch_size": 1252,
            "n_steps": None,
            "n_epochs": 20_001,
        },
    }
    config: CRBMConfig

    def build(self, n_variants: int, n_populations: int) -> None:
        """Set `net` to one machine for each chunk."""
        self._places = places(n_variants, self.config.chunk, self.config.context)
        machines = [
            self._machine(end - start, start - first + n_populations) for first, start, end in self._places
        ]
        self._assemble(machines, n_variants, n_populations)

    def _start_biases(self, alleles: Tensor, labels: Tensor) -> None:
        for machine, (first, start, end) in zip(self.machines, self._places, strict=True):
            assert isinstance(machine, Machine)
            machine.visible_bias.copy_(torch.cat([alleles[start:end], alleles[first:start], labels]))

    # -- learning ---------------------------------------------------------

    @torch.no_grad()
    def training_step(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Update every machine once, one after another; return the means of their losses."""
        noise = self._noise()
        x = x.to(self._dtype)
        losses = [self._update(index, x, y, noise) for index in range(len(self.machines))]
        return {name: torch.stack([loss[name] for loss in losses]).mean() for name in losses[0]}

    def _update(self, index: int, x: Tensor, y: Tensor, noise: Noise) -> dict[str, Tensor]:
        machine, (first, start, end) = self.machines[index], self._places[index]
        assert isinstance(machine, Machine)
        given = self._given(x[:, first:start], y)
        fresh = self._fresh(y, slice(start, end), noise, x.dtype)
        drawn = machine.clamped(fresh, given, steps=self.config.gibbs_steps, noise=noise)
        data, chains = (torch.cat([rows, given], dim=1) for rows in (x[:, start:end], drawn))
        return self._learn(index, data, chains)

    def _given(self, context: Tensor, y: Tensor) -> Tensor:
        """Return what a machine is clamped to, context (n, c) and label, in the format of the context."""
        return torch.cat([context, one_hot(y, len(self.populations)).to(context.dtype)], dim=1)

    # -- sampling ---------------------------------------------------------

    def _sample(self, y: Tensor, rng: torch.Generator) -> Tensor:
        noise = Noise(rng, self.device)
        steps = self.config.sampling_steps or self.config.gibbs_steps
        x = torch.empty(len(y), self.frequencies.shape[1], dtype=torch.uint8, device=y.device)
        for machine, (first, start, end) in zip(self.samplers, self._places, strict=True):
            assert isinstance(machine, Machine)
            fresh = self._fresh(y, slice(start, end), noise, torch.float32)
            given = self._given(x[:, first:start].float(), y)
            x[:, start:end] = machine.clamped(fresh, given, steps=steps, noise=noise).to(torch.uint8)
        return x


def places(n_variants: int, chunk: int, context: int) -> list[tuple[int, int, int]]:
    """Return for each chunk where its context begins, where it begins itself, and where it ends.

    >>> places(7, 3, 2)
    [(0, 0, 3), (1, 3, 6), (4, 6, 7)]
    """
    starts = range(0, n_variants, chunk)
    return [(max(0, start - context), start, min(start + chunk, n_variants)) for start in starts]
