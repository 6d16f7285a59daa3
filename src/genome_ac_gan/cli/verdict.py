"""An evaluation as a table for a terminal: statistics down, sets of artificial genomes and anchors side by side."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame

    from genome_ac_gan.report.tables import Cell, HeadlineRow

GAP = "  "
FOOTNOTE = "* nearest to the ideal, where its interval parts from that of every other set"
ASCII = str.maketrans({"−": "-", "–": "-"})


def side_by_side(table: "DataFrame", width: int) -> str:
    """Return the headline statistics over all populations, a column for each source.

    An interval stands behind its value where the line fits into `width` characters,
    else below it; sources that do not fit then follow in further blocks.
    """
    from genome_ac_gan.plots.palette import ordered_sources, set_names
    from genome_ac_gan.report.sections import ordered_groups
    from genome_ac_gan.report.tables import headline_rows

    sources = ordered_sources(table["source"])
    groups = {
        group: headline_rows(table[table["group"] == group], sources) for group in ordered_groups(table)
    }
    lines = _blocks(groups, sources, width, tall=False) or _blocks(groups, sources, width, tall=True)
    footnote = [FOOTNOTE] if len(set_names(sources)) > 1 else []
    return "\n".join([*lines, *footnote]) + "\n"


def _blocks(
    groups: "dict[str, list[HeadlineRow]]", sources: Sequence[str], width: int, *, tall: bool
) -> list[str]:
    """Return the lines of the table; none when rows of one line do not fit."""
    rows = [row for of_group in groups.values() for row in of_group]
    names = max((len(_name(row)) for row in rows), default=0)
    columns = [
        max(
            len(text)
            for text in (source, *(part for row in rows for part in _texts(row.cells[index], tall=tall)))
        )
        for index, source in enumerate(sources)
    ]
    ideals = max((len(row.ideal) for row in rows), default=0)
    room = width - names - len(GAP) - max(ideals, len("ideal"))
    blocks = list(_fitting(columns, room))
    if len(blocks) > 1 and not tall:
        return []
    lines: list[str] = []
    for block in blocks:
        lines += _block(groups, sources, block, [names, *(columns[index] for index in block)], tall=tall)
    return lines


def _fitting(columns: Sequence[int], room: int) -> Iterator[list[int]]:
    """Group columns into blocks that fit, at least one in each."""
    block: list[int] = []
    for index, size in enumerate(columns):
        if block and sum(columns[each] + len(GAP) for each in block) + size + len(GAP) > room:
            yield block
            block = []
        block.append(index)
    yield block


def _block(
    groups: "dict[str, list[HeadlineRow]]", sources: Sequence[str], block: Sequence[int], widths: Sequence[int],
    *, tall: bool,
) -> Iterator[str]:  # fmt: skip
    def line(first: str, texts: Sequence[str], last: str = "") -> str:
        cells = [text.rjust(size) for text, size in zip(texts, widths[1:], strict=True)]
        return GAP.join([first.ljust(widths[0]), *cells, last]).rstrip()

    yield line("", [sources[index] for index in block], "ideal")
    for group, rows in groups.items():
        yield group
        for index, row in enumerate(rows):
            if not index or rows[index - 1].metric != row.metric:
                yield f"  {row.metric}"
            texts = [_texts(row.cells[index], tall=tall) for index in block]
            yield line(_name(row), [first for first, _ in texts], row.ideal)
            if any(second for _, second in texts):
                yield line("", [second for _, second in texts])
    yield ""


def _name(row: "HeadlineRow") -> str:
    return f"    {row.statistic}".translate(ASCII)


def _texts(cell: "Cell", *, tall: bool) -> tuple[str, str]:
    """Return a cell's first and second line."""
    value = cell.value.translate(ASCII) + ("*" if cell.best else "")
    interval = f"[{cell.interval.replace(' to ', ', ').translate(ASCII)}]" if cell.interval else ""
    return (value, interval) if tall else (f"{value} {interval}".strip(), "")
