"""The paper's three experiments, each from one file of settings to a report with the printed values beside ours."""

from typing import Any

from genome_ac_gan.experiment.reproduction.augmentation import Augmentation
from genome_ac_gan.experiment.reproduction.base import Experiment, Task
from genome_ac_gan.experiment.reproduction.collecting import collect
from genome_ac_gan.experiment.reproduction.comparison import ModelComparison
from genome_ac_gan.experiment.reproduction.config import SCALES, chosen_scale, read_settings
from genome_ac_gan.experiment.reproduction.opening import SETTINGS, open_experiment
from genome_ac_gan.experiment.reproduction.polyloss import Polyloss
from genome_ac_gan.experiment.reproduction.run import find_task, run_tasks

EXPERIMENTS: dict[str, type[Experiment[Any]]] = {
    "polyloss": Polyloss,
    "comparison": ModelComparison,
    "augmentation": Augmentation,
}

__all__ = [
    "EXPERIMENTS",
    "SCALES",
    "SETTINGS",
    "Experiment",
    "Task",
    "chosen_scale",
    "collect",
    "find_task",
    "open_experiment",
    "read_settings",
    "run_tasks",
]
