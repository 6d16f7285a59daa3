"""The report page: one HTML file that loads nothing, the same bytes whenever it is made again."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from genome_ac_gan.files import refuse_existing, write_text
from genome_ac_gan.plots import Chart
from genome_ac_gan.plots.page import figure_json, plotly_js
from genome_ac_gan.plots.palette import ANCHORS, ordered_sources, source_name, source_styles
from genome_ac_gan.report import facts
from genome_ac_gan.report.run import RunFiles, read_run
from genome_ac_gan.report.sections import Section, group_title, ordered_groups, sections
from genome_ac_gan.report.tables import full_tables, headline_rows

SOURCE_WORDS = {
    "synthetic": ("Artificial", "The panel this report is about, judged against held-out people."),
    "real": (
        "Real",
        "Half of the held-out people judged against the other half: what chance alone does to real people.",
    ),
    "train": (
        "Training",
        "The training haplotypes handed in as if they were artificial: the best fidelity to be had, no privacy.",
    ),
    "independent": (
        "Independent",
        "Each variant drawn by itself with the right frequency: frequencies right, linkage and haplotypes lost.",
    ),
}
LIMITS = (
    "An artificial genome is not automatically anonymous. The privacy values say what these tests could find, not "
    "that nothing can be found; another attack, or knowledge from elsewhere, may find more.",
    "Whoever shares artificial genomes or a trained model remains bound by the terms under which the real data were "
    "given; for data of controlled access these may forbid it.",
    "The values hold for this panel, region and split. Small populations rest on few held-out people, so their "
    "intervals are wide, and a rare population is the hardest to imitate and the easiest to expose.",
    "Generators lose alleles that are rare in the panel first: conclusions about rare variants should not rest on "
    "artificial genomes.",
    "Two artificial haplotypes paired into a person carry no real diploid structure (kinship, inbreeding).",
)


def write_report(run_folder: Path, *, force: bool = False) -> Path:
    """Write `report.html` into a run folder, or a folder with an evaluation alone, and return its path.

    The page is a function of the files in the folder: made again, it has the same bytes.

    Raises
    ------
    GenomeACGANError
        When the folder holds no evaluation, a file is damaged, or a report is there and `force` is not given.
    """
    folder = Path(run_folder)
    path = folder / "report.html"
    files = read_run(folder)
    refuse_existing(path, force=force)
    write_text(path, render(files))
    return path


def render(files: RunFiles) -> str:
    """Return the page of a run as text."""
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    parts = sections(files)
    template = environment.from_string(_resource("template.html.j2"))
    return template.render(**_what_was_done(files), **_numbers(files), **_assets(), limits=LIMITS,
                           sections=[_section(part) for part in parts], contents=_contents(parts))  # fmt: skip


def _what_was_done(files: RunFiles) -> dict[str, Any]:
    return {
        "run": files.name, "heading": facts.heading(files), "lead": facts.lead(files), "facts": facts.facts(files),
        "counts": facts.counts(files), "has_provenance": bool(files.provenance),
        "records": facts.records(files), "warnings": _warnings(files),
        "config": yaml.safe_dump(dict(files.config), sort_keys=False, allow_unicode=True) if files.config else "",
        "version": facts.version_of(files),
    }  # fmt: skip


def _warnings(files: RunFiles) -> list[str]:
    stored = [
        "The model folder of this run holds haplotypes of the training people: it is as private as the training panel."
    ]
    return stored if facts.stores_training_data(files) else []


def _numbers(files: RunFiles) -> dict[str, Any]:
    sources = ordered_sources(files.table["source"])
    rows = [
        (group_title(group), headline_rows(files.table[files.table["group"] == group], sources))
        for group in ordered_groups(files.table)
    ]
    return {
        "headline": [(name, lines) for name, lines in rows if lines],
        "sources": _source_heads(sources),
        "n_judged": len([source for source in sources if source not in ANCHORS]),
        "tables": full_tables(files.table),
    }


def _source_heads(sources: Sequence[str]) -> list[dict[str, str]]:
    styles = source_styles(sources)
    other = "Another set of artificial genomes, judged in the same way."
    heads = []
    for source in sources:
        short, words = SOURCE_WORDS.get(source, (source, other))
        heads.append({"short": short, "name": source_name(source), "about": words,
                      "symbol": styles[source].symbol, "colour": styles[source].colour})  # fmt: skip
    return heads


def _section(section: Section) -> dict[str, Any]:
    return {
        "id": section.id, "title": section.title, "intro": section.intro, "missing": section.missing,
        "charts": [_figure(chart) for chart in section.charts],
        "details": [_figure(chart) for chart in section.details],
    }  # fmt: skip


def _figure(chart: Chart) -> dict[str, str]:
    text = figure_json(chart).replace("</", "<\\/").replace("<!--", "<\\u0021--")
    return {"name": chart.name, "title": chart.title, "caption": chart.caption, "json": text}


def _contents(parts: Sequence[Section]) -> list[tuple[str, str]]:
    ends = [("values", "All values"), ("run", "What was run"), ("limits", "Limits and citation")]
    return [("glance", "At a glance"), *((part.id, part.title) for part in parts), *ends]


def _assets() -> dict[str, str]:
    return {"css": _resource("style.css"), "script": _resource("page.js"), "plotly": plotly_js()}


def _resource(name: str) -> str:
    return (resources.files("genome_ac_gan") / "report" / name).read_text(encoding="utf-8")
