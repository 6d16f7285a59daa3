"""Haplotypes of which some alleles are known: matched to a kept model, which fills in the others."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from genome_ac_gan.checkpoint import load_model, model_folder, read_card
from genome_ac_gan.errors import PanelError, some
from genome_ac_gan.experiment.train import Notice, silent
from genome_ac_gan.formats import read_panel
from genome_ac_gan.models import ConditionalModel, Model
from genome_ac_gan.panel import UNLABELLED, HaplotypePanel, VariantTable
from genome_ac_gan.training.device import choose_device, prepare_cpu

Columns = npt.NDArray[np.intp]


def require_conditional(model: Model, folder: Path) -> ConditionalModel:
    """Return the model as one that knows alleles given others, or raise a PanelError."""
    if isinstance(model, ConditionalModel):
        return model
    raise PanelError(
        f"{folder}: {model.name} cannot keep given alleles: train hclt or li-stephens for that"
    )


def matched(
    variants: VariantTable, panel: HaplotypePanel, path: Path, *, on_notice: Notice = silent
) -> tuple[Columns, HaplotypePanel]:
    """Return which of the model's variants a panel has, rising, and the panel at these alone.

    Variants match by contig, position, REF and ALT; the panel's others are left out, with a notice.

    Raises
    ------
    PanelError
        When none match.
    """
    ours, theirs = np.isin(variants.ids, panel.variants.ids), np.isin(panel.variants.ids, variants.ids)
    if not ours.any():
        raise PanelError(
            f"{path}: none of its {panel.n_variants} variants (first {panel.variants.ids[0]}) is among the model's "
            f"{len(variants)} (first {variants.ids[0]}): contig, position, REF and ALT must be the same"
        )
    left = panel.n_variants - int(theirs.sum())
    if left:
        on_notice(f"{path}: {left} of {panel.n_variants} variants are not among the model's, and left out")
    return np.flatnonzero(ours), panel.select_variants(np.flatnonzero(theirs))


def given_alleles(
    variants: VariantTable, path: Path, *, on_notice: Notice = silent
) -> tuple[Columns, npt.NDArray[np.uint8]]:
    """Return the columns and the alleles, (m,) each, that a file of one haplotype gives.

    Raises
    ------
    PanelError
        When its haplotypes differ, or no variant is the model's.
    """
    columns, panel = matched(variants, read_panel(path, on_notice=on_notice), path, on_notice=on_notice)
    differing = (panel.haplotypes != panel.haplotypes[0]).any(axis=0)
    if differing.any():
        first = panel.variants.name(int(differing.argmax()))
        raise PanelError(
            f"{path}: its {panel.n_haplotypes} haplotypes differ (first at {first}): "
            "give one haplotype, or the same twice; `complete` fills in each of many"
        )
    return columns, panel.haplotypes[0]


def complete(
    path: Path,
    panel_path: Path,
    *,
    labels: Path | None = None,
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
    panel_path, labels
        The haplotypes, and the table of their populations.
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
    prepare_cpu(threads)
    folder = model_folder(path)
    model = load_model(folder)
    model.to(choose_device(device))
    exact = require_conditional(model, folder)
    known = read_panel(
        panel_path, labels=labels, label=None if population else _label(labels, model), on_notice=on_notice
    )
    names = np.full(known.n_haplotypes, population) if population else known.population
    if set(names.tolist()) == {UNLABELLED}:
        raise PanelError(
            f"{panel_path} carries no populations: give --labels FILE, or --population NAME for all"
        )
    unknown = sorted(set(names.tolist()) - set(model.populations))
    if unknown:
        raise PanelError(
            f"{panel_path}: the model has no population {some(unknown)}; it has: {some(model.populations, 30)}"
        )
    columns, known = matched(model.variants, known, panel_path, on_notice=on_notice)
    on_notice(f"{len(columns)} of {len(model.variants)} variants are known; the others are drawn")
    rows = np.zeros((known.n_haplotypes, len(model.variants)), np.uint8)
    rows[:, columns] = known.haplotypes
    observed = np.zeros(len(model.variants), bool)
    observed[columns] = True
    whole = HaplotypePanel(
        haplotypes=rows,
        sample_id=known.sample_id,
        labels={model.label: names},
        label=model.label,
        variants=model.variants,
    )
    card = read_card(folder)
    origin = {"model": model.name, "model_sha256": card["weights_sha256"], "seed": str(seed)}
    return exact.complete(whole, observed, seed=seed), origin


def _label(labels: Path | None, model: Model) -> str | None:
    return model.label if labels else None
