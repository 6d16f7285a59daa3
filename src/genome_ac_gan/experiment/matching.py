"""Panels made comparable: the same populations in all of them."""

from collections.abc import Mapping

import numpy as np

from genome_ac_gan.errors import PanelError, some
from genome_ac_gan.experiment.train import Notice, silent
from genome_ac_gan.panel import UNLABELLED, HaplotypePanel

Panels = dict[str, HaplotypePanel]


def comparable(
    train: HaplotypePanel,
    holdout: HaplotypePanel,
    sets: Mapping[str, HaplotypePanel],
    *,
    on_notice: Notice = silent,
) -> tuple[HaplotypePanel, HaplotypePanel, Panels]:
    """Return the panels without the real populations that a synthetic set lacks, with a notice.

    All sets are judged against the same people, so what one lacks is left out
    for all. A set without labels stays as it is.

    Raises
    ------
    PanelError
        When no population remains, or a set without labels would be judged
        against people whom it may well hold.
    """
    labelled = {name: panel for name, panel in sets.items() if panel.populations != (UNLABELLED,)}
    missing = {
        name: [each for each in holdout.populations if each not in panel.populations]
        for name, panel in labelled.items()
    }
    lacking = sorted({population for names in missing.values() for population in names})
    if not lacking:
        return train, holdout, dict(sets)
    _require_judgeable(holdout, sets, labelled, missing, lacking)
    for name, names in missing.items():
        if names:
            on_notice(f"judged without {some(names)}: the set {name} has none of them")

    def kept(panel: HaplotypePanel) -> HaplotypePanel:
        return panel[~np.isin(panel.population, lacking)] if set(panel.populations) & set(lacking) else panel

    return kept(train), kept(holdout), {name: kept(panel) for name, panel in sets.items()}


def _require_judgeable(
    holdout: HaplotypePanel,
    sets: Mapping[str, HaplotypePanel],
    labelled: Mapping[str, HaplotypePanel],
    missing: Mapping[str, list[str]],
    lacking: list[str],
) -> None:
    if len(lacking) == len(holdout.populations):
        has = "; ".join(f"{name} has {some(panel.populations)}" for name, panel in labelled.items())
        raise PanelError(
            f"no population of the real people ({some(holdout.populations)}) is in all sets: {has}"
        )
    bare = [name for name in sets if name not in labelled]
    if bare:
        short = next(name for name, names in missing.items() if names)
        raise PanelError(
            f"the set {short} lacks {some(missing[short])} and the set {bare[0]} carries no labels, so they cannot "
            "be judged against the same people: judge them one by one"
        )
