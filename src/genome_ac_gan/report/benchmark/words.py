"""What was done in a benchmark, in words: facts for the head of the page, warnings, methods, how to repeat it."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from genome_ac_gan.metrics import METRICS
from genome_ac_gan.plots.palette import ANCHORS
from genome_ac_gan.report.about import dois, title
from genome_ac_gan.report.benchmark.files import BenchmarkFiles, PanelFiles
from genome_ac_gan.report.benchmark.tables import copiers, preset, private
from genome_ac_gan.report.facts import Counts, Fact, duration
from genome_ac_gan.report.methods import ANCHOR_WORDS
from genome_ac_gan.report.model import takes_updates

SIDES = {"train": "Training", "validation": "Validation", "holdout": "Held out"}
LIBRARIES = {
    "genome-ac-gan": "genome-ac-gan", "python": "Python", "torch": "PyTorch", "numpy": "NumPy", "scipy": "SciPy",
    "scikit-learn": "scikit-learn",
}  # fmt: skip


def heading(files: BenchmarkFiles) -> str:
    """Return the title of the page."""
    panels = [panel_name(panel) for panel in files.panels]
    return f"Benchmark: {_several(len(files.config['models']), 'model')} on {_joined(panels)}"


def lead(files: BenchmarkFiles) -> str:
    """Return one sentence that says what the page is about."""
    return (
        "Each model was trained on the same people, drew as many artificial haplotypes, and was judged by the same "
        f"draws against the same held-out people, with {_several(len(files.config['seeds']), 'seed')}."
    )


def facts(files: BenchmarkFiles) -> list[Fact]:
    """Return the facts of the head of the page; what is unknown is left out."""
    counts = files.costs["status"].value_counts()
    others = ", ".join(f"{counts[name]} {name}" for name in ("failed", "begun", "pending") if name in counts)
    seeds = files.config["seeds"]
    found = [
        Fact(
            name="Panels", value=str(len(files.panels)), note=", ".join(panel.name for panel in files.panels)
        ),
        Fact(name="Models", value=str(len(files.config["models"])), note=_sets(files)),
        Fact(name="Seeds", value=", ".join(map(str, seeds))),
        Fact(name="Cells done", value=f"{counts.get('done', 0)} of {len(files.costs)}", note=others),
        Fact(name="Training of each", value=_length(files.config["train"]), note=_differing(files)),
        Fact(name="Judged by", value=_several(len(_metrics(files)), "metric"), note=_draws(files)),
        Fact(name="Machine", value="; ".join(machines(files)), note=_threads(files)),
        Fact(name="Software", value="; ".join(_versions(files, ["genome-ac-gan"]))),
    ]
    return [fact for fact in found if fact.value]


def _sets(files: BenchmarkFiles) -> str:
    n = len({name for panel in files.panels for name in panel.config.get("synthetic") or {}})
    return f"and {_several(n, 'set')} made elsewhere" if n else ""


def _length(train: Mapping[str, Any]) -> str:
    """Return for how long a training lasts, in words."""
    ends = [
        duration(train["budget"]).removesuffix(" 0 s") if train.get("budget") else "",
        f"{train['n_steps']:,} updates" if train.get("n_steps") else "",
    ]
    return " or ".join(filter(None, ends)) or "the preset's number of updates"


def _differing(files: BenchmarkFiles) -> str:
    names = [name for name, entry in files.config["models"].items() if entry.get("train")]
    return f"otherwise: {', '.join(names)}" if names else ""


def _metrics(files: BenchmarkFiles) -> list[str]:
    return list(dict.fromkeys(name for panel in files.panels for name in panel.table["metric"]))


def _judged(files: BenchmarkFiles) -> Mapping[str, Any]:
    return next((panel.judged for panel in files.panels if panel.judged), {})


def _draws(files: BenchmarkFiles) -> str:
    judged = _judged(files)
    return f"{judged['repeats']} draws, seed {judged['seed']}" if judged else ""


def machines(files: BenchmarkFiles) -> list[str]:
    """Return the processors that cells were computed on."""
    return _distinct(run.get("machine", {}).get("processor", "") for run in files.runs)


def _threads(files: BenchmarkFiles) -> str:
    costs = files.costs
    devices = _distinct(costs["device"])
    threads = sorted({int(n) for n in costs["threads"].dropna()})
    return ", ".join(
        [*devices, *([f"{_joined(threads)} thread{'s' if threads[-1] > 1 else ''}"] if threads else [])]
    )


def _versions(files: BenchmarkFiles, names: Sequence[str]) -> list[str]:
    return _distinct(
        f"{LIBRARIES[name]} {run['software'][name]}"
        for name in names
        for run in files.runs
        if name in run.get("software", {})
    )


def warnings(files: BenchmarkFiles) -> list[str]:
    """Return what a reader must know before the numbers."""
    found = []
    if _judged(files).get("fast"):
        found.append(
            "This is a quick look: every panel was cut to at most 800 haplotypes. Do not cite these values; judge "
            "again without evaluate.fast."
        )
    status = files.costs["status"]
    open_cells, failed = int(status.isin(["begun", "pending"]).sum()), int((status == "failed").sum())
    if open_cells:
        found.append(f"The benchmark is not finished: {open_cells} of {len(status)} cells are not done.")
    if failed:
        found.append(
            f"{_several(failed, 'cell')} failed and {'has' if failed == 1 else 'have'} no values; see below."
        )
    if len(machines(files)) > 1 and files.config["train"].get("budget"):
        found.append(
            "Cells were trained for a fixed time on different processors, so not all made as many updates."
        )
    elsewhere = _distinct(name for panel in files.panels for name in panel.config.get("synthetic") or {})
    if elsewhere:
        found.append(
            f"Whom {_joined(elsewhere)} learned from is not known here. Held-out people among them would flatter "
            "fidelity, and leave privacy, which compares training with held-out people, without a meaning."
        )
    holding = _distinct(name for panel in files.panels for name in private(panel))
    if holding:
        found.append(
            f"The model folders of {_joined(holding)} hold haplotypes of the training people, or pieces of them: "
            "they are as private as the training panel."
        )
    return found


def unstarred(files: BenchmarkFiles) -> str:
    """Return the sentence about models that are given no star; empty when there are none."""
    names = _distinct(name for panel in files.panels for name in copiers(panel))
    return (
        f"No star is given to {_joined(names)}, which hands out training haplotypes as they are."
        if names
        else ""
    )


def chance(files: BenchmarkFiles) -> str:
    """Return how often ranges over so few seeds part by chance; empty where they hardly ever do, or are none.

    Of 2 n values in random order, those of one model all come first with the
    probability n! n! / (2 n)!, and last with the same.
    """
    n = len(files.config["seeds"])
    if not 1 < n < 5:
        return ""
    return (
        f"{n} seeds are few: with them the ranges of two models that are equally good part in one of "
        f"{math.comb(2 * n, n) // 2} statistics, and so a star may be chance."
    )


def panel_name(panel: PanelFiles) -> str:
    """Return the name of a panel for a heading."""
    return panel.name


def panel_lead(panel: PanelFiles) -> str:
    """Return what a panel is: its file, people and variants, and how it was split."""
    file = str(panel.config.get("panel") or "")
    what = "the embedded panel" if file == "embedded" else f"`{PurePath(file).name}`"
    variants = f", {panel.judged['variants']:,} variants" if panel.judged else ""
    split = panel.config.get("split")
    how = (
        f"split by {PurePath(split).name}"
        if split
        else f"{panel.config['holdout']:.0%} of the people held out"
    )
    return f"{what[0].upper()}{what[1:]}{variants}; {how}.".replace("`", "")


def panel_counts(panel: PanelFiles) -> Counts | None:
    """Return haplotypes by population in each part of the panel; None before it is split."""
    sides = {SIDES[side]: of for side, of in panel.counts.items() if side in SIDES}
    if not sides:
        return None
    names = sorted({name for of in sides.values() for name in of})
    rows = [(name, [f"{of.get(name, 0):,}" for of in sides.values()]) for name in names]
    rows.append(("All", [f"{sum(of.values()):,}" for of in sides.values()]))
    return Counts(columns=list(sides), rows=rows)


def failures(files: BenchmarkFiles) -> list[tuple[str, str]]:
    """Return the cells that failed, and how."""
    costs = files.costs
    return [
        (f"{row['panel']}/{row['model']}/seed-{row['seed']:.0f}", str(row["outcome"]))
        for _, row in costs[costs["status"] == "failed"].iterrows()
    ]


def methods(files: BenchmarkFiles) -> str:
    """Return plain sentences for the methods section of a paper; what is unknown is left out."""
    made = (_trained, _split, _drawn, _judged_words, _intervals, _between, _software)
    return " ".join(filter(None, (make(files) for make in made)))


def _trained(files: BenchmarkFiles) -> str:
    config = files.config
    names = [_model(name, entry) for name, entry in config["models"].items()]
    more = _differing(files)
    return (
        f"{_several(len(names), 'model')} ({'; '.join(names)}) "
        f"{'was' if len(names) == 1 else 'were'} trained with {_several(len(config['seeds']), 'seed')} "
        f"({', '.join(map(str, config['seeds']))}) each, for {_length(config['train'])}"
        f"{f' ({more})' if more else ''}.{_at_once(config['models'])}"
    )


def _at_once(models: Mapping[str, Mapping[str, Any]]) -> str:
    found = [name for name, entry in models.items() if not takes_updates(entry["name"])]
    return f" {_joined(found)} {'is' if len(found) == 1 else 'are'} fitted in one go." if found else ""


def _model(name: str, entry: Mapping[str, Any]) -> str:
    return ", ".join(
        filter(None, [f"{name}: {entry['name']}" if entry["name"] != name else name, preset(entry)])
    )


def _split(files: BenchmarkFiles) -> str:
    sentences = []
    for panel in files.panels:
        counts = {side: sum(of.values()) for side, of in panel.counts.items()}
        if counts:
            variants = f", {panel.judged['variants']:,} variants" if panel.judged else ""
            chosen = f"{counts['validation']:,} to choose the checkpoint by, " if counts["validation"] else ""
            sentences.append(
                f"Panel {panel.name}: {counts['train']:,} haplotypes to train on, {chosen}{counts['holdout']:,} held "
                f"out for judging{variants}."
            )
    return " ".join(sentences)


def _drawn(files: BenchmarkFiles) -> str:
    chosen = any(sum(panel.counts.get("validation", {}).values()) for panel in files.panels)
    kept = (
        "Of the checkpoints of a training the one with the best score on the validation haplotypes was kept"
        if chosen
        else "The last state of a training was kept"
    )
    return f"{kept}; it drew as many artificial haplotypes of each population as were trained on."


def _judged_words(files: BenchmarkFiles) -> str:
    names = [f"{title(name)}{_sources(name)}" for name in _metrics(files) if name in METRICS]
    judged = _judged(files)
    draws = (
        f", with {judged['repeats']} draws each (seed {judged['seed']}, the same for all)" if judged else ""
    )
    return f"All were judged against the held-out haplotypes by {'; '.join(names)}{draws}." if names else ""


def _sources(metric: str) -> str:
    found = [f"doi:{doi}" for doi in dois(metric)]
    return f" ({'; '.join(found)})" if found else ""


def _intervals(files: BenchmarkFiles) -> str:
    one = len(files.config["seeds"]) == 1
    own = "the 2.5th to 97.5th percentile over draws of people or of subsets"
    if one:
        return f"Intervals are {own}."
    return (
        "Values of models are means over seeds, with the smallest and the largest of the seeds; intervals of "
        f"anchors and of sets made elsewhere are {own}."
    )


def _between(files: BenchmarkFiles) -> str:
    present = {source for panel in files.panels for source in panel.sources}
    words = [ANCHOR_WORDS[name] for name in ANCHORS if name in present]
    return f"Every value was read beside anchors: {'; '.join(words)}." if words else ""


def _software(files: BenchmarkFiles) -> str:
    versions, where = _versions(files, list(LIBRARIES)), _joined(machines(files))
    return f"Software: {', '.join(versions)}{f' on {where}' if where else ''}." if versions else ""


def inputs(files: BenchmarkFiles) -> list[tuple[str, str]]:
    """Return the files that were read, with their SHA-256 where it is known."""
    found = []
    for panel in files.panels:
        read = panel.record.get("stages", {}).get("split", {}).get("input", {})
        for name, file in read.items():
            known = f" (sha256 {file['sha256']})" if "sha256" in file else ""
            found.append((f"{panel.name}: {name}", f"{file['path']}{known}"))
        found += [
            (f"{panel.name}: {name}", str(path))
            for name, path in (panel.config.get("synthetic") or {}).items()
        ]
    return found


def software(files: BenchmarkFiles) -> list[tuple[str, str]]:
    """Return machine and versions, each once."""
    systems = _distinct(run.get("machine", {}).get("system", "") for run in files.runs)
    versions = [
        (LIBRARIES[name], "; ".join(each.rpartition(" ")[2] for each in _versions(files, [name])))
        for name in LIBRARIES
    ]
    pairs = [("Processor", "; ".join(machines(files))), ("System", "; ".join(systems)), *versions]
    return [(name, value) for name, value in pairs if value]


def _several(n: int, thing: str) -> str:
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def _joined(words: Sequence[object]) -> str:
    names = [str(word) for word in words]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def _distinct(words: Iterable[str]) -> list[str]:
    return [word for word in dict.fromkeys(words) if word]
