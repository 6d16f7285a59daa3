"""The AC-GAN of the title."""

from genome_ac_gan.models.genome_ac_gan.config import GenomeACGANConfig
from genome_ac_gan.models.genome_ac_gan.model import GenomeACGAN

__all__ = ["GenomeACGAN", "GenomeACGANConfig"]
