"""What a metric is given, what it returns, and how it is registered."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from genome_ac_gan.errors import PanelError, some
from genome_ac_gan.panel import UNLABELLED, HaplotypePanel

if TYPE_CHECKING:
    from pandas import DataFrame

POOLED = "all"
COLUMNS = ("population", "statistic", "value", "lower", "upper", "n")


Imputer = Callable[[HaplotypePanel, npt.NDArray[np.intp]], npt.NDArray[np.float32]]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Three panels over the same variants and populations: what was learned, what is true, what is judged.

    Attributes
    ----------
    train : HaplotypePanel
        What the model saw.
    holdout : HaplotypePanel
        Real people that it never saw.
    synthetic : HaplotypePanel
        What is judged. When its label is `unlabelled`, metrics are pooled only.
    log_likelihood : mapping of str to (n_haplotypes,) float64, optional
        Natural logarithm per row of `train` and `holdout`, of a model that has one.
    imputer : callable, optional
        Takes a panel and the columns that are typed, and returns what the model behind
        the synthetic panel expects of every allele given those and the population,
        (n_haplotypes, n_variants) float32 in [0, 1].

    Raises
    ------
    PanelError
        When a panel is empty, or variants or populations differ; the message
        names both panels.
    """

    train: HaplotypePanel
    holdout: HaplotypePanel
    synthetic: HaplotypePanel
    log_likelihood: Mapping[str, npt.NDArray[np.float64]] | None = None
    imputer: Imputer | None = None

    def __post_init__(self) -> None:
        for name, panel in self.panels.items():
            if panel.n_haplotypes < 2 or panel.n_variants < 1:
                raise PanelError(
                    f"the {name} panel has {panel.n_haplotypes} haplotypes and {panel.n_variants} variants: "
                    "a comparison needs at least two haplotypes and one variant"
                )
        for name, panel in self.panels.items():
            self._check_sites(name, panel)
            self._check_populations(name, panel)
        for name, values in (self.log_likelihood or {}).items():
            if name not in self.panels or values.shape != (self.panels[name].n_haplotypes,):
                raise PanelError(f"log_likelihood[{name!r}] must have one value a row of that panel")

    def without_model(self) -> "Comparison":
        """Return the comparison of the same panels, nothing being known of the model behind the synthetic one."""
        return replace(self, log_likelihood=None, imputer=None)

    def _check_sites(self, name: str, panel: HaplotypePanel) -> None:
        if panel.variants.same_sites(self.holdout.variants):
            return
        ours, theirs = panel.variants.ids, self.holdout.variants.ids
        common = len(set(ours.tolist()) & set(theirs.tolist()))
        raise PanelError(
            f"the {name} panel has other variants than the holdout panel ({len(ours)} and {len(theirs)}, "
            f"{common} in common): give panels over the same sites and alleles in the same order"
        )

    def _check_populations(self, name: str, panel: HaplotypePanel) -> None:
        if not self.labelled or panel.populations == self.holdout.populations:
            return
        raise PanelError(
            f"the {name} panel has the populations {some(panel.populations)}, the holdout panel "
            f"{some(self.holdout.populations)}: choose the same label column and the same populations"
        )

    @property
    def panels(self) -> dict[str, HaplotypePanel]:
        """The three panels by name."""
        return {"train": self.train, "holdout": self.holdout, "synthetic": self.synthetic}

    @property
    def labelled(self) -> bool:
        """Whether the synthetic panel carries populations."""
        return self.synthetic.populations != (UNLABELLED,)

    @property
    def populations(self) -> tuple[str, ...]:
        """The populations that metrics report one by one; none when the synthetic panel is unlabelled."""
        return self.holdout.populations if self.labelled else ()

    def strata(self, panel: HaplotypePanel) -> npt.NDArray[np.str_]:
        """Return the population of each row of one of the panels; one pooled stratum when unlabelled."""
        return panel.population if self.labelled else np.full(panel.n_haplotypes, POOLED)

    def rows_of(self, panel: HaplotypePanel, population: str) -> npt.NDArray[np.bool_]:
        """Return the rows of one population, or every row for `all`, (n_haplotypes,) bool."""
        if population == POOLED:
            return np.ones(panel.n_haplotypes, dtype=bool)
        return np.asarray(panel.population == population)


