"""The AC-GAN of the title."""

from genome_ac_gan.models.genome_ac_gan.config import PRESETS, GenomeACGANConfig, preset_settings
from genome_ac_gan.models.genome_ac_gan.model import GenomeACGAN

__all__ = ["PRESETS", "GenomeACGAN", "GenomeACGANConfig", "preset_settings"]
