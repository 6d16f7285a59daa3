"""A kept model, opened for use outside its own run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genome_ac_gan.checkpoint import load_model, model_folder, read_card
from genome_ac_gan.experiment.train import Notice, silent
from genome_ac_gan.models import Model
from genome_ac_gan.training.device import choose_device, prepare_cpu


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A model with its folder and its card."""

    model: Model
    folder: Path
    card: dict[str, Any]

    def origin(self, seed: int) -> dict[str, str]:
        """Return the facts that belong into the header of what is drawn with a seed."""
        return {"model": self.model.name, "model_sha256": self.card["weights_sha256"], "seed": str(seed)}


def open_kept(
    path: Path, *, device: str = "auto", threads: int | None = None, on_notice: Notice = silent
) -> Kept:
    """Load the model of a model or run folder onto a device; a notice tells when it holds training haplotypes."""
    prepare_cpu(threads)
    folder = model_folder(path)
    model = load_model(folder).to(choose_device(device))
    if model.stores_training_data:
        on_notice(f"{folder} holds training haplotypes: it is as private as the panel it was made from")
    return Kept(model=model, folder=folder, card=read_card(folder))
