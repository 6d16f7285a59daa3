"""What was done, in the words of provenance, settings and card: facts, counts and records for the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from genome_ac_gan.plots.palette import set_names
from genome_ac_gan.report.judged import panel_counts, unlabelled
from genome_ac_gan.report.model import idea, likelihood, obedience, takes_updates
from genome_ac_gan.report.run import RunFiles

SIDES = {"train": "Training", "validation": "Validation", "holdout": "Held out", "synthetic": "Artificial"}
REAL_SIDES = ("Training", "Validation", "Held out")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A line of the head of the report."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Haplotypes by population: names of the columns, and a row of numbers for each population."""

    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]


def heading(files: RunFiles) -> str:
    """Return the title of the report."""
    panel = panel_name(files)
    return f"Artificial genomes: {panel}" if panel else "Artificial genomes"


def lead(files: RunFiles) -> str:
    """Return one sentence that says what this report is about."""
    model = model_name(files)
    sets, bare = set_names(files.table["source"]), unlabelled(files)
    made = f"made by the model {model}" if model else "made by another program"
    subject = (
        f"Artificial haplotypes {made}" if len(sets) < 2 else f"{len(sets)} sets of artificial haplotypes"
    )
    where = (
        ", without population labels," if len(bare) == len(sets) else f" for {len(labels(files))} populations"
    )
    return (
        f"{subject}{where} judged against real people the generator never saw: "
        "how alike they are, and how much they tell about the people it was trained on."
    )


def facts(files: RunFiles) -> list[Fact]:
    """Return what is known of panel, model, training and software; what is unknown is left out."""
    found = (
        _panel, _populations, _haplotypes, _sets, _model, _labels, _training, _kept, _likelihood, _seed, _software,
    )  # fmt: skip
    return [fact for fact in (make(files) for make in found) if fact is not None]


def labels(files: RunFiles) -> list[str]:
    """Return the populations that were judged one by one."""
    return sorted(set(files.table["population"]) - {"all"})


def panel_name(files: RunFiles) -> str:
    """Return the name of the real panel: `embedded panel`, or a file name without folders; empty when unknown."""
    panel = (
        _text(_part(files.config, "data").get("panel"))
        or _text(_stage(files, "split", "input", "panel").get("path"))
        or _text(_part(_part(files.provenance, "inputs"), "holdout").get("path"))
    )
    return "embedded panel" if panel == "embedded" else PurePath(panel).name


def model_name(files: RunFiles) -> str:
    """Return the model's name as the card or the settings give it; empty when neither does."""
    return _text(files.card.get("model")) or _text(_part(files.config, "model").get("name"))


def counts(files: RunFiles) -> Counts | None:
    """Return haplotypes by population in each part of the panel and in each artificial set; None when unknown.

    In a run as its stages noted them, elsewhere as they were judged.
    """
    stages = {**_stage(files, "split", "counts"), "synthetic": _stage(files, "generate", "counts")}
    known = {side: of for side, of in stages.items() if of} or panel_counts(files)
    sides = {SIDES.get(side, side): of for side, of in known.items()}
    if not sides:
        return None
    populations = sorted({population for side in sides.values() for population in side})
    rows = [(name, [_count(side.get(name, 0)) for side in sides.values()]) for name in populations]
    rows.append(("All", [_count(sum(side.values())) for side in sides.values()]))
    return Counts(columns=list(sides), rows=rows)


