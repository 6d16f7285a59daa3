"""Running metrics on a comparison, and on the comparisons beside it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from genome_ac_gan.errors import ConfigError, some
from genome_ac_gan.metrics.anchors import SOURCES, anchors
from genome_ac_gan.metrics.base import Comparison, Metric, MetricResult
from genome_ac_gan.metrics.shared import forget
from genome_ac_gan.metrics.thinning import thinned
from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.seeding import stream

if TYPE_CHECKING:
    from pandas import DataFrame

DEFAULT_REPEATS = 10
FAST_REPEATS = 3
FAST_HAPLOTYPES = 800  # as the words of report, settings and command line say
SET = SOURCES[0]
Progress = Callable[[int, int, str, str], None]


@dataclass(frozen=True, kw_only=True)
class Design:
    """What stands behind the numbers of an evaluation.

    Attributes
    ----------
    seed, repeats, fast
        As they were given; `fast` for a quick look on smaller panels.
    n_variants : int
    metrics : tuple of str
        Every metric that was run, also one that gave no row.
    counts : mapping
        Haplotypes by population: `counts[source][panel][population]`, of the
        panels `train`, `holdout` and `synthetic` that each source was judged by.
    """

    seed: int
    repeats: int
    fast: bool
    n_variants: int
    metrics: tuple[str, ...]
    counts: Mapping[str, Mapping[str, Mapping[str, int]]]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Tables of several metrics.

    Attributes
    ----------
    table : DataFrame
        Tidy: `metric`, `group`, `population` (`all` for pooled), `statistic`,
        `value`, `lower`, `upper`, `n`, `ideal`; of named sources, `source` first.
    curves : dict of str to DataFrame
        For figures; of named sources, `source` first.
    design : Design, optional
        Of named sources only.
    """

    table: "DataFrame"
    curves: dict[str, "DataFrame"] = field(default_factory=dict)
    design: Design | None = None


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
    fast: bool,
    name: str,
    others: Mapping[str, HaplotypePanel],
    with_anchors: bool,
    on_progress: Progress,
) -> Evaluation:
    """Judge a comparison, its anchors and other synthetic panels; see `evaluate_with_anchors`."""
    _check_names(name, others)
    comparison = _quick(comparison, seed, fast=fast)
    beside = anchors(comparison, stream(seed, "metrics/anchors")) if with_anchors else {SET: comparison}
    sources = {name if source == SET else source: each for source, each in beside.items()}
    bare = comparison.without_model()  # which is of the model behind the first panel
    sources |= {
        other: _quick(replace(bare, synthetic=panel), seed, fast=fast) for other, panel in others.items()
    }
    return _judge(metrics, sources, seed=seed, repeats=repeats, fast=fast, on_progress=on_progress)


def evaluate_beside(
    metrics: Mapping[str, Metric],
    train: HaplotypePanel,
    holdout: HaplotypePanel,
    *,
    seed: int,
    repeats: int,
    fast: bool,
    on_progress: Progress,
) -> Evaluation:
    """Judge the anchors of two panels; see `evaluate_anchors`."""
    comparison = _quick(Comparison(train=train, holdout=holdout, synthetic=train), seed, fast=fast)
    sources = anchors(comparison, stream(seed, "metrics/anchors"))
    del sources[SET]
    return _judge(metrics, sources, seed=seed, repeats=repeats, fast=fast, on_progress=on_progress)


def _quick(data: Comparison, seed: int, *, fast: bool) -> Comparison:
    return thinned(data, FAST_HAPLOTYPES, stream(seed, "metrics/fast")) if fast else data


def _judge(
    metrics: Mapping[str, Metric],
    sources: Mapping[str, Comparison],
    *,
    seed: int,
    repeats: int,
    fast: bool,
    on_progress: Progress,
) -> Evaluation:
    """Run every metric on every comparison; the panels of the first are remembered to the end."""
    counts = {
        source: {panel: dict(of.counts) for panel, of in each.panels.items()}
        for source, each in sources.items()
    }
    first = next(iter(sources.values()))
    total = len(sources) * len(metrics)
    parts: list[Evaluation] = []
    for source, each in sources.items():
        for metric in metrics:
            on_progress(len(parts), total, source, metric)
            result = _run(metrics, metric, each, seed, repeats)
            parts.append(_with_source(_labelled(metric, metrics[metric], result), source))
        for panel in each.panels.values():
            if panel is not first.train and panel is not first.holdout:
                forget(panel)
    on_progress(total, total, "", "")
    design = Design(
        seed=seed, repeats=repeats, fast=fast, n_variants=first.holdout.n_variants, metrics=tuple(metrics),
        counts=counts,
    )  # fmt: skip
    return replace(_stack(parts), design=design)


def _check_names(name: str, others: Mapping[str, HaplotypePanel]) -> None:
    clash = [other for other in (name, *others) if other in SOURCES[1:]]
    if clash:
        raise ConfigError(f"a synthetic panel cannot be called {some(clash)}: the anchors have these names")
    if name in others:
        raise ConfigError(f"two synthetic panels are called {name}")


def _run(
    metrics: Mapping[str, Metric], name: str, comparison: Comparison, seed: int, repeats: int
) -> MetricResult:
    return metrics[name](comparison, rng=stream(seed, f"metrics/{name}"), repeats=repeats)


def repeats_or_default(repeats: int | None, *, fast: bool) -> int:
    """Return the repeats asked for, else 10, or 3 for a quick look."""
    if repeats is not None:
        return repeats
    return FAST_REPEATS if fast else DEFAULT_REPEATS


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
