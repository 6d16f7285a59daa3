"""The values that the paper prints, beside ours."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from genome_ac_gan.experiment.reproduction.augmentation.config import REAL
from genome_ac_gan.experiment.reproduction.augmentation.panels import facts_of
from genome_ac_gan.experiment.reproduction.augmentation.tables import all_tables
from genome_ac_gan.experiment.reproduction.base import COMPARED

if TYPE_CHECKING:
    from pandas import DataFrame

    from genome_ac_gan.experiment.reproduction.augmentation.experiment import Augmentation

PUBLISHED_VARIANTS = 10_000
MODEL = "genome-ac-gan"
CURVES, POPULATIONS = "Figure 14", "Figure 15"
NETWORKS = {"neural-code": "", "neural-paper": "widths of the six hidden layers are ours"}
NAMES = {
    "svc": "SVC", "knn": "KNN", "neural-code": "NN of the program", "neural-paper": "NN of the text",
}  # fmt: skip
# Accuracy by classifier without and with 100% AGs, from the authors' file of results.
PRINTED = {
    "svc": (0.3233, 0.3594), "knn": (0.2892, 0.3420), "neural-code": (0.3110, 0.3706), "neural-paper": (0.3110, 0.3706),
}  # fmt: skip
# Accuracy of the neural classifier in the text, without and with 30% AGs.
IN_TEXT = (0.314, 0.365)
POPULATION, PRINTED_F1 = "MSL", (0.128, 0.274)


def compared(experiment: "Augmentation") -> "DataFrame":
    """Return `COMPARED` rows: accuracies and gains by classifier, and F1 of the population the paper tells of."""
    import pandas as pd

    return pd.DataFrame(list(_Rows(experiment).rows()), columns=list(COMPARED))


class _Rows:
    """Looks values up in the tables, and says why ours differ."""

    def __init__(self, experiment: "Augmentation") -> None:
        self.tables = all_tables(experiment)
        config = experiment.config
        self.generators = {name: entry for name, entry in config.generators.items() if entry.name == MODEL}
        self.classifiers = ["svc", "knn", *(f"neural-{reading}" for reading in config.neural.readings)]
        self.width, self.few_shares = config.neural.width, config.few_shares
        self.n_variants = facts_of(experiment.place("panel")).get("n_variants", PUBLISHED_VARIANTS)

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Yield all rows, figure by figure."""
        for classifier in self.classifiers:
            yield from self._curve(classifier, PRINTED[classifier], 1.0, "")
            if classifier in NETWORKS:
                yield from self._curve(classifier, IN_TEXT, 0.3, " (values of the text)")
        for classifier in self.classifiers:
            if classifier in NETWORKS:
                yield from self._population(classifier)

    def _curve(
        self, classifier: str, printed: tuple[float, float], share: float, more: str
    ) -> Iterator[Mapping[str, Any]]:
        name, what = NAMES[classifier], {"classifier": classifier, "statistic": "accuracy"}
        yield self._row(
            CURVES, f"{name}: accuracy, real haplotypes alone{more}", printed[0], "means",
            self._why(classifier), generator=REAL, share=0.0, **what,
        )  # fmt: skip
        for generator in self.generators:
            left_out = classifier in NETWORKS and share not in self.few_shares
            why = "no network was fitted at this share" if left_out else self._why(classifier, generator)
            added = f"{share:.0%} AGs of {generator}{more}"
            where = {"generator": generator, "share": share, **what}
            yield self._row(CURVES, f"{name}: accuracy, {added}", printed[1], "means", why, **where)
            gain = printed[1] - printed[0]
            yield self._row(CURVES, f"{name}: accuracy gained, {added}", gain, "gains", why, **where)

    def _population(self, classifier: str) -> Iterator[Mapping[str, Any]]:
        what = {"classifier": classifier, "statistic": "f1", "population": POPULATION}
        name = f"{NAMES[classifier]}: F1 of {POPULATION}"
        yield self._row(
            POPULATIONS, f"{name}, real haplotypes alone", PRINTED_F1[0], "populations", self._why(classifier),
            generator=REAL, share=0.0, **what,
        )  # fmt: skip
        for generator in self.generators:
            yield self._row(
                POPULATIONS, f"{name}, 100% AGs of {generator}", PRINTED_F1[1], "populations",
                self._why(classifier, generator), generator=generator, share=1.0, **what,
            )  # fmt: skip

    def _row(
        self, figure: str, quantity: str, printed: float, table: str, note: str, **where: Any
    ) -> Mapping[str, Any]:
        found = self.tables.get(table)
        if found is not None:
            for column, value in where.items():
                found = found[found[column] == value]
        known = found is not None and len(found) == 1
        values: Any = found.iloc[0] if known and found is not None else {}
        here, lower, upper, n = (values.get(key, np.nan) for key in ("value", "lower", "upper", "n_splits"))
        averaged = [f"mean over {n:.0f} splits", _single(values)] if known else []
        return {
            "figure": figure, "quantity": quantity, "paper": printed, "here": here, "lower": lower,
            "upper": upper, "n": n, "note": "; ".join(filter(None, [*averaged, note])),
        }  # fmt: skip

    def _why(self, classifier: str, generator: str = "") -> str:
        reasons = []
        if self.n_variants != PUBLISHED_VARIANTS:
            reasons.append(f"{self.n_variants:,} variants in the place of {PUBLISHED_VARIANTS:,}")
        if classifier in NETWORKS:
            reasons += [NETWORKS[classifier]] if NETWORKS[classifier] else []
            reasons += [f"hidden layers {self.width:g} times as wide"] if self.width != 1 else []
        return "; ".join([*reasons, *([self._trained(generator)] if generator else [])])

    def _trained(self, generator: str) -> str:
        preset, trainings = self.generators[generator].preset, self.tables.get("trainings")
        words = f"preset {preset}"
        if trainings is None or not (mine := trainings["generator"] == generator).any():
            return words
        made, kept = trainings.loc[mine, ["updates", "chosen_update"]].mean()
        return f"{words} after {made:,.0f} updates" + (f", {kept:,.0f} kept" if kept < made else "")


def _single(values: Any) -> str:
    """Say where one more split would lie, as the paper may have but one; nothing where that is not known."""
    ends = [values.get(key, np.nan) for key in ("single_lower", "single_upper")]
    return "" if np.isnan(ends).any() else f"one split: {ends[0]:.3f} to {ends[1]:.3f}".replace("-", "−")
