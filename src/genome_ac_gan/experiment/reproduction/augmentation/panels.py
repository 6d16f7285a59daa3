"""The people of the experiment: who is kept, how they are split, and that nobody is on both sides."""

import json
from collections.abc import Mapping
from pathlib import Path

from genome_ac_gan.errors import ConfigError, PanelError, some
from genome_ac_gan.experiment.reproduction.augmentation.config import AugmentationConfig
from genome_ac_gan.experiment.run import RunDir
from genome_ac_gan.experiment.stages import read_data
from genome_ac_gan.experiment.train import Notice
from genome_ac_gan.files import tsv, write_text
from genome_ac_gan.panel import HaplotypePanel, concat, load_panel, save_panel
from genome_ac_gan.popgen.structure import principal_axes
from genome_ac_gan.provenance import to_json

N_COMPONENTS = 3
PANEL, STRUCTURE, FACTS = "panel.npz", "structure.tsv", "facts.json"


def make_panel(folder: Path, config: AugmentationConfig, on_notice: Notice) -> None:
    """Write the panel of the people that are kept, their principal components, and what is told of both."""
    import pandas as pd

    panel = kept(read_data(config.data, on_notice), config.within)
    save_panel(panel, folder / PANEL)
    axes = principal_axes(panel.haplotypes, N_COMPONENTS)
    table = pd.DataFrame({"sample": panel.sample_id, "population": panel.population})
    table[[f"pc{number}" for number in range(1, N_COMPONENTS + 1)]] = axes.project(panel.haplotypes)
    write_text(folder / STRUCTURE, tsv(table))
    facts = {
        "n_haplotypes": panel.n_haplotypes, "n_variants": panel.n_variants, "counts": dict(panel.counts),
        "explained": axes.explained.tolist(),
    }  # fmt: skip
    write_text(folder / FACTS, to_json(facts))


def kept(panel: HaplotypePanel, within: Mapping[str, str]) -> HaplotypePanel:
    """Return the people of a panel who carry all of these labels.

    Raises
    ------
    ConfigError
        When a label column is unknown or nobody carries its value.
    """
    for column, value in within.items():
        if column not in panel.labels:
            raise ConfigError(f"within.{column}: no such label column; the panel has: {some(panel.labels)}")
        rows = panel.labels[column] == value
        if not rows.any():
            known = some(sorted(set(panel.labels[column].tolist())), 30)
            raise ConfigError(f"within.{column}: nobody is {value!r}; there are: {known}")
        panel = panel[rows]
    return panel


def facts_of(folder: Path) -> Mapping[str, object]:
    """Return what is told of the kept people; nothing before they are read."""
    path = folder / FACTS
    facts: Mapping[str, object] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return facts


def both_sides(parts: RunDir) -> tuple[HaplotypePanel, HaplotypePanel]:
    """Return the training people of a split, those who choose checkpoints included, and its test people."""
    train, validation, test = (load_panel(parts.panel(name)) for name in ("train", "validation", "holdout"))
    train = concat([train, validation])
    require_apart(train, test, "the training people")
    return train, test


def require_apart(train: HaplotypePanel, test: HaplotypePanel, who: str) -> None:
    """Raise a PanelError when a test person is among those who were learned from."""
    both = sorted(set(train.sample_id.tolist()) & set(test.sample_id.tolist()))
    if both:
        raise PanelError(f"{len(both)} test people are among {who}: {some(both)}")


def require_no_leak(run: RunDir, test: HaplotypePanel) -> None:
    """Raise a PanelError when a generator saw a test person, to learn from or to choose its checkpoint by."""
    for name in ("train", "validation"):
        require_apart(load_panel(run.panel(name)), test, f"the {name} people of {run.folder}")
