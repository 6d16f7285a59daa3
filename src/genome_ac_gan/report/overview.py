"""Which two statistics span the overview: one of fidelity, one of privacy."""

from typing import TYPE_CHECKING

from genome_ac_gan.metrics import METRICS
from genome_ac_gan.plots import Chart, Styles
from genome_ac_gan.plots.overview import Axis, plane
from genome_ac_gan.report.about import title, words

if TYPE_CHECKING:
    from pandas import DataFrame

PREFERRED = {  # on all of these, larger is worse
    "fidelity": ("detection", "ld-decay"),
    "privacy": ("membership-inference", "nearest-neighbour-accuracy"),
}
STATISTICS = {"detection": "auc"}  # of the others, the headline


def overview(table: "DataFrame", styles: Styles) -> Chart | None:
    """Return the plane of fidelity and privacy; None when either was not computed over all populations."""
    pair = axes(table)
    if pair is None:
        return None
    preferred = {metric for metrics in PREFERRED.values() for metric in metrics}
    return plane(table, styles, *pair, corners={axis.metric for axis in pair} <= preferred)


def axes(table: "DataFrame") -> tuple[Axis, Axis] | None:
    """Return the axes of fidelity and privacy.

    How well a classifier tells artificial from real, and how well an attack tells
    members; where these were not computed, the next preferred headline, and at last
    that of any metric of the group.
    """
    pooled = table[table["population"] == "all"]
    computed = set(zip(pooled["metric"], pooled["statistic"], strict=True))
    x, y = (_axis(group, computed) for group in PREFERRED)
    return (x, y) if x and y else None


def _axis(group: str, computed: set[tuple[str, str]]) -> Axis | None:
    registered = (name for name, metric in METRICS.items() if metric.group == group)
    for name in dict.fromkeys([*PREFERRED[group], *registered]):
        if name not in METRICS:
            continue
        metric = METRICS[name]
        key = STATISTICS.get(name, metric.headline)
        if (name, key) in computed:
            statistic = metric.statistics[key]
            heading = f"{title(name)}, {statistic.name or words(key)}"
            return Axis(metric=name, statistic=key, words=heading, ideal=statistic.ideal)
    return None
