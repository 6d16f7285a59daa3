"""The numbers of a report laid out: headline rows between their anchors, and full tables."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from genome_ac_gan.plots.dots import population_order
from genome_ac_gan.plots.palette import ordered_sources, set_names, source_name, source_styles
from genome_ac_gan.report.about import Headline, headlines, title
from genome_ac_gan.report.best import best, has_width
from genome_ac_gan.report.run import TABLE_COLUMNS

if TYPE_CHECKING:
    from pandas import DataFrame


ROUNDING = 1e-12  # what a sum that should be 0 may be off


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A value as text, with its interval as text (empty when there is none), and whether it is the best of its row."""

    value: str = "–"
    interval: str = ""
    best: bool = False


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A mark of a strip: place and interval in percent of its width, colour, shape and words."""

    place: float
    low: float
    high: float
    colour: str
    symbol: str
    words: str


@dataclass(frozen=True, kw_only=True)
class HeadlineRow:
    """One metric's headline statistic: a cell for each source, the ideal, and a strip that shows them.

    `metric` is the metric's name, `title` its heading.
    """

    metric: str
    title: str
    statistic: str
    about: str
    cells: Sequence[Cell]
    ideal: str
    n: str
    dots: Sequence[Dot]
    ideal_place: float | None


@dataclass(frozen=True, kw_only=True)
class FullTable:
    """Every value of a metric: a row for each population and statistic, a column for each source."""

    sources: Sequence[str]
    rows: Sequence[tuple[str, str, str, Sequence[Cell]]]


def number(value: float) -> str:
    """Return a number with the digits a reader needs; a dash when there is none."""
    if not math.isfinite(value):
        return "–"
    size = abs(value) if abs(value) > ROUNDING else 0.0
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 10 else 4
    text = f"{value:,.{digits}f}" if size >= 0.0001 else f"{value:.1e}" if size else "0"
    return text.replace("-", "−", 1) if value < 0 and size else text


def whole(value: float) -> str:
    """Return a whole number with separators, as `1,234`; a dash for what is not finite."""
    return f"{value:,.0f}" if math.isfinite(value) else "–"


def with_interval(value: float, lower: float, upper: float) -> str:
    """Return a value with its interval behind it, as `0.5 (0.4 to 0.6)`; alone where there is none."""
    return number(value) + (f" ({number(lower)} to {number(upper)})" if math.isfinite(lower) else "")


def cell(row: Any) -> Cell:
    """Return the value of a table row with its interval; one of no width is left out."""
    if not has_width(row.lower, row.upper):
        return Cell(value=number(row.value))
    return Cell(value=number(row.value), interval=f"{number(row.lower)} to {number(row.upper)}")


def best_set(by_source: Mapping[str, Any], ideal: float) -> str | None:
    """Return the best of the sets of artificial genomes in a row, never an anchor; see `best`."""
    return best(
        {name: (by_source[name].lower, by_source[name].upper) for name in set_names(by_source)}, ideal
    )


def headline_rows(table: "DataFrame", sources: Sequence[str]) -> list[HeadlineRow]:
    """Return the headline statistics of each metric, as far as they were computed over all populations.

    Parameters
    ----------
    table
        The evaluation table, or the part of one group.
    sources
        Columns of the headline table, in order.
    """
    pooled = table[table["population"] == "all"]
    rows = []
    for metric in dict.fromkeys(pooled["metric"]):
        of_metric = pooled[pooled["metric"] == metric]
        for line in headlines(metric, of_metric["statistic"]):
            rows.append(_headline_row(line, of_metric[of_metric["statistic"] == line.statistic], sources))
    return rows


def _headline_row(line: Headline, rows: "DataFrame", sources: Sequence[str]) -> HeadlineRow:
    by_source: dict[str, Any] = {str(row.source): row for row in rows.itertuples()}
    ideal = float(rows["ideal"].iloc[0])
    dots, ideal_place = _strip(by_source, sources, ideal)
    winner = best_set(by_source, ideal)
    n = next((float(by_source[source].n) for source in sources if source in by_source), math.nan)
    return HeadlineRow(
        metric=line.metric,
        title=title(line.metric),
        statistic=line.name,
        about=line.about,
        cells=[
            replace(cell(by_source[source]), best=source == winner) if source in by_source else Cell()
            for source in sources
        ],
        ideal=f"{ideal:g}" if math.isfinite(ideal) else "–",
        n=whole(n),
        dots=dots,
        ideal_place=ideal_place,
    )


def _strip(
    by_source: Mapping[str, Any], sources: Sequence[str], ideal: float
) -> tuple[list[Dot], float | None]:
    """Return the marks of a strip that spans all values, intervals and the ideal."""
    drawn = [source for source in reversed(sources) if source in by_source]
    rows = [by_source[source] for source in drawn]
    ends = [end for row in rows for end in (row.value, row.lower, row.upper)] + [ideal]
    ends = [end for end in ends if math.isfinite(end)]
    if not ends:
        return [], None
    low, width = min(ends), (max(ends) - min(ends)) or 1.0

    def place(value: float) -> float:
        return round(4 + 92 * float(value - low) / width, 2)

    styles = source_styles(sources)
    dots = []
    for source, row in zip(drawn, rows, strict=True):
        if math.isfinite(row.value):
            lower = row.lower if math.isfinite(row.lower) else row.value
            upper = row.upper if math.isfinite(row.upper) else row.value
            dots.append(Dot(place=place(row.value), low=place(lower), high=place(upper),
                            colour=styles[source].colour, symbol=styles[source].symbol,
                            words=f"{source_name(source)}: {number(row.value)}"))  # fmt: skip
    return dots, place(ideal) if math.isfinite(ideal) else None


def full_table(table: "DataFrame") -> FullTable:
    """Return every value of one metric, populations sorted with `all` first."""
    sources = ordered_sources(table["source"])
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in table.itertuples():
        found.setdefault((str(row.statistic), str(row.population)), {})[str(row.source)] = row
    rows = []
    for statistic in dict.fromkeys(table["statistic"]):
        for population in population_order(table["population"]):
            by_source = found.get((statistic, population))
            if by_source:
                ideal = float(next(iter(by_source.values())).ideal)
                cells = [cell(by_source[source]) if source in by_source else Cell() for source in sources]
                rows.append((statistic.replace("_", " "), population, f"{ideal:g}", cells))
    return FullTable(sources=[source_name(source) for source in sources], rows=rows)


def as_tsv(table: "DataFrame") -> str:
    """Return rows as they are downloaded from the page: the columns of `table.tsv`, numbers to seven digits."""
    whole = table.assign(n=table["n"].astype("Int64"))
    text: str = whole[list(TABLE_COLUMNS)].to_csv(
        sep="\t", index=False, float_format="%.7g", lineterminator="\n"
    )
    return text
