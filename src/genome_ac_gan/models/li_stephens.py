"""Haplotypes as mosaics of training haplotypes: the copying model of Li and Stephens, by population."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
import torch
from pydantic import BeforeValidator, model_validator
from torch import Tensor, nn

from genome_ac_gan.config import Config, NonNegative, Positive
from genome_ac_gan.errors import ConfigError, PanelError, some
from genome_ac_gan.models.copying_fit import Chosen, Trial, choose, donor_weights
from genome_ac_gan.models.likelihood import ConditionalModel
from genome_ac_gan.models.resample import BITS, packed, unpacked
from genome_ac_gan.panel import MISSING, HaplotypePanel
from genome_ac_gan.popgen.copy_paths import completed, drawn, expected_alleles, settled, shown
from genome_ac_gan.popgen.copying import CopyingModel, log_likelihood, map_distances
from genome_ac_gan.popgen.imputation import impute
from genome_ac_gan.seeding import stream
from genome_ac_gan.training.loop import OnStep

Double = npt.NDArray[np.float64]
SEEDS = 2**62  # of single rows


def parse_mismatch(value: object) -> object:
    """Return None, `theta` or a probability in (0, 1/2] as they are, or raise the ValueError of the setting."""
    if value is None or value == "theta":
        return value
    try:
        number = float(str(value))
    except ValueError:
        number = 0.0
    if not 0 < number <= 0.5:
        raise ValueError("expected null, theta, or a number above 0 and at most 0.5")
    return number


class LiStephensConfig(Config):
    """A copying model.

    Attributes
    ----------
    ne
        Effective population size, which sets how often the copied haplotype changes:
        with probability 1 - exp(-4 ne d / n) over d Morgans, n the effective number
        of donors. null chooses it by the likelihood of some training people when they
        are copied from all the others.
    mismatch
        Probability of another allele than the copied one, in (0, 1/2]. null chooses
        it like ne; theta is the formula of Li and Stephens, which knows nothing but
        the number of donors.
    donors
        Who may be copied: all training haplotypes, those of each population as often
        as is likeliest (all), or the population's own alone (own).
    proportions
        Populations whose donors are decided here: of each, the share of copied pieces
        from each population, as in {ADMIX: {YRI: 0.2, CEU: 0.8}}. Shares are divided
        by their sum; populations left out of them give nothing.
    max_segment_cm
        Longest piece that a sample copies from one haplotype, in centimorgans; before
        a longer one another haplotype is chosen. null for no limit.
    """

    ne: Positive | None = None
    mismatch: Annotated[float | Literal["theta"] | None, BeforeValidator(parse_mismatch)] = None
    donors: Literal["own", "all"] = "all"
    proportions: dict[str, dict[str, NonNegative]] | None = None
    max_segment_cm: Positive | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name, shares in (self.proportions or {}).items():
            if not sum(shares.values()) > 0:
                raise ValueError(f"proportions of {name}: give at least one population a share above 0")
        return self


class LiStephens(ConditionalModel):
    """Copying model: a haplotype is a mosaic of pieces of training haplotypes, with a few wrong alleles.

    The haploid model of Li & Stephens 2003 (doi:10.1093/genetics/165.4.2213); each
    population copies from each population in proportions of its own. With the
    population's own donors and its formulas it is after HAPGEN2 (Su et al. 2011,
    doi:10.1093/bioinformatics/btr341). Likelihoods and completions are exact. With
    `max_segment_cm` samples are of another model, which has no exact likelihood here:
    likelihoods and completions stay those of the model without the limit.
    """

    name = "li-stephens"
    Config = LiStephensConfig
    config: LiStephensConfig
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "default": {},
        "hapgen": {"donors": "own", "ne": 10_000, "mismatch": "theta"},
        "private": {"max_segment_cm": 0.05},
    }
    stores_training_data = True

    @property
    def conditioning(self) -> str:
        """How the model obeys a population: a key of `CONDITIONING`."""
        return "per-population"

    def build(self, n_variants: int, n_populations: int) -> None:
        """Set `self.net` to room for the training rows, eight alleles a byte, and for what is chosen."""
        self.net = nn.Module()
        n, number = sum(self.counts.values()), torch.float64
        buffers = {
            "rows": torch.zeros(n, -(-n_variants // BITS), dtype=torch.uint8),
            "codes": torch.zeros(n, dtype=torch.int64),
            "proportions": torch.zeros(n_populations, n_populations, dtype=number),  # [who copies, whom]
            "ne": torch.zeros((), dtype=number),
            "mismatch": torch.zeros(n_populations, dtype=number),
        }
        for name, buffer in buffers.items():
            self.net.register_buffer(name, buffer)

    def prepare(self, panel: HaplotypePanel, *, seed: int) -> None:
        """Take over what the panel is about, and whose its rows are: people are not to be torn apart."""
        super().prepare(panel, seed=seed)
        given = self.config.proportions or {}
        named = [*given, *(name for shares in given.values() for name in shares)]
        unknown = [name for name in dict.fromkeys(named) if name not in self.populations]
        if unknown:
            raise ConfigError(
                f"proportions: no training population is named {some(unknown)}; "
                f"there are: {some(self.populations, 30)}"
            )
        self.person = panel.person

    def _fit(self, x: Tensor, y: Tensor, seed: int, on_step: OnStep) -> None:
        self.network.get_buffer("rows").copy_(packed(x))
        self.network.get_buffer("codes").copy_(y)
        chosen = self._chosen(x.cpu().numpy(), y.cpu().numpy(), seed)
        self.network.get_buffer("ne").fill_(chosen.ne)
        self.network.get_buffer("proportions").copy_(torch.from_numpy(chosen.proportions))
        for code in range(len(self.populations)):
            model = self._copying(code, chosen.mismatch)
            self.network.get_buffer("mismatch")[code] = model.mismatch
            self._require_two_donors(code, model)

    # -- what is copied, and how ------------------------------------------

    @property
    def _distance(self) -> Double:
        return map_distances(self.variants.contig, self.variants.position, self.variants.cm)

    def _chosen(self, x: npt.NDArray[np.uint8], y: npt.NDArray[np.int64], seed: int) -> Chosen:
        """Return the settings, with those that are left open chosen on a few of the people."""
        rng = stream(seed, "li-stephens/copied")
        trial = Trial.of(x, y, self.person, self._distance, len(self.populations), rng)
        proportions, fixed = self._given()
        return choose(trial, proportions, fixed, ne=self.config.ne, mismatch=self.config.mismatch)

    def _given(self) -> tuple[Double, npt.NDArray[np.bool_]]:
        """Return proportions to start from, and which populations' are decided."""
        own = np.eye(len(self.populations))
        size = np.array([self.counts[name] for name in self.populations], np.float64)
        alone = self.config.donors == "own" or len(own) == 1
        proportions = own if alone else (own + size / size.sum()) / 2
        fixed = np.full(len(own), alone)
        for name, shares in (self.config.proportions or {}).items():
            code = self.populations.index(name)
            proportions[code] = [shares.get(each, 0.0) for each in self.populations]
            proportions[code] /= proportions[code].sum()
            fixed[code] = True
        return proportions, fixed

    def _copying(self, code: int, mismatch: float | None) -> CopyingModel:
        """Return the model of one population; `mismatch` None is the formula's."""
        codes = self.network.get_buffer("codes").cpu().numpy()
        proportions = self.network.get_buffer("proportions").cpu().numpy()[code]
        rows = np.flatnonzero(proportions[codes] > 0)
        donors = unpacked(self.network.get_buffer("rows").cpu()[rows], len(self.variants)).numpy()
        ne = float(self.network.get_buffer("ne"))
        weights = donor_weights(proportions, codes[rows])
        return CopyingModel.of(donors, self._distance, ne=ne, mismatch=mismatch, weights=weights)

    def _require_two_donors(self, code: int, model: CopyingModel) -> None:
        if self.config.max_segment_cm is not None and model.n_ref < 2:
            raise PanelError(
                f"{self.populations[code]} has one haplotype to copy: max_segment_cm needs two, or null"
            )

    def _by_population(self, y: Tensor) -> Iterator[tuple[npt.NDArray[np.intp], CopyingModel]]:
        """Yield the rows of each population among the codes, and its model."""
        codes = y.cpu().numpy()
        mismatch = self.network.get_buffer("mismatch").cpu().numpy()
        for code in np.unique(codes):
            yield np.flatnonzero(codes == code), self._copying(int(code), float(mismatch[code]))

    # -- what follows from it ---------------------------------------------

    def _log_likelihood(self, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        alleles, out = x.cpu().numpy(), np.zeros(len(y))
        for rows, model in self._by_population(y):
            out[rows] = log_likelihood(alleles[rows], model)
        return torch.from_numpy(out)

    def _sample(self, y: Tensor, rng: torch.Generator) -> Tensor:
        out = np.empty((len(y), len(self.variants)), np.uint8)
        limit = self.config.max_segment_cm
        for rows, model in self._by_population(y):
            numbers = np.random.default_rng(_seeds(1, rng))
            longest = np.inf if limit is None else limit
            out[rows] = drawn(len(rows), model, numbers, place=self._place, longest=longest)
        return torch.from_numpy(out).to(y.device)

    @property
    def _place(self) -> Double:
        """Genetic positions in centimorgans, (l,); a contig goes on where the last one ends."""
        distance = self._distance
        return np.cumsum(np.append(0, np.where(np.isinf(distance), 0, 100 * distance)))

    def _expected_alleles(self, x: Tensor, y: Tensor) -> Tensor:
        alleles, out = x.cpu().numpy(), np.empty(x.shape, np.float32)
        for rows, model in self._by_population(y):
            out[rows] = _expected(alleles[rows], model)
        return torch.from_numpy(out)

    def _complete(self, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        alleles, out = x.cpu().numpy(), np.empty(x.shape, np.uint8)
        seeds = _seeds(len(y), rng)
        for rows, model in self._by_population(y):
            out[rows] = completed(alleles[rows], model, seeds[rows])
        return torch.from_numpy(out).to(x.device)


def _expected(x: npt.NDArray[np.uint8], model: CopyingModel) -> npt.NDArray[np.float32]:
    """Return the probability of allele 1; where all rows miss the same sites, by the faster way."""
    missing = x == MISSING
    if not (missing == missing[0]).all():
        return expected_alleles(x, model)
    typed = np.flatnonzero(~missing[0])
    return settled(shown(impute(x[:, typed], model, typed), model.mismatch), x)


def _seeds(n: int, rng: torch.Generator) -> npt.NDArray[np.int64]:
    return np.asarray(torch.randint(SEEDS, (n,), generator=rng).numpy())
