"""An evaluation as custom content of MultiQC: a table for each group of metrics, and general statistics."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genome_ac_gan.files import replacing, write_text
from genome_ac_gan.report.about import Headline, headlines, title
from genome_ac_gan.report.overview import axes
from genome_ac_gan.report.run import RunFiles, evaluation_folder, read_run
from genome_ac_gan.report.sections import GROUPS, group_title

if TYPE_CHECKING:
    from pandas import DataFrame

PREFIX = "genome-ac-gan"


def write_multiqc(folder: Path) -> list[Path]:
    """Write `evaluation/multiqc/*_mqc.*` into a run or evaluation folder, and return the paths.

    Samples are the sources of the evaluation under the name of the folder. Only
    values over all populations are written, without their intervals: MultiQC has
    no place for them.
    """
    files = read_run(folder)
    pooled = files.table[files.table["population"] == "all"]
    target = evaluation_folder(folder) / "multiqc"
    with replacing(target) as temporary:
        temporary.mkdir()
        texts = {f"{PREFIX}_{group}_mqc.json": _group(files, pooled, group) for group in GROUPS}
        texts[f"{PREFIX}_generalstats_mqc.tsv"] = _general(files, pooled)
        for name, text in texts.items():
            if text:
                write_text(temporary / name, text)
    return sorted(target.iterdir())


def _group(files: RunFiles, pooled: "DataFrame", group: str) -> str:
    """Return the table of a group as JSON; empty when the group was not computed."""
    lines = _lines(pooled[pooled["group"] == group])
    if not lines:
        return ""
    content = {
        "id": f"{PREFIX}_{group}",
        "section_name": f"Artificial genomes: {group_title(group).lower()}",
        "description": f"{GROUPS[group][1]} Values over all populations, beside the anchors train, real and "
        "independent; intervals and figures are in the report of each run.",
        "plot_type": "table",
        "pconfig": {
            "id": f"{PREFIX}_{group}_table",
            "title": f"Artificial genomes: {group_title(group).lower()}",
            "namespace": PREFIX,
        },
        "headers": {_key(line): _header(line) for line in lines},
        "data": {sample: dict(values) for sample, values in _data(files, pooled, lines).items()},
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _general(files: RunFiles, pooled: "DataFrame") -> str:
    """Return the two statistics of the overview plane as columns of the general statistics."""
    pair = axes(files.table)
    found = {(line.metric, line.statistic): line for line in _lines(pooled)}
    lines = [
        found[axis.metric, axis.statistic] for axis in pair or () if (axis.metric, axis.statistic) in found
    ]
    if not lines:
        return ""
    headers = [
        f"#     - {_key(line)}:\n"
        f"#         title: {json.dumps(_name(line))}\n"
        f"#         description: {json.dumps(_header(line)['description'])}\n"
        f"#         namespace: '{PREFIX}'\n"
        "#         format: '{:,.4f}'\n"
        "#         scale: false\n"
        for line in lines
    ]
    rows = [
        "\t".join([sample, *(repr(values[_key(line)]) if _key(line) in values else "" for line in lines)])
        for sample, values in _data(files, pooled, lines).items()
    ]
    head = "\t".join(["Sample", *map(_key, lines)])
    return f"# plot_type: 'generalstats'\n# pconfig:\n{''.join(headers)}" + "\n".join([head, *rows]) + "\n"


def _lines(pooled: "DataFrame") -> list[Headline]:
    """Return the statistics that stand for each metric."""
    by_metric: Iterable[str] = dict.fromkeys(pooled["metric"])
    return [
        line
        for metric in by_metric
        for line in headlines(metric, pooled["statistic"][pooled["metric"] == metric])
    ]


def _data(
    files: RunFiles, pooled: "DataFrame", lines: Iterable[Headline]
) -> Mapping[str, Mapping[str, float]]:
    keys = {(line.metric, line.statistic): _key(line) for line in lines}
    columns = ["source", "metric", "statistic", "value"]
    samples: dict[str, dict[str, float]] = {}
    for source, metric, statistic, value in pooled[columns].to_numpy().tolist():
        key = keys.get((metric, statistic))
        if key:
            samples.setdefault(f"{files.name}_{source}", {})[key] = value
    return samples


def _key(line: Headline) -> str:
    return f"{line.metric}_{line.statistic}".replace("-", "_")


def _name(line: Headline) -> str:
    return f"{title(line.metric)}: {line.name}"


def _header(line: Headline) -> dict[str, Any]:
    return {
        "title": _name(line),
        "description": line.about or _name(line),
        "format": "{:,.4f}",
        "scale": False,
    }
