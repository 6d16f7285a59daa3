"""The page of an experiment: one HTML file that loads nothing, the same bytes whenever it is made again."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from genome_ac_gan.config import read_yaml
from genome_ac_gan.errors import GenomeACGANError
from genome_ac_gan.files import read_tsv, write_text
from genome_ac_gan.report.html import assets, environment, figure
from genome_ac_gan.report.reproduction import augmentation, comparison, polyloss
from genome_ac_gan.report.reproduction.parts import Account, Part, Tables
from genome_ac_gan.report.run import read_record
from genome_ac_gan.report.tables import number

if TYPE_CHECKING:
    from pandas import DataFrame

ACCOUNTS: dict[str, Account] = {
    "polyloss": polyloss.ACCOUNT,
    "augmentation": augmentation.ACCOUNT,
    "comparison": comparison.ACCOUNT,
}


def write_reproduction_report(folder: Path) -> Path:
    """Write `report.html` into the folder of an experiment from its tables and records, and return its path."""
    record, settings = read_record(folder / "provenance.json"), read_yaml(folder / "reproduction.yaml")
    name = record.get("experiment")
    if name not in ACCOUNTS:
        raise GenomeACGANError(f"{folder} holds no experiment that this version knows")
    files = sorted((folder / "tables").glob("*.tsv"))
    tables = {file.stem: read_tsv(file) for file in files}
    path = folder / "report.html"
    compared = read_tsv(folder / "compared.tsv")
    write_text(path, render(folder.resolve().name, ACCOUNTS[name], tables, compared, settings, record))
    return path


def render(
    name: str,
    account: Account,
    tables: Tables,
    compared: "DataFrame",
    settings: Mapping[str, Any],
    record: Mapping[str, Any],
) -> str:
    """Return the page as text."""
    template = environment().get_template("reproduction.html.j2")
    return template.render(
        name=name, account=account, experiment=record["experiment"], methods=account.methods(settings),
        parts=[_part(part) for part in account.parts(tables, settings)], compared=_rows(compared),
        config=yaml.safe_dump(dict(settings), sort_keys=False, allow_unicode=True),
        machine=sorted(record.get("machine", {}).items()), software=sorted(record.get("software", {}).items()),
        **assets("style.css", "benchmark.css"),
    )  # fmt: skip


def _part(part: Part) -> dict[str, Any]:
    columns = list(part.table)
    return {
        "id": part.id, "title": part.title, "text": part.text, "charts": [figure(chart) for chart in part.charts],
        "columns": columns, "rows": list(zip(*part.table.values(), strict=True)),
    }  # fmt: skip


def _rows(compared: "DataFrame") -> list[tuple[str, list[dict[str, str]]]]:
    """Return the printed values beside ours, by figure."""
    by_figure: dict[str, list[dict[str, str]]] = {}
    for row in compared.to_dict("records"):
        given = math.isfinite(row["lower"]) and math.isfinite(row["upper"])
        by_figure.setdefault(str(row["figure"]), []).append(
            {
                "quantity": str(row["quantity"]), "paper": shown(row["paper"]), "here": shown(row["here"]),
                "interval": f"{number(row['lower'])} to {number(row['upper'])}" if given else "",
                "n": f"{row['n']:,.0f}" if math.isfinite(row["n"]) else "",
                "note": "" if row["note"] != row["note"] else str(row["note"]),
            }
        )  # fmt: skip
    return list(by_figure.items())


def shown(value: float) -> str:
    """Return a value as text: counts whole, those below .001 with the two digits that matter; a dash for none."""
    if value >= 10 and value == round(value):
        return f"{value:,.0f}"
    return f"{value:.2g}" if 0.0001 <= value < 0.001 else number(value)
