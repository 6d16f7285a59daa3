"""A hidden Chow-Liu tree for each population: exact likelihood, samples, and alleles given others."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field, model_validator
from torch import Tensor

from genome_ac_gan.config import Config, Count, NonNegative
from genome_ac_gan.models.base import GradientModel, require_one_length
from genome_ac_gan.models.likelihood import ConditionalModel, masked
from genome_ac_gan.nn.latent_tree import Counts, LatentTree, sum_dtype
from genome_ac_gan.nn.latent_tree_learning import Shrinkage, clustered, expected_counts, maximise, parts
from genome_ac_gan.panel import MISSING, HaplotypePanel
from genome_ac_gan.popgen.components import components
from genome_ac_gan.popgen.dependence import chow_liu_tree
from genome_ac_gan.training.device import product_dtype
from genome_ac_gan.training.loop import Cadence, OnStep, Sampling, ignore


class HCLTConfig(Config):
    """A hidden Chow-Liu tree.

    Attributes
    ----------
    n_states
        Hidden states of each variant.
    n_components
        Kinds of haplotypes within each population, each with transitions of its own, drawn
        to the population's; they are found by whole haplotypes before the training.
    window
        Variants around each, in which haplotypes are clustered to begin with.
    marginal
        Haplotypes added to the transitions out of each state, spread as the states of
        the variant are.
    label
        Haplotypes added to those of a population, spread as in its group (a continent,
        where the panel tells), and to those of a group, spread as in all.
    allele
        Haplotypes added to the alleles of each state, spread as the variant's frequency.
    batch_size
        Haplotypes of an update; null for all of them.
    forgetting
        Updates from parts of the panel: counts of the update number t weigh
        ``(t + 2) ** -forgetting`` beside those before.
    n_steps, n_epochs
        Updates, or passes over the panel.
    """

    n_states: Annotated[int, Field(ge=2)] = 32
    n_components: Count = 1
    window: Count = 128
    marginal: NonNegative = 1.0
    label: NonNegative = 2.0
    allele: NonNegative = 0.1
    batch_size: Count | None = None
    forgetting: Annotated[float, Field(gt=0.5, le=1)] = 0.6
    n_steps: int | None = Field(default=None, gt=0)
    n_epochs: int | None = Field(default=40, gt=0)

    @model_validator(mode="after")
    def _check(self) -> Self:
        require_one_length(self.n_steps, self.n_epochs)
        return self


class HCLT(GradientModel, ConditionalModel):
    """Hidden Chow-Liu tree: a hidden state at each variant, along the tree of most mutual information.

    Each population has its own transitions between states, drawn towards those of its
    continent, where the panel names one, and those towards the transitions of all; the
    alleles of a state are the same for all. One update is one of expectation and
    maximisation, from all training rows or from a batch.

    References
    ----------
    Dang et al. 2023, 10.1101/2023.05.16.541036; Dang, Vergari & Broeck 2020, arXiv
    2007.11778; Dempster, Laird & Rubin 1977, 10.1111/j.2517-6161.1977.tb01600.x; Cappé
    & Moulines 2009, 10.1111/j.1467-9868.2009.00698.x (updates from batches).
    """

    name = "hclt"
    Config = HCLTConfig
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "default": {},
        "large": {"n_states": 64},
        "kinds": {"n_components": 4},
    }
    config: HCLTConfig
    counts_so_far: Counts | None = None

    @property
    def conditioning(self) -> str:
        """How the model obeys a population: a key of `CONDITIONING`."""
        return "hierarchical"

    # -- the tree ---------------------------------------------------------

    def build(self, n_variants: int, n_populations: int) -> None:
        """Set `net` to states without a tree; `start` and `load_state` give it one."""
        self.net = LatentTree(
            np.full(n_variants, -1), n_populations * self.config.n_components, self.config.n_states
        )
        self._share_out()

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take over what `state` returned; `describe` comes first."""
        self._plant(state["parent"].cpu().numpy())
        self.network.load_state_dict(dict(state))
        self.network.to(self.device)

    def _plant(self, parent: npt.NDArray[np.intp]) -> None:
        self.net = None  # two of them may not fit
        n_labels = len(self.populations) * self.config.n_components
        self.net = LatentTree(parent, n_labels, self.config.n_states)
        self._share_out()
        self.net.to(self.device)

    def _share_out(self) -> None:
        """Give the tree a place for the shares of components, (c, m), if there are several."""
        M = self.config.n_components
        if M > 1:
            shares = torch.full((self.tree.transition.shape[0] // M, M), 1 / M)
            self.tree.register_buffer("shares", shares)

    @property
    def tree(self) -> LatentTree:
        """The tree of states, or NotFittedError."""
        network = self.network
        assert isinstance(network, LatentTree)
        return network

    # -- learning ---------------------------------------------------------

    def fit(
        self,
        panel: HaplotypePanel,
        *,
        seed: int,
        on_step: OnStep = ignore,
        observed: npt.NDArray[np.bool_] | None = None,
    ) -> Self:
        """Learn the distribution of a panel, of which some alleles may be unknown.

        Parameters
        ----------
        panel, seed, on_step
            As in `Model.fit`.
        observed : (l,) or (n, l) bool, optional
            Which alleles of the panel are known; all when left out. The others are summed
            over. They should be missing at random: not because of what they are.
        """
        self.prepare(panel, seed=seed)
        x, y = self.encode(panel)
        return self._fitted(x if observed is None else masked(x, observed), y, seed, on_step)

    def cadence(self, n_haplotypes: int) -> Cadence:
        """Return how often a training is scored and logged: after a pass over the panel; five passes are waited."""
        return Cadence(max(1, n_haplotypes // (self.config.batch_size or n_haplotypes)), 1, patience=5)

    @property
    def sampling(self) -> Sampling:
        """How batches are drawn."""
        return "epochs"

    @property
    def batch_size(self) -> int:
        """Haplotypes of a joint batch."""
        return self.config.batch_size or sum(self.counts.values())

    @property
    def optimisers(self) -> dict[str, torch.optim.Optimizer]:
        """None: maximisation is exact."""
        return {}

    def _fit(self, x: Tensor, y: Tensor, seed: int, on_step: OnStep) -> None:
        """Learn; codes of rows are those of the tree from here on: of a component of a population."""
        M = self.config.n_components
        if M > 1:
            whole = _with_commonest(x, y).cpu().numpy()
            y = y * M + torch.from_numpy(components(whole, y.cpu().numpy(), M, seed)).to(y.device)
        super()._fit(x, y, seed, on_step)

    @property
    def groups(self) -> list[Tensor]:
        """The group's number (c,) of each label of the tree, for all that groups them, widest first.

        Labels are populations, or components of them, which the population groups.
        """
        M = self.config.n_components
        found = [numbers.repeat_interleave(M) for numbers in self._groups_of_populations()]
        return [*found, torch.arange(len(self.populations)).repeat_interleave(M)] if M > 1 else found

    def _groups_of_populations(self) -> list[Tensor]:
        columns = [[table[name] for name in self.populations] for table in self.other_labels.values()]
        found: list[list[str]] = []
        for names in sorted(columns, key=lambda names: len(set(names))):
            parts_wider = not found or len(set(zip(found[-1], names, strict=True))) == len(set(names))
            if 1 < len(set(names)) < len(names) and parts_wider:
                found.append(names)
        return [torch.from_numpy(np.unique(names, return_inverse=True)[1]) for names in found]

    @property
    def shrinkage(self) -> Shrinkage:
        """Pseudocounts, as the settings give them."""
        return Shrinkage(marginal=self.config.marginal, label=self.config.label, allele=self.config.allele)

    def start(self, x: Tensor, y: Tensor) -> None:
        """Find the tree of the training rows, and states from clusters of them."""
        M, whole = self.config.n_components, _with_commonest(x, y)
        self._plant(chow_liu_tree(whole.cpu().numpy(), (y // M).cpu().numpy(), self.variants.contig))
        if M > 1:
            sizes = torch.bincount(y, minlength=M * len(self.populations)).view(-1, M)
            self.tree.get_buffer("shares").copy_(sizes / sizes.sum(dim=1, keepdim=True))
        counts = clustered(self.tree, x, whole, y, self.rng, window=self.config.window)
        self.counts_so_far = None if self.config.batch_size is None else counts
        maximise(self.tree, counts, self.groups, self.shrinkage)

    @torch.no_grad()
    def training_step(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Count what the rows are expected to show, and make it most probable; return the loss before, in nats."""
        dtype = product_dtype(self.device, self.precision)
        counts, total = expected_counts(self.tree, x, y, dtype)
        self.world.average([counts.pairs, counts.shown])
        self.world.average([total])
        maximise(self.tree, self._blended(counts, len(x)), self.groups, self.shrinkage)
        return {"negative_log_likelihood": -total / len(x)}

    def _blended(self, counts: Counts, n: int) -> Counts:
        """Return counts of all training rows from those of `n`, and of the batches before."""
        scale = sum(self.counts.values()) / n
        if self.counts_so_far is None:
            return counts.scaled(scale)
        self.counts_so_far.blend(counts.scaled(scale), (self.step + 2) ** -self.config.forgetting)
        return self.counts_so_far

    def _parts(self, y: Tensor) -> Iterator[tuple[int, Tensor]]:
        """Yield labels with numbers of their rows, so many at a time that messages fit in memory."""
        return ((label, rows) for label, numbers in parts(self.tree, y) for rows in numbers)

    def training_state(self) -> dict[str, Any]:
        """Return all that the next step depends on."""
        so_far = self.counts_so_far
        return super().training_state() | {
            "counts": so_far and {"pairs": so_far.pairs, "shown": so_far.shown}
        }

    def _load_training_state(self, state: Mapping[str, Any]) -> None:
        # the tree found anew is the same, but for the last digits of another machine
        self._plant(state["net"]["parent"].cpu().numpy())
        super()._load_training_state(state)
        if state["counts"] is not None:
            self.counts_so_far = Counts(
                *(state["counts"][name].to(self.device) for name in ("pairs", "shown"))
            )

    # -- what is asked of it ----------------------------------------------

    def _sample(self, y: Tensor, rng: torch.Generator) -> Tensor:
        nothing = torch.full((len(y), len(self.variants)), MISSING, dtype=torch.uint8, device=y.device)
        return self._complete(nothing, y, rng)

    def _complete(self, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        drawn = torch.empty_like(x)
        for label, rows in self._parts(self._drawn_components(x, y, rng)):
            drawn[rows] = self.tree.draw(x[rows], label, rng)
        return drawn

    def _drawn_components(self, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        """Return labels of the tree (n,) for rows x and populations y, drawn given what is observed."""
        M = self.config.n_components
        if M == 1:
            return y
        drawn = torch.multinomial(self._posterior(x, y).cpu(), 1, generator=rng).squeeze(1)
        return y * M + drawn.to(y.device)

    def _expected_alleles(self, x: Tensor, y: Tensor) -> Tensor:
        M = self.config.n_components
        found = torch.zeros(x.shape, device=x.device)
        posterior = self._posterior(x, y)
        for component in range(M):
            for label, rows in self._parts(y * M + component):
                weight = posterior[rows, component, None]
                found[rows] += weight * self.tree.expected_alleles(x[rows], label)
        return found

    def _log_likelihood(self, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        return self._by_component(x, y).logsumexp(dim=1)

    def _posterior(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the probability of each component given what is observed of a row, (n, m) float32."""
        if self.config.n_components == 1:
            return torch.ones(len(x), 1, device=x.device)
        return self._by_component(x, y).softmax(dim=1).float()

    def _by_component(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the log of the share of each component times how probable it makes each row, (n, m)."""
        M = self.config.n_components
        found = torch.empty(len(x), M, dtype=sum_dtype(x.device), device=x.device)
        for component in range(M):
            for label, rows in self._parts(y * M + component):
                found[rows, component] = self.tree.log_likelihood(x[rows], label)
        return found if M == 1 else found + self.tree.get_buffer("shares")[y].log()


def _with_commonest(x: Tensor, y: Tensor) -> Tensor:
    """Return rows (n, l) in which a missing allele is the commonest of its population: 0 where nobody's is known."""
    missing = x == MISSING
    if not missing.any():
        return x
    whole = x.clone()
    for label in sorted(set(y.tolist())):
        rows = y == label
        ones, zeros = (x[rows] == 1).sum(dim=0), (x[rows] == 0).sum(dim=0)
        whole[rows] = torch.where(missing[rows], (ones > zeros).to(torch.uint8), x[rows])
    return whole
