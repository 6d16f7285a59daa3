"""The Genome-AC-GAN: a GAN whose discriminator also says which population a row is from."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from genome_ac_gan.models.base import BLOCK
from genome_ac_gan.models.dense_gan import DenseGAN
from genome_ac_gan.models.genome_ac_gan.config import PRESETS, GenomeACGANConfig, preset_settings
from genome_ac_gan.models.genome_ac_gan.likelihood import LikelihoodStart, contig_numbers
from genome_ac_gan.models.genome_ac_gan.networks import Discriminator, LineGenerator
from genome_ac_gan.models.genome_ac_gan.structure import Structure
from genome_ac_gan.nn.blocks import frequencies_by_label
from genome_ac_gan.nn.discrete import fair_coins, logistic_noise
from genome_ac_gan.nn.losses import class_loss, one_hot, validity_loss
from genome_ac_gan.nn.temperature import nearness
from genome_ac_gan.seeding import seeded_torch

_FEW_AXES = 8  # with more of them each is moved less, so that logits move no further


class GenomeACGAN(DenseGAN):
    """Auxiliary-classifier GAN over haplotypes, conditioned on population.

    The generator takes noise and a label; the discriminator says real or
    synthetic, and which population. `training_step` updates the discriminator on
    a real and a synthetic batch, then the generator: a dense one on a fresh
    synthetic batch, a line on the same. Likelihood updates of a line come first.

    References
    ----------
    Ahronoviz & Gronau 2024, 10.1101/2024.02.14.580420; Odena, Olah & Shlens
    2017, arXiv 1610.09585.
    """

    name = "genome-ac-gan"
    Config = GenomeACGANConfig
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {name: preset_settings(name) for name in PRESETS}
    config: GenomeACGANConfig
    likelihood_start: LikelihoodStart | None = None

    # -- networks ---------------------------------------------------------

    def build(self, n_variants: int, n_populations: int) -> None:
        """Set `net` to generator, discriminator and, where wanted, the averaged generator."""
        settings = self.config.discriminator
        discriminator = Discriminator(
            n_variants,
            n_populations,
            widths=settings.widths,
            slope=settings.slope,
            dropout=settings.dropout,
        )
        self._join(self._new_network(n_variants, n_populations), discriminator)

    def _new_network(self, n_variants: int, n_populations: int) -> nn.Module:
        settings = self.config.generator
        if settings.network == "dense":
            return self._new_generator(n_variants, n_populations, repeats=settings.label_repeats)
        return LineGenerator(
            settings.latent, n_populations, n_variants,
            span=settings.span, widths=settings.widths, slope=settings.slope,
        )  # fmt: skip

    def start(self, x: Tensor, y: Tensor) -> None:
        """Make the optimisers, and start what begins at the training rows."""
        self.likelihood_start = None
        if isinstance(self.generator, LineGenerator):
            self.likelihood_start = LikelihoodStart(
                self.generator, self.config, x, y, contig_numbers(self.variants.contig)
            )
        settings = self.config.loss
        self.structure = (
            Structure(self._coded(x), self._label(y), settings.structure_axes) if settings.structure else None
        )
        super().start(x, y)

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

    @staticmethod
    def _line(network: nn.Module) -> LineGenerator:
        """Return a network that is known to be a line as what it is."""
        assert isinstance(network, LineGenerator)
        return network

    @property
    def _plays_once(self) -> bool:
        return isinstance(self.generator, LineGenerator)

    def _synthetic_rows(self, codes: Tensor) -> Tensor:
        if not isinstance(self.generator, LineGenerator):
            return super()._synthetic_rows(codes)
        return self._line_rows(self.generator, codes, self._draw)

    def _sample(self, y: Tensor, rng: torch.Generator) -> Tensor:
        if not isinstance(self.sampler, LineGenerator):
            return super()._sample(y, rng)
        return (self._line_rows(self.sampler, y, self._drawing(rng)) > 0).to(torch.uint8)

    def _drawing(self, rng: torch.Generator) -> Callable[..., Tensor]:
        """Return what `_draw` is, but from another stream, and of all rows in this process."""
        return lambda kind, *shape: kind(*shape, generator=rng).to(self.device)

    def _line_rows(self, generator: LineGenerator, codes: Tensor, draw: Callable[..., Tensor]) -> Tensor:
        """Return alleles -1 or +1 (n, l) for class codes (n,); noise comes from `draw(kind, *shape)`."""
        settings = self.config.generator
        z, u = draw(self._latent, len(codes), settings.latent), draw(torch.randn, len(codes), 1)
        noise = settings.output_noise * draw(logistic_noise, len(codes), len(self.variants))
        rows: Tensor = generator(z, u, self._label(codes), noise)
        return rows

    def _judged(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        with self._autocast():
            score, classes = self.discriminator(rows)
        return score, classes

    @torch.no_grad()
    def recognised(self, x: Tensor) -> Tensor:
        """Return the class code (n,) to which the discriminator takes each row of alleles x (n, l) uint8 to belong.

        No dropout and no noise: neither the networks nor the streams of a training under
        way are changed.
        """
        training = self.discriminator.training
        self.discriminator.eval()
        codes = [self._judged(self._coded(rows))[1].argmax(dim=1) for rows in torch.split(x, BLOCK)]
        self.discriminator.train(training)
        return torch.cat(codes)

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

    @property
    def remarks(self) -> tuple[str, ...]:
        """That the training ended before the game began, if it did."""
        first = self.config.likelihood.n_steps
        if self.likelihood_start is None or self.step > first:
            return ()
        return (
            f"training ended at update {self.step}, within the {first} by likelihood, before the game: "
            "nothing moves a whole haplotype; give it more time",
        )

    @property
    def optimisers(self) -> dict[str, torch.optim.Optimizer]:
        """The optimisers of both networks, and that of the likelihood where there is one."""
        found = super().optimisers
        return found | {"likelihood": self.likelihood_start.optimiser} if self.likelihood_start else found

    def training_step(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Make an update by likelihood, or one of the discriminator and the generator; return the losses."""
        if self.likelihood_start is None:
            return super().training_step(x, y)
        settings = self.config.likelihood
        played = self.step - settings.n_steps
        if played < 0:
            losses = self.likelihood_start.update(self.step, x, self._label(y), self.world)
            self._follow()
            if played == -1:
                self._settle()
            return losses
        if played == 0:
            self._begin_game()
        elif settings.calibrate_every and played % settings.calibrate_every == 0:
            self._calibrate(1)
        self._hold()
        return super().training_step(x, y)

    @property
    def _generator_waits(self) -> int:
        before = self.config.likelihood.n_steps if self.likelihood_start else 0
        return before + self.config.discriminator.first

    def _hold(self) -> None:
        """Let the game leave the line alone, unless there is nothing else that it could change."""
        line = self._line(self.generator)
        if line.line.weight.requires_grad and self.config.likelihood.held and self.config.likelihood.n_steps:
            line.line.requires_grad_(not line.axes.mixing.any())

    @torch.no_grad()
    def _settle(self) -> None:
        """Bring frequencies, and how near rows lie, to those of the training rows."""
        assert self.batches is not None
        settings = self.config.likelihood
        self.generator.load_state_dict(self.sampler.state_dict())
        rows = self.batches.x, self.batches.y, len(self.populations)
        self._calibrate(settings.calibrations, nearness(*rows) if settings.temperatures else None)

    @torch.no_grad()
    def _begin_game(self) -> None:
        """Start the axes from the training rows, and settle what that disturbs."""
        assert self.batches is not None
        x, y = self.batches.x, self.batches.y
        # axes are found by random projections: the same ones in every process
        with seeded_torch(int(torch.randint(2**31, (), generator=self.rng)), "axes"):
            n_axes = self._line(self.generator).start_axes(x.float(), y, self._label(y))
        for group in self._generator_optimiser.param_groups:
            group["lr"] = self.config.optimiser.generator_lr * (_FEW_AXES / max(n_axes, _FEW_AXES)) ** 0.5
        self.sampler.load_state_dict(self.generator.state_dict())
        self._settle()

    @torch.no_grad()
    def _calibrate(self, times: int, near: Tensor | None = None) -> None:
        """Draw from the sampler with the labels of the training rows; move both networks by what is seen.

        Thresholds go by frequencies, and temperatures, where `near` (2, k) is given, by
        how near the training rows of each label lie.
        """
        assert self.batches is not None
        assert self.likelihood_start is not None
        y, draw, n_labels = self.batches.y, self._drawing(self.rng), len(self.populations)
        start, sampler = self.likelihood_start, self._line(self.sampler)
        networks = dict.fromkeys((self._line(self.generator), sampler))  # one, where nothing is averaged
        for _ in range(times):
            rows = torch.cat([self._line_rows(sampler, codes, draw) > 0 for codes in torch.split(y, BLOCK)])
            frequencies, _ = frequencies_by_label(rows, y, n_labels)
            for network in networks:
                network.calibrate(frequencies, start.frequencies, start.counts)
            if near is not None:
                drawn = nearness(rows, y, n_labels)
                for network in networks:
                    network.temperature.calibrate(drawn, near)

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
        losses = {"generator_validity": loss_validity, "generator_class": loss_class}
        if self.structure:
            losses["generator_structure"] = self.structure.loss(rows, self._label(codes))
            loss = loss + self.config.loss.structure * losses["generator_structure"]
        return loss, losses
