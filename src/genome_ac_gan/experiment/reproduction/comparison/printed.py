"""The values that the paper prints beside ours, with the reason why they differ."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from genome_ac_gan.experiment.reproduction.base import COMPARED
from genome_ac_gan.experiment.reproduction.comparison.experiment import TRAIN, ModelComparison
from genome_ac_gan.experiment.reproduction.comparison.tables import all_tables
from genome_ac_gan.metrics import POOLED

if TYPE_CHECKING:
    from pandas import DataFrame

N_VARIANTS, N_TEST, N_UPDATES = 10_000, 1_002, 10_000
ROLES = {
    TRAIN: "training haplotypes", "ac-gan-con": "AC-GAN by continent", "ac-gan-nat": "AC-GAN by nation",
    "wgan23": "WGAN23", "rbm23": "RBM23", "gan19": "GAN19",
}  # fmt: skip
W = {
    TRAIN: (897, 69), "ac-gan-con": (906, 62), "ac-gan-nat": (920, 79), "wgan23": (992, 123),
    "rbm23": (1657, 166), "gan19": (2661, 42),
}  # fmt: skip
LINKAGE = {TRAIN: 0.002, "ac-gan-con": 0.032, "gan19": 0.063}
OF_PAPERS = ("paper", "code", "yelmen2021", "rbm23", "wgan23")  # presets
EXCEPTION = "PUR"  # the one nation with a lower r than the others
Row = Mapping[str, Any]
NOTHING: Row = dict.fromkeys(("value", "lower", "upper", "n"), math.nan)


def compared(experiment: ModelComparison) -> "DataFrame":
    """Return `COMPARED`: for each printed value a row for each set that stands for its model.

    Intervals of W are percentiles 2.5 and 97.5 over subsets, and `n` is the number of
    pairs. Those of correlations resample people, and `n` is the number of variants, or of
    nations.
    """
    import pandas as pd

    tables = _Tables(all_tables(experiment), _cut_short(experiment))
    lines = [*_structure(tables), *_frequencies(tables), *_populations(tables), *_linkage(tables)]
    return pd.DataFrame(lines, columns=list(COMPARED))


def _cut_short(experiment: ModelComparison) -> set[str]:
    """Return the rows whose settings set an end to the training, other than their preset's."""
    training = {name: experiment.config.training(name) for name in experiment.config.models}
    return {name for name, of in training.items() if of.n_steps is not None or of.budget is not None}


class _Tables:
    """Rows of tables by set; `short` are those whose training was cut short."""

    def __init__(self, tables: "Mapping[str, DataFrame]", short: set[str]) -> None:
        self.tables, self.short = tables, short

    def rows(self, table: str, **wanted: str) -> list[Row]:
        """Return the rows with these values; none of a table that is not there."""
        found = self.tables.get(table)
        rows: list[Any] = [] if found is None else found.to_dict("records")
        return [row for row in rows if all(row[name] == value for name, value in wanted.items())]

    def standing_for(self, role: str, quantity: str) -> Iterator[tuple[Row, str]]:
        """Yield the sets that stand for a model, with words for the quantity; an empty one when none does."""
        wanted = {"set": TRAIN} if role == TRAIN else {"role": role}
        for one in self.rows("sets", **wanted) or [{}]:
            name = f" ({one['set']})" if one and role != TRAIN else ""
            short = {"short": one["set"] in self.short} if one else {}
            yield {**one, **short}, f"{quantity}, {ROLES[role]}{name}"

    def r(self, one: Row, reading: str) -> list[Row]:
        """Return the correlations of allele frequencies of a set."""
        wanted = {"metric": "allele-frequency", "statistic": "r", "reading": reading}
        return self.rows("statistics", set=one["set"], **wanted) if one else []


def _structure(tables: _Tables) -> Iterator[Row]:
    for role, (paper, sd) in W.items():
        for one, quantity in tables.standing_for(role, f"W ± {sd}"):
            rows = tables.rows("pca", set=one["set"], reading="compat") if one else []
            aligned = tables.rows("pca", set=one["set"], reading="aligned") if rows else []
            found = [{**row, "value": row["mean"]} for row in rows]  # ends: percentiles over subsets
            line = _line("Figure 5", quantity, paper, found, one, role, tested=True)
            yield {**line, "note": ", ".join(filter(None, [_mirrored(aligned), line["note"]]))}


