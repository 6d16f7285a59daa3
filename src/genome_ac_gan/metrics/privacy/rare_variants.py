"""Rare alleles, and combinations of them, of single training people that come back in synthetic haplotypes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from genome_ac_gan.metrics.base import (
    POOLED,
    Comparison,
    Metric,
    MetricResult,
    Statistic,
    as_table,
    exact,
    statistics,
    weighted_row,
)
from genome_ac_gan.metrics.draws import MIN_ROWS, Rows, drawn_people, equal_counts, id_order, weightings
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen import rare
from genome_ac_gan.popgen.frequency import allele_counts

Floats = npt.NDArray[np.float64]
ALLELES = 4  # of a combination
WANTED = 2000  # combinations on either side
MOST = 10  # of one haplotype
TRIES = 8  # random combinations tried for each wanted
SIDES = ("train", "holdout")
Found = npt.NDArray[np.bool_]


def rare_variants(data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
    """Rare alleles carried by one real person, and private combinations of four, that come back in the synthetic set.

    - `singletons_train`, `singletons_holdout`: of the variants whose rarer allele
      exactly one person of train and holdout together carries, and that person
      is in train (holdout), the share at which a synthetic row carries it. Of a
      holdout person it can only be invented. `singleton_excess` is the
      difference.
    - `tuplets_train`, `tuplets_holdout`: combinations of four rare alleles that
      stand together on a haplotype of one train (holdout) person and of nobody
      else; the share that stands together on a synthetic row. `tuplet_excess`
      is the difference.
    - `tuplets_fictitious`: the same for combinations of the same alleles,
      shuffled within populations, that no real haplotype carries.

    Rare is a frequency below 1% in train and holdout together; where fewer than
    100 variants are so rare, the rarest half of the polymorphic ones. As many
    people are drawn on either side, from each population, and up to ten random
    private combinations from each of their haplotypes, about 2,000 together.
    Values are over all singletons and the drawn combinations; intervals from
    weighting the people who carry them at random (Bayesian bootstrap).
    Populations are those of the carrier, with at least 20 on the side. `n` is
    the number of variants or combinations, of the train side for a difference.
    Combinations after Genomator (Bioinformatics 2025).
    """
    real = _Real.of(data)
    weights = np.concatenate([weightings(data.panels[side], repeats, rng) for side in SIDES], axis=1)
    owners, appeared = _singletons(data, real)
    table = _rows(data, real, weights, "singleton", owners, appeared)
    drawn = _combinations(data, real, rng)
    table += _rows(data, real, weights, "tuplet", drawn.row, drawn.appeared)
    for population in (POOLED, *data.populations):
        own = drawn.fictitious[real.of_population(drawn.fictitious_row, population)]
        if len(own) >= _fewest(population):
            table.append(exact(population, "tuplets_fictitious", float(own.mean()), len(own)))
    return MetricResult(table=as_table(table))


@dataclass(frozen=True)
class _Real:
    """Train rows, then holdout rows.

    `person` counts people through both; `partner` is the other haplotype of a
    row's person, or the row itself; `counts` are those of allele 1.
    """

    panels: tuple[HaplotypePanel, HaplotypePanel]
    strata: npt.NDArray[np.str_]
    person: Rows
    partner: Rows
    counts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, data: Comparison) -> "_Real":
        panels = data.train, data.holdout
        person = np.concatenate([data.train.person, data.train.n_people + data.holdout.person])
        rows = np.arange(len(person))
        same = np.append(person[1:] == person[:-1], False)
        partner = rows + same - np.append(False, same[:-1])
        strata = np.concatenate([data.strata(panel) for panel in panels])
        counts = allele_counts(data.train.haplotypes) + allele_counts(data.holdout.haplotypes)
        return cls(panels, strata, person, partner, counts)

    @property
    def n(self) -> int:
        """Number of haplotypes."""
        return len(self.person)

    def at(self, variants: Rows) -> npt.NDArray[np.uint8]:
        """Return the alleles of all rows at some variants."""
        return np.concatenate([panel.haplotypes[:, variants] for panel in self.panels])

    def of_population(self, rows: Rows, population: str) -> Found:
        """Return which of the given rows are of a population, or all."""
        return np.asarray((self.strata[rows] == population) | (population == POOLED))


def _singletons(data: Comparison, real: _Real) -> tuple[Rows, Found]:
    """Return a row of the one person who carries each singleton, and whether the synthetic set has it."""
    alleles = rare.rarer_alleles(real.counts, real.n)
    carriers = np.where(alleles == 1, real.counts, real.n - real.counts)
    few = np.flatnonzero((carriers == 1) | (carriers == 2))
    person = rare.only_carriers(real.at(few), alleles[few], real.person)
    single = few[person >= 0]
    ones = allele_counts(data.synthetic.haplotypes[:, single])
    appeared = np.where(alleles[single] == 1, ones > 0, ones < data.synthetic.n_haplotypes)
    return np.searchsorted(real.person, person[person >= 0]), appeared


@dataclass(frozen=True)
class _Drawn:
    """The haplotype of each private combination, those that lent alleles to the others, and who came back."""

    row: Rows
    appeared: Found
    fictitious_row: Rows
    fictitious: Found


def _combinations(data: Comparison, real: _Real, rng: np.random.Generator) -> _Drawn:
    variants = rare.rare_variants(real.counts, real.n)
    alleles = rare.rarer_alleles(real.counts, real.n)[variants]
    x = real.at(variants)
    bits = rare.carrier_bits(x, alleles)
    rows = _people(data, rng)
    most = int(np.clip(2 * WANTED // max(len(rows), 1), 1, MOST))
    uniform = rng.random((len(rows), TRIES * most, ALLELES))
    private = rare.private_combinations(x, alleles, bits, real.partner, rows, uniform, most)
    shuffled = rare.shuffled_combinations(
        private.variants, real.strata[private.row], rng.random(private.variants.T.shape)
    )
    fictitious = (np.diff(shuffled, axis=1) > 0).all(axis=1) & (rare.carriers_together(bits, shuffled) == 0)
    synthetic = rare.carrier_bits(data.synthetic.haplotypes[:, variants], alleles)
    return _Drawn(
        private.row, rare.carriers_together(synthetic, private.variants) > 0,
        private.row[fictitious], rare.carriers_together(synthetic, shuffled[fictitious]) > 0,
    )  # fmt: skip


def _people(data: Comparison, rng: np.random.Generator) -> Rows:
    """Return both haplotypes of as many people of each population on either side, in the order of sample ids."""
    panels = [data.panels[side] for side in SIDES]
    strata = [data.strata(panel) for panel in panels]
    counts = equal_counts(*(each[panel.first_rows] for each, panel in zip(strata, panels, strict=True)))
    chosen, before = [], 0
    for panel, each in zip(panels, strata, strict=True):
        people = drawn_people(panel, each, counts, rng)
        by_id = id_order(panel)
        chosen.append(before + by_id[people[panel.person[by_id]]])
        before += panel.n_haplotypes
    return np.concatenate(chosen)


def _rows(
    data: Comparison, real: _Real, weights: Floats, what: str, owners: Rows, appeared: Found
) -> list[dict[str, Any]]:
    """Return the share that appeared of either side, and the difference, by the population of the owner."""
    table = []
    train = owners < data.train.n_haplotypes
    for population in (POOLED, *data.populations):
        own = real.of_population(owners, population)
        shares, numbers = [], []
        for side, of_side in zip(SIDES, (own & train, own & ~train), strict=True):
            n = int(of_side.sum())
            if n < _fewest(population):
                continue
            weight = weights[:, owners[of_side]]
            shares.append(weight @ appeared[of_side] / weight.sum(axis=1))
            numbers.append(n)
            table.append(weighted_row(population, f"{what}s_{side}", shares[-1], n, (0.0, 1.0)))
        if len(shares) == 2:
            excess = shares[0] - shares[1]
            table.append(weighted_row(population, f"{what}_excess", excess, numbers[0], (-1.0, 1.0)))
    return table


def _fewest(population: str) -> int:
    return 1 if population == POOLED else MIN_ROWS


METRIC = Metric(
    function=rare_variants, title="Rare variants of single people", group="privacy", headline="tuplet_excess",
    statistics={
        "tuplet_excess": Statistic(
            ideal=0, name="private combinations that come back",
            about="How many more combinations of four rare alleles that only one training person carries come back "
            "than such combinations of unseen people. 0 is ideal; 1 is copying.",
        ),
        "singleton_excess": Statistic(
            ideal=0, name="single alleles that come back",
            about="How many more alleles that only one training person carries come back than alleles of one unseen "
            "person. Right frequencies alone put it above 0.",
        ),
        **statistics(
            tuplets_train=0, tuplets_holdout=0, tuplets_fictitious=0, singletons_train=0, singletons_holdout=0,
        ),
    },
)  # fmt: skip
