"""How populations differ: frequencies of two populations, and F_ST pair by pair, artificial against real."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from genome_ac_gan.plots.chart import Chart, Facet, Mark
from genome_ac_gan.plots.palette import Styles, set_names, source_name

if TYPE_CHECKING:
    from pandas import DataFrame

_ESTIMATORS = {"hudson": "Hudson", "weir_cockerham": "Weir and Cockerham"}


def differentiation(table: "DataFrame", curves: "Mapping[str, DataFrame]", styles: Styles) -> list[Chart]:
    """Return the differences of frequencies of each set, then F_ST of all; what has no curve is left out."""
    del table
    pairs, deltas = curves.get("population-differentiation"), curves.get("population-differences")
    if pairs is None or pairs.empty:
        return []
    charts = []
    if deltas is not None:
        charts = [differences(deltas, pairs, styles, source) for source in set_names(deltas["source"])]
    return [*charts, fst(pairs, styles)]


def differences(curve: "DataFrame", pairs: "DataFrame", styles: Styles, source: str) -> Chart:
    """Return a facet for each pair of populations, a point for each variant.

    Parameters
    ----------
    curve
        Columns source, first, second, holdout, synthetic: differences of
        frequencies, first population less second; a row is a variant.
    pairs
        Columns source, first, second, delta_r; printed where it is found.
    styles
        Looks of the sources.
    source
        Whose differences.
    """
    rows = curve[curve["source"] == source]
    known = pairs[pairs["source"] == source]
    r = {
        frozenset(pair): value
        for *pair, value in zip(known["first"], known["second"], known["delta_r"], strict=True)
    }
    facets = []
    for (first, second), of in rows.groupby(["first", "second"], sort=False):
        points = Mark(
            name=f"{first} − {second}",
            x=of["holdout"].to_numpy(float),
            y=of["synthetic"].to_numpy(float),
            kind="points",
            style=styles.source(source),
            opacity=0.6,
            size=4.5,
        )
        value = r.get(frozenset((first, second)))
        facets.append(
            Facet(title=points.name, marks=[points], note="" if value is None else f"r = {value:.3f}")
        )
    own = source == "synthetic"
    return Chart(
        name="population-differences" if own else f"population-differences-{source}",
        title="Differences between populations"
        if own
        else f"Differences between populations: {source_name(source)}",
        caption="Difference of the allele frequencies of two populations at each variant, among artificial genomes "
        "against held-out real people; on the line they agree. Of many variants, evenly spaced ones are drawn; "
        "r is over all. Of many pairs of populations, twelve are drawn.",
        x_label="Real difference",
        y_label="Artificial difference",
        facets=facets,
        columns=3 if len(facets) <= 9 else 4,
        square=True,
        diagonal=True,
    )


def fst(pairs: "DataFrame", styles: Styles) -> Chart:
    """Return F_ST of each pair of populations in each set and in the training haplotypes, against the holdout.

    Parameters
    ----------
    pairs
        Columns source, first, second, and for each estimator its name with
        `_holdout` and `_synthetic`; a row is a pair.
    styles
        Looks of the sources.
    """
    sources = [*(["train"] if (pairs["source"] == "train").any() else []), *set_names(pairs["source"])]
    return Chart(
        name="population-fst",
        title="F_ST of pairs of populations",
        caption="The share of the diversity of two populations that lies between them (F_ST), a point for each pair, "
        "among artificial genomes and among the training haplotypes against held-out real people; on the line "
        "they agree. Unclipped estimates: of two like populations they are around 0.",
        x_label="F_ST among real people",
        y_label="F_ST in the set",
        facets=[
            Facet(
                title=words,
                marks=[_points(pairs[pairs["source"] == source], name, styles, source) for source in sources],
            )
            for name, words in _ESTIMATORS.items()
        ],
        columns=2,
        square=True,
        diagonal=True,
    )


def _points(rows: "DataFrame", estimator: str, styles: Styles, source: str) -> Mark:
    x, y = (rows[f"{estimator}_{panel}"].to_numpy(float) for panel in ("holdout", "synthetic"))
    labels = [
        f"{source_name(source)}, {first} and {second}: {there:.4f}, real {real:.4f}"
        for first, second, real, there in zip(rows["first"], rows["second"], x, y, strict=True)
    ]  # fmt: skip
    return Mark(
        name=source_name(source), x=x, y=y, kind="points", style=styles.source(source), opacity=0.8, size=7.0,
        labels=labels,
    )  # fmt: skip
