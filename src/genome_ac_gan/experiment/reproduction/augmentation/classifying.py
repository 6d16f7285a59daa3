"""What classifiers of populations, fitted on real people and a share of artificial genomes, say of test people."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from genome_ac_gan.experiment.reproduction.augmentation.config import NeuralConfig
from genome_ac_gan.experiment.reproduction.augmentation.neural import READINGS, Rows, fit_network, predict
from genome_ac_gan.metrics.base import POOLED, Comparison
from genome_ac_gan.metrics.classifiers import (
    CLASSIFIERS,
    class_scores,
    codes_of,
    confusion,
    population_order,
)
from genome_ac_gan.metrics.draws import draw
from genome_ac_gan.metrics.shared import distances
from genome_ac_gan.metrics.utility.augmentation import added_counts, predictions
from genome_ac_gan.panel import HaplotypePanel, split_by_person
from genome_ac_gan.seeding import derived_seed, stream

if TYPE_CHECKING:
    from pandas import DataFrame

COLUMNS = ("classifier", "share", "replicate", "population", "accuracy", "f1")
Codes = npt.NDArray[np.intp]
Said = Iterator[tuple[str, float, int, Codes]]  # classifier, share, replicate, class of each test row


def scores(said: Said, train: HaplotypePanel, test: HaplotypePanel, told: Sequence[float]) -> "DataFrame":
    """Return how right each classifier was.

    Parameters
    ----------
    said
        What `by_distances` or `by_network` yields.
    train, test
        The panels it was made from.
    told
        Shares at which populations have rows of their own.

    Returns
    -------
    DataFrame
        `COLUMNS`; in the rows of `all` accuracy is overall and F1 the mean over populations, in
        those of one population accuracy is recall, the share of its people that are given it.
    """
    import pandas as pd

    order = population_order(train)
    truth, lines = codes_of(test, order), []
    for classifier, share, replicate, codes in said:
        found = class_scores(confusion(truth, codes, len(order)), order)
        for population in (POOLED, *order) if share in told else (POOLED,):
            values = found[population, "accuracy"], found[population, "f1"]
            lines.append((classifier, share, replicate, population, *values))
    return pd.DataFrame(lines, columns=list(COLUMNS))


def by_distances(
    train: HaplotypePanel, test: HaplotypePanel, sets: Sequence[HaplotypePanel], shares: Sequence[float],
    replicates: int, seed: int,
) -> Said:  # fmt: skip
    """Yield what support vector machine and nearest neighbours say; replicates take turns among the sets.

    At share 1 the whole set is added, so that there is one replicate a set. Distances between
    train, test and a set are computed once. Sets are worked on in as many threads as torch may use.
    """
    distances(train, train), distances(test, train)  # once, before threads ask for them
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        parts = [
            pool.submit(
                _of_set,
                Comparison(train=train, holdout=test, synthetic=synthetic),
                range(number, replicates, len(sets)),
                shares,
                stream(seed, f"draws/set-{number + 1}"),
            )
            for number, synthetic in enumerate(sets[:replicates])
        ]
        try:
            for part in parts:
                yield from part.result()
        finally:
            for part in parts:
                part.cancel()


def _of_set(
    data: Comparison, replicates: Sequence[int], shares: Sequence[float], rng: np.random.Generator
) -> list[tuple[str, float, int, Codes]]:
    """Return what is said with one set: every share below 1 in each of its replicates, 1 in the first."""
    partial, whole = [share for share in shares if share < 1], [share for share in shares if share == 1]
    return [
        (each.classifier, each.share, replicates[each.repeat], each.predicted)
        for some, n in ((partial, len(replicates)), (whole, 1))
        if some
        for each in predictions(data, tuple(CLASSIFIERS), some, n, rng)
    ]


def by_network(
    train: HaplotypePanel, test: HaplotypePanel, sets: Sequence[HaplotypePanel], shares: Sequence[float],
    reading: str, config: NeuralConfig, seed: int, device: torch.device,
) -> Said:  # fmt: skip
    """Yield what the neural classifier of a reading says; replicates take turns among the sets.

    Each replicate cuts other validation people out of the real training people, never out of
    the artificial genomes; they, the initial weights and the stream of batches are the same for
    every share.
    """
    order = population_order(train)
    for replicate in range(config.replicates):
        name, synthetic = f"{reading}/{replicate + 1}", sets[replicate % len(sets)]
        halves = split_by_person(train, config.validation, stream(seed, f"validation/{name}"))
        for share in shares:
            counts = added_counts(train.counts, share)
            rows = draw(synthetic, synthetic.population, counts, stream(seed, f"rows/{name}"))
            learned = _stacked(halves.train, synthetic[rows], order)
            network = fit_network(
                learned, _stacked(halves.holdout, None, order), len(order), READINGS[reading], config,
                seed=derived_seed(seed, f"fit/{name}"), device=device,
            )  # fmt: skip
            yield f"neural-{reading}", share, replicate, predict(network, test.haplotypes, device)


def _stacked(real: HaplotypePanel, synthetic: HaplotypePanel | None, order: Sequence[str]) -> Rows:
    panels = [real] if synthetic is None else [real, synthetic]
    return Rows(
        x=np.concatenate([panel.haplotypes for panel in panels]),
        y=np.concatenate([codes_of(panel, order) for panel in panels]),
    )
