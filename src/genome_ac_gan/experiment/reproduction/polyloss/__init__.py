"""The paper's section 4.1: polyloss cross-entropy against plain cross-entropy in the discriminator's class head."""

from genome_ac_gan.experiment.reproduction.polyloss.config import PolylossConfig
from genome_ac_gan.experiment.reproduction.polyloss.experiment import Polyloss

__all__ = ["Polyloss", "PolylossConfig"]
