"""What every model promises: fit a panel, sample labelled haplotypes, hand over its state."""

import abc
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from genome_ac_gan.config import Config
from genome_ac_gan.errors import NotFittedError, PanelError, some
from genome_ac_gan.panel import HaplotypePanel, VariantTable, concat
from genome_ac_gan.seeding import seeded_torch, torch_stream
from genome_ac_gan.training.device import Precision, autocast
from genome_ac_gan.training.loop import Batches, Cadence, OnStep, Sampling, ignore, train
from genome_ac_gan.training.parallel import World

BLOCK = 1024  # rows sampled at a time; part of what a seed means
CONDITIONING = {
    "network": "the population is an input of the networks",
    "clamped": "the population is a group of visible units, clamped when sampling",
    "joint": "the label is learned as part of the row; rows of other populations are drawn again",
    "hierarchical": "each population has probabilities of its own, drawn towards those of its relatives",
    "per-population": "one copy of the model for each population",
}


class Model(abc.ABC):
    """A distribution over haplotypes given a population.

    Attributes
    ----------
    config
        All settings of the model.
    net : nn.Module
        Everything learned, weights and buffers; None before `fit`.
    populations : tuple of str
        Sorted names of the training panel's populations; their order is the class code.
    label : str
        Name of the label column the model is conditioned on.
    counts : mapping of str to int
        Haplotypes of each population in the training panel.
    other_labels : mapping
        For every other label column that the population decides (the continent of
        a population): population -> label. Artificial genomes carry it too.
    variants : VariantTable
    step : int
        Updates made so far; 1 after a fit without updates.
    world : World
        The processes that train together.
    shortfall : mapping of str to int
        Haplotypes of the last sample that carry a population which the model could not
        draw; empty for models that obey every label.

    Class attributes: `presets`, the named settings by what they differ in from the
    defaults of `Config` (the first is the default preset); `stores_training_data`,
    whether training haplotypes lie in the weights.
    """

    stores_training_data: bool = False
    name: str
    Config: ClassVar[type[Config]]
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"default": {}}

    def __init__(self, config: Any) -> None:
        self.config = config
        self.net: nn.Module | None = None
        self.device = torch.device("cpu")
        self.precision: Precision = "auto"
        self.step = 0
        self.world = World()
        self.shortfall: dict[str, int] = {}

    @classmethod
    def preset(cls, name: str) -> dict[str, Any]:
        """Return all settings of one of the `presets`."""
        return cls.Config.model_validate(cls.presets[name]).model_dump(mode="json")

    @property
    def conditioning(self) -> str:
        """How the model obeys a population: a key of `CONDITIONING`."""
        return str(getattr(self.config, "conditioning", "network"))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What to tell of a training that has ended, besides its score."""
        return ()

    def fit(self, panel: HaplotypePanel, *, seed: int, on_step: OnStep = ignore) -> Self:
        """Learn the distribution of a panel; whatever was learned before is forgotten.

        Parameters
        ----------
        panel
            At least two haplotypes and two variants, not all monomorphic.
        seed
            Decides initial weights, batches and noise.
        on_step
            Called with the step and its losses; returning True ends the training.
        """
        self.prepare(panel, seed=seed)
        return self._fitted(*self.encode(panel), seed, on_step)

    def _fitted(self, x: Tensor, y: Tensor, seed: int, on_step: OnStep) -> Self:
        """Learn from alleles (n, l) uint8 and class codes (n,), and return the model."""
        self._fit(x, y, seed, on_step)
        self.step = max(self.step, 1)
        return self

    def prepare(self, panel: HaplotypePanel, *, seed: int) -> None:
        """Take over what the panel is about and build the untrained network for it."""
        require_trainable(panel)
        self.describe(
            populations=panel.populations,
            label=panel.label,
            counts=panel.counts,
            other_labels=decided_labels(panel),
            variants=panel.variants,
        )
        with seeded_torch(seed, "initialise"):
            self.build(panel.n_variants, len(panel.populations))
        self.network.to(self.device)

    def describe(
        self,
        *,
        populations: tuple[str, ...],
        label: str,
        counts: Mapping[str, int],
        other_labels: Mapping[str, Mapping[str, str]],
        variants: VariantTable,
    ) -> None:
        """Set what the model knows of its training panel besides the weights."""
        self.populations, self.label, self.counts = populations, label, dict(counts)
        self.other_labels, self.variants = {key: dict(table) for key, table in other_labels.items()}, variants

    def encode(self, panel: HaplotypePanel) -> tuple[Tensor, Tensor]:
        """Return alleles (n, l) uint8 and class codes (n,) int64 of a panel, on the model's device."""
        codes = np.searchsorted(np.array(self.populations), panel.population)
        x = torch.from_numpy(np.array(panel.haplotypes))
        return x.to(self.device), torch.from_numpy(codes).to(self.device)

    def sample(self, counts: Mapping[str, int], *, seed: int) -> HaplotypePanel:
        """Draw artificial genomes: `counts[population]` haplotypes of each population, in that order.

        Raises
        ------
        NotFittedError
            Before `fit` or loading.
        PanelError
            For a population that the training panel did not have.
        """
        return concat(list(self.sample_blocks(counts, seed=seed)))

    def sample_blocks(self, counts: Mapping[str, int], *, seed: int) -> Iterator[HaplotypePanel]:
        """Draw the same rows as `sample`, block by block, so that any number fits in memory."""
        _ = self.network
        self._check_counts(counts)
        self.shortfall = {}
        return self._blocks(counts, torch_stream(seed, "sample"), self._sample)

    def _blocks(
        self,
        counts: Mapping[str, int],
        rng: torch.Generator,
        sample: Callable[[Tensor, torch.Generator], Tensor],
    ) -> Iterator[HaplotypePanel]:
        names = np.repeat(list(counts), list(counts.values()))  # (n,)
        numbers = np.concatenate([np.arange(1, n + 1) for n in counts.values()])
        for start in range(0, len(names), BLOCK):
            rows = slice(start, start + BLOCK)
            codes = torch.from_numpy(np.searchsorted(np.array(self.populations), names[rows]))
            with torch.no_grad():
                x = sample(codes.to(self.device), rng)
            yield self._panel(x.cpu().numpy(), names[rows], numbers[rows])

    def _panel(
        self, x: npt.NDArray[np.uint8], names: npt.NDArray[np.str_], numbers: npt.NDArray[np.int64]
    ) -> HaplotypePanel:
        labels = {self.label: names}
        for column, table in self.other_labels.items():
            labels[column] = np.array([table[name] for name in names.tolist()])
        ids = [f"AG_{name}_{number:06d}" for name, number in zip(names, numbers, strict=True)]
        return HaplotypePanel(
            haplotypes=x, sample_id=np.array(ids), labels=labels, label=self.label, variants=self.variants
        )

    def to(self, device: torch.device) -> Self:
        """Move the model to a device, for training or sampling."""
        self.device = device
        if self.net is not None:
            self.net.to(device)
        return self

    def _check_counts(self, counts: Mapping[str, int]) -> None:
        for name, n in counts.items():
            if name not in self.populations:
                raise PanelError(
                    f"population {name!r} was not in the training panel; it had: {some(self.populations, 30)}"
                )
            if n < 0:
                raise PanelError(f"cannot draw {n} haplotypes of {name}")
        if not sum(counts.values()):
            raise PanelError("no haplotypes asked for: give at least one population a count above 0")

    @property
    def network(self) -> nn.Module:
        """The network, or NotFittedError."""
        if self.net is None:
            raise NotFittedError(f"{type(self).__name__} has no parameters yet: call fit() or load_model()")
        return self.net

    @property
    def n_parameters(self) -> int:
        """Number of weights that are learned; a moving average of them, a part called `average`, is not counted."""
        named = self.network.named_parameters()
        return sum(weight.numel() for name, weight in named if "average" not in name.split("."))

    def state(self) -> dict[str, Tensor]:
        """Return everything learned, by name."""
        return self.network.state_dict()

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take over what `state` returned; `describe` comes first."""
        self.build(len(self.variants), len(self.populations))
        self.network.load_state_dict(dict(state))
        self.network.to(self.device)

    @abc.abstractmethod
    def build(self, n_variants: int, n_populations: int) -> None:
        """Set `self.net` to an untrained network."""

    @abc.abstractmethod
    def _fit(self, x: Tensor, y: Tensor, seed: int, on_step: OnStep) -> None:
        """Learn from alleles (n, l) uint8 and class codes (n,)."""

    @abc.abstractmethod
    def _sample(self, y: Tensor, rng: torch.Generator) -> Tensor:
        """Return alleles (n, l) uint8 for class codes (n,); `rng` lives on the CPU."""


class GradientModel(Model):
    """A model trained step by step: writes `training_step` and `optimisers` instead of `_fit`.

    Attributes
    ----------
    last_step : int or None
        Where to end instead of at the settings' number of updates.
    rng : torch.Generator
        The stream of noise of the training, on the CPU.
    """

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.last_step: int | None = None
        self.rng = torch.Generator()
        self.batches: Batches | None = None
        self._resume_from: Mapping[str, Any] | None = None
        self._torch_state: Tensor | None = None

    @property
    @abc.abstractmethod
    def optimisers(self) -> dict[str, torch.optim.Optimizer]:
        """The optimisers by name, for checkpoints."""

    @abc.abstractmethod
    def training_step(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Make one update from alleles (n, l) uint8 and codes (n,); return named losses."""

    @abc.abstractmethod
    def start(self, x: Tensor, y: Tensor) -> None:
        """Make the optimisers, and whatever is initialised from the training rows."""

    def _fit(self, x: Tensor, y: Tensor, seed: int, on_step: OnStep) -> None:
        self.step = 0
        self._torch_state = None
        self.rng = torch_stream(seed, "noise")
        self.batches = Batches(
            x,
            y,
            batch_size=self.batch_size,
            sampling=self.sampling,
            rng=torch_stream(seed, "batches"),
            world=self.world,
        )
        with seeded_torch(seed, "start"):
            self.start(x, y)
        with seeded_torch(seed, "fit" if self.world.first else f"fit/{self.world.rank}"):
            if self._resume_from is not None:
                self._load_training_state(self._resume_from)
                self._resume_from = None
            train(self, self.batches, n_steps=self.n_steps, on_step=on_step)
            self._torch_state = torch.get_rng_state()

    @property
    def n_steps(self) -> int:
        """The step at which training ends: `last_step`, else the settings' updates or epochs of whole batches."""
        if self.last_step is not None:
            return self.last_step
        if self.config.n_steps is not None:
            return int(self.config.n_steps)
        batches = max(1, sum(self.counts.values()) // self.batch_size)
        return int(self.config.n_epochs) * batches

    def cadence(self, n_haplotypes: int) -> Cadence:
        """Return how often a training on so many haplotypes is scored and logged, where settings leave it open."""
        return Cadence()

    @property
    def batch_size(self) -> int:
        """Rows of a joint batch."""
        return int(self.config.batch_size)

    @property
    def sampling(self) -> Sampling:
        """How batches are drawn."""
        return "replacement"

    def _draw(self, kind: Callable[..., Tensor], n: int, *shape: int) -> Tensor:
        """Draw this process's `n` rows of a joint draw from the noise stream."""
        joint = kind(n * self.world.size, *shape, generator=self.rng)
        return self.world.share(joint).to(self.device)

    def _autocast(self) -> AbstractContextManager[object]:
        """Open a context for one forward pass: weights cast inside it are cached, and must not change."""
        return autocast(self.device, self.precision)

    def resume_from(self, state: Mapping[str, Any]) -> None:
        """Let the next `fit` continue, bit for bit, from what `training_state` returned."""
        self._resume_from = state

    def training_state(self) -> dict[str, Any]:
        """Return all that the next step depends on: from a hook between two steps, or after `fit`."""
        assert self.batches is not None
        return {
            "net": self.state(),
            "optimisers": {name: optimiser.state_dict() for name, optimiser in self.optimisers.items()},
            "step": self.step,
            "noise": self.rng.get_state(),
            "batches": self.batches.state(),
            "torch": torch.get_rng_state() if self._torch_state is None else self._torch_state,
            "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        }

    def _load_training_state(self, state: Mapping[str, Any]) -> None:
        assert self.batches is not None
        self.network.load_state_dict(state["net"])
        for name, optimiser in self.optimisers.items():
            optimiser.load_state_dict(state["optimisers"][name])
        self.step = state["step"]
        self.rng.set_state(state["noise"])
        self.batches.load_state(state["batches"])
        torch.set_rng_state(state["torch"])
        if len(state["cuda"]) == torch.cuda.device_count() > 0:
            torch.cuda.set_rng_state_all(state["cuda"])


def require_one_length(n_steps: int | None, n_epochs: int | None) -> None:
    """Raise the ValueError of a setting unless one of the two ways to say how long is given."""
    if (n_steps is None) == (n_epochs is None):
        raise ValueError("give n_steps or n_epochs, and null for the other")


def require_trainable(panel: HaplotypePanel) -> None:
    """Raise a PanelError when nothing can be learned from a panel."""
    if panel.n_variants < 2:
        raise PanelError(f"the panel has {panel.n_variants} variant; a model needs at least two")
    if panel.n_haplotypes < 2:
        raise PanelError(f"the panel has {panel.n_haplotypes} haplotypes; a model needs at least two")
    if (panel.haplotypes.max(axis=0) == panel.haplotypes.min(axis=0)).all():
        raise PanelError(f"all {panel.n_variants} variants are monomorphic: there is nothing to learn")


def decided_labels(panel: HaplotypePanel) -> dict[str, dict[str, str]]:
    """Return, for each other label column that the population decides, population -> label."""
    tables = {}
    for name, column in panel.labels.items():
        pairs = set(zip(panel.population.tolist(), column.tolist(), strict=True))
        if name != panel.label and len(pairs) == len(panel.populations):
            tables[name] = dict(pairs)
    return tables
