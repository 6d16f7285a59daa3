"""Running metrics on a comparison, and on the comparisons beside it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from genome_ac_gan.errors import ConfigError, some
from genome_ac_gan.metrics.anchors import SOURCES, anchors
from genome_ac_gan.metrics.base import Comparison, Metric, MetricResult
from genome_ac_gan.metrics.shared import forget
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.seeding import stream

if TYPE_CHECKING:
    from pandas import DataFrame

DEFAULT_REPEATS = 10
Progress = Callable[[int, int, str, str], None]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Tables of several metrics.

    Attributes
    ----------
    table : DataFrame
        Tidy: `metric`, `group`, `population` (`all` for pooled), `statistic`,
        `value`, `lower`, `upper`, `n`, `ideal`; with anchors, `source` first.
    curves : dict of str to DataFrame
        For figures; with anchors, `source` first.
    """

    table: "DataFrame"
    curves: dict[str, "DataFrame"]


def ignore(done: int, total: int, source: str, metric: str) -> None:
    """Take no notice of progress."""


def evaluate_metrics(
    metrics: Mapping[str, Metric], comparison: Comparison, *, seed: int, repeats: int
) -> Evaluation:
    """Judge one comparison; see `genome_ac_gan.metrics.evaluate`."""
    results = {name: _run(metrics, name, comparison, seed, repeats) for name in metrics}
    return _stack([_labelled(name, metrics[name], result) for name, result in results.items()])


def evaluate_sources(
    metrics: Mapping[str, Metric],
    comparison: Comparison,
    *,
    seed: int,
    repeats: int,
    others: Mapping[str, HaplotypePanel],
    on_progress: Progress,
) -> Evaluation:
    """Judge a comparison, its anchors and other synthetic panels; see `evaluate_with_anchors`."""
    clash = [name for name in others if name in SOURCES]
    if clash:
        raise ConfigError(f"a synthetic panel cannot be called {some(clash)}: the anchors have these names")
    sources = anchors(comparison, stream(seed, "metrics/anchors"))
    sources |= {
        name: replace(comparison, synthetic=panel, log_likelihood=None) for name, panel in others.items()
    }
    total, parts = len(sources) * len(metrics), []
    for source, each in sources.items():
        for name, metric in metrics.items():
            result = _run(metrics, name, each, seed, repeats)
            parts.append(_with_source(_labelled(name, metric, result), source))
            on_progress(len(parts), total, source, name)
        for panel in each.panels.values():
            if panel is not comparison.train and panel is not comparison.holdout:
                forget(panel)
    return _stack(parts)


def _run(
    metrics: Mapping[str, Metric], name: str, comparison: Comparison, seed: int, repeats: int
) -> MetricResult:
    return metrics[name](comparison, rng=stream(seed, f"metrics/{name}"), repeats=repeats)


def chosen(metrics: Mapping[str, Metric], names: Iterable[str] | None, repeats: int) -> dict[str, Metric]:
    """Return the named metrics, all when `names` is None; refuse unknown names and repeats below 1."""
    wanted = list(dict.fromkeys(metrics if names is None else names))
    unknown = [name for name in wanted if name not in metrics]
    if unknown:
        raise ConfigError(f"unknown metric {some(unknown)}; known: {some(metrics)}")
    if repeats < 1:
        raise ConfigError(f"repeats must be at least 1, not {repeats}")
    return {name: metrics[name] for name in wanted}


def _labelled(name: str, metric: Metric, result: MetricResult) -> Evaluation:
    table = result.table.copy()
    table.insert(0, "metric", name)
    table.insert(1, "group", metric.group)
    table["ideal"] = [metric.statistics[name].ideal for name in table["statistic"]]
    table["ideal"] = table["ideal"].astype(float)
    return Evaluation(table=table, curves=dict(result.curves))


def _with_source(part: Evaluation, source: str) -> Evaluation:
    def marked(table: "DataFrame") -> "DataFrame":
        table = table.copy()
        table.insert(0, "source", source)
        return table

    return Evaluation(
        table=marked(part.table), curves={name: marked(curve) for name, curve in part.curves.items()}
    )


def _stack(parts: list[Evaluation]) -> Evaluation:
    import pandas as pd

    names = dict.fromkeys(name for part in parts for name in part.curves)
    curves = {
        name: pd.concat([part.curves[name] for part in parts if name in part.curves], ignore_index=True)
        for name in names
    }
    tables = [part.table for part in parts if len(part.table)] or [part.table for part in parts]
    return Evaluation(table=pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(), curves=curves)
