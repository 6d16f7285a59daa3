"""An experiment: split a panel, train a model, generate, evaluate, report, all inside one run folder."""

from genome_ac_gan.experiment.completing import complete
from genome_ac_gan.experiment.config import ExperimentConfig, read_config
from genome_ac_gan.experiment.judging import draw, judge
from genome_ac_gan.experiment.likelihoods import likelihoods
from genome_ac_gan.experiment.results import as_json, record
from genome_ac_gan.experiment.run import RunDir
from genome_ac_gan.experiment.stages import begin, evaluate, generate, report, run_stages, split, take_split
from genome_ac_gan.experiment.train import InterruptedTrainingError, train

__all__ = [
    "ExperimentConfig",
    "InterruptedTrainingError",
    "RunDir",
    "as_json",
    "begin",
    "complete",
    "draw",
    "evaluate",
    "generate",
    "judge",
    "likelihoods",
    "read_config",
    "record",
    "report",
    "run_stages",
    "split",
    "take_split",
    "train",
]
