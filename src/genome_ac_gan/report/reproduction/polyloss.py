"""How the polyloss experiment is told: section 4.1 of the paper, with its Figures 3 and 4."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from genome_ac_gan.report.reproduction import polyloss_charts as charts
from genome_ac_gan.report.reproduction.parts import Account, Part, Tables
from genome_ac_gan.report.tables import number, with_interval

if TYPE_CHECKING:
    from pandas import DataFrame

SCORES = {
    "accuracy": "Accuracy", "kappa": "Cohen's kappa", "f1_macro": "F1, mean of the populations (macro)",
    "f1_weighted": "F1, populations weighted by their haplotypes (weighted)",
}  # fmt: skip
TESTS = {
    "pooled": "Student's t, checkpoints taken for independent (as in the paper)",
    "effective": "Welch's t, checkpoints counted as far as they are independent",
    "runs": "Welch's t, a run being one observation",
    "permutation": "All ways to give the runs to the losses",
}
READINGS = {
    "paper": "as the paper prints it (Eq. 9: the softmax is taken of probabilities)",
    "code": "as the authors' program has it (the cross-entropy smoothed too)",
    "polyloss": "as Leng et al. 2022 define it",
}
PRESETS = {
    "paper": "the paper's text (preset paper)", "code": "the authors' program (preset code)",
    "dense": "a recipe of ours (preset dense)",
}  # fmt: skip
LIMITS = (
    "Accuracies at checkpoints are read on the test people, as in the paper. Nothing is chosen by them; whoever picks "
    "the best checkpoint by them would flatter it.",
    "The published test leaves out extremes, which makes a spread smaller than it is, and takes the checkpoints of a "
    "few runs for as many runs; both make p too small. A few runs of each loss are a few observations.",
    "Runs of one seed begin with the same weights and see the same batches under both losses; other seeds, other "
    "batches and another panel would move both.",
    "The grid has one training for each pair. Differences smaller than those between checkpoints mean nothing.",
    "Where the variants tell ancestry by themselves, as the 805 of the small panel do, either loss is nearly always "
    "right, and there is little room for one to be better.",
    "This is the class head of a discriminator in the midst of its game, not the best classifier of these people.",
)


def methods(settings: Mapping[str, Any]) -> str:
    """Return what was done, from the settings."""
    grid, seeds = settings["grid"], settings["seeds"]
    reading = _reading(settings)
    words = (
        f"Genome-AC-GANs of {PRESETS[settings['preset']]} were trained for {settings['n_epochs']:,} epochs with the "
        f"polyloss cross-entropy {READINGS[reading]}, epsilon {settings['epsilon']:g} and alpha "
        f"{settings['alpha']:g}, and with plain cross-entropy, {_runs(len(seeds))} of each with the "
        f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}. Every {settings['every']} epochs the class head "
        "of the discriminator told the population of each test haplotype, without dropout. Intervals are those of "
        "1,000 draws in which people and runs are weighted at random. As in the paper, the accuracies of the "
        f"checkpoints of all runs of a loss, without the {settings['removed']} largest and smallest, were compared by "
        "Student's t-test; then the means of runs by Welch's t-test and by all ways to give them to the losses, and "
        "the checkpoints once more, counted for as many as their autocorrelation leaves independent (Geyer 1992)."
    )
    if not grid["epsilon"] or not grid["alpha"]:
        return words
    return words + (
        f" A grid of epsilon and alpha (PLCE {READINGS[grid['reading'] or reading]}) was trained for "
        f"{grid['n_epochs']:,} epochs without {grid['validation']:.0%} of the training people, who then judged it; "
        "test people had no part in it."
    )


def _reading(settings: Mapping[str, Any]) -> str:
    own = "code" if settings["preset"] == "code" else "paper"
    return str(settings["reading"] or own)


def _runs(n: int) -> str:
    return "one run" if n == 1 else f"{n} runs"


def parts(tables: Tables, settings: Mapping[str, Any]) -> Sequence[Part]:
    """Return the parts of the page whose tables are there."""
    found = []
    if "confusion" in tables:
        found += [_confusion(tables), _scores(tables["scores"]), _curves(tables), _boxes(tables["boxes"])]
    if "tests" in tables:
        found.append(_tests(tables["tests"]))
    if "grid" in tables:
        found.append(_grid(tables["grid"]))
    return found


# -- Figure 3 -------------------------------------------------------------------------------------


def _confusion(tables: Tables) -> Part:
    table = tables["confusion"]
    names = list(dict.fromkeys(table["taken_for"]))
    columns: dict[str, list[str]] = {
        "Population": [],
        "Haplotypes": [],
        **{f"as {name}": [] for name in names},
    }
    for loss, words in charts.LOSSES.items():
        for population in names:
            rows = table[(table["loss"] == loss) & (table["population"] == population)]
            if rows.empty:
                continue
            columns["Population"].append(f"{words}: {population}")
            columns["Haplotypes"].append(f"{rows['n'].sum():,}")
            for name, share in zip(rows["taken_for"], rows["share"], strict=True):
                columns[f"as {name}"].append(f"{share:.3f}" if math.isfinite(share) else "–")
    return Part(
        id="confusion",
        title="Who is taken for whom",
        text="Figure 3 of the paper: what share of the test haplotypes of a population the class head takes for each "
        "population, at the last checkpoint; the runs of a loss are pooled, so that each haplotype counts once a run.",
        charts=[charts.recalls(tables["scores"])],
        table=columns,
    )


def _scores(scores: "DataFrame") -> Part:
    pooled = scores[scores["population"] == "all"]
    columns: dict[str, list[str]] = {"Score": []}
    named = {**charts.LOSSES, "difference": "PLCE minus CCE"}
    for statistic, words in SCORES.items():
        columns["Score"].append(words)
        for loss, name in named.items():
            row = pooled[(pooled["loss"] == loss) & (pooled["statistic"] == statistic)]
            columns.setdefault(name, []).append(_cell(row))
    return Part(
        id="scores",
        title="Scores of the class head",
        text="The paper gives the F1 of Figure 3 weighted and that of its files as a mean of the populations; both are "
        "here, under their names.",
        table=columns,
    )


def _cell(row: "DataFrame") -> str:
    if row.empty:
        return "–"
    return with_interval(*row[["value", "lower", "upper"]].iloc[0])


# -- Figure 4 -------------------------------------------------------------------------------------


def _curves(tables: Tables) -> Part:
    runs = tables["runs"]
    return Part(
        id="curves",
        title="In the course of training",
        text="The class head at every checkpoint. The table has the runs: how their checkpoints spread, how alike one "
        "is to the next (autocorrelation), and how many independent ones they are worth.",
        charts=[charts.curves(tables["checkpoints"], tables["curves"])],
        table={
            "Run": [
                f"{charts.LOSSES[loss]}, seed {seed}" for loss, seed in zip(runs["loss"], runs["seed"], strict=True)
            ],
            "Updates": [f"{n:,}" for n in runs["updates"]],
            "Checkpoints": [f"{n:,}" for n in runs["checkpoints"]],
            "Mean": [number(value) for value in runs["mean"]],
            "SD": [number(value) for value in runs["sd"]],
            "Last": [number(value) for value in runs["last"]],
            "Autocorrelation": [number(value) for value in runs["lag_1"]],
            "Worth": [f"{value:.1f}" for value in runs["effective"]],
            "Training, s": [f"{value:,.0f}" for value in runs["seconds"]],
        },
    )  # fmt: skip


def _boxes(table: "DataFrame") -> Part:
    return Part(
        id="boxes",
        title="Accuracies of the checkpoints",
        text="Figure 4 of the paper, and beside it the same run by run.",
        charts=[charts.accuracy_boxes(table)],
    )


def _tests(tests: "DataFrame") -> Part:
    return Part(
        id="tests",
        title="Is one loss better?",
        text="Mean accuracy with PLCE minus that with CCE. The first row repeats the paper's test; the others do not "
        "take the checkpoints of one run for independent observations.",
        table={
            "Test": [TESTS[name] for name in tests["test"]],
            "Difference": [number(value) for value in tests["difference"]],
            "95% interval": [
                f"{number(lower)} to {number(upper)}" if math.isfinite(lower) else "–"
                for lower, upper in zip(tests["lower"], tests["upper"], strict=True)
            ],
            "t": [number(value) for value in tests["t"]],
            "df": [f"{value:.1f}" if math.isfinite(value) else "–" for value in tests["df"]],
            "p": [f"{value:.2g}" if math.isfinite(value) else "–" for value in tests["p"]],
            "n, PLCE and CCE": [
                f"{first:.4g} and {second:.4g}"
                for first, second in zip(tests["n_plce"], tests["n_cce"], strict=True)
            ],
        },
    )


# -- the grid -------------------------------------------------------------------------------------


def _grid(table: "DataFrame") -> Part:
    plce = table[table["loss"] == "plce"]
    return Part(
        id="grid",
        title="Epsilon and alpha",
        text=f"Each pair was trained once, without the people who judge it ({table['haplotypes'].iloc[0]:,} "
        "haplotypes); the range is that of the later half of the checkpoints, over which the accuracy is the mean.",
        charts=[charts.grid(table)] if len(plce) else [],
        table={
            "Loss": [
                f"PLCE, epsilon {epsilon:g}, alpha {alpha:g}" if loss == "plce" else "CCE"
                for loss, epsilon, alpha in zip(table["loss"], table["epsilon"], table["alpha"], strict=True)
            ],
            "Accuracy": [number(value) for value in table["value"]],
            "Range": [
                f"{number(lower)} to {number(upper)}"
                for lower, upper in zip(table["lower"], table["upper"], strict=True)
            ],
            "Checkpoints": [f"{n:,}" for n in table["n"]],
        },
    )


ACCOUNT = Account(
    title="What the polyloss cross-entropy is worth",
    lead="The paper trains the discriminator's class head with a cross-entropy that has a penalty added (PLCE), and "
    "reports that it tells the continents of unseen people better than plain cross-entropy (CCE) does.",
    methods=methods,
    parts=parts,
    documented=("scores", "tests", "grid"),
    limits=LIMITS,
)
