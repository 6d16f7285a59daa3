"""The convolutional Wasserstein GAN with gradient penalty and packing."""

from genome_ac_gan.models.wgan_gp.config import WGANGPConfig
from genome_ac_gan.models.wgan_gp.model import WGANGP

__all__ = ["WGANGP", "WGANGPConfig"]