def records(files: RunFiles) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return provenance and card as titled lists of key and value, nested keys joined by dots.

    The stage `report` is left out: it says when this page was made, not from what.
    """
    stages = {key: value for key, value in _part(files.provenance, "stages").items() if key != "report"}
    parts = {
        "Run": {key: value for key, value in files.provenance.items() if not isinstance(value, Mapping)},
        **{key: value for key, value in files.provenance.items() if isinstance(value, Mapping)},
        "stages": stages,
        "model card": {key: value for key, value in files.card.items() if key not in ("config", "software")},
    }
    titled = [(key[:1].upper() + key[1:], _flat(value)) for key, value in parts.items()]
    return [(name, pairs) for name, pairs in titled if pairs]


def stores_training_data(files: RunFiles) -> bool:
    """Return whether the model folder holds haplotypes of the training people."""
    return bool(files.card.get("stores_training_data", False))


def nats(files: RunFiles) -> dict[str, str]:
    """Return the mean log-likelihood of haplotypes of `train` and `holdout` in words, as far as it is known."""
    bound = "at least " if likelihood(model_name(files)) == "bound" else ""
    return {
        name: f"{bound}{value:,.1f} nats".replace("-", "−")
        for name, value in _stage(files, "evaluate", "log_likelihood").items()
        if isinstance(value, int | float)
    }


def duration(seconds: float) -> str:
    """Return seconds as `48 s`, `2 min 5 s` or `1 h 12 min`."""
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _panel(files: RunFiles) -> Fact | None:
    name = panel_name(files)
    n_variants = files.card.get("n_variants", files.metrics.get("variants"))
    if not name and n_variants is None:
        return None
    note = f"{_count(n_variants)} variants" if n_variants is not None else ""
    return Fact(name="Real panel", value=name or "unknown", note=note)


def _populations(files: RunFiles) -> Fact | None:
    names = labels(files)
    if not names:
        return None
    shown = ", ".join(names) if len(names) <= 8 else ", ".join([*names[:7], "…"])
    return Fact(name="Populations", value=str(len(names)), note=shown)


def _haplotypes(files: RunFiles) -> Fact | None:
    table = counts(files)
    if table is None:
        return None
    sums = dict(zip(table.columns, table.rows[-1][1], strict=True))
    real = "; ".join(f"{name.lower()} {sums.pop(name)}" for name in REAL_SIDES if name in sums)
    if not sums:
        return None
    made = next(iter(sums.values())) if len(sums) == 1 else "; ".join(f"{k} {v}" for k, v in sums.items())
    return Fact(name="Artificial haplotypes", value=made, note=f"real: {real}" if real else "")


def _sets(files: RunFiles) -> Fact | None:
    bare = unlabelled(files)
    if not bare:
        return None
    names = "" if len(set_names(files.table["source"])) == 1 else ", ".join(bare)
    return Fact(name="Without population labels", value=names or "yes", note="judged pooled only")


def _model(files: RunFiles) -> Fact | None:
    name = model_name(files)
    if not name:
        return None
    preset = _text(files.card.get("preset")) or _text(_part(files.config, "model").get("preset"))
    weights = files.card.get("n_parameters")
    notes = [f"preset {preset}" if preset else "", f"{_count(weights)} weights" if weights else ""]
    note = ". ".join(filter(None, [", ".join(filter(None, notes)), idea(name)]))
    return Fact(name="Model", value=name, note=note)


def _labels(files: RunFiles) -> Fact | None:
    conditioning = _text(files.card.get("conditioning"))
    return Fact(name="Labels", value=conditioning, note=obedience(conditioning)) if conditioning else None


def _training(files: RunFiles) -> Fact | None:
    stage = _stage(files, "train")
    if "seconds" not in stage:
        return None
    n_threads = stage.get("threads")
    threads = f"{n_threads} thread{'' if n_threads == 1 else 's'}" if n_threads else ""
    in_one_go = "in one go" if not takes_updates(model_name(files)) else ""
    notes = [
        in_one_go or (f"{_count(stage['steps'])} updates" if "steps" in stage else ""),
        _text(stage.get("device")),
        threads,
    ]
    return Fact(name="Training", value=duration(float(stage["seconds"])), note=", ".join(filter(None, notes)))


def _kept(files: RunFiles) -> Fact | None:
    step, score = files.card.get("step"), files.card.get("score")
    if step is None:
        return None
    scored = f"{float(score):.3f}" if isinstance(score, int | float) else ""
    if scored and "log_likelihood" in files.card.get("score_components", {}):
        scored = f"{scored} nats: minus the mean log-likelihood"
    if takes_updates(model_name(files)):
        note = f"held-out score {scored}" if scored else ""
        return Fact(name="Checkpoint kept", value=f"update {_count(step)}", note=note)
    note = "on people set aside; lower is better, about 1 is as good as training people"
    return Fact(name="Held-out score", value=scored, note=note) if scored else None


def _likelihood(files: RunFiles) -> Fact | None:
    values = nats(files)
    if "holdout" not in values:
        return None
    train = f"; {values['train']} of a training haplotype" if "train" in values else ""
    return Fact(name="Log-likelihood", value=values["holdout"], note=f"mean of a held-out haplotype{train}")


def _seed(files: RunFiles) -> Fact | None:
    seed = files.provenance.get("seed", files.config.get("seed", files.metrics.get("seed")))
    started = _text(files.provenance.get("started"))[:16].replace("T", " ")
    return (
        None
        if seed is None
        else Fact(name="Seed", value=str(seed), note=f"started {started}" if started else "")
    )


def _software(files: RunFiles) -> Fact | None:
    software = _part(files.provenance, "software")
    others = ", ".join(
        f"{name} {software[name]}" for name in ("python", "torch", "numpy") if name in software
    )
    version = version_of(files)
    return Fact(name="Software", value=f"genome-ac-gan {version}", note=others) if version else None


def version_of(files: RunFiles) -> str:
    """Return the version of this package that made the run; empty when unknown."""
    return _text(_part(files.provenance, "software").get("genome-ac-gan"))


def _stage(files: RunFiles, *path: str) -> Mapping[str, Any]:
    """Return what the provenance notes of a stage, or a part of it; empty when absent."""
    record = _part(files.provenance, "stages")
    for key in path:
        record = _part(record, key)
    return record


def _part(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = record.get(key)
    return part if isinstance(part, Mapping) else {}


def _flat(record: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in record.items():
        if isinstance(value, Mapping):
            pairs += _flat(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", _value(value)))
    return pairs


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_value, value))
    return "–" if value is None else str(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> str:
    return f"{value:,.0f}" if isinstance(value, int | float) else str(value)