def _mirrored(aligned: Sequence[Row]) -> str:
    """Say how many subsets lie mirrored, and what W is when they are turned; nothing when none does."""
    row = next((row for row in aligned if row["n_mirrored"]), None)
    if row is None:
        return ""
    return f"{row['n_mirrored']} of {row['n_subsets']} subsets lie mirrored ({row['mean']:,.0f} when turned)"


def _frequencies(tables: _Tables) -> Iterator[Row]:
    for role in ROLES:
        for one, quantity in tables.standing_for(role, "r of allele frequencies, all SNPs (above)"):
            rows = [row for row in tables.r(one, "corrected") if row["population"] == POOLED]
            yield _line("Figure 9", quantity, 0.98, rows, one, role)


def _populations(tables: _Tables) -> Iterator[Row]:
    role = "ac-gan-con"
    for one, quantity in tables.standing_for(role, "lowest r of a continent (above)"):
        yield _line("Figure 10", quantity, 0.98, _lowest(_own(tables, one)), one, role)
    role = "ac-gan-nat"
    for one, quantity in tables.standing_for(role, f"lowest r of a nation but {EXCEPTION}"):
        rows = [row for row in _own(tables, one) if row["population"] != EXCEPTION]
        yield _line("Figure 10", quantity, 0.96, _lowest(rows), one, role)
    for one, quantity in tables.standing_for(role, f"r of {EXCEPTION}"):
        rows = [row for row in _own(tables, one) if row["population"] == EXCEPTION]
        yield _line("Figure 10", quantity, 0.94, rows, one, role)
    for one, quantity in tables.standing_for(role, "nations of 26 with r above .98"):
        values = [row["value"] for row in _own(tables, one)]
        count = (
            [{**NOTHING, "value": sum(value > 0.98 for value in values), "n": len(values)}] if values else []
        )
        yield _line("Figure 10", quantity, 12, count, one, role)


def _own(tables: _Tables, one: Row) -> list[Row]:
    """Return the correlations with all real people, by population of the set's own label."""
    return [
        row for row in tables.r(one, "compat") if row["level"] == one["label"] and row["population"] != POOLED
    ]


def _lowest(rows: list[Row]) -> list[Row]:
    return [min(rows, key=lambda row: float(row["value"]))] if rows else []


def _linkage(tables: _Tables) -> Iterator[Row]:
    wanted = {"metric": "ld-decay", "reading": "compat", "statistic": "decay_rmse"}
    for role, paper in LINKAGE.items():
        for one, quantity in tables.standing_for(role, "RMSE of LD decay"):
            rows = tables.rows("statistics", set=one["set"], **wanted) if one else []
            found = [{**NOTHING, "value": row["value"], "n": row["n"]} for row in rows]
            yield _line("Figure 12", quantity, paper, found, one, role)


def _line(
    figure: str,
    quantity: str,
    paper: float,
    found: Sequence[Row],
    one: Row,
    role: str,
    *,
    tested: bool = False,
) -> Row:
    """Return a row of `COMPARED` from the first row found; of none, without a value."""
    value = found[0] if found else NOTHING
    note = ", ".join(_reasons(one, role, tested=tested)) if found else _missing(one)
    bounds = {name: float(value[name]) for name in ("lower", "upper", "n")}
    return {
        "figure": figure, "quantity": quantity, "paper": paper, "here": float(value["value"]), **bounds,
        "note": note,
    }  # fmt: skip


def _missing(one: Row) -> str:
    if not one:
        return "no such row at this scale"
    outcome = one["outcome"]
    return outcome if isinstance(outcome, str) and outcome.startswith("failed") else "not done yet"


def _reasons(one: Row, role: str, *, tested: bool) -> Iterator[str]:
    """Yield in words what differs from the paper."""
    if one["n_variants"] != N_VARIANTS:
        yield f"{one['n_variants']:,} variants instead of {N_VARIANTS:,}"
    if one["kind"] == "published":
        yield "published genomes, whose training people may include the test people"
    if one["preset"] == "code":
        yield "the authors' program instead of their text"
    elif one["kind"] == "model" and one["preset"] not in OF_PAPERS:
        yield "a network of this package" if role.startswith("ac-gan") else "settings of this package"
    updates = one["updates"]
    if role.startswith("ac-gan") and isinstance(updates, int) and updates != N_UPDATES:
        yield f"{updates:,} updates instead of {N_UPDATES:,}"
    elif one["short"] and isinstance(updates, int):
        yield f"training cut to {updates:,} updates"
    if role == "rbm23":
        yield "the file read there holds genomes of a GAN"
    if tested and one["n_test"] != N_TEST:
        yield f"{one['n_test']:,} test haplotypes instead of {N_TEST:,}"
