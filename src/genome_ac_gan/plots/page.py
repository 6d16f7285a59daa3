"""Charts for the report page: plotly figures as JSON, drawn by one copy of plotly.js."""

import json
import math
import textwrap
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from genome_ac_gan.plots.chart import Chart, Facet, Mark, limits, rows_of
from genome_ac_gan.plots.palette import GREY, INK

MAX_POINTS = 1500
_SYMBOLS = {"circle": "circle", "square": "square", "triangle": "triangle-up", "diamond": "diamond"}
_FONT = {"family": "system-ui, -apple-system, Segoe UI, Roboto, Liberation Sans, sans-serif", "color": INK}
_PAGE, _PHONE = 900, 340  # widths in pixels that legends are laid out for
_FACET = 290  # height of a facet
_COLUMN_GAP = 0.06
_ROW_GAP = 62
_DOTTED = {"color": INK, "width": 1, "dash": "dot"}
_AXIS = {
    "gridcolor": "#E4E8EC", "linecolor": GREY, "showline": True, "zeroline": False, "ticks": "outside",
    "ticklen": 4, "tickcolor": GREY,
}  # fmt: skip
_TEMPLATE: dict[str, Any] = {  # what all axes and series of the page have in common
    "layout": {"xaxis": _AXIS, "yaxis": _AXIS},
    "data": {"scatter": [{"hovertemplate": "%{x:.5~g}, %{y:.5~g}"}]},
}


def figure_json(chart: Chart) -> str:
    """Return a chart as JSON with plotly's `data` and two layouts, `wide` and `narrow`; same chart, same text.

    The narrow layout has one facet a row, for phones. Of a series of points with more
    than `MAX_POINTS` members every k-th is kept, k as small as possible, so that a
    page of large panels stays quick.
    """
    figure = {
        "data": _traces(chart),
        "wide": _layout(chart, _PAGE),
        "narrow": _layout(replace(chart, columns=1), _PHONE),
    }
    return json.dumps(figure, ensure_ascii=True, separators=(",", ":"), allow_nan=False)


def heights(chart: Chart) -> tuple[int, int]:
    """Return the heights of the wide and the narrow layout in pixels."""
    return int(_layout(chart, _PAGE)["height"]), int(_layout(replace(chart, columns=1), _PHONE)["height"])


def plotly_js() -> str:
    """Return the text of plotly.js, which a page needs once."""
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def draw(chart: Chart, width: int = _PAGE) -> Any:
    """Return a chart as a figure of the package plotly, which checks every key; for a page of `width` pixels."""
    import plotly.graph_objects as go

    return go.Figure(data=_traces(chart), layout=_layout(chart, width))


def thinned(mark: Mark, limit: int = MAX_POINTS) -> slice:
    """Return which points of a mark are drawn: all, or every k-th when there are more than `limit`."""
    return slice(None, None, max(1, math.ceil(len(mark.x) / limit)) if mark.kind == "points" else 1)


