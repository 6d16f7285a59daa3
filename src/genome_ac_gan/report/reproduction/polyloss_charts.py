"""Figures of the polyloss experiment: functions of its tables."""

from typing import TYPE_CHECKING

import numpy as np

from genome_ac_gan.plots import Chart, Facet, Mark, Style, boxes
from genome_ac_gan.plots.dots import population_order
from genome_ac_gan.plots.lines import line, population_title
from genome_ac_gan.plots.palette import COLOURS, SYMBOLS

if TYPE_CHECKING:
    from pandas import DataFrame

LOSSES = {"plce": "PLCE", "cce": "CCE"}
STYLES = {"plce": Style(colour=COLOURS[0]), "cce": Style(colour=COLOURS[1], symbol="square", dash="dash")}
_ACCURACY = "Class accuracy on test people"


def recalls(scores: "DataFrame") -> Chart:
    """Return the share of each population's haplotypes that were taken for it, with intervals."""
    rows = scores[(scores["statistic"] == "accuracy") & scores["loss"].isin(list(LOSSES))]
    order = population_order(rows["population"])
    marks = []
    for loss, name in LOSSES.items():
        of = rows[rows["loss"] == loss]
        marks.append(
            Mark(
                name=name, x=of["value"].to_numpy(float), y=of["population"].map(population_title).to_numpy(str),
                kind="interval", style=STYLES[loss], size=8.0, lower=of["lower"].to_numpy(float),
                upper=of["upper"].to_numpy(float),
            )
        )  # fmt: skip
    return Chart(
        name="polyloss-recalls",
        title="Which haplotypes are taken for what they are",
        caption="Share of the test haplotypes that the class head gives their own population, at the last checkpoint, "
        "over all runs of a loss; bars are 95% intervals, people and runs being weighted at random.",
        x_label="Share of haplotypes given their own population",
        y_label="",
        facets=[Facet(title="", marks=[mark for mark in marks if len(mark.x)])],
        categories=[population_title(name) for name in order],
    )


def curves(checkpoints: "DataFrame", means: "DataFrame") -> Chart:
    """Return the accuracy of every run, and its mean over the runs of a loss, against the epoch."""
    marks = []
    for loss, name in LOSSES.items():
        of = checkpoints[checkpoints["loss"] == loss]
        for seed in dict.fromkeys(of["seed"]):
            drawn = of[of["seed"] == seed]
            marks.append(
                Mark(
                    name=f"{name}, each run", x=drawn["epoch"].to_numpy(float),
                    y=drawn["accuracy"].to_numpy(float), kind="line", style=STYLES[loss], size=0.0, opacity=0.3,
                )
            )  # fmt: skip
    for loss, name in LOSSES.items():
        of = means[means["loss"] == loss]
        marks.append(line(of, "epoch", "value", f"{name}, mean", STYLES[loss]))
    return Chart(
        name="polyloss-curves",
        title="Class accuracy in the course of training",
        caption="How many of the test people's haplotypes the class head of the discriminator gives their own "
        "population, at each checkpoint. Nothing is chosen by it.",
        x_label="Epochs",
        y_label=_ACCURACY,
        facets=[Facet(title="", marks=[mark for mark in marks if len(mark.x)])],
    )


def accuracy_boxes(table: "DataFrame") -> Chart:
    """Return boxes of the accuracies of checkpoints: over all runs of a loss, and of each run."""
    names = list(dict.fromkeys(table["run"].astype(str)))
    five = ["smallest", "q1", "median", "q3", "largest"]
    marks = []
    for shift, (loss, name) in zip((-0.2, 0.2), LOSSES.items(), strict=True):
        of = table[table["loss"] == loss]
        rows = np.array([names.index(run) for run in of["run"].astype(str)], dtype=float) + shift
        style = Style(colour=STYLES[loss].colour)
        marks.append(boxes(name, rows, of[five].to_numpy(float).tolist(), style))
    return Chart(
        name="polyloss-boxes",
        title="Accuracies of the checkpoints",
        caption="The box reaches from the first to the third quartile of the checkpoints, the stroke in it is the "
        "median, and the whiskers end at the smallest and the largest. The first row is the paper's Figure 4; the "
        "others tell how alike the checkpoints of one run are.",
        x_label=_ACCURACY,
        y_label="",
        facets=[Facet(title="", marks=[mark for mark in marks if len(mark.x)])],
        categories=["All runs" if name == "all" else f"Seed {name}" for name in names],
    )


def grid(table: "DataFrame") -> Chart:
    """Return the accuracy on validation people against epsilon, a line for each alpha; CCE as a dotted level."""
    plce, cce = table[table["loss"] == "plce"], table[table["loss"] == "cce"]
    marks = []
    for index, alpha in enumerate(dict.fromkeys(plce["alpha"])):
        of = plce[plce["alpha"] == alpha].sort_values("epsilon")
        style = Style(colour=COLOURS[index % len(COLOURS)], symbol=SYMBOLS[index % len(SYMBOLS)])
        marks.append(
            Mark(
                name=f"alpha {alpha:g}", x=of["epsilon"].to_numpy(float), y=of["value"].to_numpy(float), kind="line",
                style=style, size=7.0,
            )
        )  # fmt: skip
    return Chart(
        name="polyloss-grid",
        title="Epsilon and alpha on validation people",
        caption="Mean class accuracy over the later half of the checkpoints, on people cut out of the training people; "
        "one training a pair. The dotted line is plain cross-entropy, trained on the same people for as long.",
        x_label="epsilon, the weight of the penalty",
        y_label="Class accuracy on validation people",
        facets=[Facet(title="", marks=marks, levels=cce["value"].tolist())],
        log_x=bool((plce["epsilon"] > 0).all()),
    )