@dataclass(frozen=True, kw_only=True)
class MetricResult:
    """Tables of one metric.

    Attributes
    ----------
    table : DataFrame
        Tidy: `population` (`all` for pooled), `statistic`, `value`, `lower`,
        `upper`, `n`; never NaN: what is undefined has no row.
    curves : mapping of str to DataFrame
        Tidy too, for figures.
    """

    table: "DataFrame"
    curves: Mapping[str, "DataFrame"] = field(default_factory=dict)


def statistics(**ideals: float) -> dict[str, "Statistic"]:
    """Return statistics that need no words of their own, from their ideals."""
    return {name: Statistic(ideal=ideal) for name, ideal in ideals.items()}


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """A number that a metric may return.

    Attributes
    ----------
    ideal
        What a perfect generator approaches with ever more haplotypes.
    name
        For tables and figures; made from the statistic's key when empty.
    about
        One sentence for a reader who does not know the metric. Statistics that
        have one stand in the overview of a report.
    """

    ideal: float
    name: str = ""
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A registered metric.

    Attributes
    ----------
    function
        Called as `function(comparison, rng=rng, repeats=repeats)`.
    title : str
        For headings.
    group : str
        `fidelity`, `utility` or `privacy`.
    headline : str
        The statistic that stands for the metric in a summary.
    statistics : mapping of str to Statistic
        Every statistic that the metric may return.
    """

    function: Callable[..., MetricResult]
    title: str
    group: str
    headline: str
    statistics: Mapping[str, Statistic]

    @property
    def ideal(self) -> float:
        """Ideal of the headline statistic."""
        return self.statistics[self.headline].ideal

    @property
    def description(self) -> str:
        """First paragraph of the function's docstring, for captions."""
        return " ".join((inspect.getdoc(self.function) or "").split("\n\n")[0].split())

    def __call__(self, data: Comparison, *, rng: np.random.Generator, repeats: int) -> MetricResult:
        """Judge `data.synthetic`."""
        return self.function(data, rng=rng, repeats=repeats)


def summary(
    population: str,
    statistic: str,
    draws: npt.ArrayLike,
    n: int,
    *,
    value: float | None = None,
    limits: tuple[float, float] = (-np.inf, np.inf),
) -> dict[str, Any]:
    """Return one row of a metric's table.

    Parameters
    ----------
    draws : (repeats,)
        The statistic in each repeat. `lower` and `upper` are their 2.5th and
        97.5th percentiles.
    n
        How many things the statistic is over: variants or haplotypes.
    value
        The statistic of the full sets; the percentiles are then moved so that
        the mean of the draws falls on it, because resampling people adds noise
        of its own. When left out, the mean of the draws.
    limits
        Range of the statistic, to which the interval is cut.
    """
    draws = np.asarray(draws, dtype=np.float64)
    centre = float(draws.mean())
    value = centre if value is None else value
    lower, upper = np.clip(np.percentile(draws, [2.5, 97.5]) + (value - centre), *limits)
    return {
        "population": population, "statistic": statistic, "value": float(value),
        "lower": float(lower), "upper": float(upper), "n": int(n),
    }  # fmt: skip


def weighted_row(
    population: str,
    statistic: str,
    values: npt.NDArray[np.float64],
    n: int,
    limits: tuple[float, float] = (-np.inf, np.inf),
) -> dict[str, Any]:
    """Return the row of a statistic from its value, which comes first, and its draws.

    Such are its values under all `draws.weightings`. Draws in which it is
    undefined do not count.
    """
    draws = values[1:][np.isfinite(values[1:])]
    value = float(values[0])
    return summary(population, statistic, draws if len(draws) else [value], n, value=value, limits=limits)


def exact(population: str, statistic: str, value: float, n: int) -> dict[str, Any]:
    """Return a row without resampling: `lower` and `upper` repeat the value."""
    return summary(population, statistic, [value], n)


def as_table(rows: list[dict[str, Any]]) -> "DataFrame":
    """Return rows as a table with the promised columns and types; rows without a defined value are left out."""
    import pandas as pd

    table = pd.DataFrame([row for row in rows if np.isfinite(row["value"])], columns=list(COLUMNS))
    types = {"population": object, "statistic": object, "n": np.int64}
    return table.astype({name: types.get(name, np.float64) for name in COLUMNS})
