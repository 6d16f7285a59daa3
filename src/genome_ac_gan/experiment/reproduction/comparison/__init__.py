"""The paper's comparison of models: Table 2 and Figures 5 to 12."""

from genome_ac_gan.experiment.reproduction.comparison.config import ComparisonConfig
from genome_ac_gan.experiment.reproduction.comparison.experiment import ModelComparison

__all__ = ["ComparisonConfig", "ModelComparison"]
