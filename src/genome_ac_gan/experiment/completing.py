"""Haplotypes of which some alleles are known: matched to a kept model, which fills in the others."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from genome_ac_gan.errors import PanelError, some
from genome_ac_gan.experiment.kept import open_kept
from genome_ac_gan.experiment.train import Notice, silent
from genome_ac_gan.formats import read_panel
from genome_ac_gan.models import ConditionalModel, Model
from genome_ac_gan.panel import UNLABELLED, HaplotypePanel, VariantTable

Columns = npt.NDArray[np.intp]
Alleles = npt.NDArray[np.uint8]


def require_conditional(model: Model, folder: Path) -> ConditionalModel:
    """Return the model as one that knows alleles given others, or raise a PanelError."""
    if isinstance(model, ConditionalModel):
        return model
    raise PanelError(f"{folder}: {model.name} cannot keep given alleles: train hclt or li-stephens for that")


def matched(
    variants: VariantTable, panel: HaplotypePanel, path: object, *, on_notice: Notice = silent
) -> tuple[Columns, Alleles]:
    """Return which of the model's variants a panel has, (m,) and rising, and its alleles there, (n, m).

    Variants match by contig, position, REF and ALT, in whatever order contigs stand; the
    panel's others are left out, with a notice. `path` is what messages call it.

    Raises
    ------
    PanelError
        When none match.
    """
    place = {name: column for column, name in enumerate(panel.variants.ids.tolist())}
    theirs = np.array([place.get(name, -1) for name in variants.ids.tolist()])
    ours = np.flatnonzero(theirs >= 0)
    if not len(ours):
        raise PanelError(
            f"{path}: none of its {panel.n_variants} variants (first {panel.variants.ids[0]}) is among the model's "
            f"{len(variants)} (first {variants.ids[0]}): contig, position, REF and ALT must be the same"
        )
    left = panel.n_variants - len(ours)
    if left:
        on_notice(f"{path}: {left} of {panel.n_variants} variants are not among the model's, and left out")
    return ours, panel.haplotypes[:, theirs[ours]]


def given_alleles(
    variants: VariantTable, path: Path, *, on_notice: Notice = silent
) -> tuple[Columns, npt.NDArray[np.uint8]]:
    """Return the columns and the alleles, (m,) each, that a file of one haplotype gives.

    Raises
    ------
    PanelError
        When its haplotypes differ, or no variant is the model's.
    """
    panel = read_panel(path, variants="all", on_notice=on_notice)
    columns, alleles = matched(variants, panel, path, on_notice=on_notice)
    differing = (alleles != alleles[0]).any(axis=0)
    if differing.any():
        first = variants.name(int(columns[differing.argmax()]))
        raise PanelError(
            f"{path}: its {len(alleles)} haplotypes differ (first at {first}): "
            "give one haplotype, or the same twice; `complete` fills in each of many"
        )
    return columns, alleles[0]


def complete(
    path: Path,
    known: HaplotypePanel,
    *,
    name: object = "the panel",
    population: str | None = None,
    seed: int = 1,
    device: str = "auto",
    threads: int | None = None,
    on_notice: Notice = silent,
) -> tuple[HaplotypePanel, dict[str, str]]:
    """Return the haplotypes of a panel with all variants of a model, the unknown ones drawn given the known.

    Parameters
    ----------
    path
        Model or run folder of a `ConditionalModel`.
    known, name
        The haplotypes, and what messages call them. Their populations are in the model's
        label column, where they have it, else in their own.
    population
        That of all of them, in the place of labels.
    seed
        Decides what is drawn.

    Returns
    -------
    The panel, and the facts that belong into the header of its file.

    Raises
    ------
    PanelError
        When the model cannot, populations are unknown to it, or no variant is its.
    """
    kept = open_kept(path, device=device, threads=threads, on_notice=on_notice)
    model = kept.model
    exact = require_conditional(model, kept.folder)
    populations = _populations(known, model, name, population)
    columns, alleles = matched(model.variants, known, name, on_notice=on_notice)
    on_notice(f"{len(columns)} of {len(model.variants)} variants are known; the others are drawn")
    rows = np.zeros((known.n_haplotypes, len(model.variants)), np.uint8)
    rows[:, columns] = alleles
    observed = np.zeros(len(model.variants), bool)
    observed[columns] = True
    whole = HaplotypePanel(
        haplotypes=rows, sample_id=known.sample_id, labels={model.label: populations}, label=model.label,
        variants=model.variants,
    )  # fmt: skip
    return exact.complete(whole, observed, seed=seed), kept.origin(seed)


def _populations(
    panel: HaplotypePanel, model: Model, name: object, population: str | None
) -> npt.NDArray[np.str_]:
    """Return the population of each haplotype, (n,), all of them the model's."""
    if population:
        found: npt.NDArray[np.str_] = np.full(panel.n_haplotypes, population)
    else:
        found = panel.labels.get(model.label, panel.population)
    unknown = sorted(set(found.tolist()) - set(model.populations))
    if unknown == [UNLABELLED]:
        raise PanelError(f"{name} carries no populations: give --labels FILE, or --population NAME for all")
    if unknown:
        raise PanelError(
            f"{name}: the model has no population {some(unknown)}; it has: {some(model.populations, 30)}"
        )
    return found
