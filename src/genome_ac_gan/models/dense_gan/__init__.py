"""What the GANs of dense networks share."""

from genome_ac_gan.models.dense_gan.config import (
    DenseGANConfig,
    DiscriminatorConfig,
    GeneratorConfig,
    LossConfig,
    OptimiserConfig,
)
from genome_ac_gan.models.dense_gan.model import DenseGAN

__all__ = [
    "DenseGAN",
    "DenseGANConfig",
    "DiscriminatorConfig",
    "GeneratorConfig",
    "LossConfig",
    "OptimiserConfig",
]
