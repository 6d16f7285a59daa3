"""How training went: every number of the log against the update, and the checkpoint that was kept."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from genome_ac_gan.plots.chart import Chart, Facet, Mark, Style
from genome_ac_gan.plots.palette import COLOURS, DASHES

if TYPE_CHECKING:
    from pandas import DataFrame

SCORE, PART = "held-out score", "part of the score: "
_SCORES, _PARTS, _LIKELIHOODS, _ACCURACIES, _LOSSES = (
    "Held-out score",
    "Parts of the score",
    "Likelihood, nats a haplotype",
    "Accuracy on populations",
    "Losses",
)
_MAX_ENTRIES = 400


def training(log: "DataFrame") -> list[Chart]:
    """Return the held-out score with its parts, and the losses with the accuracies, as far as they were logged.

    Parameters
    ----------
    log
        Tidy: `step`, `curve`, `value` and `best` (whether the checkpoint of this
        step was the best until then). The curve `SCORE` chose the checkpoint, those
        that begin with `PART` are what it is made of; a name with `accuracy` is an
        accuracy, one with `likelihood` a likelihood in nats, any other a loss.
    """
    kept = log.loc[log["best"], "step"].max()
    words = f" The dotted line marks the checkpoint that was kept, that of update {kept:,.0f}."
    ending = words if kept == kept else ""
    charts = (
        ("training-score", "Held-out score", (_SCORES, _PARTS),
         "The score by which a checkpoint was chosen, on training people set aside for it, and what it is made "
         "of; lower is better. One made of samples is about 1 where they are as good as real people; that of a model "
         "that knows how probable haplotypes are is minus their mean log-likelihood, in nats."),
        ("training", "Losses and accuracy", (_LIKELIHOODS, _LOSSES, _ACCURACIES),
         "Losses of the networks, and how often the population of a haplotype was told rightly; of a long log, "
         "evenly spaced entries."),
    )  # fmt: skip
    drawn = [_chart(log, name, title, groups, caption + ending) for name, title, groups, caption in charts]
    return [chart for chart in drawn if chart is not None]


def _chart(log: "DataFrame", name: str, title: str, groups: Sequence[str], caption: str) -> Chart | None:
    titles = log["curve"].map(_group)
    names = list(dict.fromkeys(log["curve"][titles.isin(groups)]))
    kept = log.loc[log["best"], "step"].max()
    facets = [
        Facet(
            title=group,
            marks=_lines(log[titles == group], names),
            lines=[float(kept)] if kept == kept else [],
        )
        for group in groups
        if (titles == group).any()
    ]
    if not facets:
        return None
    return Chart(
        name=name,
        title=title,
        caption=caption,
        x_label="Updates",
        y_label="",
        facets=facets,
        columns=len(facets),
        shared=False,
    )


def _group(curve: str) -> str:
    if curve == SCORE:
        return _SCORES
    if curve.startswith(PART):
        return _PARTS
    if "likelihood" in curve:
        return _LIKELIHOODS
    return _ACCURACIES if "accuracy" in curve else _LOSSES


def _lines(rows: "DataFrame", names: Sequence[str]) -> list[Mark]:
    """Return a line for each curve of a facet; its look is its place among all curves of the chart."""
    return [
        _line(rows[rows["curve"] == name], name, index)
        for index, name in enumerate(names)
        if (rows["curve"] == name).any()
    ]


def _line(rows: "DataFrame", name: str, index: int) -> Mark:
    every = rows.iloc[:: max(1, -(-len(rows) // _MAX_ENTRIES))]
    return Mark(
        name=name.removeprefix(PART).replace("_", " "),
        x=every["step"].to_numpy(float),
        y=every["value"].to_numpy(float),
        kind="line",
        style=Style(colour=COLOURS[index % len(COLOURS)], dash=DASHES[index // len(COLOURS) % len(DASHES)]),
        size=5.0 if len(every) <= 40 else 0.0,
    )
