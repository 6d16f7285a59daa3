"""What the models made of restricted Boltzmann machines share: settings, and one step of learning."""

import abc
import copy
from collections.abc import Sequence
from typing import Annotated, Literal, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn

from genome_ac_gan.config import Config, Count, Positive, Share
from genome_ac_gan.models.base import GradientModel, require_one_length
from genome_ac_gan.nn.blocks import update_average
from genome_ac_gan.nn.boltzmann import Machine, Noise, bernoulli, centred, means, moment_gap
from genome_ac_gan.nn.losses import one_hot
from genome_ac_gan.training.device import product_dtype

RAREST = 1e-5  # frequencies are kept this far from 0 and 1 where their logit is taken


class BoltzmannConfig(Config):
    """The machine, its chains and its learning.

    Attributes
    ----------
    n_hidden
        Hidden units of a machine.
    init_sd
        Standard deviation of the normal weights it starts with.
    centred
        Whether the gradient is taken in coordinates in which every unit has mean 0.
    gibbs_steps
        Gibbs steps of the chains between two updates.
    chain_start
        Where chains start: every allele a fair coin (`uniform`), or drawn by its
        `frequencies` in the chain's population.
    sampling_steps
        Gibbs steps to a sample; None for as many as `gibbs_steps`.
    learning_rate
        Step along the gradient of the mean log-likelihood of a row.
    average
        Decay of the moving average of the parameters that samples are drawn from, less in
        the first steps; 0 samples from the parameters themselves.
    batch_size
        Rows of a batch (joint over all processes).
    n_steps, n_epochs
        Updates, or passes over the training rows in whole batches: one of the two. The
        training section wins over both.
    """

    n_hidden: Count = 100
    init_sd: Positive = 0.01
    centred: bool = True
    gibbs_steps: Count = 5
    chain_start: Literal["uniform", "frequencies"] = "frequencies"
    sampling_steps: Count | None = None
    learning_rate: Positive = 0.5
    average: Share = 0.99
    batch_size: Annotated[int, Field(ge=2)] = 500
    n_steps: Count | None = 3000
    n_epochs: Count | None = None

    @model_validator(mode="after")
    def _check_length(self) -> Self:
        require_one_length(self.n_steps, self.n_epochs)
        return self


class BoltzmannModel(GradientModel):
    """Machines that learn by the gap between the moments of data and of chains."""

    config: BoltzmannConfig

    @property
    def conditioning(self) -> str:
        """The label is a group of visible units."""
        return "clamped"

    # -- parameters -------------------------------------------------------

    def _assemble(self, machines: Sequence[Machine], n_variants: int, n_populations: int) -> None:
        """Set `net` to the machines, their average, and the frequencies that chains start from."""
        parts = {"machines": nn.ModuleList(machines)}
        if self.config.average:
            parts["average"] = copy.deepcopy(parts["machines"])
        self.net = nn.ModuleDict(parts)
        self.net.register_buffer("frequencies", torch.full((n_populations, n_variants), 0.5))

    def _machine(self, n_free: int, n_given: int) -> Machine:
        return Machine(n_free, n_given, self.config.n_hidden, sd=self.config.init_sd)

    @property
    def machines(self) -> nn.ModuleList:
        """The machines under training."""
        return self.network["machines"]  # type: ignore[index, no-any-return]

    @property
    def samplers(self) -> nn.ModuleList:
        """The machines that samples are drawn from: the average where there is one."""
        return self.network["average" if self.config.average else "machines"]  # type: ignore[index, no-any-return]

    @property
    def frequencies(self) -> Tensor:
        """Probabilities (k, l) of the alleles that chains of each population start with."""
        return self.network.get_buffer("frequencies")

    @property
    def optimisers(self) -> dict[str, torch.optim.Optimizer]:
        """None: plain gradient steps have no state."""
        return {}

    @torch.no_grad()
    def start(self, x: Tensor, y: Tensor) -> None:
        """Let biases start at the frequencies of the training rows."""
        k = len(self.populations)
        if self.config.chain_start == "frequencies":
            self.frequencies.copy_(torch.stack([means(x[y == code]) for code in range(k)]))
        self._start_biases(logit(means(x)), means(one_hot(y, k)).log())
        if self.config.average:
            self.samplers.load_state_dict(self.machines.state_dict())

    @abc.abstractmethod
    def _start_biases(self, alleles: Tensor, labels: Tensor) -> None:
        """Start visible units at the logits of the alleles' frequencies (l,) and logs of the labels' (k,)."""

    # -- rows -------------------------------------------------------------

    @property
    def _dtype(self) -> torch.dtype:
        """The number format of the products while training; samples are drawn in float32."""
        return product_dtype(self.device, self.precision)

    def _noise(self) -> Noise:
        return Noise(self.rng, self.device, rank=self.world.rank, size=self.world.size)

    def _fresh(self, y: Tensor, variants: slice, noise: Noise, dtype: torch.dtype) -> Tensor:
        """Draw where chains of the populations y (n,) start at some of the variants."""
        return bernoulli(self.frequencies[:, variants].index_select(0, y), noise, dtype)

    # -- learning ---------------------------------------------------------

    @property
    def _decay(self) -> float:
        """That of the moving average: less in the first steps, so that the start is forgotten."""
        return min(self.config.average, (1 + self.step) / (10 + self.step))

    def _learn(self, index: int, data: Tensor, chains: Tensor) -> dict[str, Tensor]:
        """Update one machine by the gap between data (n, v) and chains (m, v), both 0 or 1."""
        machine = self.machines[index]
        assert isinstance(machine, Machine)
        logits = [machine.hidden_logits(rows) for rows in (data, chains)]
        energies = [machine.free_energy(v, b).mean() for v, b in zip((data, chains), logits, strict=True)]
        hidden = [b.sigmoid_() for b in logits]
        gap, offsets = moment_gap(data, hidden[0], chains, hidden[1]), (means(data), means(hidden[0]))
        self.world.average([*gap, *offsets])
        gradient = centred(gap, *offsets) if self.config.centred else gap
        machine.ascend(gradient, self.config.learning_rate)
        if self.config.average:
            update_average(self.samplers[index], machine, self._decay)
        return {
            "free_energy_gap": energies[1] - energies[0],
            "frequency_gap": gap.visible[: machine.n_free].abs().mean(),
            "hidden_gap": gap.hidden.abs().mean(),
        }


def logit(frequencies: Tensor) -> Tensor:
    """Return ``log(p / (1 - p))`` of frequencies that are kept `RAREST` away from 0 and 1."""
    return torch.logit(frequencies, eps=RAREST)
