"""How a model without labels comes to obey them: one copy for each population, or the label as part of the row."""

import math
from collections.abc import Callable
from typing import Any, Self

import torch
from torch import Tensor, nn

from genome_ac_gan.models.base import BLOCK, GradientModel
from genome_ac_gan.nn.losses import one_hot
from genome_ac_gan.training.loop import Sampling

PATIENCE = 8  # a label may come up so many times more rarely than in training before rows of it are given up


class _Labelled(GradientModel):
    """What both ways share: inner models that see no label and train in the outer one's streams."""

    def __init__(self, kind: type[GradientModel], config: Any) -> None:
        super().__init__(config)
        self.kind, self.name = kind, kind.name
        self.stores_training_data = kind.stores_training_data
        self.inner: list[GradientModel] = []

    def _describe_inner(self, populations: list[tuple[str, int]]) -> None:
        """Make one inner model for each (name, number of training haplotypes)."""
        self.inner = [self.kind(self.config) for _ in populations]
        for model, (name, n) in zip(self.inner, populations, strict=True):
            model.device = self.device
            model.describe(
                populations=(name,),
                label=self.label,
                counts={name: n},
                other_labels={},
                variants=self.variants,
            )

    def _join(self) -> None:
        self.net = nn.ModuleDict({str(code): model.network for code, model in enumerate(self.inner)})

    def to(self, device: torch.device) -> Self:
        """Move the model and the inner ones, which put their noise where they think they are."""
        for model in self.inner:
            model.to(device)
        return super().to(device)

    def _lead(self, model: GradientModel, x: Tensor) -> None:
        model.device, model.precision, model.world, model.rng = (
            self.device,
            self.precision,
            self.world,
            self.rng,
        )
        model.step = 0
        model.start(x, _no_labels(x))

    @property
    def optimisers(self) -> dict[str, torch.optim.Optimizer]:
        """The optimisers of every inner model."""
        return {
            f"{code}/{name}": optimiser
            for code, model in enumerate(self.inner)
            for name, optimiser in model.optimisers.items()
        }

    @property
    def n_steps(self) -> int:
        """The step at which training ends: `last_step`, else the inner models' own numbers together."""
        return self.last_step or sum(model.n_steps for model in self.inner)


class PerPopulation(_Labelled):
    """One copy of an unconditional model for each population.

    The copies take turns: a step updates one of them on a batch drawn with replacement
    from its own population. So `n_steps` of the settings are made by each; of `n_epochs`
    the updates of all copies together are shared out evenly.
    """

    def build(self, n_variants: int, n_populations: int) -> None:
        """Build the copies."""
        self._describe_inner([(name, self.counts[name]) for name in self.populations])
        for model in self.inner:
            model.build(n_variants, 1)
        self._join()

    @property
    def sampling(self) -> Sampling:
        """How batches are drawn: each from one population."""
        return "in-turn"

    def start(self, x: Tensor, y: Tensor) -> None:
        """Start every copy on the rows of its population."""
        for code, model in enumerate(self.inner):
            self._lead(model, x[y == code])

    def training_step(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Update the copy whose turn it is."""
        model = self.inner[int(y[0])]
        model.step = self.step // len(self.inner)
        return model.training_step(x, torch.zeros_like(y))

    def _sample(self, y: Tensor, rng: torch.Generator) -> Tensor:
        x = torch.empty(len(y), len(self.variants), dtype=torch.uint8, device=y.device)
        for code in torch.unique(y).tolist():
            rows = y == code
            x[rows] = self.inner[code]._sample(torch.zeros_like(y[rows]), rng)
        return x


class JointLabels(_Labelled):
    """An unconditional model of rows that carry their label as one more column for each population.

    To sample a population, rows are drawn until enough of them carry exactly its
    label. What is still missing after `PATIENCE` times as many as a model with the right
    proportions needs is filled with rows drawn last, whatever their label, and counted
    in `shortfall`.
    """

    def build(self, n_variants: int, n_populations: int) -> None:
        """Build the model, wider by one column for each population."""
        self._describe_inner([("all", sum(self.counts.values()))])
        self.inner[0].build(n_variants + n_populations, 1)
        self._join()

    @property
    def sampling(self) -> Sampling:
        """How batches are drawn."""
        return self.inner[0].sampling

    def start(self, x: Tensor, y: Tensor) -> None:
        """Start the model on labelled rows."""
        self._lead(self.inner[0], self._joined(x, y))

    def training_step(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Update the model on labelled rows."""
        self.inner[0].step = self.step
        return self.inner[0].training_step(self._joined(x, y), torch.zeros_like(y))

    def _joined(self, x: Tensor, y: Tensor) -> Tensor:
        return torch.cat([x, one_hot(y, len(self.populations)).to(x.dtype)], dim=1)  # (n, l + k)

    def _most_blocks(self, y: Tensor) -> int:
        """Return how many blocks are drawn at most for samples of class codes (n,)."""
        codes, wanted = torch.unique(y, return_counts=True)
        shares = [self.counts[self.populations[code]] / sum(self.counts.values()) for code in codes.tolist()]
        needed: list[float] = [n / share / BLOCK for n, share in zip(wanted.tolist(), shares, strict=True)]
        return math.ceil(PATIENCE * max(1.0, *needed))

    def _sample(self, y: Tensor, rng: torch.Generator) -> Tensor:
        n_variants = len(self.variants)
        x = torch.empty(len(y), n_variants, dtype=torch.uint8, device=y.device)
        missing = torch.ones(len(y), dtype=torch.bool, device=y.device)
        for _ in range(self._most_blocks(y)):
            drawn = self.inner[0]._sample(torch.zeros(BLOCK, dtype=torch.int64, device=y.device), rng)
            alleles, labels = drawn[:, :n_variants], drawn[:, n_variants:]
            codes = torch.where(labels.sum(dim=1) == 1, labels.argmax(dim=1), -1)
            for code in torch.unique(y[missing]).tolist():
                _fill(x, missing, (y == code) & missing, alleles[codes == code])
            if not missing.any():
                return x
        for code, n in zip(*torch.unique(y[missing], return_counts=True), strict=True):
            name = self.populations[int(code)]
            self.shortfall[name] = self.shortfall.get(name, 0) + int(n)
        left = torch.nonzero(missing).squeeze(1)
        x[left] = alleles[torch.arange(len(left), device=y.device) % BLOCK]
        return x


def _fill(x: Tensor, missing: Tensor, wanted: Tensor, found: Tensor) -> None:
    """Put the rows that were found into the first places that want them."""
    places = torch.nonzero(wanted).squeeze(1)[: len(found)]
    x[places] = found[: len(places)]
    missing[places] = False


def _no_labels(x: Tensor) -> Tensor:
    return torch.zeros(len(x), dtype=torch.int64, device=x.device)


WAYS: dict[str, Callable[[type[GradientModel], Any], GradientModel]] = {
    "per-population": PerPopulation,
    "joint": JointLabels,
}
