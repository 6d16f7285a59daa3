"""Models that know how probable haplotypes are, and those that know alleles given others."""

import abc
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from genome_ac_gan.errors import PanelError
from genome_ac_gan.models.base import BLOCK, Model
from genome_ac_gan.panel import MISSING, HaplotypePanel
from genome_ac_gan.seeding import torch_stream


class LikelihoodModel(Model):
    """A model that knows how probable a haplotype is given its population.

    `likelihood` says how well: `exact`, or a lower `bound`.
    """

    likelihood: ClassVar[Literal["exact", "bound"]] = "exact"

    def log_likelihood(self, panel: HaplotypePanel, *, seed: int = 1) -> npt.NDArray[np.float64]:
        """Return the natural log of each row's probability given its population, (n,).

        Parameters
        ----------
        panel
            Rows over the model's variants; every population was in training.
        seed
            Decides the draws behind a bound; an exact likelihood needs none.
        """
        _ = self.network
        self._check_counts(panel.counts)
        x, y = self.encode(panel)
        return self._log_likelihoods(x, y, torch_stream(seed, "log-likelihood"))

    def log_likelihood_by_population(
        self, panel: HaplotypePanel, *, seed: int = 1
    ) -> npt.NDArray[np.float64]:
        """Return the natural log of each row's probability given each of `populations`, (n, k).

        The panel's own labels are not looked at; `seed` is that of `log_likelihood`.
        """
        _ = self.network
        x = torch.from_numpy(np.array(panel.haplotypes)).to(self.device)
        columns = [
            self._log_likelihoods(
                x, torch.full((len(x),), code, device=self.device), torch_stream(seed, "log-likelihood")
            )
            for code in range(len(self.populations))
        ]
        return np.stack(columns, axis=1)

    @property
    def log_prior(self) -> npt.NDArray[np.float64]:
        """The natural log of each population's share of the training haplotypes, (k,)."""
        counts = np.array([self.counts[name] for name in self.populations], dtype=np.float64)
        return np.asarray(np.log(counts / counts.sum()))

    def _log_likelihoods(self, x: Tensor, y: Tensor, rng: torch.Generator) -> npt.NDArray[np.float64]:
        with torch.no_grad():
            blocks = [
                self._log_likelihood(x[start : start + BLOCK], y[start : start + BLOCK], rng)
                for start in range(0, len(x), BLOCK)
            ]
        return torch.cat(blocks).cpu().double().numpy()

    @abc.abstractmethod
    def _log_likelihood(self, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        """Return log probabilities (n,) of alleles (n, l) uint8 given codes (n,); `rng` lives on the CPU."""


class ConditionalModel(LikelihoodModel):
    """A model that knows how probable alleles are given any others of the same haplotype, exactly.

    `_expected_alleles` and `_complete` see rows with `MISSING` where nothing is known.
    """

    def expected_alleles(
        self, panel: HaplotypePanel, observed: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.float32]:
        """Return the probability of allele 1 given a row's observed alleles and its population: imputation.

        Parameters
        ----------
        panel
            Rows over the model's variants; every population was in training.
        observed : (l,) or (n, l) bool
            Which alleles of the panel are looked at.

        Returns
        -------
        (n, l) float32
            The alleles themselves where they are observed.
        """
        blocks = [self._expected_alleles(*block) for block in self._partly_known(panel, observed)]
        return torch.cat(blocks).float().cpu().numpy()

    def complete(
        self, panel: HaplotypePanel, observed: npt.NDArray[np.bool_], *, seed: int
    ) -> HaplotypePanel:
        """Draw the alleles of a panel that are not observed; labels, names and observed alleles stay.

        Parameters are those of `expected_alleles`; `seed` decides the draws.
        """
        rng = torch_stream(seed, "complete")
        blocks = [self._complete(*block, rng) for block in self._partly_known(panel, observed)]
        return replace(panel, haplotypes=torch.cat(blocks).cpu().numpy())

    def sample_carrying(
        self,
        counts: Mapping[str, int],
        columns: npt.NDArray[np.intp],
        alleles: npt.NDArray[np.uint8],
        *,
        seed: int,
    ) -> Iterator[HaplotypePanel]:
        """Draw haplotypes that all carry given alleles (m,) at given columns (m,), block by block.

        Each population's haplotypes are those that its people with these alleles would have;
        `counts` and errors are those of `sample`.
        """
        _ = self.network
        self._check_counts(counts)
        template = torch.full((len(self.variants),), MISSING, dtype=torch.uint8)
        template[torch.from_numpy(columns)] = torch.from_numpy(alleles.copy())

        def sample(codes: Tensor, rng: torch.Generator) -> Tensor:
            return self._complete(template.to(self.device).repeat(len(codes), 1), codes, rng)

        return self._blocks(counts, torch_stream(seed, "carrying"), sample)

    def _partly_known(
        self, panel: HaplotypePanel, observed: npt.NDArray[np.bool_]
    ) -> Iterator[tuple[Tensor, Tensor]]:
        _ = self.network
        self._check_counts(panel.counts)
        if panel.n_variants != len(self.variants):
            raise PanelError(
                f"the panel has {panel.n_variants} variants, the model {len(self.variants)}: "
                "give it the model's variants"
            )
        x, y = self.encode(panel)
        x = masked(x, observed)
        with torch.no_grad():
            yield from zip(torch.split(x, BLOCK), torch.split(y, BLOCK), strict=True)

    @abc.abstractmethod
    def _expected_alleles(self, x: Tensor, y: Tensor) -> Tensor:
        """Return probabilities of allele 1 (n, l) for rows x (n, l; uint8, or `MISSING`) and codes (n,)."""

    @abc.abstractmethod
    def _complete(self, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        """Return rows (n, l) uint8 that are x (n, l) where it is not `MISSING`; `rng` lives on the CPU."""


def masked(x: Tensor, observed: npt.NDArray[np.bool_]) -> Tensor:
    """Return rows (n, l) uint8 with `MISSING` where they are not observed, (l,) or (n, l)."""
    known = torch.from_numpy(np.broadcast_to(observed, x.shape).copy()).to(x.device)
    return torch.where(known, x, MISSING)
