"""The plain GAN of artificial genomes: two dense networks and no label."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor

from genome_ac_gan.config import Config, NonNegative, Share
from genome_ac_gan.models import dense_gan
from genome_ac_gan.models.dense_gan import DenseGAN
from genome_ac_gan.nn.dense import Discriminator, RowNoise
from genome_ac_gan.nn.losses import validity_loss


class DiscriminatorConfig(dense_gan.DiscriminatorConfig):
    """The discriminator: alleles in; a validity logit out.

    Attributes
    ----------
    input_noise
        Real alleles are lowered by numbers of U(0, input_noise) that are drawn once for
        each row and variant and stay the same throughout the training.
    """

    input_noise: NonNegative = 0


class LossConfig(dense_gan.LossConfig):
    """The losses.

    Attributes
    ----------
    target_noise
        The discriminator's targets are 1 - u for real rows, u ~ U(0, target_noise), and
        0 for synthetic rows.
    """

    target_noise: Share = 0


class PlainGANConfig(dense_gan.DenseGANConfig):
    """What the settings of the GAN and the cGAN have in common."""

    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    loss: LossConfig = LossConfig()


class GeneratorConfig(dense_gan.GeneratorConfig):
    """The generator: noise in, alleles out."""

    # Without a label, populations are found sooner when the output layer starts with their directions.
    output_start: Literal["glorot", "principal-axes"] = "principal-axes"


class GANConfig(PlainGANConfig):
    """A GAN in every number.

    Attributes
    ----------
    conditioning
        How populations come in: `per-population`, a copy of the networks for each, or
        `joint`, the label as further columns of the rows.
    """

    generator: GeneratorConfig = GeneratorConfig()
    conditioning: Literal["per-population", "joint"] = "joint"


YELMEN2021: Mapping[str, Any] = {
    "conditioning": "per-population",
    "alleles": "0/1",
    "generator": {
        "latent": 600,
        "widths": ["M/1.2", "M/1.1"],
        "slope": 0.01,
        "batch_norm": False,
        "output": "tanh",
        "output_start": "glorot",
        "cut": 0.5,
    },
    "discriminator": {
        "widths": ["M/2", "M/3"],
        "slope": 0.01,
        "dropout": [],
        "batches": "separate",
        "r1": 0,
        "input_noise": 0.1,
    },
    "loss": {"target_noise": 0.1, "l2": 1e-4},
    "optimiser": {
        "generator_lr": 1e-4,
        "discriminator_lr": 8e-4,
        "first_decay": 0.9,
        "decay": 0.999,
        "eps": 1e-7,
    },
    "batch_size": 32,
    "sampling": "epochs",
    "average": 0,
    "n_steps": None,
    "n_epochs": 20_000,
}


class GAN(DenseGAN):
    """Plain GAN (GAN19): two dense networks that never see a label.

    The generator takes noise; the discriminator says real or synthetic. Populations
    come in from outside (`conditioning`).

    References
    ----------
    Yelmen et al. 2021, 10.1371/journal.pgen.1009303; Goodfellow et al. 2014,
    arXiv 1406.2661.
    """

    name = "gan"
    Config: ClassVar[type[Config]] = GANConfig
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"default": {}, "yelmen2021": YELMEN2021}
    config: PlainGANConfig

    def build(self, n_variants: int, n_populations: int) -> None:
        """Set `net` to networks without a label."""
        self._build(n_variants, n_labels=0)

    def _build(self, n_variants: int, *, n_labels: int) -> None:
        generator = self._new_generator(n_variants, n_labels)
        settings = self.config.discriminator
        discriminator = Discriminator(
            n_variants, n_labels, widths=settings.widths, slope=settings.slope, dropout=settings.dropout
        )
        self._join(generator, discriminator)
        if settings.input_noise:
            self.network.add_module("row_noise", RowNoise(n_variants))

    def _label(self, codes: Tensor) -> Tensor:
        """Return what both networks see of class codes (n,): nothing, (n, 0)."""
        return torch.zeros(len(codes), 0, device=codes.device)

    def _real_rows(self, x: Tensor) -> Tensor:
        """Code a batch of alleles, lowered by the noise of each row where the settings ask for it."""
        height = self.config.discriminator.input_noise
        coded = self._coded(x)
        return coded - height * self.network.get_submodule("row_noise")(x) if height else coded

    def _validity_targets(self, n: int, *, real: bool) -> Tensor:
        """Return the discriminator's validity targets (n,): 1 - u for real rows, 0 for synthetic ones."""
        target = super()._validity_targets(n, real=real)
        height = self.config.loss.target_noise
        return target - height * self._draw(torch.rand, n) if real and height else target

    # -- losses -----------------------------------------------------------

    def _score(self, rows: Tensor, labels: Tensor) -> Tensor:
        score: Tensor = self.discriminator(rows, labels)
        return score

    def _judged(self, rows: Tensor, labels: Tensor) -> Tensor:
        with self._autocast():
            return self._score(rows, labels)

    def _discriminator_step(
        self, rows: Tensor, validity: Tensor, labels: Tensor, real: Tensor
    ) -> dict[str, Tensor]:
        loss = validity_loss(self._judged(rows, labels), validity)
        self._descend(loss, self._discriminator_optimiser, self.discriminator.parameters())
        return {"discriminator_validity": loss}

    def _generator_losses(self, rows: Tensor, codes: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        loss = self._generator_validity(self._judged(rows, self._label(codes)))
        return loss, {"generator_validity": loss}
