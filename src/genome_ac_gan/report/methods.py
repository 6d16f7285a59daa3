"""A paragraph for the methods section of a paper, from what was noted of the run."""

from collections.abc import Mapping, Sequence
from typing import Any

from genome_ac_gan.metrics import METRICS
from genome_ac_gan.plots.palette import ANCHORS, set_names
from genome_ac_gan.report.about import dois, title
from genome_ac_gan.report.facts import duration, model_name, nats, panel_name, version_of
from genome_ac_gan.report.judged import is_fast, panel_counts, unlabelled
from genome_ac_gan.report.model import idea, obedience, sources, takes_updates
from genome_ac_gan.report.run import RunFiles

ANCHOR_WORDS = {
    "train": "the training haplotypes judged as if they were artificial",
    "real": "one half of the held-out people judged against the other half",
    "independent": "haplotypes whose sites were drawn one by one from the training frequencies of each population",
}


def methods(files: RunFiles) -> str:
    """Return plain sentences; what is unknown is left out."""
    made = (_fast, _generation, _idea, _likelihood, _panels, _sets, _metrics, _intervals, _anchors, _machine)
    return " ".join(filter(None, (make(files) for make in made)))


def _fast(files: RunFiles) -> str:
    return (
        "[This is a quick look on panels cut to at most 800 haplotypes: do not cite it.]"
        if is_fast(files)
        else ""
    )


def _generation(files: RunFiles) -> str:
    name = model_name(files)
    if not name:
        return ""
    card, stage = files.card, files.provenance.get("stages", {}).get("train", {})
    settings = files.config.get("model", {})
    details = [
        f"preset {settings['preset']}" if settings.get("preset") else "",
        *(f"doi:{doi}" for doi in sources(name)),
    ]
    in_steps = takes_updates(name)
    trained = [
        (f"trained for {stage['steps']:,} updates" if "steps" in stage else "") if in_steps else "fitted",
        f"in {duration(stage['seconds'])} on {stage.get('device', 'cpu')}" if "seconds" in stage else "",
    ]
    words = " ".join(filter(None, trained))
    kept = f"the state of update {card['step']:,} was kept" if "step" in card and in_steps else ""
    ending = "".join(f", {part}" for part in (words, kept) if part)
    return f"Artificial genomes were drawn from the model {name}{_in_brackets(details)}{ending}."


def _idea(files: RunFiles) -> str:
    """Say what the model is and how it obeys labels, in the words of its own documentation."""
    words, labels = idea(model_name(files)), obedience(str(files.card.get("conditioning", "")))
    return " ".join(
        filter(None, [f"The model: {words}." if words else "", f"Its labels: {labels}." if labels else ""])
    )


def _likelihood(files: RunFiles) -> str:
    values = nats(files)
    if set(values) != {"train", "holdout"}:
        return ""
    return (
        f"The mean log-likelihood under it is {values['holdout']} of a held-out haplotype and {values['train']} of a "
        "training haplotype."
    )


def _panels(files: RunFiles) -> str:
    counts = panel_counts(files)
    if not counts:
        return ""
    name, variants = panel_name(files), files.metrics.get("variants")
    of = f" of {'the ' if name == 'embedded panel' else ''}{name}" if name else ""
    over = f" over {variants:,} variants" if variants else ""
    held, train = counts["holdout"], counts["train"]
    return (
        f"Artificial genomes were judged against {sum(held.values()):,} held-out haplotypes{of} that the "
        f"generator never saw ({_by_population(held)}), with "
        f"{sum(train.values()):,} training haplotypes ({_by_population(train)}) as the reference of privacy{over}."
    )


def _sets(files: RunFiles) -> str:
    counts = panel_counts(files)
    bare = unlabelled(files)
    sets = [
        f"{'artificial genomes' if name == 'synthetic' else name} ({sum(counts[name].values()):,} haplotypes"
        f"{', without population labels and so judged pooled only' if name in bare else ''})"
        for name in set_names(files.table["source"])
        if name in counts
    ]
    return f"The sets that were judged: {'; '.join(sets)}." if sets else ""


def _metrics(files: RunFiles) -> str:
    version = version_of(files) or str(files.metrics.get("version", ""))
    words = [_metric(name) for name in dict.fromkeys(files.table["metric"])]
    return f"Metrics were computed with genome-ac-gan{f' {version}' if version else ''}: {'; '.join(words)}."


def _metric(name: str) -> str:
    registered = METRICS.get(name)
    statistic = ""
    if registered:
        headline = registered.statistics[registered.headline]
        statistic = headline.name or registered.headline.replace("_", " ")
    sources = [f"doi:{doi}" for doi in dois(name)]
    return f"{title(name)}{_in_brackets([statistic, *sources])}"


def _intervals(files: RunFiles) -> str:
    repeats, seed = files.metrics.get("repeats"), files.metrics.get("seed")
    if repeats is None:
        return ""
    benchmark = files.provenance.get("benchmark", {})
    if len(benchmark.get("seeds", [])) > 1:
        return (
            "Values of models are means over the seeds "
            f"{', '.join(map(str, benchmark['seeds']))}, with the smallest and the largest of the seeds; the other "
            f"intervals are the 2.5th to 97.5th percentile over {repeats} draws, of people or of subsets (seed {seed})."
        )
    return f"Intervals are the 2.5th to 97.5th percentile over {repeats} draws, of people or of subsets (seed {seed})."


def _anchors(files: RunFiles) -> str:
    present = set(files.table["source"])
    words = [ANCHOR_WORDS[name] for name in ANCHORS if name in present]
    return f"Every value was read beside anchors: {'; '.join(words)}." if words else ""


def _machine(files: RunFiles) -> str:
    software = files.provenance.get("software", {})
    machine: Mapping[str, Any] = files.provenance.get("machine", {})
    with_versions = [
        f"{word} {software[name]}"
        for name, word in (("python", "Python"), ("numpy", "NumPy"), ("scikit-learn", "scikit-learn"))
        if name in software
    ]
    where = f" on {machine['processor']} ({machine.get('system', '')})" if machine.get("processor") else ""
    return f"Software: {', '.join(with_versions)}{where}." if with_versions else ""


def _by_population(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {n:,}" for name, n in counts.items())


def _in_brackets(words: Sequence[str]) -> str:
    kept = "; ".join(filter(None, words))
    return f" ({kept})" if kept else ""
