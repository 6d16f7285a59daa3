"""How well hidden alleles are imputed, by their frequency: a line for each reference panel."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from genome_ac_gan.plots.chart import Chart, Facet, Mark, Style
from genome_ac_gan.plots.palette import SOURCES, Styles, ordered_sources, set_names, source_name

if TYPE_CHECKING:
    from pandas import DataFrame

_PANELS = {"synthetic": "The set alone as reference", "both": "Half the set, half training haplotypes"}


def imputation(table: "DataFrame", curves: "Mapping[str, DataFrame]", styles: Styles) -> list[Chart]:
    """Return mean r2 by minor allele frequency, a facet for each kind of panel; nothing when no bin holds a variant.

    Parameters
    ----------
    table
        Not used.
    curves
        `imputation`: columns source, panel (`synthetic`, `both` or `train`),
        maf, r2, n_variants; a row is a bin. The line of the training haplotypes
        is that of the first set's `train`; the anchor `real`, whose panel is
        smaller, is left out.
    styles
        Looks of the sources.
    """
    curve = curves.get("imputation")
    if curve is None or curve[curve["maf"] > 0].empty:
        return []
    chart = Chart(
        name="imputation",
        title="Imputation of hidden alleles",
        caption="Mean squared correlation (r²) of the hidden alleles of held-out people with what is imputed for "
        "them from a reference panel, by the minor allele frequency in those people, on a logarithmic axis. All "
        "panels have as many haplotypes as the training panel whose line is drawn too: a set whose line comes near "
        "it is as good a reference as real people.",
        x_label="Minor allele frequency (held-out people)",
        y_label="Mean r²",
        facets=[Facet(title=title, marks=_lines(curve, panel, styles)) for panel, title in _PANELS.items()],
        columns=2,
        log_x=True,
    )
    return [chart]


def _lines(curve: "DataFrame", panel: str, styles: Styles) -> list[Mark]:
    marks = [
        _line(curve, source, panel, source_name(source), styles.source(source))
        for source in ordered_sources(curve["source"])
        if source not in ("real", "train")
    ]
    for source in set_names(curve["source"])[:1]:
        marks.append(_line(curve, source, "train", source_name("train"), SOURCES["train"]))
    return [mark for mark in marks if len(mark.x)]


def _line(curve: "DataFrame", source: str, panel: str, name: str, style: Style) -> Mark:
    rows = curve[(curve["source"] == source) & (curve["panel"] == panel)].sort_values("maf")
    x, y = rows["maf"].to_numpy(float), rows["r2"].to_numpy(float)
    return Mark(name=name, x=x, y=y, kind="line", style=style, size=0.0)
