"""Linkage disequilibrium against distance, a line for each panel."""

from typing import TYPE_CHECKING

from genome_ac_gan.plots.chart import Chart, Facet, Mark, Style
from genome_ac_gan.plots.palette import REAL, SOURCES, Styles, ordered_sources, set_names, source_name

if TYPE_CHECKING:
    from pandas import DataFrame

FEWEST_PAIRS = 20
_READINGS = {
    "corrected": "Variants common in real people",
    "compat": "Variants polymorphic in both, published bins",
}


def decay(curve: "DataFrame", styles: Styles) -> Chart | None:
    """Return mean r2 by distance with a facet for each reading; None when no bin holds a pair.

    Parameters
    ----------
    curve
        Columns source, reading, panel (`holdout` or `synthetic`), distance (bp), r2,
        n_pairs; a row is a bin. The line of the real people is that of the first
        set's holdout; the anchor `real` is left out.
    styles
        Looks of the sources.
    """
    filled = _drawn(curve)
    readings = sorted(
        set(filled["reading"]), key=lambda name: (name not in _READINGS, name != "corrected", name)
    )
    if not readings:
        return None
    facets = [
        Facet(title=_READINGS.get(name, name), marks=_lines(filled[filled["reading"] == name], styles))
        for name in readings
    ]
    return Chart(
        name="ld-decay",
        title="Decay of linkage disequilibrium",
        caption="Mean squared correlation (r²) between the alleles of two variants by their distance, on a "
        "logarithmic axis. The closer the artificial genomes come to the real curve, the better they keep "
        f"linkage. Bins of fewer than {FEWEST_PAIRS} pairs are not drawn.",
        x_label="Distance between variants (bp)",
        y_label="Mean r²",
        facets=facets,
        columns=min(2, len(facets)),
        log_x=True,
    )


def _drawn(curve: "DataFrame") -> "DataFrame":
    """Return the bins with enough pairs; every filled bin of a panel so small that none has them."""
    filled = curve[(curve["n_pairs"] > 0) & (curve["distance"] > 0)]
    enough = filled[filled["n_pairs"] >= FEWEST_PAIRS]
    return filled if enough.empty else enough


def _lines(curve: "DataFrame", styles: Styles) -> list[Mark]:
    marks = []
    for source in [name for name in ordered_sources(curve["source"]) if name != "real"]:
        rows = curve[(curve["source"] == source) & (curve["panel"] == "synthetic")]
        marks.append(_line(rows, source_name(source), styles.source(source)))
    first = curve["source"].isin(set_names(curve["source"])[:1]) & (curve["panel"] == "holdout")
    marks.append(_line(curve[first], REAL, SOURCES["real"]))
    return [mark for mark in marks if len(mark.x)]


def _line(rows: "DataFrame", name: str, style: Style) -> Mark:
    rows = rows.sort_values("distance")
    x, y = rows["distance"].to_numpy(float), rows["r2"].to_numpy(float)
    return Mark(name=name, x=x, y=y, kind="line", style=style, size=0.0)
