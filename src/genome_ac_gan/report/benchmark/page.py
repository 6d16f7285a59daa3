"""The page of a benchmark: one HTML file that loads nothing, the same bytes whenever it is made again."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from genome_ac_gan.files import write_text
from genome_ac_gan.plots import Styles
from genome_ac_gan.report.benchmark import words
from genome_ac_gan.report.benchmark.files import BenchmarkFiles, PanelFiles, read_benchmark_folder
from genome_ac_gan.report.benchmark.tables import cost_rows, groups, preset
from genome_ac_gan.report.html import LIMITS, SOURCE_WORDS, assets, environment, figure
from genome_ac_gan.report.model import idea, sources
from genome_ac_gan.report.overview import overview


def write_benchmark_report(folder: Path) -> Path:
    """Write `report.html` into a benchmark folder from its tables and records, and return its path."""
    path = folder / "report.html"
    write_text(path, render(read_benchmark_folder(folder)))
    return path


def render(files: BenchmarkFiles) -> str:
    """Return the page of a benchmark as text."""
    template = environment().get_template("benchmark.html.j2")
    return template.render(
        **_what_was_done(files), **assets("style.css", "benchmark.css"), limits=LIMITS,
        panels=[_panel(panel, files.config) for panel in files.panels], anchors=SOURCE_WORDS,
    )  # fmt: skip


def _what_was_done(files: BenchmarkFiles) -> dict[str, Any]:
    return {
        "name": files.name, "heading": words.heading(files), "lead": words.lead(files), "facts": words.facts(files),
        "warnings": words.warnings(files), "failures": words.failures(files), "methods": words.methods(files),
        "inputs": words.inputs(files), "software": words.software(files), "models": _models(files.config),
        "unstarred": words.unstarred(files), "chance": words.chance(files),
        "several": len(files.config["seeds"]) > 1,
        "config": yaml.safe_dump(dict(files.config), sort_keys=False, allow_unicode=True),
    }  # fmt: skip


def _models(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what each row is: its registered model and preset, what that is in a sentence, and where it is from."""
    found = []
    for name, entry in config["models"].items():
        registered = entry["name"]
        what = ", ".join(filter(None, [registered if registered != name else "", preset(entry)]))
        told = " – ".join(filter(None, [what, idea(registered)]))
        found.append({"name": name, "what": told, "dois": sources(registered)})
    return found


def _panel(panel: PanelFiles, config: Mapping[str, Any]) -> dict[str, Any]:
    chart = overview(panel.table, Styles.of(panel.table["population"], panel.table["source"]))
    if chart is not None:
        chart = replace(chart, name=f"overview-{panel.name}")
    return {
        "name": panel.name, "lead": words.panel_lead(panel), "counts": words.panel_counts(panel),
        "chart": figure(chart) if chart else None, "groups": groups(panel, config), "costs": cost_rows(panel),
        "details": panel.details,
    }  # fmt: skip