def _layout(chart: Chart, width: int) -> dict[str, Any]:
    legend = 22 * _legend_rows(chart, width)
    x_title = _broken(chart.x_label, (width - 80) // chart.columns)
    bottom, top = 52 + 16 * x_title.count("<br>") + legend, 34
    layout: dict[str, Any] = {
        "template": _TEMPLATE,
        "height": _plot_height(chart) + top + bottom,
        "margin": {"l": 58, "r": 12, "t": top, "b": bottom},
        "font": {**_FONT, "size": 12.5},
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
        "hovermode": "closest", "hoverlabel": {"font": _FONT}, "showlegend": legend > 0,
        "legend": {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0,
                   "itemsizing": "constant", "tracegroupgap": 0},
    }  # fmt: skip
    for index, facet in enumerate(chart.facets, start=1):
        layout[f"xaxis{_suffix(index)}"] = _x_axis(chart, facet, index, x_title)
        layout[f"yaxis{_suffix(index)}"] = _y_axis(chart, facet, index)
    facets = list(enumerate(chart.facets, start=1))
    layout["annotations"] = [words for index, facet in facets for words in _annotations(facet, index)]
    layout["shapes"] = [line for index, facet in facets for line in _reference_lines(chart, facet, index)]
    return layout


def _broken(label: str, width: int) -> str:
    """Return an axis label in as many lines as it needs in `width` pixels."""
    return "<br>".join(textwrap.wrap(label, max(16, int(width / 6.8))))


def _legend_rows(chart: Chart, width: int) -> int:
    """Return about how many lines the legend takes, filled name by name; a single series needs none."""
    if not chart.has_legend:
        return 0
    rows, used = 1, 0
    for name in dict.fromkeys(mark.name for facet in chart.facets for mark in facet.marks):
        needed = 48 + 7 * len(name)
        if used and used + needed > width - 70:
            rows, used = rows + 1, 0
        used += needed
    return rows


def _plot_height(chart: Chart) -> int:
    """Return the height of all facets and the gaps between them, in pixels."""
    if chart.categories:
        facet = 40 + 26 * len(chart.categories)
    else:
        facet = _FACET if chart.columns > 1 or len(chart.facets) > 1 else _FACET + 50
    return chart.n_rows * facet + (chart.n_rows - 1) * _ROW_GAP


def _x_axis(chart: Chart, facet: Facet, index: int, title: str) -> dict[str, Any]:
    low, high = limits(chart, facet, "x")
    ends = [math.log10(low), math.log10(high)] if chart.log_x else [low, high]
    column = (index - 1) % chart.columns
    return {
        "range": ends, "anchor": f"y{_suffix(index)}", "domain": _domain(column, chart.columns),
        "type": "log" if chart.log_x else "linear", "dtick": 1 if chart.log_x else None,
        "title": {"text": title if _is_last_row(chart, index) else "", "standoff": 8},
    }  # fmt: skip


def _y_axis(chart: Chart, facet: Facet, index: int) -> dict[str, Any]:
    row, column = divmod(index - 1, chart.columns)
    low, high = _domain(row, chart.n_rows, gap=_ROW_GAP / _plot_height(chart))
    place = {"anchor": f"x{_suffix(index)}", "domain": [1 - high, 1 - low], "automargin": True,
             "title": {"text": _broken(chart.y_label, _FACET) if column == 0 else "", "standoff": 6}}  # fmt: skip
    if chart.categories:
        n = len(chart.categories)
        ticks = {"tickvals": list(range(n)), "ticktext": list(chart.categories)}
        return {"range": [n - 0.4, -0.6], **place, **ticks}
    return {"range": list(limits(chart, facet, "y")), **place}


def _suffix(index: int) -> str:
    """Return the number of an axis as plotly writes it: none for the first."""
    return str(index) if index > 1 else ""


def _domain(place: int, n: int, gap: float = _COLUMN_GAP) -> list[float]:
    width = (1 - gap * (n - 1)) / n
    return [round(place * (width + gap), 5), round(min(1.0, place * (width + gap) + width), 5)]


def _is_last_row(chart: Chart, index: int) -> bool:
    return index + chart.columns > len(chart.facets)


def _traces(chart: Chart) -> list[dict[str, Any]]:
    """Return the series of all facets; the first of each name stands in the legend."""
    named: set[str] = set()
    traces = []
    for index, facet in enumerate(chart.facets, start=1):
        for mark in facet.marks:
            traces.append(_trace(chart, mark, index, first=mark.name not in named))
            named.add(mark.name)
    return traces


def _trace(chart: Chart, mark: Mark, index: int, *, first: bool) -> dict[str, Any]:
    kept = thinned(mark)
    trace: dict[str, Any] = {
        "type": "scatter", "name": mark.name, "legendgroup": mark.name, "showlegend": first,
        "x": _rounded(mark.x[kept]), "y": _rounded(rows_of(chart, mark)[kept]), "opacity": mark.opacity,
        "xaxis": f"x{_suffix(index)}", "yaxis": f"y{_suffix(index)}", "mode": _mode(mark),
        "marker": {"color": mark.style.colour, "symbol": _SYMBOLS[mark.style.symbol], "size": mark.size},
    }  # fmt: skip
    if mark.kind == "line":
        trace["line"] = {"color": mark.style.colour, "dash": mark.style.dash, "width": 2}
    if mark.kind == "interval":
        trace |= _bars(mark)
    if mark.labels is not None:
        trace |= {"text": list(mark.labels[kept]), "hovertemplate": "%{text}"}
    return trace


def _mode(mark: Mark) -> str:
    if mark.kind == "line":
        return "lines+markers" if mark.size else "lines"
    return "markers"


def _bars(mark: Mark) -> dict[str, Any]:
    ends = {"error_x": (mark.lower, mark.x, mark.upper), "error_y": (mark.y_lower, mark.y, mark.y_upper)}
    return {
        name: {
            "type": "data", "symmetric": False, "array": _rounded(upper - value),
            "arrayminus": _rounded(value - lower), "thickness": 1.6, "width": 0, "color": mark.style.colour,
        }
        for name, (lower, value, upper) in ends.items()
        if lower is not None and upper is not None
    }  # fmt: skip


def _rounded(values: npt.NDArray[Any]) -> list[Any]:
    """Return values as plain JSON numbers of five significant digits; None where there is no number."""
    return [float(f"{value:.5g}") if np.isfinite(value) else None for value in values.tolist()]


def _annotations(facet: Facet, index: int) -> list[dict[str, Any]]:
    """Return the title of a facet above its frame, and its note inside."""
    place = {"xref": f"x{_suffix(index)} domain", "yref": f"y{_suffix(index)} domain", "xanchor": "left",
             "showarrow": False}  # fmt: skip
    title = {**place, "text": f"<b>{facet.title}</b>", "x": 0, "y": 1, "yshift": 4, "yanchor": "bottom"}
    note = {**place, "text": facet.note, "x": 0.03, "y": 0.97, "yanchor": "top", "font": {"size": 12}}
    return [words for words, said in ((title, facet.title), (note, facet.note)) if said]


def _reference_lines(chart: Chart, facet: Facet, index: int) -> list[dict[str, Any]]:
    x, y = f"x{_suffix(index)}", f"y{_suffix(index)}"
    shapes: list[dict[str, Any]] = []
    for place in facet.lines:
        at = math.log10(place) if chart.log_x else place
        shapes.append({"type": "line", "xref": x, "yref": f"{y} domain", "x0": at, "x1": at, "y0": 0, "y1": 1,
                       "line": _DOTTED})  # fmt: skip
    for place in facet.levels:
        shapes.append({"type": "line", "xref": f"{x} domain", "yref": y, "x0": 0, "x1": 1, "y0": place,
                       "y1": place, "line": _DOTTED})  # fmt: skip
    if chart.diagonal:
        low, high = limits(chart, facet, "x")
        shapes.append({"type": "line", "xref": x, "yref": y, "x0": low, "y0": low, "x1": high, "y1": high,
                       "line": {"color": GREY, "width": 1}, "layer": "below"})  # fmt: skip
    return shapes
