"""Splits of a panel by person: both haplotypes of a person go to the same side."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genome_ac_gan.errors import PanelError, some
from genome_ac_gan.panel.haplotypes import HaplotypePanel

HELD_OUT = ("test", "holdout")


@dataclass(frozen=True, kw_only=True)
class Split:
    """Two panels that share no person."""

    train: HaplotypePanel
    holdout: HaplotypePanel


def split_by_person(
    panel: HaplotypePanel, holdout: float, rng: np.random.Generator, *, smallest: int = 0
) -> Split:
    """Split a panel by person, stratified by population.

    Parameters
    ----------
    panel
        At least two people in each population.
    holdout
        Share of each population's people to hold out, between 0 and 1; rounded
        to whole people, at least one on either side.
    rng
        Decides who is held out.
    smallest
        Populations with fewer people than this stay in train as a whole.

    Raises
    ------
    PanelError
        When `holdout` is out of range or a population has one person only.
    """
    if not 0 < holdout < 1:
        raise PanelError(f"the share held out must lie between 0 and 1, not {holdout}")
    population = panel.population[panel.first_rows]  # (n_people,)
    held_out = np.zeros(panel.n_people, dtype=bool)
    for name in panel.populations:
        people = np.flatnonzero(population == name)
        if len(people) < smallest:
            continue
        if len(people) < 2:
            raise PanelError(
                f"population {name} has one person ({panel.sample_id[panel.first_rows[people[0]]]}): a split needs "
                "two; leave the population out or give it another label"
            )
        n = int(np.clip(round(holdout * len(people)), 1, len(people) - 1))
        held_out[rng.permutation(people)[:n]] = True
    return _halves(panel, held_out)


def split_by_file(panel: HaplotypePanel, sides: Mapping[str, str]) -> Split:
    """Split a panel as a given assignment of sample ids to `train` or `test` (or `holdout`) says.

    Samples of the assignment that the panel does not have are ignored.

    Raises
    ------
    PanelError
        When a person of the panel has no side, or a side stays empty.
    """
    people = panel.sample_id[panel.first_rows].tolist()
    missing = [person for person in people if person not in sides]
    if missing:
        raise PanelError(f"the split says nothing about {len(missing)} people of the panel: {some(missing)}")
    words = {sides[person] for person in people} - {"train", *HELD_OUT}
    if words:
        raise PanelError(
            f"a side of the split is train or {' or '.join(HELD_OUT)}, not {some(sorted(words))}"
        )
    held_out = np.array([sides[person] in HELD_OUT for person in people])
    if held_out.all() or not held_out.any():
        raise PanelError(f"the split puts all {len(people)} people of the panel on one side")
    return _halves(panel, held_out)


def _halves(panel: HaplotypePanel, held_out: npt.NDArray[np.bool_]) -> Split:
    rows = held_out[panel.person]
    return Split(train=panel[~rows], holdout=panel[rows])
