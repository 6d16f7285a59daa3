"""The Genome-AC-GAN: a GAN whose discriminator also says which population a row is from."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from genome_ac_gan.models.dense_gan import DenseGAN
from genome_ac_gan.models.genome_ac_gan.config import PRESETS, GenomeACGANConfig, preset_settings
from genome_ac_gan.models.genome_ac_gan.networks import Discriminator
from genome_ac_gan.nn.discrete import fair_coins
from genome_ac_gan.nn.losses import class_loss, one_hot, validity_loss


class GenomeACGAN(DenseGAN):
    """Auxiliary-classifier GAN over haplotypes, conditioned on population.

    The generator takes noise and a label; the discriminator says real or
    synthetic, and which population. `training_step` updates the discriminator on
    a real and a synthetic batch, then the generator on a fresh synthetic batch.

    References
    ----------
    Ahronoviz & Gronau 2024, 10.1101/2024.02.14.580420; Odena, Olah & Shlens
    2017, arXiv 1610.09585.
    """

    name = "genome-ac-gan"
    Config = GenomeACGANConfig
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {name: preset_settings(name) for name in PRESETS}
    config: GenomeACGANConfig

    # -- networks ---------------------------------------------------------

    def build(self, n_variants: int, n_populations: int) -> None:
        """Set `net` to generator, discriminator and, where wanted, the averaged generator."""
        repeats = self.config.generator.label_repeats
        generator = self._new_generator(n_variants, n_populations, repeats=repeats)
        settings = self.config.discriminator
        discriminator = Discriminator(
            n_variants,
            n_populations,
            widths=settings.widths,
            slope=settings.slope,
            dropout=settings.dropout,
        )
        self._join(generator, discriminator)

    # -- rows -------------------------------------------------------------

    def _real_rows(self, x: Tensor) -> Tensor:
        """Code a batch of alleles, lowered by clipped noise where the settings ask for it."""
        settings = self.config.discriminator
        coded = self._coded(x)
        if settings.input_noise_max == 0:
            return coded
        noise = self._draw(torch.randn, len(x), x.shape[1])
        return coded - (settings.input_noise_mean + settings.input_noise_sd * noise).clamp(
            0, settings.input_noise_max
        )

    @property
    def _latent(self) -> Callable[..., Tensor]:
        return torch.randn if self.config.generator.noise == "normal" else fair_coins

    def _label(self, codes: Tensor) -> Tensor:
        return one_hot(codes, len(self.populations))

    def _synthetic_shares(self, y: Tensor) -> Tensor:
        shares = super()._synthetic_shares(y)
        return torch.ones_like(shares) if self.config.synthetic_labels == "uniform" else shares

    def _judged(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        with self._autocast():
            score, classes = self.discriminator(rows)
        return score, classes

    # -- losses -----------------------------------------------------------

    def _score(self, rows: Tensor, labels: Tensor) -> Tensor:
        score: Tensor = self.discriminator(rows)[0]
        return score

    def _validity_targets(self, n: int, *, real: bool) -> Tensor:
        """Return the discriminator's validity targets (n,), softened as the settings say."""
        settings = self.config.loss
        target = super()._validity_targets(n, real=real)
        inwards = -1.0 if real else 1.0
        if settings.target_noise == "paper" or (settings.target_noise == "code" and real):
            target = target + inwards * settings.uniform_noise * self._draw(torch.rand, n)
        if settings.target_noise == "code":
            target = target + inwards * self._extra_noise(n)
        return target

    def _generator_targets(self, n: int) -> Tensor:
        target = super()._generator_targets(n)
        return target - self._extra_noise(n) if self.config.loss.target_noise == "code" else target

    def _extra_noise(self, n: int) -> Tensor:
        settings = self.config.loss
        return (settings.extra_noise_mean + settings.extra_noise_sd * self._draw(torch.randn, n)).clamp(min=0)

    def _class_targets(self, codes: Tensor) -> Tensor:
        """Return class targets (n, k): one-hot, or pulled inwards by u ~ U(0, uniform_noise)."""
        n_classes = len(self.populations)
        target = one_hot(codes, n_classes)
        if self.config.loss.target_noise != "paper" or n_classes == 1:
            return target
        u = self.config.loss.uniform_noise * self._draw(torch.rand, len(codes), 1)
        return target * (1 - u) + (1 - target) * u / (n_classes - 1)

    def _class_loss(self, logits: Tensor, target: Tensor) -> Tensor:
        settings = self.config.loss
        return class_loss(
            logits, target, reading=settings.class_loss, epsilon=settings.epsilon, alpha=settings.alpha
        )

    # -- updates ----------------------------------------------------------

    def _discriminator_labels(self, codes: Tensor) -> Tensor:
        """Return the class targets: labels are no input of the discriminator but what it learns to tell."""
        return self._class_targets(codes)

    def _discriminator_step(
        self, rows: Tensor, validity: Tensor, labels: Tensor, real: Tensor
    ) -> dict[str, Tensor]:
        score, classes = self._judged(rows)
        losses = {"discriminator_validity": validity_loss(score, validity)}
        loss = losses["discriminator_validity"]
        learned = torch.ones_like(real) if self.config.loss.class_on_synthetic else real
        if learned.any():
            losses["discriminator_class"] = self._class_loss(classes[learned], labels[learned])
            loss = loss + self.config.loss.class_weight * losses["discriminator_class"]
        self._descend(loss, self._discriminator_optimiser, self.discriminator.parameters())
        right = (classes.argmax(dim=1) == labels.argmax(dim=1)).float()
        parts = {"real_class_accuracy": right[real], "synthetic_class_accuracy": right[~real]}
        return losses | {name: part.mean() for name, part in parts.items() if len(part)}

    def _generator_losses(self, rows: Tensor, codes: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        score, classes = self._judged(rows)
        loss_class = self._class_loss(classes, self._class_targets(codes))
        loss_validity = self._generator_validity(score)
        loss = loss_validity + self.config.loss.class_weight * loss_class
        return loss, {"generator_validity": loss_validity, "generator_class": loss_class}
