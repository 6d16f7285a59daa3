"""The comparisons that a number is read between: train rows, real people, independent sites."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from genome_ac_gan.metrics.base import Comparison
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.frequency import allele_frequencies, column_blocks

SOURCES = ("synthetic", "train", "real", "independent")


def anchors(comparison: Comparison, rng: np.random.Generator) -> dict[str, Comparison]:
    """Return the comparison itself and those in which other haplotypes stand in its synthetic place.

    `synthetic` is the comparison as it is. In `train` the training rows
    themselves are judged: the ceiling of fidelity, and what a privacy metric
    must flag. In `real` one half of the holdout people is judged against the
    other half (of each population; populations with one person are left out of
    all three panels; the anchor is missing when none remains): what chance
    alone does, with half the haplotypes. In `independent` sites are drawn one
    by one from the train frequencies of each population: right frequencies and
    no linkage. It has the synthetic panel's population counts, or train's when
    that is unlabelled.
    """
    labelled = comparison.synthetic if comparison.labelled else comparison.train
    independent = independent_sites(comparison.train, labelled.counts, rng)
    others = comparison.without_model()  # which is of the model behind the synthetic panel
    result = {"synthetic": comparison, "train": replace(others, synthetic=comparison.train)}
    real = _real_halves(comparison, rng)
    if real is not None:
        result["real"] = real
    return result | {"independent": replace(others, synthetic=independent)}


def _real_halves(comparison: Comparison, rng: np.random.Generator) -> Comparison | None:
    holdout = comparison.holdout
    population = holdout.population[holdout.first_rows]  # (n_people,)
    by_id = np.argsort(holdout.sample_id[holdout.first_rows])  # the order of a file does not decide
    half = np.full(holdout.n_people, -1)
    for name in holdout.populations:
        people = rng.permutation(by_id[population[by_id] == name])
        if len(people) > 1:
            half[people] = np.arange(len(people)) % 2
    if (half < 0).all():
        return None
    side = half[holdout.person]
    kept = np.isin(comparison.train.population, holdout.population[side >= 0])
    train = comparison.train if kept.all() else comparison.train[kept]
    sides = holdout[side == 0], holdout[side == 1]
    if min(panel.n_haplotypes for panel in (*sides, train)) < 2:
        return None
    return Comparison(train=train, holdout=sides[0], synthetic=sides[1])


def independent_sites(
    panel: HaplotypePanel, counts: Mapping[str, int], rng: np.random.Generator, width: int = 1024
) -> HaplotypePanel:
    """Return haplotypes whose sites are drawn independently from a panel's frequencies in each population.

    Parameters
    ----------
    counts
        Number of haplotypes of each population; each must be in the panel.
    width
        Columns drawn at a time; bounds the memory.
    """
    population = np.repeat(list(counts), list(counts.values()))
    x = np.empty((len(population), panel.n_variants), dtype=np.uint8)
    for name, n in counts.items():
        frequency = allele_frequencies(panel.haplotypes[panel.population == name]).astype(np.float32)
        rows = population == name
        for columns in column_blocks(panel.n_variants, width):
            x[rows, columns] = rng.random((n, columns.stop - columns.start), np.float32) < frequency[columns]
    ids = np.array([f"IND_{index:06d}" for index in range(1, len(x) + 1)])
    return HaplotypePanel(
        haplotypes=x, sample_id=ids, labels={panel.label: population}, label=panel.label,
        variants=panel.variants,
    )  # fmt: skip
