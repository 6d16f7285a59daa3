"""The tables of docs/comparison.md out of a benchmark folder, in Markdown.

    genome-ac-gan benchmark examples/benchmark-805.yaml -o runs/benchmark-805
    python benchmarks/tables.py runs/benchmark-805

Values over all populations as `benchmark.tsv` has them: means over seeds with the smallest and the largest, without a
range where there is one seed; of sets made elsewhere and of anchors their value. What each model took is from
`costs.tsv`: means over seeds, and in how many of them something went wrong.
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

FIDELITY = {
    "AF r": ("allele-frequency", "r", 4),
    "AF mean error": ("allele-frequency", "mae", 4),
    "PCA distance": ("pca-wasserstein", "corrected", 3),
    "LD decay, error": ("ld-decay", "corrected", 3),
    "r2 of all pairs, r": ("ld-decay", "r2_matrix_r", 3),
    "detection AUC": ("detection", "auc", 3),
}
REST = {
    "recovery rate": ("population-classifier", "recovery_svc", 3),
    "gain by augmentation": ("augmentation", "gain_svc", 3),
    "imputation r2": ("imputation", "r2", 3),
    "AATS truth": ("nearest-neighbour-accuracy", "truth", 2),
    "AATS syn": ("nearest-neighbour-accuracy", "syn", 2),
    "identical to training": ("copies", "identical_to_train", 3),
    "membership AUC, distance": ("membership-inference", "distance_auc", 3),
    "membership AUC, likelihood": ("membership-inference", "likelihood_auc", 3),
}


def number(value: float, digits: int) -> str:
    """Return a number as these pages write them: .123, -.5, 1.234, and - for none."""
    if pd.isna(value):
        return "–"
    if round(value, digits) in (0, 1):
        return str(round(value))
    return f"{value:.{digits}f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:,.{digits}f}"


def values(table: pd.DataFrame, columns: dict[str, tuple[str, str, int]]) -> str:
    """Return a table of sources by statistics, without those that are the same for all."""
    place = table.set_index(["model", "metric", "statistic"])
    columns = {name: what for name, what in columns.items() if _differs(place["value"], *what)}
    lines = [("", *columns), ("---",) * (1 + len(columns))]
    for model, of_model in table.groupby("model", sort=False):
        name = f"`{model}`" if of_model["kind"].iloc[0] != "synthetic" else str(model)
        cells = [
            _cell(place.loc[(model, *what)], digits) if (model, *what) in place.index else "–"
            for *what, digits in columns.values()
        ]
        lines.append((name, *cells))
    return _markdown(lines)


def _differs(values: pd.Series, metric: str, statistic: str, digits: int) -> bool:
    here = values.index.isin([metric], "metric") & values.index.isin([statistic], "statistic")
    return values[here].round(digits).nunique() > 1


def _cell(row: pd.Series, digits: int) -> str:
    value, lower, upper = (number(row[name], digits) for name in ("value", "lower", "upper"))
    return f"{value} ({lower} to {upper})" if row["n_seeds"] > 1 and lower != upper else value


def took(costs: pd.DataFrame) -> str:
    """Return what each model took, and what went wrong in how many of its seeds."""
    head = ("", "labels", "weights", "updates", "kept", "held-out score", "what went wrong")
    lines = [head, ("---",) * len(head)]
    done = costs[costs["status"].isin(["done", "failed"])]
    for model, of_model in done.groupby("model", sort=False):
        means = of_model[["parameters", "updates", "chosen_step"]].mean()
        lines.append((
            f"`{model}`", str(of_model["conditioning"].iloc[0]), *(number(value, 0) for value in means),
            number(of_model["held_out_score"].mean(), 2), _went_wrong(of_model["outcome"].fillna("")),
        ))  # fmt: skip
    return _markdown(lines)


def _went_wrong(outcomes: Iterable[str]) -> str:
    """Return what went wrong, in the words that seeds have in common, and in how many of them."""
    seeds = [dict.fromkeys(_in_short(sign) for sign in outcome.split("; ") if sign) for outcome in outcomes]
    signs = Counter(sign for of_seed in seeds for sign in of_seed)
    return "; ".join(f"{sign} ({n} of {len(seeds)})" for sign, n in signs.items())


def _in_short(sign: str) -> str:
    if "carry a label" in sign:
        return "hardly draws some labels"
    return re.sub(r"^[0-9]+% of the ", "some ", sign.split(" (")[0])


def _markdown(lines: list[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="of a benchmark")
    parser.add_argument("--panel", help="the first one when left out")
    options = parser.parse_args()
    table, costs = (pd.read_csv(options.folder / name, sep="\t") for name in ("benchmark.tsv", "costs.tsv"))
    panel = options.panel or table["panel"].iloc[0]
    table = table[(table["panel"] == panel) & (table["population"] == "all")]
    print(values(table, FIDELITY), values(table, REST), took(costs[costs["panel"] == panel]), sep="\n\n")


if __name__ == "__main__":
    main()
