"""One set of haplotypes judged: all that Figures 5 to 12 say of it, as tables."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genome_ac_gan.experiment.reproduction.comparison.people import People, bare
from genome_ac_gan.experiment.reproduction.comparison.structure import subset_costs
from genome_ac_gan.files import tsv, write_text
from genome_ac_gan.metrics import METRICS, POOLED, Comparison, MetricResult
from genome_ac_gan.metrics.fidelity.population_differentiation import PUBLISHED
from genome_ac_gan.panel import UNLABELLED, HaplotypePanel
from genome_ac_gan.seeding import stream

if TYPE_CHECKING:
    from pandas import DataFrame

VARIANTS_DRAWN = 600  # of each range of frequencies, in a figure
_ALL_REAL = "_all_real"  # suffix of statistics in the paper's reading


class Judge:
    """Judges sets one after the other by the same people and the same draws.

    Parameters
    ----------
    people
        The real ones.
    seed, subsets, repeats
        As in the settings.
    """

    def __init__(self, people: People, *, seed: int, subsets: int, repeats: int) -> None:
        self.people, self.seed, self.subsets, self.repeats = people, seed, subsets, repeats

    def tables(self, synthetic: HaplotypePanel) -> "dict[str, DataFrame]":
        """Return what is found about a set.

        Returns
        -------
        mapping of str to DataFrame
            `subsets`, `points` (`structure.subset_costs`, with labels), `statistics`
            (rows of metrics by level and reading), `frequencies` (a sample of variants by
            range), `differentiation` (a row a pair), `decay` (LD by distance, corrected)
            and `counts`.
        """
        import pandas as pd

        levels = self.people.carried(synthetic)
        subsets, points = subset_costs(
            self.people.against(synthetic), self.subsets, stream(self.seed, "judge/subsets")
        )
        frequencies, drawn = self._frequencies(synthetic, levels)
        differences, pairs = self._differentiation(synthetic, levels)
        linkage, decay = self._linkage(synthetic)
        people = self.people
        return {
            "subsets": subsets,
            "points": self._labelled(points, synthetic),
            "statistics": pd.concat([frequencies, *differences, linkage], ignore_index=True),
            "frequencies": drawn,
            "differentiation": pd.concat(pairs, ignore_index=True) if pairs else pd.DataFrame(),
            "decay": decay,
            "counts": pd.DataFrame({
                "n_haplotypes": [synthetic.n_haplotypes], "n_train": people.train.n_haplotypes,
                "n_test": people.holdout.n_haplotypes, "n_variants": people.holdout.n_variants,
            }),
        }  # fmt: skip

    def _run(self, metric: str, data: Comparison) -> MetricResult:
        return METRICS[metric](data, rng=stream(self.seed, f"metrics/{metric}"), repeats=self.repeats)

    def _frequencies(self, synthetic: HaplotypePanel, levels: list[str]) -> "tuple[DataFrame, DataFrame]":
        """Return statistics, and the frequencies of a sample of variants; pooled ones of the first level."""
        import pandas as pd

        tables, drawn = [], None
        for level in levels or [UNLABELLED]:
            found = self._run("allele-frequency", self.people.against(synthetic, level if levels else None))
            rows = _rows(found.table, "allele-frequency", level, "corrected")
            if drawn is None:
                drawn = found.curves["allele-frequency-ranges"]
            else:
                rows = rows[rows["population"] != POOLED]
            paper = rows["statistic"].str.endswith(_ALL_REAL)
            rows["statistic"] = rows["statistic"].str.removesuffix(_ALL_REAL)
            rows.loc[paper, "reading"] = "compat"
            tables.append(rows)
        assert drawn is not None  # there is a level, or none to name
        return pd.concat(tables, ignore_index=True), self._sample(drawn)

    def _sample(self, curve: "DataFrame") -> "DataFrame":
        import pandas as pd

        rng = stream(self.seed, "judge/variants")
        parts = [
            of.iloc[np.sort(rng.permutation(len(of))[:VARIANTS_DRAWN])]
            for _, of in curve.groupby("variants", sort=False)
        ]
        return pd.concat(parts, ignore_index=True).round(4)

    def _differentiation(
        self, synthetic: HaplotypePanel, levels: list[str]
    ) -> "tuple[list[DataFrame], list[DataFrame]]":
        """Return statistics, and r of each pair of populations, by level and reading."""
        tables, pairs = [], []
        for level in levels:
            for reading, every in (("compat", True), ("corrected", False)):
                data = self.people.against(synthetic, level, every=every)
                found = self._run("population-differentiation", data)
                tables.append(_rows(found.table, "population-differentiation", level, reading))
                if "population-differentiation" in found.curves:
                    pairs.append(self._pairs(found.curves["population-differentiation"], level, reading))
        return tables, pairs

    def _pairs(self, curve: "DataFrame", level: str, reading: str) -> "DataFrame":
        """Return r of each pair, whether both are of one group, and what the paper calls the pair."""
        import pandas as pd

        group = self.people.group_of(level) if level != self.people.levels[0] else {}
        named = {frozenset(pair): "-".join(pair) for pair in PUBLISHED}
        both = list(zip(curve["first"], curve["second"], strict=True))
        return pd.DataFrame({
            "level": level, "reading": reading, "first": curve["first"], "second": curve["second"],
            "within": [group[a] if group and group[a] == group[b] else "" for a, b in both],
            "named": [named.get(frozenset(pair), "") for pair in both],
            "r": curve["delta_r"],
        })  # fmt: skip

    def _linkage(self, synthetic: HaplotypePanel) -> "tuple[DataFrame, DataFrame]":
        """Return the corrected decay of linkage disequilibrium, over all populations."""
        found = self._run("ld-decay", self.people.against(bare(synthetic)))
        rows = _rows(found.table, "ld-decay", UNLABELLED, "corrected")
        curve = found.curves["ld-decay"]
        return rows[rows["statistic"] != "compat"], curve[curve["reading"] == "corrected"]

    def _labelled(self, points: "DataFrame", synthetic: HaplotypePanel) -> "DataFrame":
        """Return points with the coarsest label of each row, and the set's own; empty where there is none."""
        levels = self.people.levels
        own = synthetic.label if synthetic.label in levels else levels[-1]
        panels = {"holdout": self.people.holdout, "synthetic": synthetic}
        for column, label in (("group", levels[0]), ("population", own)):
            points[column] = [
                str(panels[panel].labels[label][row]) if label in panels[panel].labels else ""
                for panel, row in zip(points["panel"], points["row"], strict=True)
            ]
        return points.drop(columns="row")


def _rows(table: "DataFrame", metric: str, level: str, reading: str) -> "DataFrame":
    table = table.copy()
    for place, (name, value) in enumerate({"level": level, "reading": reading, "metric": metric}.items()):
        table.insert(place, name, value)
    table["ideal"] = [METRICS[metric].statistics[name].ideal for name in table["statistic"]]
    return table


def write_tables(tables: "dict[str, DataFrame]", folder: Path) -> None:
    """Write tables as TSV; those without columns are left out."""
    for name, table in tables.items():
        if len(table.columns):
            write_text(folder / f"{name}.tsv", tsv(table))
