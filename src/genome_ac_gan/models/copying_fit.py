"""How a copying model chooses what is left open: on some training people, copied from all the others."""

from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

from genome_ac_gan.popgen.copy_paths import expected_choices
from genome_ac_gan.popgen.copying import NE, CopyingModel, log_likelihood
from genome_ac_gan.popgen.frequency import column_blocks, evenly_spaced

Alleles = npt.NDArray[np.uint8]
Codes = npt.NDArray[np.int64]
Double = npt.NDArray[np.float64]
Mismatch = float | Literal["theta"] | None

SIZES = (1000.0, 3000.0, 10_000.0, 30_000.0, 100_000.0)  # of ne
MISMATCHES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
COPIED = 20  # haplotypes of a population, with two a person, that are copied from the others
TOGETHER = 200  # and of all populations, while that leaves each two of them
WIDTH, STRETCHES = 500, 4  # sites of a stretch, and stretches, evenly spaced
ROUNDS, EM_STEPS = 2, 5
PSEUDOCOUNT = 1.0  # choices, shared out as at the start


@dataclass(frozen=True)
class Trial:
    """A few people of each population, and all the others to copy them from, on some stretches of the genome."""

    donors: list[Alleles]  # of each stretch
    donor_codes: Codes
    copied: list[Alleles]
    copied_codes: Codes
    distances: list[Double]  # Morgans within each stretch

    @classmethod
    def of(
        cls, x: Alleles, y: Codes, person: npt.NDArray[np.intp], distance: Double, n_populations: int,
        rng: np.random.Generator,
    ) -> Self:  # fmt: skip
        """Draw the people that are copied: of each population at most a quarter, but one of two, for `COPIED` rows."""
        most = max(1, min(COPIED, TOGETHER // n_populations) // 2)
        copied = np.zeros(len(x), np.bool_)
        for code in range(n_populations):
            people = rng.permutation(np.unique(person[y == code]))
            number = max(len(people) // 4, int(len(people) > 1))
            copied |= np.isin(person, people[: min(most, number)])
        first, second = np.flatnonzero(~copied), np.flatnonzero(copied)
        blocks = list(column_blocks(x.shape[1], WIDTH))
        kept = [blocks[index] for index in evenly_spaced(len(blocks), STRETCHES)]
        return cls(
            donors=[x[first, sites] for sites in kept], donor_codes=y[first],
            copied=[x[second, sites] for sites in kept], copied_codes=y[second],
            distances=[distance[sites.start : sites.stop - 1] for sites in kept],
        )  # fmt: skip

    def of_population(self, code: int, chosen: "Chosen") -> list[tuple[Alleles, CopyingModel]]:
        """Return what is copied by a population in each stretch, and the model that copies it."""
        shares = chosen.proportions[code]
        kept = shares[self.donor_codes] > 0
        weights = donor_weights(shares, self.donor_codes[kept])
        rows = self.copied_codes == code
        return [
            (copied[rows], CopyingModel.of(
                donors[kept], distance, ne=chosen.ne, mismatch=chosen.mismatch, weights=weights
            ))
            for donors, copied, distance in zip(self.donors, self.copied, self.distances, strict=True)
        ]  # fmt: skip

    def log_likelihood(self, chosen: "Chosen") -> float:
        """Return the log-likelihood of all that is copied, its stretches taken as independent."""
        return sum(
            float(log_likelihood(*stretch).sum())
            for code in np.unique(self.copied_codes)
            for stretch in self.of_population(int(code), chosen)
        )

    def choices(self, code: int, chosen: "Chosen") -> Double:
        """Return how many donors of each population are expected to be chosen by a population, (k,)."""
        kept = self.donor_codes[chosen.proportions[code][self.donor_codes] > 0]
        total = sum(expected_choices(*each).sum(axis=0) for each in self.of_population(code, chosen))
        return np.bincount(kept, weights=total, minlength=len(chosen.proportions)).astype(np.float64)


@dataclass(frozen=True)
class Chosen:
    """The settings of a copying model: `mismatch` None is Li and Stephens' formula."""

    ne: float
    mismatch: float | None
    proportions: Double  # (k, k): how often each population chooses donors of each population


def donor_weights(shares: Double, codes: Codes) -> Double | None:
    """Return how probable each donor is, (n,), given shares by population; None where all are alike."""
    numbers = np.bincount(codes, minlength=len(shares))
    weights = shares[codes] / numbers[codes]
    if np.ptp(weights) <= 1e-12 * weights.max():
        return None
    return np.asarray(weights / weights.sum())


def choose(
    trial: Trial, proportions: Double, fixed: npt.NDArray[np.bool_], *, ne: float | None, mismatch: Mismatch
) -> Chosen:
    """Return settings under which the trial is likely; what is given stays.

    The size ne and the mismatch are the best pair of a grid, then proportions follow in
    steps of an EM algorithm; all this twice. Where no population has two people there
    is nothing to try: Ne is 10,000 and the mismatch the formula's.

    Parameters
    ----------
    proportions : (k, k) float64
        To start from.
    fixed : (k,) bool
        Which of them stay.
    ne, mismatch
        None where they are to be chosen.
    """
    start = Chosen(ne or NE, None if isinstance(mismatch, str) else mismatch, proportions)
    if not len(trial.copied_codes):
        return start
    sizes = SIZES if ne is None else (ne,)
    mismatches = MISMATCHES if mismatch is None else (start.mismatch,)
    found = start
    for _ in range(ROUNDS):
        grid = [replace(found, ne=size, mismatch=each) for size in sizes for each in mismatches]
        found = max(grid, key=trial.log_likelihood) if len(grid) > 1 else grid[0]
        for _ in range(0 if fixed.all() else EM_STEPS):
            found = replace(found, proportions=_step(trial, found, start.proportions, fixed))
    return found


def _step(trial: Trial, chosen: Chosen, start: Double, fixed: npt.NDArray[np.bool_]) -> Double:
    """Return proportions after a step: the shares of expected choices, a pseudocount of the start added."""
    proportions = chosen.proportions.copy()
    for code in np.flatnonzero(~fixed):
        counts = trial.choices(int(code), chosen) + PSEUDOCOUNT * start[code]
        proportions[code] = counts / counts.sum()
    return proportions
