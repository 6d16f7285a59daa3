"""What a report reads: the files of a run or evaluation folder, as they are."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genome_ac_gan.config import read_yaml
from genome_ac_gan.errors import GenomeACGANError
from genome_ac_gan.plots import PART, SCORE

if TYPE_CHECKING:
    from pandas import DataFrame

TABLE_COLUMNS = (
    "source",
    "metric",
    "group",
    "population",
    "statistic",
    "value",
    "lower",
    "upper",
    "n",
    "ideal",
)
NAME_COLUMNS = ("metric", "group", "source", "population", "statistic", "panel", "reading", "contig")
NUMBER_COLUMNS = ("value", "lower", "upper", "n", "ideal")


@dataclass(frozen=True, kw_only=True)
class RunFiles:
    """The files of a run folder, read once.

    Attributes
    ----------
    name
        Name of the folder, the report's subtitle.
    table
        The evaluation table with the columns `TABLE_COLUMNS`.
    curves
        Tidy tables by name, the stem of the file; empty when none was written.
    metrics
        `evaluation/metrics.json`.
    provenance, config, card
        What was run, the settings, the model's card; empty when absent.
    log
        Tidy training log (see `read_log`), no rows when there is none.
    """

    name: str
    table: "DataFrame"
    curves: "Mapping[str, DataFrame]"
    metrics: Mapping[str, Any]
    provenance: Mapping[str, Any]
    config: Mapping[str, Any]
    card: Mapping[str, Any]
    log: "DataFrame"


def read_run(folder: Path) -> RunFiles:
    """Read a run folder, or a folder with an evaluation alone.

    `evaluation/table.tsv` must be there (a folder that itself holds `table.tsv`
    is taken as the evaluation); everything else may be absent.

    Raises
    ------
    GenomeACGANError
        When there is no evaluation or a file is damaged; the message names it.
    """
    folder = Path(folder)
    evaluation = evaluation_folder(folder)
    return RunFiles(
        name=folder.resolve().name,
        table=read_table(evaluation / "table.tsv"),
        curves={path.stem: _read_tsv(path) for path in sorted((evaluation / "curves").glob("*.tsv"))},
        metrics=read_record(evaluation / "metrics.json"),
        provenance=read_record(folder / "provenance.json"),
        config=read_yaml(folder / "config.yaml") if (folder / "config.yaml").is_file() else {},
        card=read_record(folder / "model" / "card.json"),
        log=read_log(folder / "log.jsonl"),
    )


def evaluation_folder(folder: Path) -> Path:
    """Return the folder that holds `table.tsv`: `folder/evaluation`, or `folder` itself."""
    for place in (folder / "evaluation", folder):
        if (place / "table.tsv").is_file():
            return place
    raise GenomeACGANError(f"{folder} holds no evaluation/table.tsv: run `genome-ac-gan evaluate` first")


def read_table(path: Path) -> "DataFrame":
    """Read an evaluation table and check its columns; more columns than `TABLE_COLUMNS` are allowed."""
    table = _read_tsv(path)
    missing = [name for name in TABLE_COLUMNS if name not in table.columns]
    if missing:
        raise GenomeACGANError(f"{path} lacks the columns {', '.join(missing)}: evaluate again")
    words = [name for name in NUMBER_COLUMNS if table[name].dtype != float]
    if words:
        raise GenomeACGANError(f"{path}: column {words[0]} must hold numbers; evaluate again")
    return table


def read_log(path: Path) -> "DataFrame":
    """Read `log.jsonl` as a tidy table: step, curve, value, best.

    Every number of a `step` event becomes a curve of that name, except `step`
    and `seconds`; a `score` event gives the curve of the held-out score, with
    `best` as written, and one for each of its components. Other events and
    keys, and a last line cut short, are passed over.
    """
    from pandas import DataFrame

    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    rows = [row for line in lines for row in _log_rows(_parse_event(line))]
    frame = DataFrame(rows, columns=["step", "curve", "value", "best"])
    return frame.astype({"step": float, "curve": str, "value": float, "best": bool})


def _parse_event(line: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except json.JSONDecodeError:
        return {}
    return event if isinstance(event, dict) and _is_number(event.get("step")) else {}


def _log_rows(event: Mapping[str, Any]) -> list[tuple[float, str, float, bool]]:
    kind = event.get("event")
    if kind == "step":
        names = [key for key, value in event.items() if _is_number(value) and key not in ("step", "seconds")]
        return [(event["step"], name, float(event[name]), False) for name in names]
    if kind == "score" and _is_number(event.get("score")):
        best = bool(event.get("best", False))
        parts = event.get("components")
        parts = parts if isinstance(parts, dict) else {}
        named = {SCORE: event["score"], **{PART + name: value for name, value in parts.items()}}
        return [
            (event["step"], name, float(v), best and name == SCORE)
            for name, v in named.items()
            if _is_number(v)
        ]
    return []


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _read_tsv(path: Path) -> "DataFrame":
    """Read a table; columns of names stay text (a population may be called NA), an empty number is NaN.

    Without a column `source` every row is of the source `synthetic`.
    """
    import pandas

    try:
        table = pandas.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    except (pandas.errors.ParserError, pandas.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise GenomeACGANError(f"{path} is no table of tab-separated values: {error}") from None
    for name in table.columns.difference(list(NAME_COLUMNS)):
        with suppress(ValueError):
            table[name] = pandas.to_numeric(table[name].replace("", "nan")).astype(float)
    return table if "source" in table.columns else table.assign(source="synthetic")


def read_record(path: Path) -> dict[str, Any]:
    """Read a JSON object; an empty one where the file is missing."""
    if not path.is_file():
        return {}
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise GenomeACGANError(f"{path} is no JSON: {error}") from None
    if not isinstance(record, dict):
        raise GenomeACGANError(f"{path}: expected a JSON object, found {type(record).__name__}")
    return record
