"""What an evaluation was made of, as `metrics.json` tells it; what an older one lacks is told from the table."""

from collections.abc import Mapping
from typing import Any

from genome_ac_gan.plots.palette import set_names
from genome_ac_gan.report.run import RunFiles

Counts = Mapping[str, int]


def is_fast(files: RunFiles) -> bool:
    """Return whether the evaluation was a quick look."""
    return bool(files.metrics.get("fast", False))


def unlabelled(files: RunFiles) -> list[str]:
    """Return the sets of artificial genomes that carry no population labels."""
    told = {name: source.get("labelled") for name, source in _sources(files).items()}
    populations = files.table.groupby("source")["population"].agg(set).to_dict()
    return [
        name
        for name in set_names(files.table["source"])
        if told.get(name) is False or (name not in told and populations[name] <= {"all"})
    ]


def undefined(files: RunFiles, group: str) -> list[str]:
    """Return the metrics of a group that were run and gave no value."""
    run = [each for each in files.metrics.get("metrics", []) if each.get("group") == group]
    found = set(files.table["metric"])
    return [str(each["name"]) for each in run if each["name"] not in found]


def panel_counts(files: RunFiles) -> dict[str, Counts]:
    """Return haplotypes by population of `train`, `holdout` and each set; empty when unknown."""
    sources = _sources(files)
    sets = [name for name in set_names(files.table["source"]) if name in sources]
    if not sets:
        return {}
    first = _panels(sources[sets[0]])
    real = {name: first[name] for name in ("train", "holdout") if name in first}
    return real | {name: _panels(sources[name]).get("synthetic", {}) for name in sets}


def _sources(files: RunFiles) -> dict[str, Mapping[str, Any]]:
    return {str(source.get("name")): source for source in files.metrics.get("sources", [])}


def _panels(source: Mapping[str, Any]) -> Mapping[str, Counts]:
    panels: Mapping[str, Counts] = source.get("haplotypes", {})
    return panels
