"""What the dense GANs share: two networks, their updates in turns, a moving average to sample from."""

import abc
import copy
from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn

from genome_ac_gan.models.base import GradientModel
from genome_ac_gan.models.dense_gan.config import DenseGANConfig
from genome_ac_gan.nn.blocks import update_average
from genome_ac_gan.nn.dense import Generator, kernels
from genome_ac_gan.nn.discrete import logistic_noise, straight_through
from genome_ac_gan.nn.losses import r1_penalty, validity_loss
from genome_ac_gan.training.loop import Sampling
from genome_ac_gan.training.optimisers import RMSprop, fused_adam, with_decay


class DenseGAN(GradientModel):
    """A GAN of two dense networks.

    `training_step` updates the discriminator on a real and a synthetic batch, then the
    generator on a fresh synthetic batch. A model says what the networks are and what
    they see of a label: `build`, `_label`, `_score`, `_discriminator_step`,
    `_generator_losses`.
    """

    config: DenseGANConfig

    # -- networks ---------------------------------------------------------

    def _new_generator(
        self, n_variants: int, n_labels: int, *, repeats: tuple[int, int] = (0, 1)
    ) -> Generator:
        settings = self.config.generator
        return Generator(
            settings.latent,
            n_labels,
            n_variants,
            widths=settings.widths,
            slope=settings.slope,
            batch_norm=settings.batch_norm,
            normalise=settings.output_start == "principal-axes",
            repeats=repeats,
        )

    def _join(self, generator: nn.Module, discriminator: nn.Module) -> None:
        """Set `net` to generator, discriminator and, where wanted, the averaged generator."""
        parts: dict[str, nn.Module] = {"generator": generator, "discriminator": discriminator}
        if self.config.average:
            parts["average"] = copy.deepcopy(generator)
        self.net = nn.ModuleDict(parts)

    @property
    def generator(self) -> Generator:
        """The network under training."""
        return self.network["generator"]  # type: ignore[index, no-any-return]

    @property
    def discriminator(self) -> nn.Module:
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
        self._class_shares = self._synthetic_shares(y)
        settings = self.config.optimiser
        self._generator_optimiser = self._optimiser(self.generator, settings.generator_lr)
        self._discriminator_optimiser = self._optimiser(self.discriminator, settings.discriminator_lr)

    def _optimiser(self, network: nn.Module, lr: float) -> torch.optim.Optimizer:
        settings = self.config.optimiser
        groups = with_decay(*kernels(network, self.config.loss.l2_on), self.config.loss.l2)
        if settings.name == "rmsprop":
            return RMSprop(groups, lr=lr, rho=settings.decay, eps=settings.eps)
        return fused_adam(groups, lr=lr, betas=(settings.first_decay, settings.decay), eps=settings.eps)

    # -- rows -------------------------------------------------------------

    def _coded(self, x: Tensor) -> Tensor:
        x = x.to(torch.float32)
        return 2 * x - 1 if self.config.alleles == "-1/+1" else x

    def _real_rows(self, x: Tensor) -> Tensor:
        """Return what the discriminator sees of a batch of alleles (n, l)."""
        return self._coded(x)

    @property
    def _latent(self) -> Callable[..., Tensor]:
        """What noise is drawn with."""
        return torch.randn

    @abc.abstractmethod
    def _label(self, codes: Tensor) -> Tensor:
        """Return what the networks see of class codes (n,): (n, k)."""

    def _synthetic_shares(self, y: Tensor) -> Tensor:
        """Return the weight of each population among synthetic rows in training (k,): as in the training rows."""
        return torch.bincount(y.cpu(), minlength=len(self.populations)).double()

    def _synthetic_labels(self, n: int) -> Tensor:
        codes = torch.multinomial(
            self._class_shares, n * self.world.size, replacement=True, generator=self.rng
        )
        return self.world.share(codes).to(self.device)

    def _synthetic_rows(self, codes: Tensor) -> Tensor:
        """Return what the generator shows the discriminator for class codes (n,)."""
        z = self._draw(self._latent, len(codes), self.config.generator.latent)
        with self._autocast():
            logits = self.generator(z, self._label(codes)).float()
        if self.config.generator.output == "tanh":
            return torch.tanh(logits)
        scale = self.config.generator.output_noise
        if scale:
            logits = logits + scale * self._draw(logistic_noise, *logits.shape)
        return straight_through(logits)

    # -- losses -----------------------------------------------------------

    @abc.abstractmethod
    def _score(self, rows: Tensor, labels: Tensor) -> Tensor:
        """Return validity logits (n,) of coded rows (n, l) with labels (n, k) as `_label` gives them."""

    def _validity_targets(self, n: int, *, real: bool) -> Tensor:
        """Return the discriminator's validity targets (n,)."""
        return torch.full((n,), float(real), device=self.device)

    def _generator_targets(self, n: int) -> Tensor:
        """Return the validity targets (n,) of a generator that does not saturate."""
        return torch.ones(n, device=self.device)

    def _generator_validity(self, score: Tensor) -> Tensor:
        if self.config.loss.generator == "saturating":
            return -validity_loss(score, self._validity_targets(len(score), real=False))
        return validity_loss(score, self._generator_targets(len(score)))

    # -- updates ----------------------------------------------------------

    def training_step(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Update the discriminator, then the generator; return the losses."""
        self.network.train()
        plays = self.step >= self._generator_waits
        with torch.set_grad_enabled(plays and self._plays_once):
            codes, rows = self._synthetic_batch(len(x))
        losses = self._update_discriminator(x, y, codes, rows.detach())
        if not plays:
            return losses
        if not self._plays_once:
            codes, rows = self._synthetic_batch(len(x))
        losses |= self._update_generator(codes, rows)
        self._follow()
        return losses

    def _follow(self) -> None:
        """Move the average, where there is one, towards the generator."""
        if self.config.average:
            update_average(self.sampler, self.generator, self.config.average)

    @property
    def _plays_once(self) -> bool:
        """Whether one synthetic batch serves both updates, because drawing is most of the work."""
        return False

    @property
    def _generator_waits(self) -> int:
        """Until which step the discriminator is updated alone."""
        return 0

    def _synthetic_batch(self, n: int) -> tuple[Tensor, Tensor]:
        codes = self._synthetic_labels(n)
        return codes, self._synthetic_rows(codes)

    def _update_discriminator(
        self, x: Tensor, y: Tensor, codes: Tensor, synthetic: Tensor
    ) -> dict[str, Tensor]:
        n = len(x)
        rows = torch.cat([self._real_rows(x), synthetic])  # (2 n, l): real, then synthetic
        validity = torch.cat([self._validity_targets(n, real=True), self._validity_targets(n, real=False)])
        labels = torch.cat([self._discriminator_labels(y), self._discriminator_labels(codes)])
        real = torch.arange(2 * n, device=self.device) < n
        outcomes = [
            self._discriminator_step(rows[part], validity[part], labels[part], real[part])
            for part in self._batches_of(n)
        ]
        if self.config.discriminator.r1 and self.step % self.config.discriminator.r1_every == 0:
            self._regularise_discriminator(x, y)
        return _means(outcomes)

    def _batches_of(self, n: int) -> list[Tensor]:
        """Return the row indices of each of the discriminator's updates on 2 n rows."""
        rows = torch.arange(2 * n)
        if self.config.discriminator.batches == "separate":
            return [rows[:n], rows[n:]]
        if self.config.discriminator.batches == "mixed":
            return list(torch.split(torch.randperm(2 * n, generator=self.rng), n))
        return [rows]

    def _discriminator_labels(self, codes: Tensor) -> Tensor:
        """Return what an update of the discriminator is told of class codes (n,): (n, k)."""
        return self._label(codes)

    @abc.abstractmethod
    def _discriminator_step(
        self, rows: Tensor, validity: Tensor, labels: Tensor, real: Tensor
    ) -> dict[str, Tensor]:
        """Update the discriminator on rows (n, l) with targets (n,), labels (n, k), and which are real."""

    def _regularise_discriminator(self, x: Tensor, y: Tensor) -> None:
        settings = self.config.discriminator
        rows = self._coded(x).requires_grad_()
        loss = settings.r1 * settings.r1_every * r1_penalty(self._score(rows, self._label(y)), rows)
        self._descend(loss, self._discriminator_optimiser, self.discriminator.parameters())

    def _update_generator(self, codes: Tensor, rows: Tensor) -> dict[str, Tensor]:
        self.discriminator.requires_grad_(False)
        loss, losses = self._generator_losses(rows, codes)
        self._descend(loss, self._generator_optimiser, self.generator.parameters())
        self.discriminator.requires_grad_(True)
        return losses

    @abc.abstractmethod
    def _generator_losses(self, rows: Tensor, codes: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the generator's loss for synthetic rows of class codes (n,), and its parts by name."""

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
        logits: Tensor = self.sampler(z.to(y.device), self._label(y))
        if settings.output == "tanh":
            return torch.tanh(logits).gt(settings.cut).to(torch.uint8)
        noise = settings.output_noise * logistic_noise(*logits.shape, generator=rng).to(y.device)
        return (logits + noise >= settings.cut).to(torch.uint8)


def _means(outcomes: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Average each named loss over the updates that have it."""
    names = dict.fromkeys(name for outcome in outcomes for name in outcome)
    found = {name: [outcome[name].detach() for outcome in outcomes if name in outcome] for name in names}
    return {name: torch.stack(values).float().mean() for name, values in found.items()}
