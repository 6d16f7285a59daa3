"""Every setting of a Genome-AC-GAN, and the presets that fill them in."""

from importlib.resources import files
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, model_validator

from genome_ac_gan.config import Config
from genome_ac_gan.nn.losses import ClassLoss
from genome_ac_gan.training.loop import Sampling

Width = Annotated[int, Field(gt=0)] | Annotated[str, Field(pattern=r"^M/[0-9]+(\.[0-9]+)?$")]
Share = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]

PRESETS = ("stable", "paper", "code")


class GeneratorConfig(Config):
    """The generator: noise and a label in, alleles out.

    Attributes
    ----------
    latent, noise
        Length of the noise vector, and whether its numbers are standard normal or
        fair coin flips (0 or 1).
    label_repeats
        How often the one-hot label is repeated before and after the noise.
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
        principal axes of the training rows, over a normalised layer.
    cut
        Outputs above it are the alternative allele.
    """

    latent: Annotated[int, Field(gt=0)]
    noise: Literal["normal", "binary"]
    label_repeats: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]
    widths: tuple[Width, ...]
    slope: NonNegative
    batch_norm: bool
    output: Literal["tanh", "straight-through"]
    output_noise: NonNegative
    output_start: Literal["glorot", "principal-axes"]
    cut: float


class DiscriminatorConfig(Config):
    """The discriminator: alleles in; a validity logit and class logits out.

    Attributes
    ----------
    widths, slope, dropout
        Hidden widths, slope of the leaky ReLU, share dropped after each layer.
    batches
        How it meets real and synthetic rows: `separate`, one update on real rows, then
        one on synthetic; `mixed`, both shuffled together and split in two updates;
        `joint`, one update on both.
    input_noise_mean, input_noise_sd, input_noise_max
        Real alleles are lowered by normal noise clipped to [0, max].
    r1, r1_every
        Weight of the gradient penalty on real rows, and every how many updates it is
        applied (times that number).
    """

    widths: tuple[Width, ...]
    slope: NonNegative
    dropout: tuple[Share, ...]
    batches: Literal["separate", "mixed", "joint"]
    input_noise_mean: float
    input_noise_sd: NonNegative
    input_noise_max: NonNegative
    r1: NonNegative
    r1_every: Annotated[int, Field(gt=0)]


class LossConfig(Config):
    """The losses.

    Attributes
    ----------
    generator
        `saturating`: minimise class loss minus the discriminator's validity loss;
        `non-saturating`: the validity loss with the target real.
    class_loss, epsilon, alpha
        Reading of the polyloss cross-entropy and its two numbers (`nn.losses.class_loss`).
    class_weight
        Weight of the class loss beside the validity loss.
    class_on_synthetic
        Whether the discriminator's class loss covers synthetic rows too.
    target_noise, uniform_noise, extra_noise_mean, extra_noise_sd
        Noise u ~ U(0, uniform_noise) and v ~ max(0, N(mean, sd)) that pulls targets
        inwards. `none`: no noise. `paper`: validity is 1 - u for real and u for
        synthetic rows, and class vectors are pulled inwards by u likewise. `code`:
        1 - u - v for real, v for synthetic rows, 1 - v for the generator.
    l2, l2_on
        Penalty on squared weights, of `all` kernels or of the `hidden` ones only.
    """

    generator: Literal["saturating", "non-saturating"]
    class_loss: ClassLoss
    epsilon: float
    alpha: Share
    class_weight: NonNegative
    class_on_synthetic: bool
    target_noise: Literal["none", "paper", "code"]
    uniform_noise: Share
    extra_noise_mean: float
    extra_noise_sd: NonNegative
    l2: NonNegative
    l2_on: Literal["all", "hidden"]


class OptimiserConfig(Config):
    """The optimisers of both networks: `rmsprop` (decay = its rho) or `adam` (decay = its second beta)."""

    name: Literal["rmsprop", "adam"]
    generator_lr: Positive
    discriminator_lr: Positive
    first_decay: Share
    decay: Share
    eps: Positive


class GenomeACGANConfig(Config):
    """A Genome-AC-GAN in every number; the presets are files in `presets/`.

    Attributes
    ----------
    alleles
        How alleles are coded inside the networks: `-1/+1` or `0/1`.
    batch_size, sampling
        Rows of a batch (joint over all processes), and how they are drawn.
    synthetic_labels
        Labels of synthetic rows in training: `proportional` to the training panel, or
        `uniform` over its populations.
    average
        Decay of the moving average of the generator that samples are drawn from; 0
        samples from the generator itself.
    n_steps, n_epochs
        Updates of the generator, or passes over the training rows in whole batches: one
        of the two. The training section wins over both.
    """

    alleles: Literal["-1/+1", "0/1"]
    generator: GeneratorConfig
    discriminator: DiscriminatorConfig
    loss: LossConfig
    optimiser: OptimiserConfig
    batch_size: Annotated[int, Field(ge=2)]
    sampling: Sampling
    synthetic_labels: Literal["proportional", "uniform"]
    average: Share
    n_steps: Annotated[int, Field(gt=0)] | None
    n_epochs: Annotated[int, Field(gt=0)] | None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.n_steps is None) == (self.n_epochs is None):
            raise ValueError("give n_steps or n_epochs, and null for the other")
        if len(self.discriminator.dropout) not in (0, len(self.discriminator.widths)):
            raise ValueError(
                "discriminator.dropout needs one share for each of discriminator.widths, or none"
            )
        if self.generator.output == "straight-through" and self.alleles != "-1/+1":
            raise ValueError(
                "generator.output straight-through makes alleles -1 and +1: set alleles to -1/+1"
            )
        return self


def preset_settings(name: str) -> dict[str, Any]:
    """Return all settings of the preset `name` as plain values."""
    text = files(__package__).joinpath("presets", f"{name}.yaml").read_text(encoding="utf-8")
    settings: dict[str, Any] = yaml.safe_load(text)
    return settings
