"""The parts of a report: which figures stand where, and the sentences for those that cannot be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from genome_ac_gan.plots import PLOTS, SUFFIXES, Chart, Styles, dots, training
from genome_ac_gan.plots.batch import save_charts
from genome_ac_gan.report.about import headlines, title
from genome_ac_gan.report.facts import model_name
from genome_ac_gan.report.judged import undefined
from genome_ac_gan.report.model import takes_updates
from genome_ac_gan.report.overview import overview
from genome_ac_gan.report.run import RunFiles, evaluation_folder, read_run

if TYPE_CHECKING:
    from pandas import DataFrame

GROUPS = {
    "fidelity": (
        "Fidelity",
        "Do the artificial genomes look like people who were never shown to the model? Every figure compares "
        "them with held-out real haplotypes, not with the training set.",
    ),
    "utility": (
        "Utility",
        "Do analyses that use the artificial genomes come out as they would with real ones?",
    ),
    "privacy": (
        "Privacy",
        "Do the artificial genomes lie closer to the training people than to anyone else? The training "
        "haplotypes themselves must fail here; a generator that comes close to them copies.",
    ),
}


@dataclass(frozen=True, kw_only=True)
class MetricPart:
    """One metric: its figures, those kept folded, its rows, and what is missing."""

    metric: str
    charts: Sequence[Chart]
    details: Sequence[Chart]
    rows: "DataFrame"
    missing: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the report: figures of its own, a part for each metric, and what is missing."""

    id: str
    title: str
    intro: str
    charts: Sequence[Chart] = ()
    metrics: Sequence[MetricPart] = ()
    missing: Sequence[str] = ()

    @property
    def all_charts(self) -> list[Chart]:
        """Every figure that is not folded."""
        return [*self.charts, *(chart for part in self.metrics for chart in part.charts)]


def sections(files: RunFiles) -> list[Section]:
    """Return the overview, a section for each group of metrics, and training."""
    styles = Styles.of(files.table["population"], files.table["source"])
    groups = [_group_section(files, group, styles) for group in ordered_groups(files.table)]
    return [_overview_section(files, styles), *groups, _training_section(files)]


def ordered_groups(table: "DataFrame") -> list[str]:
    """Return the groups of metrics in reading order: fidelity, utility, privacy, then any other."""
    known = list(GROUPS)
    return sorted(
        set(table["group"]), key=lambda group: (known.index(group) if group in known else 99, group)
    )


def group_title(group: str) -> str:
    """Return the heading of a group of metrics."""
    return GROUPS[group][0] if group in GROUPS else group.capitalize()


def write_figures(folder: Path, suffixes: Sequence[str] = SUFFIXES) -> list[Path]:
    """Write the figures of a run's report under `evaluation/figures`, and return the paths.

    PNG, PDF and SVG of each, unless `suffixes` says otherwise. The page's folded
    dot plots are not among them, nor figures whose data are absent. Making them
    again gives the same bytes.
    """
    figures = evaluation_folder(folder) / "figures"
    charts = [chart for section in sections(read_run(folder)) for chart in section.all_charts]
    figures.mkdir(exist_ok=True)
    return save_charts(charts, figures, suffixes)


def _overview_section(files: RunFiles, styles: Styles) -> Section:
    chart = overview(files.table, styles)
    absent = "The plane of fidelity and privacy needs one metric of each group over all populations."
    return Section(
        id="glance", title="At a glance", intro="", charts=_present(chart),
        missing=[] if chart else [absent],
    )  # fmt: skip


def _group_section(files: RunFiles, group: str, styles: Styles) -> Section:
    of_group = files.table[files.table["group"] == group]
    return Section(
        id=group,
        title=group_title(group),
        intro=GROUPS[group][1] if group in GROUPS else "",
        metrics=[
            _metric_part(metric, of_group[of_group["metric"] == metric], files, styles)
            for metric in dict.fromkeys(of_group["metric"])
        ],
        missing=[
            f"{title(metric)}: undefined for these panels, so it has no value."
            for metric in undefined(files, group)
        ],
    )


def _metric_part(metric: str, rows: "DataFrame", files: RunFiles, styles: Styles) -> MetricPart:
    own = PLOTS[metric](rows, files.curves, styles) if metric in PLOTS else []
    names = {line.statistic: line.name for line in headlines(metric, rows["statistic"])}
    main = None if own else dots(rows, styles, heading=title(metric), name=metric, statistics=names)
    shown = set(names) if main else set()
    every = None if shown >= set(rows["statistic"]) else dots(rows, styles, heading="Every statistic")
    absent = "The evaluation holds no curve to draw, so the values stand in place of the metric's own figure."
    return MetricPart(
        metric=metric,
        charts=[*own, *_present(main)],
        details=_present(every),
        rows=rows,
        missing=absent if metric in PLOTS and not own else "",
    )


def _present(chart: Chart | None) -> list[Chart]:
    return [chart] if chart else []


def _training_section(files: RunFiles) -> Section:
    name = model_name(files)
    if not takes_updates(name):
        absent = (
            f"{name} is fitted in one go: there are no updates to follow and no checkpoints to choose from."
        )
        return Section(id="training", title="Training", intro="", missing=[absent])
    charts = training(files.log)
    if not charts:
        absent = (
            "No training log was found: the artificial genomes come from another program, or it was removed."
        )
        return Section(id="training", title="Training", intro="", missing=[absent])
    intro = (
        "How the model was trained, and which of its states was kept. The state is chosen by a score on "
        "training people set aside for it, never on the held-out people of this report."
    )
    return Section(id="training", title="Training", intro=intro, charts=charts)
