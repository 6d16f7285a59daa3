"""Every setting of a Genome-AC-GAN, and the presets that fill them in."""

from importlib.resources import files
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field

from genome_ac_gan.config import Config, Count, NonNegative, Positive, Share, merge
from genome_ac_gan.models import dense_gan
from genome_ac_gan.nn.losses import ClassLoss

PRESETS = ("stable", "paper", "code", "cce", "dense")


class GeneratorConfig(dense_gan.GeneratorConfig):
    """The generator: noise and a label in, alleles out.

    Attributes
    ----------
    network
        `dense`: all of a haplotype at once, from dense layers. `line`: along the genome,
        each allele given those before it, with latent numbers that shift the whole
        haplotype; `widths` and `slope` are then of the network that bends the `latent`
        numbers, and `batch_norm`, `output_start`, `label_repeats` and `cut` have no meaning.
    span
        How many variants back an allele looks (`line`).
    linked
        How many standard errors from 0 the correlation of two variants must be for one
        to look at the other (`line`).
    noise
        Whether the numbers of the noise are standard normal or fair coin flips (0 or 1).
    label_repeats
        How often the one-hot label is repeated before and after the noise.
    """

    network: Literal["dense", "line"] = "dense"
    span: Count = 256
    linked: NonNegative = 4
    noise: Literal["normal", "binary"] = "normal"
    label_repeats: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]] = (0, 1)


class DiscriminatorConfig(dense_gan.DiscriminatorConfig):
    """The discriminator: alleles in; a validity logit and class logits out.

    Attributes
    ----------
    first
        Updates of the discriminator alone when the game begins (a generator that begins
        near the rows has nothing to learn from one that knows nothing).
    input_noise_mean, input_noise_sd, input_noise_max
        Real alleles are lowered by normal noise clipped to [0, max].
    """

    first: Annotated[int, Field(ge=0)] = 0
    input_noise_mean: float = 0
    input_noise_sd: NonNegative = 0
    input_noise_max: NonNegative = 0


class LossConfig(dense_gan.LossConfig):
    """The losses; the class loss is added to the validity loss of either network.

    Attributes
    ----------
    class_loss, epsilon, alpha
        Reading of the polyloss cross-entropy and its two numbers (`nn.losses.class_loss`).
    class_weight
        Weight of the class loss beside the validity loss.
    class_on_synthetic
        Whether the discriminator's class loss covers synthetic rows too.
    structure, structure_axes
        Weight of the energy distance between synthetic and training rows along so many
        principal axes of the training rows, with their labels, in the generator's loss.
    target_noise, uniform_noise, extra_noise_mean, extra_noise_sd
        Noise u ~ U(0, uniform_noise) and v ~ max(0, N(mean, sd)) that pulls targets
        inwards. `none`: no noise. `paper`: validity is 1 - u for real and u for
        synthetic rows, and class vectors are pulled inwards by u likewise. `code`:
        1 - u - v for real, v for synthetic rows, 1 - v for the generator.
    """

    class_loss: ClassLoss = "paper"
    epsilon: float = 0.2
    alpha: Share = 0.1
    class_weight: NonNegative = 1
    class_on_synthetic: bool = False
    structure: NonNegative = 0
    structure_axes: Count = 8
    target_noise: Literal["none", "paper", "code"] = "none"
    uniform_noise: Share = 0
    extra_noise_mean: float = 0
    extra_noise_sd: NonNegative = 0


class LikelihoodConfig(Config):
    """The updates before the game of the two networks begins, of a `line` alone: by maximum likelihood.

    Attributes
    ----------
    n_steps
        How many; 0 for none.
    lr
        Learning rate of the weights at the first update, which falls along half a cosine;
        thresholds have a quarter of it.
    l1
        Penalty on the size of the weights.
    calibrations
        Times that thresholds, and temperatures with them, are then moved towards where
        drawn frequencies are those of the training rows; 0 for neither.
    calibrate_every
        Updates of the game between two further times; 0 for none.
    shrinkage
        Whether the frequencies of a label that calibrations aim at are drawn towards those
        of related labels, as far as its training rows are few.
    temperatures
        Whether temperatures are moved with the thresholds before the game, towards where
        drawn rows of a label lie as near to each other as its training rows.
    held
        Whether the game leaves the line as it is, calibrations aside, and changes only
        what moves a whole haplotype.
    """

    n_steps: Annotated[int, Field(ge=0)] = 0
    lr: Positive = 0.1
    l1: NonNegative = 2e-4
    calibrations: Annotated[int, Field(ge=0)] = 8
    calibrate_every: Annotated[int, Field(ge=0)] = 50
    shrinkage: bool = True
    temperatures: bool = True
    held: bool = True


class GenomeACGANConfig(dense_gan.DenseGANConfig):
    """A Genome-AC-GAN in every number; the presets are files in `presets/`.

    Attributes
    ----------
    likelihood
        What precedes the game.
    synthetic_labels
        Labels of synthetic rows in training: `proportional` to the training panel, or
        `uniform` over its populations.
    """

    generator: GeneratorConfig = GeneratorConfig()
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    loss: LossConfig = LossConfig()
    likelihood: LikelihoodConfig = LikelihoodConfig()
    synthetic_labels: Literal["proportional", "uniform"] = "proportional"


def preset_settings(name: str) -> dict[str, Any]:
    """Return all settings of the preset `name` as plain values.

    A preset file whose `based_on` names another preset holds what differs from it.
    """
    text = files(__package__).joinpath("presets", f"{name}.yaml").read_text(encoding="utf-8")
    settings: dict[str, Any] = yaml.safe_load(text)
    below = settings.pop("based_on", None)
    return merge(preset_settings(below), settings) if below else settings
