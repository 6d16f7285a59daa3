"""The variational autoencoder: a few latent numbers a row, and sites that are independent given them."""

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn

from genome_ac_gan.config import Config, Count, NonNegative, Positive, Share
from genome_ac_gan.models.base import GradientModel, require_one_length
from genome_ac_gan.models.likelihood import LikelihoodModel
from genome_ac_gan.nn.discrete import logistic_noise
from genome_ac_gan.nn.gaussians import MovingGaussians
from genome_ac_gan.nn.genomic_conv import ConvPlan
from genome_ac_gan.nn.latent import (
    ConvDecoder,
    ConvEncoder,
    DenseDecoder,
    DenseEncoder,
    labels,
    start_at_principal_axes,
)
from genome_ac_gan.nn.losses import bernoulli_log_likelihood, kl_to_standard_normal, normal_log_density
from genome_ac_gan.training.loop import Sampling
from genome_ac_gan.training.optimisers import fused_adam

FULL_RATE_SITES = 250  # in longer rows the weights that read them learn more slowly
ROWS_AT_ONCE = 128  # decoded at a time: a convolutional stack holds many numbers a site


class VAEConfig(Config):
    """A variational autoencoder in every number.

    Attributes
    ----------
    conditioning
        How populations come in: the label as an input of encoder and decoder (`network`);
        `joint`, the label as further columns of the rows; or `per-population`, a copy of
        the networks for each.
    stack
        `dense` layers or the `convolutional` stacks along the genome.
    latent
        Latent numbers; in convolutional stacks, those of each position at the coarse end
        (4 positions at 805 and at 10,000 sites).
    widths
        Hidden widths of the dense decoder; the encoder has them in reverse.
    width
        Channels in one width of the convolutional stacks.
    slope
        Negative slope of the leaky ReLU.
    start
        `glorot`, or `principal-axes`: dense networks start as the factor model of the
        training rows (`nn.latent.start_at_principal_axes`).
    prior
        Where samples and the likelihood take the latent numbers from: `standard` normal, or
        `fitted`: for each population the normal distribution of its encoded training rows.
        Training always draws the encoded rows towards the standard normal distribution.
    prior_decay
        How fast batches are forgotten by the fitted distributions, from one update to the next.
    output_noise
        Scale of the logistic noise added to a sample's logits before their sign is taken: 1
        draws each allele from its probability, 0 rounds the probability.
    warm_up
        Updates over which the weight of the Kullback-Leibler term rises to 1; 0 for none.
    free_bits
        Nats of a latent number's divergence, as a mean over the batch, below which the
        divergence costs nothing.
    learning_rate, first_decay, decay
        Of Adam. In rows of more than 250 sites, the weights by which the dense encoder reads
        them learn 250 / sites as fast.
    likelihood_draws
        Draws of the latent numbers behind the bound of a row's likelihood.
    batch_size
        Rows of a batch, joint over all processes; batches walk through the rows in epochs
        and drop the remainder.
    n_steps, n_epochs
        Updates, or passes over the training rows in whole batches: one of the two. The
        training section wins over both.
    """

    conditioning: Literal["network", "joint", "per-population"] = "network"
    stack: Literal["dense", "convolutional"] = "dense"
    latent: Count = 128
    widths: Annotated[tuple[Count, ...], Field(min_length=1)] = (256,)
    width: Annotated[int, Field(ge=2)] = 8
    slope: NonNegative = 0.01
    start: Literal["glorot", "principal-axes"] = "principal-axes"
    prior: Literal["standard", "fitted"] = "fitted"
    prior_decay: Share = 0.99
    output_noise: NonNegative = 1
    warm_up: Annotated[int, Field(ge=0)] = 0
    free_bits: NonNegative = 0
    learning_rate: Positive = 1e-3
    first_decay: Share = 0.9
    decay: Share = 0.99
    likelihood_draws: Count = 64
    batch_size: Annotated[int, Field(ge=2)] = 128
    n_steps: Count | None = 1000
    n_epochs: Count | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        require_one_length(self.n_steps, self.n_epochs)
        if self.stack == "convolutional" and self.start == "principal-axes":
            raise ValueError("start principal-axes is of dense networks: set start to glorot")
        return self


