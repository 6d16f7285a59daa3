"""The numbers of a benchmark laid out: three tables of sources by statistics, and what each model took."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from genome_ac_gan.metrics import METRICS
from genome_ac_gan.models import MODELS
from genome_ac_gan.plots.palette import GREY, source_styles
from genome_ac_gan.report.about import Headline, headlines, title
from genome_ac_gan.report.benchmark.files import PanelFiles
from genome_ac_gan.report.best import best
from genome_ac_gan.report.facts import duration
from genome_ac_gan.report.html import SOURCE_WORDS
from genome_ac_gan.report.model import obedience
from genome_ac_gan.report.sections import GROUPS, ordered_groups
from genome_ac_gan.report.tables import Cell, cell, number

if TYPE_CHECKING:
    from pandas import DataFrame

COPIER = "resample"  # the registered model
KINDS = {"model": "Models", "synthetic": "Artificial genomes made elsewhere", "anchor": "Anchors"}


@dataclass(frozen=True, kw_only=True)
class Column:
    """A statistic: its metric's title, its own name, one sentence, and the ideal as text."""

    metric: str
    statistic: str
    about: str
    ideal: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A source: its name and look, a note (how many seeds), a mark where something went wrong, and a cell a column."""

    name: str
    colour: str
    symbol: str
    note: str
    mark: int | None
    cells: Sequence[Cell]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Statistics of one group of metrics: rows by kind of source."""

    caption: str
    columns: Sequence[Column]
    kinds: Sequence[tuple[str, Sequence[Row]]]


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group of metrics: the headline statistic of each metric, and the second ones."""

    id: str
    title: str
    intro: str
    tables: Sequence[Table]


@dataclass(frozen=True, kw_only=True)
class CostRow:
    """What one model took on one panel; ranges over seeds."""

    name: str
    mark: int | None
    what: str
    conditioning: str
    seeds: str
    parameters: str
    updates: str
    training: str
    chosen: str
    score: str
    generating: str
    judging: str
    outcome: Sequence[str]


def groups(panel: PanelFiles, config: Mapping[str, Any]) -> list[Group]:
    """Return the tables of a panel: fidelity, utility, privacy, over all populations."""
    pooled = panel.table[panel.table["population"] == "all"]
    found = []
    for group in ordered_groups(pooled):
        rows = pooled[pooled["group"] == group]
        lines = [
            line
            for metric in dict.fromkeys(rows["metric"])
            for line in headlines(metric, rows.loc[rows["metric"] == metric, "statistic"])
        ]
        first = [line for line in lines if _leads(line, lines)]
        others = [line for line in lines if line not in first]
        name, intro = GROUPS.get(group, (group.capitalize(), ""))
        tables = [
            _table(panel, config, rows, part, f"{name}: {words}")
            for part, words in (
                (first, "the statistic that stands for each metric"),
                (others, "further statistics"),
            )
            if part
        ]
        found.append(Group(id=f"{panel.name}-{group}", title=name, intro=intro, tables=tables))
    return found


def _leads(line: Headline, lines: Sequence[Headline]) -> bool:
    """Return whether a statistic is the headline of its metric, or the first where that was not computed."""
    own = [each.statistic for each in lines if each.metric == line.metric]
    registered = METRICS.get(line.metric)
    headline = registered.headline if registered and registered.headline in own else own[0]
    return line.statistic == headline


def _table(
    panel: PanelFiles, config: Mapping[str, Any], rows: "DataFrame", lines: Sequence[Headline], caption: str
) -> Table:
    by_line = [
        {str(row.source): row for row in rows[_is(rows, line.metric, line.statistic)].itertuples()}
        for line in lines
    ]
    starred = [_best(panel, of_line) for of_line in by_line]
    styles = source_styles(panel.sources)
    kinds = []
    for kind, words in KINDS.items():
        own = [
            Row(
                name=SOURCE_WORDS[source][0] if kind == "anchor" else source,
                colour=styles[source].colour if source in styles else GREY,
                symbol=styles[source].symbol if source in styles else "circle",
                note=_seeds(panel, source, config) if kind == "model" else "",
                mark=mark(panel, source) if kind == "model" else None,
                cells=[
                    replace(cell(of_line[source]), best=source == star) if source in of_line else Cell()
                    for of_line, star in zip(by_line, starred, strict=True)
                ],
            )
            for source in _of_kind(panel, kind)
        ]
        if own:
            kinds.append((words, own))
    columns = [
        Column(metric=title(line.metric), statistic=line.name, about=line.about, ideal=_ideal(of_line))
        for line, of_line in zip(lines, by_line, strict=True)
    ]
    return Table(caption=caption, columns=columns, kinds=kinds)


def _of_kind(panel: PanelFiles, kind: str) -> list[str]:
    """Return the rows of a kind; of models also those of which no cell is done."""
    if kind == "model":
        return list(dict.fromkeys(panel.costs["model"]))
    return [source for source in panel.sources if panel.kind(source) == kind]


def _is(rows: "DataFrame", metric: str, statistic: str) -> Any:
    return (rows["metric"] == metric) & (rows["statistic"] == statistic)


def _ideal(of_line: Mapping[str, Any]) -> str:
    ideal = next(iter(of_line.values())).ideal
    return f"{ideal:.3g}" if math.isfinite(ideal) else "–"


def _best(panel: PanelFiles, of_line: Mapping[str, Any]) -> str | None:
    """Return the best of the models and sets, the plain copier left out: it is the anchor `train` over again."""
    unfit = copiers(panel)
    intervals = {
        name: (row.lower, row.upper)
        for name, row in of_line.items()
        if row.kind != "anchor" and name not in unfit
    }
    return best(intervals, next(iter(of_line.values())).ideal)


def copiers(panel: PanelFiles) -> list[str]:
    """Return the rows whose model hands out training haplotypes as they are."""
    return _models_where(panel, panel.costs["name"] == COPIER)


def private(panel: PanelFiles) -> list[str]:
    """Return the models whose folders hold training haplotypes."""
    return _models_where(panel, panel.costs["stores_training_data"] == "True")


def _models_where(panel: PanelFiles, rows: Any) -> list[str]:
    return list(dict.fromkeys(panel.costs.loc[rows, "model"]))


def wrongs(panel: PanelFiles) -> dict[str, list[str]]:
    """Return what went wrong with each model of which that is known, in words for each seed."""
    found: dict[str, list[str]] = {}
    for _, row in panel.costs.iterrows():
        if row["outcome"]:
            found.setdefault(str(row["model"]), []).append(f"seed {row['seed']:.0f}: {row['outcome']}")
    return found


def mark(panel: PanelFiles, model: str) -> int | None:
    """Return the number under which the page tells what went wrong with a model; None when nothing did."""
    names = list(wrongs(panel))
    return names.index(model) + 1 if model in names else None


def preset(entry: Mapping[str, Any]) -> str:
    """Return the preset of a row in words when its model has several; empty otherwise."""
    kind = MODELS.get(entry["name"])
    return f"preset {entry['preset']}" if kind and len(kind.presets) > 1 else ""


def _seeds(panel: PanelFiles, model: str, config: Mapping[str, Any]) -> str:
    """Return how many of the seeds have values when not all have."""
    statuses = list(panel.costs.loc[panel.costs["model"] == model, "status"])
    done, failed, wanted = statuses.count("done"), statuses.count("failed"), len(config["seeds"])
    if done == wanted:
        return ""
    return f"{done} of {wanted} seeds{f', {failed} failed' if failed else ''}"


# -- costs ------------------------------------------------------------------------------------------


def cost_rows(panel: PanelFiles) -> list[CostRow]:
    """Return a row for each model of a panel, also of those of which no cell is done."""
    return [
        _cost_row(panel, name, panel.costs[panel.costs["model"] == name])
        for name in dict.fromkeys(panel.costs["model"])
    ]


def _cost_row(panel: PanelFiles, name: str, rows: "DataFrame") -> CostRow:
    first = rows.iloc[0]
    done = rows[rows["status"] == "done"]
    states = [
        f"{n} {state}"
        for state in ("done", "failed", "begun", "pending")
        if (n := int((rows["status"] == state).sum()))
    ]
    conditioning = next((each for each in rows["conditioning"] if each), "")
    return CostRow(
        name=name,
        mark=mark(panel, name),
        what=", ".join(
            filter(
                None,
                [
                    first["name"] if first["name"] != name else "",
                    preset({"name": first["name"], "preset": first["preset"]}),
                ],
            )
        ),
        conditioning=obedience(conditioning) or conditioning,
        seeds=", ".join(states),
        parameters=_range(done["parameters"].where(done["updates"].notna())),  # counts are no weights
        updates=_range(done["updates"]),
        training=_range(done["train_seconds"], duration),
        chosen=_range(done["chosen_step"]),
        score=_range(done["held_out_score"], number),
        generating=_range(done["generate_seconds"], duration),
        judging=_range(done["evaluate_seconds"], duration),
        outcome=wrongs(panel).get(name, []),
    )


def _range(values: Any, words: Any = None) -> str:
    """Return the smallest and the largest number as text; one when they read the same, a dash when there is none."""
    known = values.to_numpy(dtype=float)
    known = known[np.isfinite(known)]
    if not len(known):
        return "–"
    low, high = (f"{end:,.0f}" if words is None else words(end) for end in (known.min(), known.max()))
    return low if low == high else f"{low} to {high}"
