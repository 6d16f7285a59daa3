"""The report page: one HTML file that loads nothing, the same bytes whenever it is made again."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from genome_ac_gan.files import refuse_existing, write_text
from genome_ac_gan.plots import Chart
from genome_ac_gan.plots.page import figure_json, heights, plotly_js
from genome_ac_gan.plots.palette import ordered_sources, set_names, source_name, source_styles
from genome_ac_gan.report import facts, model
from genome_ac_gan.report.about import description, dois, page, title
from genome_ac_gan.report.judged import is_fast, unlabelled
from genome_ac_gan.report.methods import methods
from genome_ac_gan.report.run import RunFiles, read_run
from genome_ac_gan.report.sections import MetricPart, Section, group_title, ordered_groups, sections
from genome_ac_gan.report.tables import as_tsv, full_table, headline_rows

if TYPE_CHECKING:
    import jinja2

SOURCE_WORDS = {
    "synthetic": ("Artificial", "The artificial genomes, judged against held-out people."),
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
    glance, *parts = sections(files)
    template = environment().get_template("template.html.j2")
    return template.render(**_what_was_done(files), **_numbers(files), **assets("style.css"), limits=LIMITS,
                           glance=_section(glance), sections=[_section(part) for part in parts],
                           contents=_contents(parts))  # fmt: skip


def environment() -> "jinja2.Environment":
    """Return what fills in the templates of pages; they may take macros from each other."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_resource),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )


def _what_was_done(files: RunFiles) -> dict[str, Any]:
    return {
        "run": files.name, "heading": facts.heading(files), "lead": facts.lead(files), "facts": facts.facts(files),
        "counts": facts.counts(files), "has_provenance": bool(files.provenance),
        "records": facts.records(files), "warnings": _warnings(files), "methods": methods(files),
        "config": yaml.safe_dump(dict(files.config), sort_keys=False, allow_unicode=True) if files.config else "",
        "version": facts.version_of(files), "model": model.cited(facts.model_name(files)),
    }  # fmt: skip


def _warnings(files: RunFiles) -> list[str]:
    warnings = []
    if is_fast(files):
        warnings.append(
            "This is a quick look: every panel was cut to at most 800 haplotypes. Do not cite these values; "
            "evaluate again without --fast."
        )
    if files.provenance.get("benchmark"):
        warnings.append(
            "A part of a benchmark. Values of models are means over its seeds with the smallest and the largest "
            "of the seeds; their curves are those of one seed."
        )
    bare = unlabelled(files)
    if bare:
        sets = ", ".join(source_name(name) for name in bare)
        warnings.append(
            f"No population labels: {sets}. Judged over all populations only; values by population are those of "
            "the other columns."
        )
    if facts.stores_training_data(files):
        warnings.append(
            "The model folder of this run holds haplotypes of the training people: it is as private as the "
            "training panel."
        )
    return warnings


def _numbers(files: RunFiles) -> dict[str, Any]:
    sources = ordered_sources(files.table["source"])
    rows = [
        (group_title(group), headline_rows(files.table[files.table["group"] == group], sources))
        for group in ordered_groups(files.table)
    ]
    return {
        "headline": [(name, lines) for name, lines in rows if lines],
        "sources": _source_heads(files, sources),
        "n_judged": len(set_names(sources)),
    }


def _source_heads(files: RunFiles, sources: Sequence[str]) -> list[dict[str, str]]:
    styles, bare = source_styles(sources), unlabelled(files)
    heads = []
    for source in sources:
        short, words = SOURCE_WORDS.get(source, (source, "A set of artificial genomes."))
        words += (
            " It carries no population labels: judged over all populations only." if source in bare else ""
        )
        heads.append({"short": short, "name": source_name(source), "about": words,
                      "symbol": styles[source].symbol, "colour": styles[source].colour})  # fmt: skip
    return heads


def _section(section: Section) -> dict[str, Any]:
    return {
        "id": section.id, "title": section.title, "intro": section.intro, "missing": section.missing,
        "charts": [figure(chart) for chart in section.charts],
        "metrics": [_metric(part) for part in section.metrics],
    }  # fmt: skip


def _metric(part: MetricPart) -> dict[str, Any]:
    return {
        "id": metric_id(part.metric), "name": part.metric, "title": title(part.metric),
        "about": description(part.metric), "page": page(part.metric), "dois": dois(part.metric),
        "missing": part.missing, "charts": [figure(chart) for chart in part.charts],
        "details": [figure(chart) for chart in part.details], "table": full_table(part.rows),
        "tsv": as_tsv(part.rows),
    }  # fmt: skip


def metric_id(metric: str) -> str:
    """Return the id of a metric's part of the page."""
    return f"metric-{metric}"


def figure(chart: Chart) -> dict[str, Any]:
    """Return what the templates need of a figure."""
    text = figure_json(chart).replace("</", "<\\/").replace("<!--", "<\\u0021--")
    wide, narrow = heights(chart)
    return {"name": chart.name, "title": chart.title, "caption": chart.caption, "json": text,
            "wide": wide, "narrow": narrow}  # fmt: skip


def _contents(parts: Sequence[Section]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    middle = [
        (part.id, part.title, [(metric_id(each.metric), title(each.metric)) for each in part.metrics])
        for part in parts
    ]
    ends = [("methods", "Methods text"), ("run", "What was run"), ("limits", "Limits and citation")]
    return [("glance", "At a glance", []), *middle, *((key, name, []) for key, name in ends)]


def assets(*styles: str) -> dict[str, str]:
    """Return the style sheets, in order, and the scripts of a page."""
    return {"css": "".join(map(_resource, styles)), "script": _resource("page.js"), "plotly": plotly_js()}


def _resource(name: str) -> str:
    return (resources.files("genome_ac_gan") / "report" / name).read_text(encoding="utf-8")
