"""The settings of the WGAN-GP and the published ones."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from genome_ac_gan.config import Config, Count, NonNegative, Positive, Share
from genome_ac_gan.models.base import require_one_length
from genome_ac_gan.nn.conv_plan import Padding, Patch


class WGANGPConfig(Config):
    """A convolutional WGAN-GP in every number.

    Attributes
    ----------
    conditioning
        `network`: both networks see the label, at every scale. `joint` and
        `per-population`: they see none.
    width
        Channels that the stacks of both networks are multiples of.
    noise
        Channels of noise at the coarse end, and of fresh noise at every further scale.
    patch
        Neighbouring sites that share a position of the stacks. `auto`: the widest patch
        that leaves 32 positions. 1: as published.
    padding
        `published`: rows are filled with zeros to the published lengths; `none`: not.
    slope
        Negative slope of the leaky ReLU.
    critic_norm
        Norm of the critic's layers: `instance`, or `none`.
    critic_features
        Channels of the critic's last convolution; its linear head reads them.
    output
        `sigmoid` hands the critic numbers between 0 and 1, and real alleles as 0 and 1;
        `straight-through` alleles of exactly -1 or +1, drawn from the logits.
    output_noise
        Scale of the logistic noise added to the logits before the sign is taken
        (`straight-through` only).
    output_start
        `random`, or `principal-axes`: the generator's last layer starts at the training
        rows' allele frequencies and linkage within patches (needs patches).
    packing
        Rows of one kind, and with conditioning `network` of one population, that the
        critic judges together.
    critic_steps
        Updates of the critic for each of the generator.
    critic_first
        Further updates of the critic before the first of the generator, which would otherwise
        follow a critic that knows nothing.
    penalty
        Weight of the gradient penalty.
    real_weight_noise
        In each update of the critic the mean real score counts 1 - u, u ~ U(0, this).
    generator_lr, critic_lr, first_decay, decay
        Adam's learning rates and its two betas.
    average
        Decay of the moving average of the generator that samples are drawn from; 0
        samples from the generator itself.
    batch_size
        Rows of a batch (joint over all processes): ``batch_size // packing`` packs.
    micro_batch
        Rows that are in memory at a time: gradients add up over them to those of the
        whole batch, but the generator's batch norm sees only `micro_batch` rows at a
        time. None for the whole batch.
    n_steps, n_epochs
        Updates of the generator, or passes: one of the two. A pass is over once the critic
        has judged as many real packs as there are training rows.
    """

    conditioning: Literal["network", "joint", "per-population"] = "network"
    width: Count = 2
    noise: Count = 32
    patch: Patch | Literal["auto"] = "auto"
    padding: Padding = "none"
    slope: NonNegative = 0.2
    critic_norm: Literal["instance", "none"] = "none"
    critic_features: Count = 16
    output: Literal["sigmoid", "straight-through"] = "straight-through"
    output_noise: NonNegative = 0.4
    output_start: Literal["random", "principal-axes"] = "principal-axes"
    packing: Count = 3
    critic_steps: Count = 3
    critic_first: Annotated[int, Field(ge=0)] = 30
    penalty: NonNegative = 10
    real_weight_noise: Share = 0
    generator_lr: Positive = 2e-4
    critic_lr: Positive = 2e-3
    first_decay: Share = 0.5
    decay: Share = 0.9
    average: Share = 0.99
    batch_size: Annotated[int, Field(ge=2)] = 96
    micro_batch: Count | None = None
    n_steps: Count | None = 2000
    n_epochs: Count | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        require_one_length(self.n_steps, self.n_epochs)
        for name in ("batch_size", "micro_batch"):
            if (getattr(self, name) or self.packing) < self.packing:
                raise ValueError(f"{name} must hold at least one pack of {self.packing} rows")
        if self.output_start == "principal-axes" and self.patch == 1:
            raise ValueError(
                "output_start principal-axes needs patches: set patch to auto, or output_start to random"
            )
        return self


WGAN23: Mapping[str, Any] = {
    "conditioning": "joint",
    "width": 10,
    "noise": 2,
    "patch": 1,
    "padding": "published",
    "slope": 0.01,
    "critic_norm": "instance",
    "critic_features": 1,
    "output": "sigmoid",
    "output_start": "random",
    "critic_steps": 10,
    "critic_first": 0,
    "real_weight_noise": 0.1,
    "generator_lr": 5e-4,
    "critic_lr": 5e-4,
    "average": 0,
    "batch_size": 288,  # the published 96 are packs of 3
    "n_steps": None,
    "n_epochs": 10_001,
}
