"""The restricted Boltzmann machine over whole rows, with the label among its visible units."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

import torch
from pydantic import model_validator
from torch import Tensor

from genome_ac_gan.config import Count
from genome_ac_gan.errors import ConfigError, some
from genome_ac_gan.models.boltzmann import BoltzmannConfig, BoltzmannModel
from genome_ac_gan.nn.boltzmann import Machine, Noise
from genome_ac_gan.nn.losses import one_hot

EVERYWHERE = slice(None)


class RBMConfig(BoltzmannConfig):
    """A restricted Boltzmann machine in every number.

    Attributes
    ----------
    training
        Which chains the data are compared with: `out-of-equilibrium`, new ones in every
        step, so that what is learned is where so many Gibbs steps lead from the start;
        `pcd`, the same ones throughout (persistent contrastive divergence).
    chains
        Number of chains (joint over all processes).
    clamped
        Whether chains keep a given label, so that P(alleles | label) is learned; otherwise
        labels are drawn with the alleles, and the joint probability is learned (`pcd` only).
    sampling_start
        Samples start as chains do (`fresh`), or where the `chains` are that ran in
        training (`pcd` only).
    """

    training: Literal["out-of-equilibrium", "pcd"] = "out-of-equilibrium"
    chains: Count = 500
    clamped: bool = True
    sampling_start: Literal["fresh", "chains"] = "fresh"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.sampling_start == "chains" and self.training != "pcd":
            raise ValueError("sampling_start chains needs training pcd: other chains do not last")
        if not self.clamped and self.training != "pcd":
            raise ValueError(
                "clamped false needs training pcd: elsewhere samples must be drawn as chains are"
            )
        return self


PUBLISHED: Mapping[str, Any] = {
    "chain_start": "uniform",
    "learning_rate": 0.01,
    "average": 0,
    "n_steps": None,
}


class RBM(BoltzmannModel):
    """Restricted Boltzmann machine: binary hidden units tie alleles and label together.

    One update a step: the moments of a batch against those of chains that run by Gibbs
    sampling. To sample a population its label unit is clamped.

    References
    ----------
    Yelmen et al. 2021, 10.1371/journal.pgen.1009303; Yelmen et al. 2023,
    10.1371/journal.pcbi.1011584; Decelle, Furtlehner & Seoane 2021, arXiv 2105.13889;
    Melchior, Fischer & Wiskott 2016, JMLR 17(99); Tieleman 2008,
    10.1145/1390156.1390290.
    """

    name = "rbm"
    Config = RBMConfig
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "default": {},
        "rbm23": {**PUBLISHED, "n_hidden": 500, "gibbs_steps": 50, "n_epochs": 2001},
        "pcd": {
            **PUBLISHED,
            "n_hidden": 50,
            "init_sd": 1e-5,
            "centred": False,
            "training": "pcd",
            "clamped": False,
            "gibbs_steps": 10,
            "sampling_steps": 500,
            "batch_size": 32,
            "n_epochs": 800,
        },
    }
    config: RBMConfig

    def build(self, n_variants: int, n_populations: int) -> None:
        """Set `net` to the machine and, where they last, the chains with their labels."""
        self._assemble([self._machine(n_variants, n_populations)], n_variants, n_populations)
        if self.config.training == "pcd":
            n = self.config.chains
            self.network.register_buffer("chains", torch.zeros(n, n_variants, dtype=torch.uint8))
            self.network.register_buffer("chain_labels", torch.zeros(n, dtype=torch.int64))

    @property
    def machine(self) -> Machine:
        """The machine under training."""
        return self.machines[0]  # type: ignore[return-value]

    @property
    def chains(self) -> tuple[Tensor, Tensor]:
        """Alleles (m, l) uint8 and labels (m,) of the chains that last."""
        return self.network.get_buffer("chains"), self.network.get_buffer("chain_labels")

    @torch.no_grad()
    def start(self, x: Tensor, y: Tensor) -> None:
        """Let biases start at the frequencies of the training rows, and lasting chains with their labels."""
        if self.config.chains % self.world.size:
            raise ConfigError(
                f"{self.config.chains} chains cannot be shared by {self.world.size} processes: "
                "set model.settings.chains to a multiple"
            )
        super().start(x, y)
        if self.config.training == "pcd":
            alleles, labels = self.chains
            places = torch.linspace(0, len(y) - 1, len(labels), device=y.device).round().long()
            labels.copy_(y.sort().values[places])  # in the proportions of the panel
            self._require_chains(labels)
            alleles.copy_(self._fresh(labels, EVERYWHERE, Noise(self.rng, self.device), torch.uint8))

    def _require_chains(self, labels: Tensor) -> None:
        """Refuse lasting chains that keep their labels (m,) when a population has none."""
        without = [name for code, name in enumerate(self.populations) if not (labels == code).any()]
        if self.config.clamped and without:
            raise ConfigError(
                f"none of {len(labels)} chains is of population {some(without)}: set model.settings.chains "
                f"to about {sum(self.counts.values())}, or clamped to false"
            )

    def _start_biases(self, alleles: Tensor, labels: Tensor) -> None:
        self.machine.visible_bias.copy_(torch.cat([alleles, labels]))

    # -- learning ---------------------------------------------------------

    @torch.no_grad()
    def training_step(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Run the chains, then step along the gradient that they and the batch give."""
        return self._learn(0, self._joined(x, y), self._joined(*self._run_chains(y)))

    def _joined(self, alleles: Tensor, labels: Tensor) -> Tensor:
        """Return rows of visible units (n, l + k) in the number format of the products."""
        group = one_hot(labels, len(self.populations))
        return torch.cat([alleles.to(self._dtype), group.to(self._dtype)], dim=1)

    def _run_chains(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Return alleles (m, l) and labels (m,) of this process's chains after the steps of an update."""
        noise = self._noise()
        if self.config.training == "pcd":
            alleles, labels = (self.world.share(part) for part in self.chains)
            ran = self._steps(alleles.to(self._dtype), labels, noise)
            for kept, rows in zip(self.chains, ran, strict=True):
                kept.copy_(self.world.gather(rows.to(kept.dtype)))
            return ran
        labels = self._new_labels(y)
        return self._steps(self._fresh(labels, EVERYWHERE, noise, self._dtype), labels, noise)

    def _new_labels(self, y: Tensor) -> Tensor:
        """Return labels of new chains: those of the batch in turn."""
        n = self.config.chains // self.world.size
        return y[torch.arange(n, device=y.device) % len(y)]

    def _steps(self, alleles: Tensor, labels: Tensor, noise: Noise) -> tuple[Tensor, Tensor]:
        steps, n_variants = self.config.gibbs_steps, alleles.shape[1]
        v = self._joined(alleles, labels)
        if self.config.clamped:
            x, group = v[:, :n_variants], v[:, n_variants:]
            return self.machine.clamped(x, group, steps=steps, noise=noise), labels
        v = self.machine.unclamped(v, steps=steps, noise=noise)
        return v[:, :n_variants], v[:, n_variants:].argmax(dim=1)

    # -- sampling ---------------------------------------------------------

    def _sample(self, y: Tensor, rng: torch.Generator) -> Tensor:
        machine = self.samplers[0]
        assert isinstance(machine, Machine)
        noise = Noise(rng, self.device)
        if self.config.sampling_start == "chains":
            x = self._chains_of(y, rng).float()
        else:
            x = self._fresh(y, EVERYWHERE, noise, torch.float32)
        steps = self.config.sampling_steps or self.config.gibbs_steps
        return machine.clamped(x, one_hot(y, len(self.populations)), steps=steps, noise=noise).to(torch.uint8)

    def _chains_of(self, y: Tensor, rng: torch.Generator) -> Tensor:
        """Return for each label the alleles of a random chain that has it; of any chain where none has."""
        alleles, labels = self.chains
        fits = (labels == y[:, None]).float().cpu()  # (n, m)
        fits[fits.sum(dim=1) == 0] = 1
        return alleles[torch.multinomial(fits, 1, generator=rng).squeeze(1).to(alleles.device)]
