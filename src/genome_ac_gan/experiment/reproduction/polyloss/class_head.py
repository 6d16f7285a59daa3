"""What the class head of a discriminator says, checkpoint by checkpoint, of people that it never learns from."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from genome_ac_gan.files import tsv, write_text
from genome_ac_gan.metrics.classifiers import (
    Codes,
    Floats,
    accuracy,
    confusion,
    kappa,
    macro_f1,
    weighted_f1,
)
from genome_ac_gan.models import GradientModel
from genome_ac_gan.models.genome_ac_gan import GenomeACGAN
from genome_ac_gan.panel import HaplotypePanel

if TYPE_CHECKING:
    from torch import Tensor

CHECKPOINTS, PREDICTED = "checkpoints.tsv", "predicted.tsv"
SCORES = {"accuracy": accuracy, "kappa": kappa, "f1_macro": macro_f1, "f1_weighted": weighted_f1}


def scores(table: Floats) -> dict[str, float]:
    """Return all `SCORES` of a confusion table."""
    return {name: score(table) for name, score in SCORES.items()}


class ClassHead:
    """A hook of a training: every so many epochs, and after the last update, the class head is read and scored.

    `checkpoints.tsv` has a line a checkpoint (step, epoch, `SCORES`), `predicted.tsv` what
    each haplotype was taken for at the last one. Both are written whole. A training that
    goes on from a saved step drops the lines after it.

    Parameters
    ----------
    model
        A Genome-AC-GAN.
    panel
        Who is judged.
    folder
        Where the files go.
    every
        Epochs between two checkpoints.
    epoch
        Updates of an epoch.
    """

    def __init__(
        self, model: GradientModel, panel: HaplotypePanel, folder: Path, *, every: int, epoch: int
    ) -> None:
        assert isinstance(model, GenomeACGAN)
        self.model, self.panel, self.folder = model, panel, folder
        self.every, self.epoch = every * epoch, epoch
        self.lines: list[dict[str, Any]] | None = None
        self.x: Tensor | None = None

    def __call__(self, step: int, losses: Mapping[str, float]) -> None:
        """Read the class head when it is time."""
        if self.lines is None:
            self.lines = _lines_before(step, self.folder / CHECKPOINTS)
        if step % self.every == 0 or step == self.model.n_steps:
            self._read(step, self.lines)

    def _read(self, step: int, lines: list[dict[str, Any]]) -> None:
        if self.x is None:  # the model knows the order of the classes once it is fitted
            x, y = self.model.encode(self.panel)
            self.x, self.truth = x, y.cpu().numpy()
        codes = self.model.recognised(self.x).cpu().numpy()
        table = confusion(self.truth, codes, len(self.model.populations))
        lines.append({"step": step, "epoch": step / self.epoch, **scores(table)})
        write_text(self.folder / CHECKPOINTS, tsv(pd.DataFrame(lines)))
        write_text(self.folder / PREDICTED, tsv(self._predicted(codes)))

    def _predicted(self, codes: Codes) -> pd.DataFrame:
        names = np.array(self.model.populations)
        return pd.DataFrame(
            {
                "sample_id": self.panel.sample_id, "population": self.panel.population,
                "taken_for": names[codes],
            }
        )  # fmt: skip


def _lines_before(step: int, path: Path) -> list[dict[str, Any]]:
    if step == 1 or not path.is_file():
        return []
    lines = pd.read_csv(path, sep="\t")
    kept = lines[lines["step"] < step].to_dict("records")
    return [{str(name): value for name, value in line.items()} for line in kept]
