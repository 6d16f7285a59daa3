"""Linkage disequilibrium against distance, a line for each panel."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from genome_ac_gan.plots.chart import Chart, Facet, Mark, Style
from genome_ac_gan.plots.palette import REAL, SOURCES, Styles, ordered_sources, set_names, source_name

if TYPE_CHECKING:
    from pandas import DataFrame

FEWEST_PAIRS = 20
_READINGS = {
    "corrected": "Variants common in real people",
    "compat": "Published variants and bins",
    "corrected_cm": "Variants common in real people",
}
_CAPTION = (
    "Mean squared correlation (r²) between the alleles of two variants by their distance, on a logarithmic "
    "axis. The closer the artificial genomes come to the real curve, the better they keep linkage. Bars are "
    f"the standard error over pairs. Bins of fewer than {FEWEST_PAIRS} pairs are not drawn."
)


def decay(curve: "DataFrame", styles: Styles) -> Chart | None:
    """Return mean r2 by distance in bp with a facet for each reading; None when no bin holds a pair.

    Parameters
    ----------
    curve
        Columns source, reading, panel (`holdout` or `synthetic`), distance (cM for
        `corrected_cm`, bp for others), r2, sem (left out: no bars), n_pairs; a row is a
        bin. The line of the real people is that of the first set's holdout; the anchor
        `real` is left out.
    styles
        Looks of the sources.
    """
    readings = sorted(
        set(curve["reading"]) - {"corrected_cm"},
        key=lambda name: (name not in _READINGS, name != "corrected", name),
    )
    facets = {_READINGS.get(name, name): curve[curve["reading"] == name] for name in readings}
    return _chart(
        facets, styles, name="ld-decay", title="Decay of linkage disequilibrium", unit="bp", columns=2
    )


def genetic_decay(curve: "DataFrame", styles: Styles) -> Chart | None:
    """Return mean r2 by distance in cM; None without the reading `corrected_cm`.

    The bin of the shortest distances, 0 included, is the first point.
    """
    rows = curve[curve["reading"] == "corrected_cm"]
    return _chart(
        {_READINGS["corrected_cm"]: rows}, styles, name="ld-decay-cm",
        title="Decay of linkage disequilibrium with genetic distance", unit="cM", columns=1,
    )  # fmt: skip


def decay_by_population(curve: "DataFrame", styles: Styles) -> Chart | None:
    """Return mean r2 by distance in bp with a facet for each population; `curve` has a column population."""
    names = sorted(set(curve["population"]))
    return _chart(
        {name: curve[curve["population"] == name] for name in names}, styles, name="ld-decay-by-population",
        title="Decay of linkage disequilibrium within populations", unit="bp",
        columns=3 if len(names) <= 9 else 4,
    )  # fmt: skip


def _chart(
    panels: "dict[str, DataFrame]", styles: Styles, *, name: str, title: str, unit: str, columns: int
) -> Chart | None:
    drawn = {title: _drawn(rows) for title, rows in panels.items()}
    facets = [Facet(title=title, marks=_lines(rows, styles)) for title, rows in drawn.items() if len(rows)]
    if not facets:
        return None
    return Chart(
        name=name,
        title=title,
        caption=_CAPTION,
        x_label=f"Distance between variants ({unit})",
        y_label="Mean r²",
        facets=facets,
        columns=min(columns, len(facets)),
        log_x=True,
    )


def _drawn(curve: "DataFrame") -> "DataFrame":
    """Return the bins with enough pairs; every filled bin of a panel so small that none has them."""
    filled = curve[(curve["n_pairs"] > 0) & (curve["distance"] > 0)]
    enough = filled[filled["n_pairs"] >= FEWEST_PAIRS]
    return filled if enough.empty else enough


def _lines(curve: "DataFrame", styles: Styles) -> list[Mark]:
    marks: list[Mark] = []
    for source in [name for name in ordered_sources(curve["source"]) if name != "real"]:
        rows = curve[(curve["source"] == source) & (curve["panel"] == "synthetic")]
        marks.extend(_line(rows, source_name(source), styles.source(source)))
    first = curve["source"].isin(set_names(curve["source"])[:1]) & (curve["panel"] == "holdout")
    marks.extend(_line(curve[first], REAL, SOURCES["real"]))
    return marks


def _line(rows: "DataFrame", name: str, style: Style) -> Sequence[Mark]:
    """Return the line of a panel and the bars on it; nothing without a bin."""
    rows = rows.sort_values("distance")
    x, y = rows["distance"].to_numpy(float), rows["r2"].to_numpy(float)
    if not len(x):
        return []
    line = Mark(name=name, x=x, y=y, kind="line", style=style, size=0.0)
    if "sem" not in rows:
        return [line]
    error = rows["sem"].to_numpy(float)
    bars = Mark(
        name=name, x=x, y=y, kind="interval", style=style, size=0.0, y_lower=y - error, y_upper=y + error
    )
    return [line, bars]
