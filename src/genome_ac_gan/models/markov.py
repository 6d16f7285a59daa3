"""A Markov chain along the chromosome: each allele given the last ones before it, from counts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field, model_validator
from torch import Tensor, nn

from genome_ac_gan.config import Config, NonNegative
from genome_ac_gan.models.likelihood import LikelihoodModel
from genome_ac_gan.popgen.backoff import Weights, ladder, left_out_log_likelihood, levels, probabilities
from genome_ac_gan.popgen.contexts import ContextCounts, Stretch, context_counts
from genome_ac_gan.popgen.frequency import evenly_spaced
from genome_ac_gan.popgen.ld import contig_blocks
from genome_ac_gan.training.loop import OnStep

Floats = npt.NDArray[np.float64]
Alleles = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]
Pick = Callable[[int, Floats], Alleles]
ENTRIES = 1_000_000  # contexts times populations that are worked on at a time: some 100 MB
SITES = 2048  # and sites, for each of which every row needs a random number
BACK_OFF = (1.0, 3.0, 10.0, 30.0, 100.0)
TRIED_ON = 4  # stretches that back_off is chosen on
TABLES = ("n_contexts", "common", "n_entries", "population", "zeros", "ones")


class MarkovConfig(Config):
    """A Markov chain.

    Attributes
    ----------
    order
        How many alleles before a site its allele depends on.
    back_off
        How many haplotypes the next shorter context weighs against those that were
        seen with the whole one; null chooses 1, 3, 10, 30 or 100 by the likelihood of
        each training haplotype under the others. 0 is plain counts: a shorter
        context is asked only where the longer one was never seen.
    share
        How many haplotypes the same context in all populations together weighs; 0
        keeps the populations apart.
    pseudocount
        Haplotypes that are added to a site's frequency, half of them with allele 1.
    """

    order: Annotated[int, Field(ge=0)] = 100
    back_off: NonNegative | None = None
    share: NonNegative = 3.0
    pseudocount: NonNegative = 1.0

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.back_off is None and self.pseudocount == 0:
            raise ValueError("choosing back_off (null) needs a pseudocount above 0")
        return self


class Markov(LikelihoodModel):
    """Markov chain: each allele given the last ones before it, from counts in its population.

    Contexts are halved again and again where few haplotypes carry the whole one
    (`popgen.backoff`); the chain begins anew with each contig. Counts of the plain
    chain of 5 or 10 alleles are the presets `order-5` and `order-10`, the baseline of
    Dang et al. 2023 (doi:10.1101/2023.05.16.541036) and Genomator (Bioinformatics 2025).
    Every context is a piece of training haplotypes, so the model folder holds them.
    """

    name = "markov"
    Config = MarkovConfig
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "default": {},
        "order-5": {"order": 5, "back_off": 0.01, "share": 0.0},
        "order-10": {"order": 10, "back_off": 0.01, "share": 0.0},
    }
    stores_training_data = True

    @property
    def conditioning(self) -> str:
        """How the model obeys a population: a key of `CONDITIONING`."""
        return "per-population"

    def build(self, n_variants: int, n_populations: int) -> None:
        """Set `self.net` to empty tables."""
        net = nn.Module()
        net.register_buffer("back_off", torch.tensor(self.config.back_off or 0.0, dtype=torch.float64))
        for name in TABLES:
            net.register_buffer(name, torch.empty(0, dtype=torch.uint8))
        self.net = net

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take over what `state` returned; `describe` comes first. Tables are as long as they are there."""
        self.build(len(self.variants), len(self.populations))
        for name in set(TABLES) & set(state):
            self.network.register_buffer(name, torch.empty_like(state[name]))
        self.network.load_state_dict(dict(state))
        self.network.to(self.device)

    def _fit(self, x: Tensor, y: Tensor, seed: int, on_step: OnStep) -> None:
        counts = context_counts(
            x.cpu().numpy(), y.cpu().numpy(), len(self.populations), self.variants.contig, self.order
        )
        for name in TABLES:
            self.network.register_buffer(name, torch.from_numpy(getattr(counts, name)).to(self.device))
        if self.config.back_off is None:
            self.network.back_off = torch.tensor(self._best_back_off(), dtype=torch.float64).to(self.device)

    # -- what the tables say ----------------------------------------------

    @property
    def order(self) -> int:
        """The order of the settings, or all alleles that a contig can have before a site where they are fewer."""
        longest = max(block.stop - block.start for block in contig_blocks(self.variants.contig))
        order: int = min(self.config.order, longest - 1)
        return order

    def _counts(self) -> ContextCounts:
        tables = {name: self.network.get_buffer(name).cpu().numpy() for name in TABLES}
        return ContextCounts(order=self.order, n_populations=len(self.populations), **tables)

    def _weights(self, back_off: float) -> Weights:
        return Weights(back_off=back_off, share=self.config.share, pseudocount=self.config.pseudocount)

    def _best_back_off(self) -> float:
        """Return the weight under which training haplotypes are most probable, each given the others."""
        counts, available = self._counts(), self._available()
        everyone = np.arange(len(self.populations))
        stretches = self._stretches(counts, len(everyone))
        total = np.zeros(len(BACK_OFF))
        for index in evenly_spaced(len(stretches), TRIED_ON):
            sites = stretches[index]
            contexts = levels(Stretch.of(counts, sites, everyone), available[sites])
            total += [left_out_log_likelihood(contexts, self._weights(weight)) for weight in BACK_OFF]
        return BACK_OFF[int(total.argmax())]

    @staticmethod
    def _stretches(counts: ContextCounts, n_populations: int) -> list[slice]:
        return counts.stretches(max(1, ENTRIES // (1 + n_populations)), SITES)

    def _available(self) -> npt.NDArray[np.int64]:
        """Return how many alleles come before each site on its contig, (n_variants,)."""
        return np.concatenate(
            [np.arange(block.stop - block.start) for block in contig_blocks(self.variants.contig)]
        )

    # -- walking along the chromosome -------------------------------------

    def _walk(self, y: Tensor, alleles: Sequence[int], pick: Callable[[slice], Pick]) -> None:
        """Lead haplotypes of populations `y` along all sites.

        For each stretch of sites `pick` gives a function, which is called with each of
        its sites and the probabilities of `alleles` there, (n_alleles, n), and returns
        what is carried, (n,).
        """
        populations, codes = np.unique(y.cpu().numpy(), return_inverse=True)
        counts, available = self._counts(), self._available()
        weights = self._weights(float(self.network.get_buffer("back_off")))
        context = np.zeros(len(codes), dtype=np.int64)
        agreed = np.full(len(codes), self.order)
        for sites in self._stretches(counts, len(populations)):
            road = _Road(Stretch.of(counts, sites, populations), available[sites], weights, alleles)
            chosen = pick(sites)
            for site in range(sites.stop - sites.start):
                if available[sites.start + site] == 0:  # a contig begins: all agree in all there is
                    context[:], agreed[:] = 0, self.order
                here = road.first[site] + context
                carried = chosen(site, road.probability(here, agreed, codes))
                context, agreed = road.step(here, agreed, carried)

    def _sample(self, y: Tensor, rng: torch.Generator) -> Tensor:
        x = np.empty((len(self.variants), len(y)), dtype=np.uint8)

        def draw(sites: slice) -> Pick:
            size = sites.stop - sites.start, len(y)
            uniform = torch.rand(size, generator=rng, dtype=torch.float64).numpy()
            part = x[sites]

            def drawn(site: int, probability: Floats) -> Alleles:
                alleles: Alleles = part[site]
                alleles[:] = uniform[site] < probability[0]
                return alleles

            return drawn

        self._walk(y, (1,), draw)
        return torch.from_numpy(np.ascontiguousarray(x.T)).to(y.device)

    def _log_likelihood(self, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        total = np.zeros(len(y))

        def follow(sites: slice) -> Pick:
            part = np.ascontiguousarray(x[:, sites].T.cpu().numpy())

            def carried(site: int, probability: Floats) -> Alleles:
                alleles: Alleles = part[site]
                with np.errstate(divide="ignore"):  # plain counts (back_off 0) forbid what was never seen
                    total[:] += np.log(np.where(alleles == 1, probability[1], probability[0]))
                return alleles

            return carried

        self._walk(y, (0, 1), follow)
        return torch.from_numpy(total)


class _Road:
    """The contexts of a stretch with their probabilities and what follows each."""

    def __init__(
        self, stretch: Stretch, available: Numbers, weights: Weights, alleles: Sequence[int]
    ) -> None:
        contexts = levels(stretch, available)
        offsets = np.cumsum([0, *(len(each.parent) for each in contexts)])
        self.order, self.first = stretch.order, stretch.first
        self.place = np.stack([each.group + offset for each, offset in zip(contexts, offsets, strict=False)])
        self.table = np.stack([np.concatenate(probabilities(contexts, weights, each)) for each in alleles])
        self.level = np.searchsorted(ladder(self.order), np.arange(self.order + 1), side="right") - 1
        self.to, self.kept = stretch.steps

    def probability(self, here: Numbers, agreed: Numbers, codes: Numbers) -> Floats:
        """Return the probabilities after contexts that agree with ours in their last alleles, (n_alleles, n)."""
        found: Floats = self.table[:, self.place[self.level[agreed], here], codes]
        return found

    def step(self, here: Numbers, agreed: Numbers, alleles: Alleles) -> tuple[Numbers, Numbers]:
        """Return the contexts at the next site, and in how many alleles they agree with ours."""
        together = np.minimum(np.minimum(agreed, self.kept[here, alleles]) + 1, self.order)
        return self.to[here, alleles], together
