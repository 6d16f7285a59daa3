"""The Genome-AC-GAN: a GAN whose discriminator also says which population a row is from."""

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from genome_ac_gan.models.base import GradientModel
from genome_ac_gan.models.genome_ac_gan.config import PRESETS, GenomeACGANConfig, preset_settings
from genome_ac_gan.models.genome_ac_gan.networks import Discriminator, Generator, kernels
from genome_ac_gan.nn.blocks import update_average
from genome_ac_gan.nn.discrete import fair_coins, logistic_noise, straight_through
from genome_ac_gan.nn.losses import class_loss, one_hot, r1_penalty, validity_loss
from genome_ac_gan.training.device import autocast
from genome_ac_gan.training.loop import Sampling
from genome_ac_gan.training.optimisers import RMSprop, fused_adam, with_decay


class GenomeACGAN(GradientModel):
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
        generator = Generator(self.config.generator, n_variants, n_populations)
        discriminator = Discriminator(self.config.discriminator, n_variants, n_populations)
        parts: dict[str, nn.Module] = {"generator": generator, "discriminator": discriminator}
        if self.config.average:
            parts["average"] = copy.deepcopy(generator)
        self.net = nn.ModuleDict(parts)

    @property
    def generator(self) -> Generator:
        """The network under training."""
        return self.network["generator"]  # type: ignore[index, no-any-return]

    @property
    def discriminator(self) -> Discriminator:
        """The network that judges."""
        return self.network["discriminator"]  # type: ignore[index, no-any-return]

    @property
    def sampler(self) -> Generator:
        """The generator that samples are drawn from: the average where there is one."""
        return self.network["average" if self.config.average else "generator"]  # type: ignore[index, no-any-return]

    @property
    def optimisers(self) -> dict[str, torch.optim.Optimizer]:
        """The optimisers of both networks."""
        return {"generator": self._generator_optimiser, "discriminator": self._discriminator_optimiser}

    @property
    def sampling(self) -> Sampling:
        """How batches are drawn."""
        return self.config.sampling

    def start(self, x: Tensor, y: Tensor) -> None:
        """Make the optimisers and, where wanted, start the output layer from the training rows."""
        if self.config.generator.output_start == "principal-axes":
            self.generator.start_at_principal_axes(self._coded(x))
        if self.config.average:
            self.sampler.load_state_dict(self.generator.state_dict())
        self._class_shares = torch.bincount(y.cpu(), minlength=len(self.populations)).double()
        self._generator_optimiser = self._optimiser(self.generator, self.config.optimiser.generator_lr)
        self._discriminator_optimiser = self._optimiser(
            self.discriminator, self.config.optimiser.discriminator_lr
        )

    def _optimiser(self, network: nn.Module, lr: float) -> torch.optim.Optimizer:
        settings = self.config.optimiser
        groups = with_decay(*kernels(network, self.config.loss.l2_on), self.config.loss.l2)
        if settings.name == "rmsprop":
            return RMSprop(groups, lr=lr, rho=settings.decay, eps=settings.eps)
        return fused_adam(groups, lr=lr, betas=(settings.first_decay, settings.decay), eps=settings.eps)

    @property
    def n_parameters(self) -> int:
        """Weights of both networks; the moving average is not counted."""
        return sum(p.numel() for net in (self.generator, self.discriminator) for p in net.parameters())

    # -- rows -------------------------------------------------------------

    def _coded(self, x: Tensor) -> Tensor:
        x = x.to(torch.float32)
        return 2 * x - 1 if self.config.alleles == "-1/+1" else x

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

    def _draw(self, kind: Callable[..., Tensor], n: int, *shape: int) -> Tensor:
        """Draw this process's `n` rows of a joint draw from the noise stream."""
        joint = kind(n * self.world.size, *shape, generator=self.rng)
        return self.world.share(joint).to(self.device)

    @property
    def _latent(self) -> Callable[..., Tensor]:
        return torch.randn if self.config.generator.noise == "normal" else fair_coins

    def _synthetic_labels(self, n: int) -> Tensor:
        shares = self._class_shares
        if self.config.synthetic_labels == "uniform":
            shares = torch.ones_like(shares)
        codes = torch.multinomial(shares, n * self.world.size, replacement=True, generator=self.rng)
        return self.world.share(codes).to(self.device)

    def _synthetic_rows(self, codes: Tensor) -> Tensor:
        """Return what the generator shows the discriminator for class codes (n,)."""
        z = self._draw(self._latent, len(codes), self.config.generator.latent)
        with self._autocast():
            logits = self.generator(z, one_hot(codes, len(self.populations))).float()
        if self.config.generator.output == "tanh":
            return torch.tanh(logits)
        scale = self.config.generator.output_noise
        if scale:
            logits = logits + scale * self._draw(logistic_noise, *logits.shape)
        return straight_through(logits)

    def _judged(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        with self._autocast():
            score, classes = self.discriminator(rows)
        return score, classes

    def _autocast(self) -> AbstractContextManager[object]:
        """Open a context for one forward pass: weights cast inside it are cached, and must not change."""
        return autocast(self.device, self.precision)

    # -- losses -----------------------------------------------------------

    def _validity_targets(self, n: int, *, real: bool) -> Tensor:
        """Return the discriminator's validity targets (n,), softened as the settings say."""
        settings = self.config.loss
        target = torch.full((n,), float(real), device=self.device)
        inwards = -1.0 if real else 1.0
        if settings.target_noise == "paper" or (settings.target_noise == "code" and real):
            target = target + inwards * settings.uniform_noise * self._draw(torch.rand, n)
        if settings.target_noise == "code":
            target = target + inwards * self._extra_noise(n)
        return target

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

    def training_step(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Update the discriminator, then the generator; return the losses and class accuracies."""
        self.network.train()
        losses = self._update_discriminator(x, y)
        losses |= self._update_generator(len(x))
        if self.config.average:
            update_average(self.sampler, self.generator, self.config.average)
        return losses

    def _update_discriminator(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        n = len(x)
        codes = self._synthetic_labels(n)
        with torch.no_grad():
            synthetic = self._synthetic_rows(codes)
        rows = torch.cat([self._real_rows(x), synthetic])  # (2 n, l): real, then synthetic
        validity = torch.cat([self._validity_targets(n, real=True), self._validity_targets(n, real=False)])
        target = torch.cat([self._class_targets(y), self._class_targets(codes)])
        real = torch.arange(2 * n, device=self.device) < n
        outcomes = [
            self._discriminator_step(rows[part], validity[part], target[part], real[part])
            for part in self._batches_of(n)
        ]
        if self.config.discriminator.r1 and self.step % self.config.discriminator.r1_every == 0:
            self._regularise_discriminator(x)
        return _means(outcomes)

    def _batches_of(self, n: int) -> list[Tensor]:
        """Return the row indices of each of the discriminator's updates on 2 n rows."""
        rows = torch.arange(2 * n)
        if self.config.discriminator.batches == "separate":
            return [rows[:n], rows[n:]]
        if self.config.discriminator.batches == "mixed":
            return list(torch.split(torch.randperm(2 * n, generator=self.rng), n))
        return [rows]

    def _discriminator_step(
        self, rows: Tensor, validity: Tensor, target: Tensor, real: Tensor
    ) -> dict[str, Tensor]:
        score, classes = self._judged(rows)
        losses = {"discriminator_validity": validity_loss(score, validity)}
        loss = losses["discriminator_validity"]
        learned = torch.ones_like(real) if self.config.loss.class_on_synthetic else real
        if learned.any():
            losses["discriminator_class"] = self._class_loss(classes[learned], target[learned])
            loss = loss + self.config.loss.class_weight * losses["discriminator_class"]
        self._descend(loss, self._discriminator_optimiser, self.discriminator.parameters())
        right = (classes.argmax(dim=1) == target.argmax(dim=1)).float()
        parts = {"real_class_accuracy": right[real], "synthetic_class_accuracy": right[~real]}
        return losses | {name: part.mean() for name, part in parts.items() if len(part)}

    def _regularise_discriminator(self, x: Tensor) -> None:
        settings = self.config.discriminator
        rows = self._coded(x).requires_grad_()
        score, _ = self.discriminator(rows)
        loss = settings.r1 * settings.r1_every * r1_penalty(score, rows)
        self._descend(loss, self._discriminator_optimiser, self.discriminator.parameters())

    def _update_generator(self, n: int) -> dict[str, Tensor]:
        codes = self._synthetic_labels(n)
        self.discriminator.requires_grad_(False)
        score, classes = self._judged(self._synthetic_rows(codes))
        target = self._class_targets(codes)
        loss_class = self._class_loss(classes, target)
        loss_validity = self._generator_validity(score)
        loss = loss_validity + self.config.loss.class_weight * loss_class
        self._descend(loss, self._generator_optimiser, self.generator.parameters())
        self.discriminator.requires_grad_(True)
        return {"generator_validity": loss_validity, "generator_class": loss_class}

    def _generator_validity(self, score: Tensor) -> Tensor:
        if self.config.loss.generator == "saturating":
            return -validity_loss(score, self._validity_targets(len(score), real=False))
        target = torch.ones_like(score, dtype=torch.float32)
        if self.config.loss.target_noise == "code":
            target = target - self._extra_noise(len(score))
        return validity_loss(score, target)

    def _descend(self, loss: Tensor, optimiser: torch.optim.Optimizer, parameters: Iterable[Tensor]) -> None:
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.world.average_gradients(parameters)
        optimiser.step()

    # -- sampling ---------------------------------------------------------

    def _sample(self, y: Tensor, rng: torch.Generator) -> Tensor:
        settings = self.config.generator
        self.sampler.eval()
        z = self._latent(len(y), settings.latent, generator=rng)
        logits: Tensor = self.sampler(z.to(self.device), one_hot(y, len(self.populations)))
        if settings.output == "tanh":
            logits = torch.tanh(logits)
            return logits.gt(settings.cut).to(torch.uint8)
        noise = settings.output_noise * logistic_noise(*logits.shape, generator=rng).to(self.device)
        return (logits + noise >= settings.cut).to(torch.uint8)


def _means(outcomes: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Average each named loss over the updates that have it."""
    names = dict.fromkeys(name for outcome in outcomes for name in outcome)
    found = {name: [outcome[name].detach() for outcome in outcomes if name in outcome] for name in names}
    return {name: torch.stack(values).float().mean() for name, values in found.items()}
