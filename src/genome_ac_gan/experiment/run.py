"""The run folder: where every stage reads and writes, and which stages are done."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genome_ac_gan.config import read_yaml, to_yaml, validate
from genome_ac_gan.errors import GenomeACGANError
from genome_ac_gan.experiment.config import ExperimentConfig
from genome_ac_gan.files import write_text
from genome_ac_gan.provenance import machine, now, software, to_json

STAGES = ("split", "train", "generate", "evaluate", "report")


@dataclass(frozen=True)
class RunDir:
    """The files of one run, by name."""

    folder: Path

    @property
    def config(self) -> Path:
        """The resolved settings."""
        return self.folder / "config.yaml"

    @property
    def provenance(self) -> Path:
        """Software, platform, hashes, times, and the stages that are done."""
        return self.folder / "provenance.json"

    @property
    def model(self) -> Path:
        """The folder of the kept model."""
        return self.folder / "model"

    @property
    def training(self) -> Path:
        """The state a training resumes from."""
        return self.folder / "training.pt"

    @property
    def log(self) -> Path:
        """One line an event of the training."""
        return self.folder / "log.jsonl"

    @property
    def evaluation(self) -> Path:
        """Tables, curves and figures."""
        return self.folder / "evaluation"

    def panel(self, name: str) -> Path:
        """Return the file of `train`, `validation`, `holdout` or `synthetic`."""
        return self.folder / f"{name}.npz"

    # -- life -------------------------------------------------------------

    def start(self, config: ExperimentConfig, *, command: str = "") -> None:
        """Make the folder and write what is about to be run."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_text(self.config, to_yaml(config))
        record = {
            "format_version": 1,
            "command": command,
            "seed": config.seed,
            "software": software(),
            "machine": machine(),
            "started": now(),
            "stages": {},
        }
        write_text(self.provenance, to_json(record))

    def record(self) -> dict[str, Any]:
        """Return the provenance as it stands."""
        try:
            record: dict[str, Any] = json.loads(self.provenance.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise GenomeACGANError(f"{self.folder} is no run folder: it has no provenance.json") from None
        except json.JSONDecodeError:
            raise GenomeACGANError(f"{self.provenance} is damaged: not JSON") from None
        return record

    def note(self, **facts: Any) -> None:
        """Add facts to the provenance."""
        write_text(self.provenance, to_json({**self.record(), **facts}))

    def finish(self, stage: str, **facts: Any) -> None:
        """Note that a stage is done."""
        stages = {**self.record()["stages"], stage: {"finished": now(), **facts}}
        self.note(stages=stages)

    def done(self, stage: str) -> bool:
        """Return whether a stage is done."""
        return stage in self.record()["stages"]

    def stored_config(self) -> ExperimentConfig:
        """Return the settings the run was started with."""
        if not self.config.is_file():
            raise GenomeACGANError(f"{self.folder} is no run folder: it has no config.yaml")
        return validate(ExperimentConfig, read_yaml(self.config), str(self.config))

    def reopen(self, config: ExperimentConfig) -> None:
        """Go on in a folder that exists, under `config`.

        What decides the split and the training must be as before, except how long to
        train; stages whose settings changed, and those after them, count as not done.

        Raises
        ------
        GenomeACGANError
            When seed, data, model or training differ.
        """
        before = self.stored_config()
        for section, was, now_is in (
            ("seed", before.seed, config.seed),
            ("data", before.data, config.data),
            ("model", before.model, config.model),
            ("train", before.train.recipe, config.train.recipe),
        ):
            if was != now_is:
                raise GenomeACGANError(
                    f"{self.folder} was made with another [{section}]: use --force or a new folder"
                )
        changed = [stage for stage in STAGES if getattr(before, stage, None) != getattr(config, stage, None)]
        valid = STAGES[: STAGES.index(changed[0])] if changed else STAGES
        stages = self.record()["stages"]
        write_text(self.config, to_yaml(config))
        self.note(stages={stage: stages[stage] for stage in valid if stage in stages})
