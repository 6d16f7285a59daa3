"""Neural classifiers of haplotypes, in the two readings that the paper and its program give."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from genome_ac_gan.experiment.reproduction.augmentation.config import NeuralConfig
from genome_ac_gan.nn.blocks import dense, hidden_layers
from genome_ac_gan.nn.dense import kernels, layer_widths
from genome_ac_gan.nn.losses import ClassLoss, class_loss, one_hot
from genome_ac_gan.seeding import seeded_torch, torch_stream
from genome_ac_gan.training.device import autocast
from genome_ac_gan.training.optimisers import RMSprop, with_decay

Codes = npt.NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What is published of a neural classifier.

    Attributes
    ----------
    widths
        Hidden layers, M standing for the number of variants.
    slope
        Negative slope of the leaky ReLU.
    loss
        Reading of the class loss, with the paper's epsilon .2 and alpha .1.
    """

    widths: tuple[str, ...]
    slope: float
    loss: ClassLoss


READINGS: Mapping[str, Reading] = {
    "code": Reading(widths=("M/2", "M/3", "M/4"), slope=0.01, loss="cce"),
    # The text gives no widths: those of the discriminator, each twice.
    "paper": Reading(widths=("M/2", "M/2", "M/3", "M/3", "M/4", "M/4"), slope=0.2, loss="paper"),
}
EPSILON, ALPHA = 0.2, 0.1
RHO, EPS = 0.9, 1e-7  # Keras' defaults of RMSprop


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Haplotypes (n, n_variants) uint8 and their classes (n,), numbered from 0."""

    x: npt.NDArray[np.uint8]
    y: Codes


class NeuralClassifier(nn.Module):
    """Alleles to one logit a class through leaky hidden layers.

    Parameters
    ----------
    n_variants, n_classes
        Lengths of input and output.
    reading
        Layers.
    width
        Factor on the widths of the hidden layers.
    """

    def __init__(self, n_variants: int, n_classes: int, reading: Reading, width: float) -> None:
        super().__init__()
        widths = [max(1, int(n * width)) for n in layer_widths(reading.widths, n_variants)]
        self.hidden = hidden_layers([n_variants, *widths], slope=reading.slope)
        self.output = dense(widths[-1], n_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (n, n_classes) for alleles (n, n_variants) float."""
        logits: Tensor = self.output(self.hidden(x))
        return logits


def fit_network(
    train: Rows, validation: Rows, n_classes: int, reading: Reading, config: NeuralConfig, *, seed: int,
    device: torch.device,
) -> NeuralClassifier:  # fmt: skip
    """Return a classifier fitted by RMSprop, its weights those of the pass with the best accuracy on `validation`.

    A penalty `l2` falls on the squared weights of the hidden layers. Of passes with equal
    accuracies the first counts. `seed` decides initial weights and batches.
    """
    with seeded_torch(seed, "initialise"):
        network = NeuralClassifier(train.x.shape[1], n_classes, reading, config.width).to(device)
    optimiser = RMSprop(with_decay(*kernels(network, "hidden"), config.l2), lr=config.lr, rho=RHO, eps=EPS)
    x, target = _floats(train.x, device), one_hot(torch.from_numpy(train.y).to(device), n_classes)
    unseen = _floats(validation.x, device)
    rng = torch_stream(seed, "batches")
    best, waited, kept = -1.0, 0, network.state_dict()
    for _ in range(config.n_epochs):
        for rows in torch.split(torch.randperm(len(x), generator=rng).to(device), config.batch_size):
            with autocast(device, "auto"):
                logits = network(x[rows])
            loss = class_loss(logits, target[rows], reading=reading.loss, epsilon=EPSILON, alpha=ALPHA)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        accuracy = float((_predict(network, unseen) == validation.y).mean())
        waited = 0 if accuracy > best else waited + 1
        if accuracy > best:
            best, kept = accuracy, {name: weight.clone() for name, weight in network.state_dict().items()}
        if waited >= config.patience:
            break
    network.load_state_dict(kept)
    return network


def predict(network: NeuralClassifier, x: npt.NDArray[np.uint8], device: torch.device) -> Codes:
    """Return the class of each haplotype, (n,)."""
    return _predict(network, _floats(x, device))


@torch.no_grad()
def _predict(network: NeuralClassifier, x: Tensor) -> Codes:
    codes: Codes = network(x).argmax(dim=1).cpu().numpy().astype(np.intp)
    return codes


def _floats(x: npt.NDArray[np.uint8], device: torch.device) -> Tensor:
    return torch.from_numpy(np.array(x)).to(device).float()
