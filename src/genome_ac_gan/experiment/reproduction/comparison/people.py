"""The real people that every set is judged by, under each of their labels."""

from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from genome_ac_gan.experiment.run import RunDir
from genome_ac_gan.metrics import Comparison
from genome_ac_gan.panel import UNLABELLED, HaplotypePanel, concat, load_panel


class People:
    """Training and test people.

    Parameters
    ----------
    parts
        Folder of the split; those that choose checkpoints are training people too.
    labels
        The labels that models learn.

    Attributes
    ----------
    levels : tuple of str
        The labels, that with the fewest populations first.
    """

    def __init__(self, parts: Path, labels: tuple[str, ...]) -> None:
        run = RunDir(parts)
        self.train = concat([load_panel(run.panel(name)) for name in ("train", "validation")])
        self.holdout = load_panel(run.panel("holdout"))
        self.levels = tuple(sorted(labels, key=lambda name: len(set(self.holdout.labels[name].tolist()))))
        self.comparable = lru_cache(maxsize=None)(self._comparable)

    @cached_property
    def every(self) -> HaplotypePanel:
        """All real people, the paper's reading of real in Figures 8, 10 and 11."""
        return concat([self.train, self.holdout])

    def carried(self, synthetic: HaplotypePanel) -> list[str]:
        """Return the levels whose labels a set carries; none when it is unlabelled."""
        return [level for level in self.levels if level in synthetic.labels]

    def against(
        self, synthetic: HaplotypePanel, level: str | None = None, *, every: bool = False
    ) -> Comparison:
        """Return the comparison of a set with the test people, or with all real ones, under a label.

        None leaves the set as it is, under its own label.
        """
        own = level or (synthetic.label if synthetic.label in self.levels else self.levels[0])
        train, real = self.comparable(own, every)
        return Comparison(
            train=train, holdout=real, synthetic=synthetic.with_population(level) if level else synthetic
        )

    def group_of(self, level: str) -> dict[str, str]:
        """Return the population of the coarsest level that holds each population of a level."""
        return dict(
            zip(
                self.holdout.labels[level].tolist(), self.holdout.labels[self.levels[0]].tolist(), strict=True
            )
        )

    def _comparable(self, level: str, every: bool) -> tuple[HaplotypePanel, HaplotypePanel]:
        real = self.every if every else self.holdout
        return self.train.with_population(level), real.with_population(level)


def bare(panel: HaplotypePanel) -> HaplotypePanel:
    """Return a panel without its labels: all people are one population."""
    none = np.full(panel.n_haplotypes, UNLABELLED)
    return HaplotypePanel(
        haplotypes=panel.haplotypes, sample_id=panel.sample_id, labels={UNLABELLED: none}, label=UNLABELLED,
        variants=panel.variants,
    )  # fmt: skip
