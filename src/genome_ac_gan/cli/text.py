"""Records as text for a terminal."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any


def columns(rows: Iterable[Sequence[object]]) -> str:
    """Align rows of equal length: numbers to the right, with thousands parted by commas."""
    cells = [[_cell(value) for value in row] for row in rows]
    right = [all(_is_number(cell) for cell in column[1:]) for column in zip(*cells, strict=True)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "".join(
        "  ".join(
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(row, widths, right, strict=True)
        ).rstrip()
        + "\n"
        for row in cells
    )


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _is_number(cell: str) -> bool:
    return cell in ("", "-") or cell.replace(",", "").replace(".", "").lstrip("-").isdigit()


def panel_text(record: Mapping[str, Any]) -> str:
    """Return the record of a panel as a page: totals, people by population, contigs, frequency classes."""
    levels = ", ".join(f"{name} ({n})" for name, n in record["levels"].items())
    head = f"{record['path']}: {record['people']:,} people, {record['haplotypes']:,} haplotypes, " \
           f"{record['variants']:,} variants\nlabel {record['label']}; label columns: {levels}\n"  # fmt: skip
    contigs = [tuple(record["contigs"][0])] if record["contigs"] else [("contig",)]
    contigs += [tuple(contig.values()) for contig in record["contigs"]]
    classes = [("frequency of the rarer allele", "variants"), *record["maf_classes"].items()]
    return "\n".join([head, columns(_people(record)), columns(contigs), columns(classes)])


def _people(record: Mapping[str, Any]) -> list[tuple[object, ...]]:
    """Return the rows of the people table, with a sum for each group."""
    rows = record["populations"]
    total = (record["people"], record["haplotypes"])
    if not rows or "group" not in rows[0]:
        plain: list[tuple[object, ...]] = [
            (row["population"], row["people"], row["haplotypes"]) for row in rows
        ]
        return [("population", "people", "haplotypes"), *plain, ("all", *total)]
    table: list[tuple[object, ...]] = [("group", "population", "people", "haplotypes")]
    for group, members in groupby(rows, key=lambda row: row["group"]):
        inside = list(members)
        table += [(group, row["population"], row["people"], row["haplotypes"]) for row in inside]
        if len(inside) > 1:
            table.append((group, "all", sum(row["people"] for row in inside),
                          sum(row["haplotypes"] for row in inside)))  # fmt: skip
    return [*table, ("all", "all", *total)]


def nested(record: Mapping[str, Any], indent: int = 0) -> str:
    """Return nested mappings as indented `key: value` lines."""
    lines = []
    for key, value in record.items():
        if isinstance(value, Mapping):
            lines.append(f"{' ' * indent}{key}:\n{nested(value, indent + 2)}")
        else:
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            lines.append(f"{' ' * indent}{key}: {shown}\n")
    return "".join(lines)