class VAE(GradientModel, LikelihoodModel):
    """Variational autoencoder with independent sites given a few latent numbers and the population.

    `training_step` raises the evidence lower bound ``E_q log p(x | z, y) - KL(q(z | x, y) ||
    N(0, 1))`` by one update; samples draw z from the prior, then alleles from the decoder.

    References
    ----------
    Kingma & Welling 2014, arXiv 1312.6114; Sohn, Lee & Yan 2015 (the label in both
    networks); Yelmen et al. 2023, 10.1371/journal.pcbi.1011584 (`yelmen2023`); Burda,
    Grosse & Salakhutdinov 2016, arXiv 1509.00519 (the bound of `log_likelihood`).
    """

    name = "vae"
    Config = VAEConfig
    likelihood: ClassVar[Literal["exact", "bound"]] = "bound"
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "default": {},
        "yelmen2023": {
            "conditioning": "joint",
            "stack": "convolutional",
            "latent": 1,
            "slope": 0.001,
            "start": "glorot",
            "prior": "standard",
            "output_noise": 0,
            "warm_up": 0,
            "decay": 0.999,
            "batch_size": 256,
            "n_steps": None,
            "n_epochs": 10_001,
        },
    }
    config: VAEConfig

    # -- networks ---------------------------------------------------------

    def build(self, n_variants: int, n_populations: int) -> None:
        """Set `net` to encoder, decoder and the distributions of the latent numbers."""
        settings = self.config
        n_labels = n_populations if settings.conditioning == "network" else 0
        encoder, decoder = (self._dense if settings.stack == "dense" else self._conv)(n_variants, n_labels)
        prior = MovingGaussians(n_populations, encoder.n_latent, settings.prior_decay)
        self.net = nn.ModuleDict({"encoder": encoder, "decoder": decoder, "prior": prior})

    def _dense(self, n_variants: int, n_labels: int) -> tuple[DenseEncoder, DenseDecoder]:
        settings = self.config
        sizes = (n_variants, n_labels, settings.latent)
        return (
            DenseEncoder(*sizes, widths=settings.widths[::-1], slope=settings.slope),
            DenseDecoder(*sizes, widths=settings.widths, slope=settings.slope),
        )

    def _conv(self, n_variants: int, n_labels: int) -> tuple[ConvEncoder, ConvDecoder]:
        plan = ConvPlan.of(n_variants)
        settings = self.config
        shape = {"channels": settings.latent, "width": settings.width, "n_labels": n_labels}
        return ConvEncoder(plan, slope=settings.slope, **shape), ConvDecoder(
            plan, slope=settings.slope, **shape
        )

    @property
    def encoder(self) -> DenseEncoder | ConvEncoder:
        """Alleles and codes to means and log-variances of the latent numbers."""
        return self.network["encoder"]  # type: ignore[index, no-any-return]

    @property
    def decoder(self) -> DenseDecoder | ConvDecoder:
        """Latent numbers and codes to logits."""
        return self.network["decoder"]  # type: ignore[index, no-any-return]

    @property
    def prior(self) -> MovingGaussians:
        """Where samples take their latent numbers from; standard normal until it is fitted."""
        return self.network["prior"]  # type: ignore[index, no-any-return]

    @property
    def optimisers(self) -> dict[str, torch.optim.Optimizer]:
        """The one optimiser."""
        return {"vae": self._optimiser}

    @property
    def sampling(self) -> Sampling:
        """How batches are drawn."""
        return "epochs"

    def start(self, x: Tensor, y: Tensor) -> None:
        """Make the optimiser and, where wanted, start the networks from the training rows."""
        if self.config.start == "principal-axes":
            assert isinstance(self.encoder, DenseEncoder)
            assert isinstance(self.decoder, DenseDecoder)
            start_at_principal_axes(self.encoder, self.decoder, x.to(torch.float32), y)
        self._optimiser = fused_adam(
            self._weights(x.shape[1]),
            lr=self.config.learning_rate,
            betas=(self.config.first_decay, self.config.decay),
            eps=1e-8,
        )

    def _weights(self, n_variants: int) -> list[dict[str, Any]]:
        """Return the weights in groups by learning rate.

        An update moves each weight by about the learning rate, so what a unit that reads a whole
        row makes of it by that times the row's length.
        """
        if not isinstance(self.encoder, DenseEncoder):
            return [{"params": list(self.network.parameters())}]
        readers = self.encoder.readers
        ids = {id(weight) for weight in readers}
        others = [weight for weight in self.network.parameters() if id(weight) not in ids]
        share = min(1, FULL_RATE_SITES / n_variants)
        return [{"params": readers, "lr": share * self.config.learning_rate}, {"params": others}]

    # -- updates ----------------------------------------------------------

    def training_step(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """Raise the evidence lower bound of a batch by one update; return both of its terms, in nats a row."""
        self.network.train()
        rows = x.to(torch.float32)
        mean, log_variance, log_likelihood = self._passed(rows, y)
        divergence = kl_to_standard_normal(mean, log_variance)  # (n, d)
        cost = divergence.mean(dim=0).clamp(min=self.config.free_bits).sum()
        loss = kl_weight(self.step, self.config.warm_up) * cost - log_likelihood.mean()
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.world.average_gradients(self.network.parameters())
        self._optimiser.step()
        if self.config.prior == "fitted":
            self._fit_prior(mean.detach(), log_variance.detach(), y)
        return {"reconstruction": -log_likelihood.mean(), "divergence": divergence.sum(dim=1).mean()}

    def _passed(self, rows: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Encode rows (n, l), draw latent numbers and decode: means, log-variances (n, d), log p(x | z) (n,)."""
        noise = self._draw(torch.randn, len(rows), self.encoder.n_latent)
        with self._autocast():
            mean, log_variance = self.encoder(rows, y)
        z = mean + torch.exp(log_variance / 2) * noise
        with self._autocast():
            logits = self.decoder(z, y)
        return mean, log_variance, bernoulli_log_likelihood(logits, rows)

    def _fit_prior(self, mean: Tensor, log_variance: Tensor, y: Tensor) -> None:
        counted = self.prior.count(mean, log_variance.exp(), labels(y, len(self.prior.rows)))
        self.world.average(counted)
        self.prior.update([self.world.size * part for part in counted])

    # -- sampling and likelihood ------------------------------------------

    def _sample(self, y: Tensor, rng: torch.Generator) -> Tensor:
        self.network.eval()
        noise = torch.randn(len(y), self.encoder.n_latent, generator=rng).to(self.device)
        logits = self._decoded(self.prior.draw(y, noise), y)
        if self.config.output_noise:
            logits += self.config.output_noise * logistic_noise(*logits.shape, generator=rng).to(self.device)
        return (logits >= 0).to(torch.uint8)

    def _decoded(self, z: Tensor, y: Tensor) -> Tensor:
        parts = zip(torch.split(z, ROWS_AT_ONCE), torch.split(y, ROWS_AT_ONCE), strict=True)
        return torch.cat([self.decoder(*part) for part in parts])

    def _log_likelihood(self, x: Tensor, y: Tensor, rng: torch.Generator) -> Tensor:
        """Return the importance-weighted bound (n,), whose draws come from the encoder.

        With z_1 .. z_K drawn from q(z | x, y) it is
        ``log (1/K) sum_k p(x | z_k, y) p(z_k | y) / q(z_k | x, y)``: below log p(x | y) on
        average, the closer the larger K is.
        """
        self.network.eval()
        rows = x.to(torch.float32)
        parts = zip(torch.split(rows, ROWS_AT_ONCE), torch.split(y, ROWS_AT_ONCE), strict=True)
        encoded = [self.encoder(*part) for part in parts]
        mean, log_variance = (torch.cat(part) for part in zip(*encoded, strict=True))
        total = torch.full((len(x),), -math.inf, dtype=torch.float64, device=x.device)
        for _ in range(self.config.likelihood_draws):
            noise = torch.randn(mean.shape, generator=rng).to(self.device)
            z = mean + torch.exp(log_variance / 2) * noise
            total = torch.logaddexp(total, self._log_weight(z, rows, y, mean, log_variance))
        return total - math.log(self.config.likelihood_draws)

    def _log_weight(self, z: Tensor, rows: Tensor, y: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
        """Return log p(x | z, y) p(z | y) / q(z | x, y) of each row, (n,)."""
        decoded = bernoulli_log_likelihood(self._decoded(z, y), rows)
        return decoded + self.prior.log_density(z, y) - normal_log_density(z, mean, log_variance)


def kl_weight(step: int, warm_up: int) -> float:
    """Return the weight of the divergence in the update after `step` updates.

    It rises in equal steps to 1 at the last of the `warm_up` updates (Bowman et al. 2016,
    arXiv 1511.06349): meanwhile the decoder learns to read the latent numbers before it
    pays for them.
    """
    return 1.0 if warm_up == 0 else min(1.0, (step + 1) / warm_up)
