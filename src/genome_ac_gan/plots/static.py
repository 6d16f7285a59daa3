"""Charts as files: PNG, PDF and SVG with matplotlib, the same bytes whenever they are made again."""

import math
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genome_ac_gan.files import replacing
from genome_ac_gan.plots.chart import Chart, Facet, Mark, limits, rows_of
from genome_ac_gan.plots.palette import GREY, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".pdf", ".svg")
_MARKERS = {"circle": "o", "square": "s", "triangle": "^", "diamond": "D"}
_LINES = {"solid": "-", "dash": "--", "dot": ":", "dashdot": "-."}
_METADATA: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    ".svg": {"Date": None, "Creator": None},
}
_STYLE = {
    "svg.hashsalt": "genome-ac-gan", "svg.fonttype": "none", "pdf.fonttype": 42,
    "font.family": "sans-serif", "font.sans-serif": ["DejaVu Sans"], "font.size": 8.0,
    "axes.titlesize": 8.5, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.edgecolor": GREY, "axes.linewidth": 0.7, "axes.spines.top": False, "axes.spines.right": False,
    "axes.labelcolor": INK, "text.color": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.grid": True, "grid.color": "#E4E8EC", "grid.linewidth": 0.6, "axes.axisbelow": True,
    "legend.frameon": False, "figure.dpi": 100.0, "savefig.dpi": 200.0,
}  # fmt: skip


def save_chart(chart: Chart, folder: Path, suffixes: Sequence[str] = SUFFIXES) -> list[Path]:
    """Write a chart into `folder`, once for each suffix, and return the paths.

    Works without a display and with a home folder that cannot be written to.
    """
    figure = draw(chart)
    paths = [folder / f"{chart.name}{suffix}" for suffix in suffixes]
    with _style():
        for path in paths:
            with replacing(path) as temporary:
                figure.savefig(temporary, metadata=_METADATA[path.suffix])
    return paths


def draw(chart: Chart) -> "Figure":
    """Return a chart as a matplotlib figure, without pyplot and its global state."""
    with _style():
        from matplotlib.figure import Figure

        rows, columns = chart.n_rows, min(chart.columns, len(chart.facets))
        width, names = max(2.7 * columns, 5.6), _names(chart)
        legend_rows = -(-len(names) // _legend_columns(names, width)) if chart.has_legend else 0
        height = _facet_height(chart) * rows + 0.7 + 0.19 * legend_rows
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = list(figure.subplots(rows, columns, squeeze=False).ravel())
        for index, (ax, facet) in enumerate(zip(axes, chart.facets, strict=False)):
            _draw_facet(ax, chart, facet)
            ax.set_xlabel(chart.x_label if index + columns >= len(chart.facets) else "")
            ax.set_ylabel("" if index % columns else chart.y_label)
        for ax in axes[len(chart.facets) :]:
            ax.remove()
        if chart.has_legend:
            _legend(figure, axes)
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # once laid out, each format need not do it again
    return figure


def _facet_height(chart: Chart) -> float:
    """Return the height of a facet in inches."""
    if chart.categories:
        return 0.6 + 0.24 * len(chart.categories)
    return 2.6 if chart.square or chart.columns > 1 else 3.2


def _draw_facet(ax: "Axes", chart: Chart, facet: Facet) -> None:
    ax.set_title(facet.title)
    for mark in facet.marks:
        _draw_mark(ax, chart, mark)
    if chart.log_x:
        ax.set_xscale("log")
    for place in facet.lines:
        ax.axvline(place, color=INK, linewidth=0.8, linestyle=":")
    for place in facet.levels:
        ax.axhline(place, color=INK, linewidth=0.8, linestyle=":")
    _set_ranges(ax, chart, facet)
    if chart.diagonal:
        ax.axline((0, 0), slope=1, color=GREY, linewidth=0.8, zorder=1)
    if facet.note:
        ax.text(0.04, 0.96, facet.note, transform=ax.transAxes, va="top", fontsize=7.5)


def _set_ranges(ax: "Axes", chart: Chart, facet: Facet) -> None:
    ax.set_xlim(*limits(chart, facet, "x"))
    if chart.categories:
        ax.set_yticks(range(len(chart.categories)), list(chart.categories))
        ax.set_ylim(len(chart.categories) - 0.4, -0.6)
    else:
        ax.set_ylim(*limits(chart, facet, "y"))
    if chart.square:
        ax.set_box_aspect(1)


def _draw_mark(ax: "Axes", chart: Chart, mark: Mark) -> None:
    y = rows_of(chart, mark)
    look: dict[str, Any] = {"color": mark.style.colour, "alpha": mark.opacity, "label": mark.name}
    marker = _MARKERS[mark.style.symbol]
    if mark.kind == "line":
        dots: dict[str, Any] = {"marker": marker, "markersize": mark.size * 0.7} if mark.size else {}
        ax.plot(mark.x, y, linestyle=_LINES[mark.style.dash], linewidth=1.3, **dots, **look)
    elif mark.kind == "points":
        ax.scatter(mark.x, y, s=(mark.size * 0.6) ** 2, marker=marker, linewidths=0,
                   rasterized=len(mark.x) > 500, **look)  # fmt: skip
    else:
        ax.plot(mark.x, y, linestyle="", marker=marker, markersize=mark.size * 0.7, **look)
        if mark.lower is not None and mark.upper is not None:
            ax.hlines(y, mark.lower, mark.upper, color=mark.style.colour, linewidth=1.1)
        if mark.y_lower is not None and mark.y_upper is not None:
            ax.vlines(mark.x, mark.y_lower, mark.y_upper, color=mark.style.colour, linewidth=1.1)


def _names(chart: Chart) -> list[str]:
    """Return the entries of the legend."""
    return list(dict.fromkeys(mark.name for facet in chart.facets for mark in facet.marks))


def _legend_columns(names: Sequence[str], width: float) -> int:
    """Return how many entries as wide as the longest name stand side by side in `width` inches."""
    entry = 0.75 + 0.075 * max(map(len, names))  # handle and space, and 8-point letters
    return max(1, min(len(names), math.floor(width / entry)))


def _legend(figure: "Figure", axes: Sequence["Axes"]) -> None:
    """One legend under the figure for all facets; a single series needs none."""
    entries: dict[str, Any] = {}
    for ax in axes:
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    if len(entries) > 1:
        columns = _legend_columns(list(entries), figure.get_figwidth())
        legend = figure.legend(list(entries.values()), list(entries), loc="outside lower center",
                               ncols=columns, markerscale=1.4)  # fmt: skip
        for mark in legend.legend_handles:
            if mark is not None:
                mark.set_alpha(1)


def _style() -> Any:
    """Return a context with our settings over matplotlib's own defaults, whatever the user's file says."""
    matplotlib = _matplotlib()
    defaults = {key: value for key, value in matplotlib.rcParamsDefault.items() if key != "backend"}
    return matplotlib.rc_context({**defaults, **_STYLE})


def _matplotlib() -> Any:
    """Import matplotlib, with its cache in a temporary folder where the home folder takes none."""
    if "MPLCONFIGDIR" not in os.environ and not _home_is_writable():
        os.environ["MPLCONFIGDIR"] = tempfile.mkdtemp(prefix="genome-ac-gan-matplotlib-")
    import matplotlib

    return matplotlib


def _home_is_writable() -> bool:
    """Return whether matplotlib could keep its settings folder (~/.config/matplotlib) where it wants to."""
    try:
        folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "matplotlib"
    except RuntimeError:
        return False
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK)
