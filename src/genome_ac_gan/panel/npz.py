"""Our own file of a panel: NumPy's npz with one bit an allele; reading it executes nothing."""

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from genome_ac_gan.errors import PanelError
from genome_ac_gan.files import replacing
from genome_ac_gan.panel.haplotypes import HaplotypePanel
from genome_ac_gan.panel.variants import VariantTable

FORMAT_VERSION = 1


def save_panel(panel: HaplotypePanel, path: Path) -> None:
    """Write a panel as npz, whole or not at all."""
    packed = np.packbits(panel.haplotypes, axis=1)  # (n_haplotypes, ceil(n_variants / 8))
    save_arrays(path, panel_arrays(panel, packed))


def panel_arrays(panel: Any, packed: npt.NDArray[np.uint8]) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of the file for anything with a panel's ids, labels and variants."""
    labels = {f"label_{name}": column for name, column in panel.labels.items()}
    head = {"format_version": np.array(FORMAT_VERSION), "label": np.array(panel.label)}
    return {
        **head,
        "packed": packed,
        "sample_id": panel.sample_id,
        **labels,
        **variant_arrays(panel.variants),
    }


def load_panel(path: Path) -> HaplotypePanel:
    """Read a panel written by `save_panel`.

    Raises
    ------
    PanelError
        When the file is missing, damaged, of another kind or of an unknown version.
    """
    arrays = _load_arrays(path, ("format_version", "label", "packed", "sample_id", "position"))
    version = int(arrays["format_version"])
    if version != FORMAT_VERSION:
        raise PanelError(f"{path}: panel format {version}; this version reads format {FORMAT_VERSION}")
    n_variants = len(arrays["position"])
    return HaplotypePanel(
        haplotypes=np.unpackbits(arrays["packed"], axis=1, count=n_variants),
        sample_id=arrays["sample_id"],
        labels={
            name.removeprefix("label_"): array for name, array in arrays.items() if name.startswith("label_")
        },
        label=str(arrays["label"]),
        variants=_variant_table(arrays),
    )


def save_variants(variants: VariantTable, path: Path) -> None:
    """Write a variant table as npz, whole or not at all."""
    save_arrays(path, variant_arrays(variants))


def load_variants(path: Path) -> VariantTable:
    """Read a variant table written by `save_variants`."""
    return _variant_table(_load_arrays(path, ("contig", "position", "ref", "alt")))


def variant_arrays(variants: VariantTable) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays that stand for a variant table in a file."""
    arrays = {
        "contig": variants.contig,
        "position": variants.position,
        "ref": variants.ref,
        "alt": variants.alt,
    }
    return arrays if variants.cm is None else {**arrays, "cm": variants.cm}


def _variant_table(arrays: Mapping[str, npt.NDArray[Any]]) -> VariantTable:
    return VariantTable(contig=arrays["contig"], position=arrays["position"], ref=arrays["ref"],
                        alt=arrays["alt"], cm=arrays.get("cm"))  # fmt: skip


def save_arrays(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write named arrays as npz: same arrays, same bytes (npz members carry no time)."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def _load_arrays(path: Path, needed: Iterable[str]) -> dict[str, npt.NDArray[Any]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise PanelError(f"{path}: no such file") from None
    except (zipfile.BadZipFile, ValueError, EOFError, KeyError, AttributeError) as error:
        raise PanelError(f"{path} is no readable npz file: {error}") from None
    missing = [name for name in needed if name not in arrays]
    if missing:
        raise PanelError(f"{path} is an npz file of another kind: it lacks {', '.join(missing)}")
    return arrays
