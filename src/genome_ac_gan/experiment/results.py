"""An evaluation as files: tables, curves, and one JSON record that other programs read."""

import json
from pathlib import Path
from typing import Any

from genome_ac_gan import __version__
from genome_ac_gan.files import replacing, write_text
from genome_ac_gan.metrics import METRICS, SOURCES, Design, Evaluation
from genome_ac_gan.panel import UNLABELLED
from genome_ac_gan.provenance import to_json

SCHEMA, SCHEMA_VERSION = "genome-ac-gan/metrics", 2


def write_evaluation(outcome: Evaluation, folder: Path) -> None:
    """Write tables and curves of an evaluation: `table.tsv`, `metrics.json`, `curves/*.tsv`."""
    with replacing(folder) as temporary:
        (temporary / "curves").mkdir(parents=True)
        outcome.table.to_csv(temporary / "table.tsv", sep="\t", index=False)
        for name, curve in outcome.curves.items():
            curve.to_csv(temporary / "curves" / f"{name}.tsv", sep="\t", index=False)
        write_text(temporary / "metrics.json", as_json(outcome))


def as_json(outcome: Evaluation) -> str:
    """Return the record of an evaluation as JSON, a line for each row of its table."""
    whole = record(outcome)
    rows = ",\n    ".join(json.dumps(row, ensure_ascii=False, allow_nan=False) for row in whole.pop("rows"))
    head = to_json(whole).rstrip("}\n")
    return f'{head},\n  "rows": [\n    {rows}\n  ]\n}}\n'


def record(outcome: Evaluation) -> dict[str, Any]:
    """Return an evaluation with anchors as the record that `metrics.schema.json` describes."""
    if outcome.design is None:
        raise ValueError("an evaluation without anchors has no design to record")
    design = outcome.design
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "version": __version__,
        "seed": design.seed,
        "repeats": design.repeats,
        "fast": design.fast,
        "variants": design.n_variants,
        "sources": [_source(name, design) for name in design.counts],
        "metrics": [_metric(name) for name in design.metrics],
        "rows": outcome.table.to_dict("records"),
    }


def _source(name: str, design: Design) -> dict[str, Any]:
    panels = design.counts[name]
    return {
        "name": name,
        "kind": "anchor" if name in SOURCES[1:] else "synthetic",
        "labelled": set(panels["synthetic"]) != {UNLABELLED},
        "haplotypes": {panel: dict(counts) for panel, counts in panels.items()},
    }


def _metric(name: str) -> dict[str, Any]:
    metric = METRICS[name]
    return {"name": name, "title": metric.title, "group": metric.group, "headline": metric.headline}
