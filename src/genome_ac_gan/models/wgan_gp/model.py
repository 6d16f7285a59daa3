"""The WGAN-GP: packs of rows in, critic and generator updated in turns."""

import copy
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from genome_ac_gan.errors import ConfigError
from genome_ac_gan.models.base import GradientModel
from genome_ac_gan.models.wgan_gp.config import WGAN23, WGANGPConfig
from genome_ac_gan.models.wgan_gp.networks import Critic, Generator
from genome_ac_gan.nn.blocks import average_weights
from genome_ac_gan.nn.conv_start import start_at_rows
from genome_ac_gan.nn.discrete import logistic_noise, straight_through
from genome_ac_gan.nn.genomic_conv import ConvPlan
from genome_ac_gan.nn.losses import between, critic_loss, gradient_penalty
from genome_ac_gan.training.optimisers import fused_adam

_DRAWS, _DRAWN = 16, 64  # batches, and rows of each, that the start of the last layer is fitted on
_AT_ONCE = 2**22  # sites of the rows that are sampled at a time


class WGANGP(GradientModel):
    """Convolutional Wasserstein GAN with gradient penalty and packing.

    `training_step` updates the critic `critic_steps` times, each time on fresh packs of
    real and synthetic rows, then the generator once. The first row of every real pack is
    a row of the batch (of the training rows, after the first update), the others are
    drawn from its population.

    References
    ----------
    Yelmen et al. 2023, 10.1371/journal.pcbi.1011584 (networks and constants); Gulrajani
    et al. 2017, arXiv 1704.00028 (gradient penalty); Lin et al. 2018, arXiv 1712.04086
    (packing).
    """

    name = "wgan-gp"
    Config = WGANGPConfig
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"default": {}, "wgan23": WGAN23}
    config: WGANGPConfig

    # -- networks ---------------------------------------------------------

    def build(self, n_variants: int, n_populations: int) -> None:
        """Set `net` to generator, critic and, where wanted, the averaged generator."""
        plan = ConvPlan.of(n_variants, self.config.padding, self.config.patch)
        n_labels = n_populations if self._labelled else 0
        generator, critic = Generator(self.config, plan, n_labels), Critic(self.config, plan, n_labels)
        parts: dict[str, nn.Module] = {"generator": generator, "critic": critic}
        if self.config.average:
            parts["average"] = copy.deepcopy(generator)
        self.net = nn.ModuleDict(parts)

    @property
    def _labelled(self) -> bool:
        return self.config.conditioning == "network"

    @property
    def generator(self) -> Generator:
        """The network under training."""
        return self.network["generator"]  # type: ignore[index, no-any-return]

    @property
    def critic(self) -> Critic:
        """The network that scores packs."""
        return self.network["critic"]  # type: ignore[index, no-any-return]

    @property
    def sampler(self) -> Generator:
        """The generator that samples are drawn from: the average where there is one."""
        return self.network["average" if self.config.average else "generator"]  # type: ignore[index, no-any-return]

    @property
    def optimisers(self) -> dict[str, torch.optim.Optimizer]:
        """The optimisers of both networks."""
        return {"generator": self._generator_optimiser, "critic": self._critic_optimiser}

    @property
    def n_steps(self) -> int:
        """The step at which training ends; in an epoch the critic judges one pack for each training row."""
        if self.last_step is not None or self.config.n_epochs is None:
            return super().n_steps
        packs = self.config.batch_size // self.config.packing * self.config.critic_steps  # of one step
        return self.config.n_epochs * -(-sum(self.counts.values()) // packs)

    def start(self, x: Tensor, y: Tensor) -> None:
        """Make the optimisers, remember the rows for the critic's further updates, fit the last layer."""
        self._require_whole_packs()
        order = torch.argsort(y, stable=True)
        self._rows, self._codes = x[order], y[order]  # the rows of a population stand together
        self._counts = torch.bincount(y)
        self._firsts = self._counts.cumsum(0) - self._counts
        if self.config.output_start == "principal-axes":
            self._start_at_principal_axes()
        if self.config.average:
            self.sampler.load_state_dict(self.generator.state_dict())
        self._generator_optimiser = self._adam(self.generator, self.config.generator_lr)
        self._critic_optimiser = self._adam(self.critic, self.config.critic_lr)

    def _require_whole_packs(self) -> None:
        """Refuse processes that could not share a batch without tearing packs."""
        size, pack = self.world.size, self.config.packing
        if size > 1 and self.config.batch_size % (pack * size):
            raise ConfigError(
                f"a batch of {self.config.batch_size} rows does not give each of {size} processes whole packs of "
                f"{pack} rows: set model.settings.batch_size to a multiple of {pack * size}"
            )

    def _adam(self, network: nn.Module, lr: float) -> torch.optim.Adam:
        betas = (self.config.first_decay, self.config.decay)
        return fused_adam(network.parameters(), lr=lr, betas=betas, eps=1e-8)

    @torch.no_grad()
    def _start_at_principal_axes(self) -> None:
        """Let the generator's batch norms settle, then fit its last layer to the training rows."""
        norms = [layer for layer in self.generator.modules() if isinstance(layer, nn.BatchNorm1d)]
        for layer in norms:
            layer.momentum = None  # plain averages, so that nothing is left of what they began with
        features, drawn = [], []
        for _ in range(_DRAWS):  # the same in every process
            noise = [torch.randn(_DRAWN, *shape, generator=self.rng) for shape in self.generator.noise_shapes]
            rows = torch.randint(len(self._rows), (_DRAWN,), generator=self.rng).to(self.device)
            drawn.append(self._codes[rows] if self._labelled else torch.zeros_like(rows))
            noise = [part.to(self.device) for part in noise]
            features.append(self.generator.features(noise, self._label(drawn[-1])))
        for layer in norms:
            layer.momentum = 0.1
        codes = self._codes if self._labelled else torch.zeros_like(self._codes)
        start_at_rows(
            self.generator.stack, torch.cat(features), torch.cat(drawn), self._rows, codes, self._scale
        )

    # -- rows -------------------------------------------------------------

    @property
    def _scale(self) -> float:
        return self.config.output_noise if self.config.output == "straight-through" else 0

    def _noise(self, n: int) -> list[Tensor]:
        """Draw noise of n rows: one tensor (n, *shape) for each of the generator's `noise_shapes`."""
        return [self._draw(torch.randn, n, *shape) for shape in self.generator.noise_shapes]

    def _any_rows(self, n: int) -> tuple[Tensor, Tensor]:
        """Draw `n` of the remembered rows and their codes."""
        places = _places(self._draw(torch.rand, n), torch.tensor(len(self._rows), device=self.device))
        return self._rows[places], self._codes[places]

    def _packs(self, x: Tensor, y: Tensor) -> Tensor:
        """Join each row (p, l) with rows of its population to packs (p, packing, l), coded for the critic."""
        u = self._draw(torch.rand, len(x), self.config.packing - 1)
        mates = self._firsts[y][:, None] + _places(u, self._counts[y][:, None])
        packs = torch.cat([x[:, None], self._rows[mates]], dim=1).to(torch.float32)
        return 2 * packs - 1 if self.config.output == "straight-through" else packs

    def _synthetic_packs(self, noise: list[Tensor], codes: Tensor) -> Tensor:
        """Return packs (p, packing, l) of synthetic rows of class codes (p,) as the critic sees them."""
        label = self._label(codes.repeat_interleave(self.config.packing))
        with self._autocast():
            logits = self.generator(noise, label)
        if self.config.output == "sigmoid":
            rows = torch.sigmoid(logits)
        else:
            if self._scale:
                logits = logits + self._scale * self._draw(logistic_noise, *logits.shape)
            rows = straight_through(logits)
        return rows.view(len(codes), self.config.packing, -1)

    def _label(self, codes: Tensor) -> Tensor | None:
        return codes if self._labelled else None

    def _judging(self) -> AbstractContextManager[object]:
        """Open the context of the critic: bfloat16 where that is fast, but never with instance norm.

        Norms over few positions magnify rounding so much that the penalty's gradient in
        bfloat16 has nothing to do with the one in float32.
        """
        return self._autocast() if self.config.critic_norm == "none" else nullcontext()

    # -- updates ----------------------------------------------------------

    def training_step(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Update the critic `critic_steps` times, then the generator; return the losses of the last updates."""
        self.network.train()
        n_packs = len(x) // self.config.packing
        rows, codes = x[:n_packs], y[:n_packs]
        losses = self._update_critic(rows, codes)
        for _ in range(self.config.critic_steps - 1 + (0 if self.step else self.config.critic_first)):
            rows, codes = self._any_rows(n_packs)
            losses = self._update_critic(rows, codes)
        losses["generator"] = self._update_generator(codes)
        if self.config.average:
            self._update_average(codes)
        return losses

    def _update_critic(self, rows: Tensor, codes: Tensor) -> dict[str, Tensor]:
        real, u = self._packs(rows, codes), self._draw(torch.rand, len(codes))
        weight = 1 - self.config.real_weight_noise * float(torch.rand(1, generator=self.rng))
        noise = self._noise(len(codes) * self.config.packing)
        self._critic_optimiser.zero_grad(set_to_none=True)
        total = {name: torch.zeros((), device=self.device) for name in ("critic", "penalty")}
        for part, of_part in self._parts(noise, len(codes)):
            with torch.no_grad():
                synthetic = self._synthetic_packs(of_part, codes[part])
            losses = self._critic_losses(real[part], synthetic, codes[part], u[part], weight)
            share = len(synthetic) / len(codes)
            loss = share * (losses["critic"] + self.config.penalty * losses["penalty"])
            loss.backward()  # type: ignore[no-untyped-call]
            for name, value in losses.items():
                total[name] += share * value.detach()
        self.world.average_gradients(self.critic.parameters())
        self._critic_optimiser.step()
        return total

    def _critic_losses(
        self, real: Tensor, synthetic: Tensor, codes: Tensor, u: Tensor, weight: float
    ) -> dict[str, Tensor]:
        """Return the means over some packs.

        Real and synthetic ones (p, packing, l), pair by pair of the same label `codes` (p,); `u`
        (p,) are places on the lines between them, `weight` that of the real side.
        """
        points = between(real, synthetic, u).requires_grad_()
        with self._judging():
            scores = self.critic(torch.cat([real, synthetic]), self._label(torch.cat([codes, codes])))
            at_points = self.critic(points, self._label(codes))
        return {
            "critic": critic_loss(scores[: len(real)], scores[len(real) :], weight),
            "penalty": gradient_penalty(at_points, points),
        }

    def _update_generator(self, codes: Tensor) -> Tensor:
        noise = self._noise(len(codes) * self.config.packing)
        self._generator_optimiser.zero_grad(set_to_none=True)
        self.critic.requires_grad_(False)
        total = torch.zeros((), device=self.device)
        for part, of_part in self._parts(noise, len(codes)):
            packs = self._synthetic_packs(of_part, codes[part])
            with self._judging():
                scores = self.critic(packs, self._label(codes[part]))
            loss = -scores.sum() / len(codes)
            loss.backward()
            total += loss.detach()
        self.critic.requires_grad_(True)
        self.world.average_gradients(self.generator.parameters())
        self._generator_optimiser.step()
        return total

    @torch.no_grad()
    def _update_average(self, codes: Tensor) -> None:
        """Move the averaged weights, and let the averaged network's own batch norms see what passes.

        Statistics copied from the generator do not fit averaged weights: in a deep stack
        the misfit of every layer adds to the next one's.
        """
        average_weights(self.sampler, self.generator, self.config.average)
        codes = codes[: self.config.micro_batch]
        with self._autocast():
            self.sampler.features(self._noise(len(codes)), self._label(codes))

    def _parts(self, noise: list[Tensor], n_packs: int) -> Iterator[tuple[slice, list[Tensor]]]:
        """Yield which packs are in memory at a time, and the noise of their rows."""
        pack = self.config.packing
        size = n_packs if self.config.micro_batch is None else self.config.micro_batch // pack
        for first in range(0, n_packs, size):
            rows = slice(first * pack, (first + size) * pack)
            yield slice(first, first + size), [part[rows] for part in noise]

    # -- sampling ---------------------------------------------------------

    def _sample(self, y: Tensor, rng: torch.Generator) -> Tensor:
        self.sampler.eval()
        shapes = self.generator.noise_shapes
        noise = [torch.randn(len(y), *shape, generator=rng).to(self.device) for shape in shapes]
        size = max(1, _AT_ONCE // self.generator.stack.plan.padded)
        parts = [slice(first, first + size) for first in range(0, len(y), size)]
        logits = torch.cat([self.sampler([z[part] for z in noise], self._label(y[part])) for part in parts])
        if self._scale:
            logits = logits + self._scale * logistic_noise(*logits.shape, generator=rng).to(self.device)
        return (logits >= 0).to(torch.uint8)


def _places(u: Tensor, n: Tensor) -> Tensor:
    """Return indices below `n` for u ~ U(0, 1); in float32 ``u n`` can round up to n."""
    return (u * n).long().minimum(n - 1)
