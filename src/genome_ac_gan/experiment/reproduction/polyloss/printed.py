"""What the paper prints of PLCE and CCE (section 4.1, Figures 3 and 4), beside what was found here."""

from collections.abc import Mapping
from math import comb
from typing import Any

import numpy as np
import pandas as pd

from genome_ac_gan.experiment.reproduction.polyloss.config import PolylossConfig
from genome_ac_gan.experiment.reproduction.polyloss.tables import DIFFERENCE
from genome_ac_gan.metrics.base import POOLED

ACCURACY = {"plce": 0.88, "cce": 0.82, DIFFERENCE: 0.06}
CHECKPOINTS, P_VALUE = 289, 0.00042
VARIANTS, EPOCHS, RUNS = 10_000, 10_000, 3

Row = tuple[str, str, float, float, float, float, float, str]  # as `COMPARED` has it
_NAMES = {
    "plce": "Class accuracy on test haplotypes, PLCE", "cce": "Class accuracy on test haplotypes, CCE",
    DIFFERENCE: "The difference of the two",
}  # fmt: skip


def deviations(config: PolylossConfig, n_variants: int | None, n_done: int) -> str:
    """Return in what the runs are not the paper's, in one clause; empty where they are.

    Parameters
    ----------
    config
        Settings.
    n_variants
        Of the panel; None where nothing is done yet.
    n_done
        Runs that are done.
    """
    n_runs = 2 * len(config.seeds)
    parts = {
        f"{n_variants or 0:,} variants in place of {VARIANTS:,}": n_variants not in (None, VARIANTS),
        f"{config.n_epochs:,} epochs in place of {EPOCHS:,}": config.n_epochs != EPOCHS,
        f"{len(config.seeds)} runs of each loss in place of {RUNS}": len(config.seeds) != RUNS,
        f"the preset {config.preset}": config.preset != "paper",
        f"PLCE in its reading {config.own_reading}": config.own_reading != "paper",
        f"{n_done} of {n_runs} runs done": n_done < n_runs,
    }
    return ", ".join(words for words, differs in parts.items() if differs)


def accuracies(scores: pd.DataFrame | None, why: str) -> list[Row]:
    """Return the rows of Figure 3 from the table `scores`, None while nothing is done."""
    rows = []
    for loss, paper in ACCURACY.items():
        found = _accuracy(scores, loss)
        rows.append(_row("Figure 3", _NAMES[loss], found, "value", n="n", paper=paper, ends=True, note=why))
    return rows


def _accuracy(scores: pd.DataFrame | None, loss: str) -> Mapping[str, float]:
    if scores is None:
        return {}
    wanted = (scores["loss"] == loss) & (scores["population"] == POOLED) & (scores["statistic"] == "accuracy")
    found = _records(scores[wanted])
    return found[0] if found else {}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def significance(tests: pd.DataFrame | None, config: PolylossConfig, why: str) -> list[Row]:
    """Return the rows of Figure 4 from the table `tests`, None while it cannot be made, and those of other tests."""
    by_name = {} if tests is None else {row["test"]: row for row in _records(tests)}
    pooled, runs, ways, effective = (
        by_name.get(name, {}) for name in ("pooled", "runs", "permutation", "effective")
    )
    printed, again = "Figure 4", "Figure 4, a run being one observation"
    count = f"Checkpoints of each loss, the {config.removed} largest and smallest left out"
    alike = "without its extremes a spread is smaller, and checkpoints are not runs: p comes out too small"
    fewest = f"p cannot fall below {2 / comb(2 * len(config.seeds), len(config.seeds)):.2g} with so few runs"
    return [
        _row(printed, count, pooled, "n_plce", paper=CHECKPOINTS, note=f"one every {config.every} epochs"),
        _row(printed, "p of the t-test of these checkpoints", pooled, "p", n="n_plce", paper=P_VALUE, note=alike),
        _row(again, "Mean accuracy over checkpoints, PLCE minus CCE", runs, "difference", n="n_plce", ends=True,
             note=why),
        _row(again, "p of Welch's t-test of the runs' means", runs, "p", n="n_plce", note="not in the paper"),
        _row(again, "p by all ways to give the runs to the losses", ways, "p", n="n_plce", note=fewest),
        _row(again, "p of Welch's t-test, checkpoints counted as far as they are independent", effective, "p",
             n="n_plce", note="not in the paper; n is of PLCE"),
    ]  # fmt: skip


def _row(
    figure: str,
    quantity: str,
    found: Mapping[str, float],
    here: str,
    *,
    n: str = "",
    paper: float = np.nan,
    ends: bool = False,
    note: str,
) -> Row:
    """Return a row from the columns of what was found, NaN for those that it does not have."""
    lower, upper = (found.get(name, np.nan) if ends else np.nan for name in ("lower", "upper"))
    return figure, quantity, paper, found.get(here, np.nan), lower, upper, found.get(n, np.nan), note
