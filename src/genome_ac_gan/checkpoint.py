"""Models on disk: a folder without code in it, and the state a training resumes from.

A model folder holds `card.json` (what the model is), `weights.safetensors` and
`variants.npz`. Reading any of these files executes nothing.
"""

import json
import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from genome_ac_gan.errors import CheckpointError
from genome_ac_gan.files import replacing
from genome_ac_gan.models import MODELS, Model, model_from_config
from genome_ac_gan.panel import VariantTable, load_variants, save_variants
from genome_ac_gan.provenance import now, sha256_of_file, software, to_json

FORMAT_VERSION = 1  # of a model
TRAINING_VERSION = 2  # of the state that a training resumes from


def save_model(model: Model, folder: Path, **facts: Any) -> None:
    """Write a model folder, whole or not at all; one that stands there is replaced.

    Parameters
    ----------
    model
        A fitted model.
    folder
        Where to.
    **facts
        More entries for the card (seed, step, hash of the training panel, score).
    """
    with replacing(folder) as temporary, _writing(folder):
        temporary.mkdir()
        weights = temporary / "weights.safetensors"
        save_file({name: tensor.contiguous().cpu() for name, tensor in model.state().items()}, weights)
        save_variants(model.variants, temporary / "variants.npz")
        card = _card(model, facts) | {"weights_sha256": sha256_of_file(weights)}
        (temporary / "card.json").write_text(to_json(card), encoding="utf-8")


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Say in one line that a file cannot be written: a full disk reaches us as three kinds of error."""
    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or str(error).strip().splitlines()[0]
        raise CheckpointError(f"{path} cannot be written: {reason}") from error


def _card(model: Model, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "model": model.name,
        "conditioning": model.conditioning,
        "stores_training_data": model.stores_training_data,
        "label": model.label,
        "populations": list(model.populations),
        "counts": dict(model.counts),
        "other_labels": model.other_labels,
        "n_variants": len(model.variants),
        "variants_sha256": model.variants.sha256,
        "n_parameters": model.n_parameters,
        **facts,
        "config": model.config.model_dump(mode="json"),
        "software": software(),
        "created": now(),
    }


def read_card(folder: Path) -> dict[str, Any]:
    """Return the card of a model folder.

    Raises
    ------
    CheckpointError
        When there is none, it is damaged, or of a format this version does not know.
    """
    path = folder / "card.json"
    try:
        card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise CheckpointError(f"{folder} is no model folder: it has no card.json") from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise CheckpointError(f"{path} is damaged: not JSON") from None
    version = card.get("format_version")
    if version != FORMAT_VERSION:
        raise CheckpointError(f"{folder}: model format {version}; this version reads format {FORMAT_VERSION}")
    return card


def kept_kind(folder: Path) -> type[Model]:
    """Return the class of the model that a folder holds, from its card alone; raises as `read_card`."""
    return _kind(read_card(folder), folder)


def _kind(card: Mapping[str, Any], folder: Path) -> type[Model]:
    if card["model"] not in MODELS:
        raise CheckpointError(f"{folder}: unknown model {card['model']!r}; known: {', '.join(MODELS)}")
    return MODELS[card["model"]]


def model_folder(path: Path) -> Path:
    """Return the model folder that `path` is, or that the run folder `path` holds."""
    return path / "model" if (path / "model" / "card.json").is_file() else path


def load_model(path: Path | str, *, variants: VariantTable | None = None) -> Model:
    """Read a fitted model from its folder, or from the run folder it lies in.

    Parameters
    ----------
    path
        Model or run folder.
    variants
        When given, the sites the model must be about.

    Raises
    ------
    CheckpointError
        When something is missing or damaged, or the variants differ.
    """
    folder = model_folder(Path(path))
    card = read_card(folder)
    _kind(card, folder)  # refuses what is not registered
    model = model_from_config(card["model"], card["config"], str(folder / "card.json"))
    model.describe(
        populations=tuple(card["populations"]),
        label=card["label"],
        counts=card["counts"],
        other_labels=card["other_labels"],
        variants=load_variants(folder / "variants.npz"),
    )
    if model.variants.sha256 != card["variants_sha256"]:
        raise CheckpointError(f"{folder}: variants.npz is not the one the model was saved with")
    require_variants(model, variants, folder)
    _load_weights(model, folder / "weights.safetensors")
    return model


def require_variants(model: Model, variants: VariantTable | None, folder: Path) -> None:
    """Raise a CheckpointError when a model is about other sites than `variants` (None: no demand)."""
    if variants is not None and not variants.same_sites(model.variants):
        raise CheckpointError(
            f"{folder} was trained on {len(model.variants)} other variants ({_span(model.variants)}) "
            f"than the {len(variants)} at hand ({_span(variants)})"
        )


def _span(variants: VariantTable) -> str:
    return f"{variants.name(0)} to {variants.name(len(variants) - 1)}"


def _load_weights(model: Model, path: Path) -> None:
    try:
        model.load_state(load_file(path))
    except FileNotFoundError:
        raise CheckpointError(f"{path}: no such file") from None
    except (SafetensorError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise CheckpointError(f"{path} does not hold the weights of this model: {reason}") from None


def save_training(state: Mapping[str, Any], path: Path) -> None:
    """Write the state a training resumes from, whole or not at all."""
    with replacing(path) as temporary, _writing(path):
        torch.save({"format_version": TRAINING_VERSION, **state}, temporary)


def load_training(path: Path) -> dict[str, Any]:
    """Read what `save_training` wrote; nothing but tensors and plain values is accepted."""
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"{path}: no such file; there is no training to resume") from None
    except (RuntimeError, EOFError, pickle.UnpicklingError, ValueError) as error:
        raise CheckpointError(f"{path} is damaged: {str(error).strip().splitlines()[0]}") from None
    if state.get("format_version") != TRAINING_VERSION:
        raise CheckpointError(
            f"{path}: format {state.get('format_version')}, this version resumes {TRAINING_VERSION}: "
            "train anew, without --resume"
        )
    return state
