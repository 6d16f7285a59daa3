"""The paper's section 4.3: what classifiers of African populations gain from artificial genomes added to real ones."""

from genome_ac_gan.experiment.reproduction.augmentation.config import AugmentationConfig
from genome_ac_gan.experiment.reproduction.augmentation.experiment import Augmentation

__all__ = ["Augmentation", "AugmentationConfig"]
