"""The settings that the dense GANs share; a model adds its own to a section by deriving from it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from genome_ac_gan.config import Config, Count, NonNegative, Positive, Share
from genome_ac_gan.models.base import require_one_length
from genome_ac_gan.training.loop import Sampling

Width = Count | Annotated[str, Field(pattern=r"^M/[0-9]+(\.[0-9]+)?$")]


class GeneratorConfig(Config):
    """The generator: noise in, alleles out.

    Attributes
    ----------
    latent
        Length of the noise vector.
    widths
        Hidden widths; `M/1.3` is the number of variants over 1.3, rounded down.
    slope, batch_norm
        Negative slope of the leaky ReLU; whether hidden layers are batch-normalised.
    output
        `tanh` hands the discriminator numbers between -1 and 1; `straight-through`
        alleles of exactly -1 or +1, drawn from the logits.
    output_noise
        Scale of the logistic noise added to the logits before the sign is taken
        (1 draws each allele from its Bernoulli probability; `straight-through` only).
    output_start
        `glorot`, or `principal-axes`: the last layer starts as the mean and the scaled
        principal axes of the training rows, over a normalised layer (and so tells who has
        the model a good deal about who was trained on).
    cut
        Outputs above it are the alternative allele.
    """

    latent: Count = 128
    widths: tuple[Width, ...] = (512, 768)
    slope: NonNegative = 0.2
    batch_norm: bool = True
    output: Literal["tanh", "straight-through"] = "straight-through"
    output_noise: NonNegative = 1
    output_start: Literal["glorot", "principal-axes"] = "glorot"
    cut: float = 0


class DiscriminatorConfig(Config):
    """The discriminator: alleles in; a validity logit out.

    Attributes
    ----------
    widths, slope, dropout
        Hidden widths, slope of the leaky ReLU, share dropped after each layer.
    batches
        How it meets real and synthetic rows: `separate`, one update on real rows, then
        one on synthetic; `mixed`, both shuffled together and split in two updates;
        `joint`, one update on both.
    r1, r1_every
        Weight of the gradient penalty on real rows, and every how many updates it is
        applied (times that number).
    """

    widths: tuple[Width, ...] = (512, 256, 128)
    slope: NonNegative = 0.2
    dropout: tuple[Share, ...] = (0.3, 0.3, 0.3)
    batches: Literal["separate", "mixed", "joint"] = "joint"
    r1: NonNegative = 0.1
    r1_every: Count = 16


class LossConfig(Config):
    """The losses.

    Attributes
    ----------
    generator
        `saturating`: maximise the discriminator's validity loss on synthetic rows;
        `non-saturating`: minimise the validity loss with the target real.
    l2, l2_on
        Penalty on squared weights, of `all` kernels or of the `hidden` ones only.
    """

    generator: Literal["saturating", "non-saturating"] = "non-saturating"
    l2: NonNegative = 0
    l2_on: Literal["all", "hidden"] = "hidden"


class OptimiserConfig(Config):
    """The optimisers of both networks.

    Attributes
    ----------
    name
        `rmsprop` or `adam`.
    generator_lr, discriminator_lr
        Learning rates.
    first_decay, decay
        Decay of the mean gradient (`adam` only) and of the mean squared gradient.
    eps
        Added to the root of the mean squared gradient.
    """

    name: Literal["rmsprop", "adam"] = "adam"
    generator_lr: Positive = 5e-4
    discriminator_lr: Positive = 5e-4
    first_decay: Share = 0
    decay: Share = 0.99
    eps: Positive = 1e-8


class DenseGANConfig(Config):
    """A GAN of two dense networks.

    Attributes
    ----------
    alleles
        How alleles are coded inside the networks: `-1/+1` or `0/1`.
    batch_size, sampling
        Rows of a batch (joint over all processes), and how they are drawn.
    average
        Decay of the moving average of the generator that samples are drawn from; 0
        samples from the generator itself.
    n_steps, n_epochs
        Updates of the generator, or passes over the training rows in whole batches: one
        of the two. The training section wins over both.
    """

    alleles: Literal["-1/+1", "0/1"] = "-1/+1"
    generator: GeneratorConfig = GeneratorConfig()
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    loss: LossConfig = LossConfig()
    optimiser: OptimiserConfig = OptimiserConfig()
    batch_size: Annotated[int, Field(ge=2)] = 128
    sampling: Sampling = "replacement"
    average: Share = 0.998
    n_steps: Count | None = 5000
    n_epochs: Count | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        require_one_length(self.n_steps, self.n_epochs)
        if len(self.discriminator.dropout) not in (0, len(self.discriminator.widths)):
            raise ValueError(
                "discriminator.dropout needs one share for each of discriminator.widths, or none"
            )
        if self.generator.output == "straight-through" and self.alleles != "-1/+1":
            raise ValueError(
                "generator.output straight-through makes alleles -1 and +1: set alleles to -1/+1"
            )
        return self
