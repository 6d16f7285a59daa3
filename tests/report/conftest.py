"""A run folder written by hand: two populations, four sources, curves, log and records."""

import json

import numpy as np
import pandas as pd
import pytest

METRICS = {
    "allele-frequency": ("fidelity", {"r": 1.0, "mae": 0.0}),
    "pca-wasserstein": ("fidelity", {"corrected": 0.0}),
    "ld-decay": ("fidelity", {"corrected": 0.0}),
    "nearest-neighbour-accuracy": ("privacy", {"privacy_loss": 0.0, "truth": 0.5, "syn": 0.5}),
}
SOURCES = ("synthetic", "train", "real", "independent")
POPULATIONS = ("AFR", "EUR")
STAGES = {
    "split": {"input": {"panel": {"path": "embedded"}},
              "counts": {"train": {"AFR": 40, "EUR": 60}, "holdout": {"AFR": 10, "EUR": 12}}},
    "train": {"seconds": 125.0, "steps": 400, "device": "cpu", "threads": 2},
    "generate": {"counts": {"AFR": 40, "EUR": 60}},
    "report": {"finished": "2026-01-01T01:00:00+00:00"},
}  # fmt: skip


def table(sources=SOURCES):
    rows = [
        (source, metric, group, population, statistic, 0.9 - place, 0.85 - place, 0.93 - place, 50, ideal)
        for place, source in zip(np.arange(len(sources)) / 10, sources, strict=True)
        for metric, (group, ideals) in METRICS.items()
        for population in ("all", *POPULATIONS)
        for statistic, ideal in ideals.items()
    ]  # fmt: skip
    names = "source metric group population statistic value lower upper n ideal"
    return pd.DataFrame(rows, columns=names.split())


def curves():
    points = [
        (source, panel, population, index * 0.5, index - place)
        for place, source in enumerate(SOURCES)
        for panel in ("holdout", "synthetic")
        for population in POPULATIONS
        for index in range(5)
    ]
    frequencies = [
        (source, population, "1", 100 * index, index / 9, index / 10)
        for source in SOURCES
        for population in ("all", *POPULATIONS)
        for index in range(10)
    ]
    decay = [
        (source, reading, panel, 10.0**index, 0.3 / (index + 1), 100)
        for source in SOURCES
        for reading in ("corrected", "compat")
        for panel in ("holdout", "synthetic")
        for index in range(1, 6)
    ]
    return {
        "principal-components": pd.DataFrame(points, columns=["source", "panel", "population", "pc1", "pc2"]),
        "allele-frequency": pd.DataFrame(
            frequencies, columns=["source", "population", "contig", "position", "holdout", "synthetic"]
        ),
        "ld-decay": pd.DataFrame(
            decay, columns=["source", "reading", "panel", "distance", "r2", "n_pairs"]
        ),
    }  # fmt: skip


def log_lines():
    events = [
        {
            "event": "step",
            "step": step,
            "seconds": 0.1 * step,
            "generator_class": 1 / step,
            "accuracy_real": 0.5,
        }
        for step in range(100, 500, 100)
    ]
    events += [
        {"event": "score", "step": step, "score": score, "components": {"pca": score}, "best": best}
        for step, score, best in ((200, 2.0, True), (300, 1.5, True), (400, 1.8, False))
    ]
    return [json.dumps(event) for event in events]


def record(sources=SOURCES, unlabelled=(), **more):
    """Return `metrics.json` without its rows."""

    def counts(n):
        return {"AFR": n, "EUR": n + 2}

    return {
        "schema": "genome-ac-gan/metrics", "schema_version": 2, "version": "0.1.0", "seed": 7, "repeats": 10,
        "fast": False, "variants": 2000, "metrics": [], "rows": [],
        "sources": [
            {"name": source, "kind": "anchor" if source in SOURCES[1:] else "synthetic",
             "labelled": source not in unlabelled,
             "haplotypes": {"train": counts(40), "holdout": counts(10),
                            "synthetic": {"unlabelled": 9} if source in unlabelled else counts(30)}}
            for source in sources
        ],
        **more,
    }  # fmt: skip


def write_evaluation(folder):
    (folder / "curves").mkdir(parents=True)
    table().to_csv(folder / "table.tsv", sep="\t", index=False)
    for name, curve in curves().items():
        curve.to_csv(folder / "curves" / f"{name}.tsv", sep="\t", index=False)
    (folder / "metrics.json").write_text(json.dumps(record()))


@pytest.fixture
def run_folder(tmp_path):
    folder = tmp_path / "ooa"
    write_evaluation(folder / "evaluation")
    (folder / "model").mkdir()
    (folder / "log.jsonl").write_text("\n".join(log_lines()) + "\n")
    (folder / "config.yaml").write_text(
        "seed: 7\ndata: {panel: embedded}\nmodel: {name: genome-ac-gan, preset: stable}\n"
    )
    (folder / "model" / "card.json").write_text(
        json.dumps(
            {
                "model": "genome-ac-gan",
                "conditioning": "network",
                "n_variants": 2000,
                "step": 300,
                "score": 1.5,
            }
        )
    )
    record = {"command": "genome-ac-gan run", "seed": 7, "started": "2026-01-01T00:00:00+00:00",
              "software": {"genome-ac-gan": "0.1.0", "python": "3.11.2"}, "stages": STAGES}  # fmt: skip
    (folder / "provenance.json").write_text(json.dumps(record))
    return folder


@pytest.fixture
def evaluation_folder(tmp_path):
    """An evaluation alone: artificial genomes of another program, without a run around it."""
    folder = tmp_path / "judged"
    write_evaluation(folder)
    return folder


@pytest.fixture
def side_by_side(tmp_path):
    """A judgement of two sets, the second without labels, as `evaluate` writes it."""
    sources = ("gan", "rbm", *SOURCES[1:])
    folder = tmp_path / "both"
    (folder / "evaluation").mkdir(parents=True)
    rows = table(sources)
    rows = rows[(rows["source"] != "rbm") | (rows["population"] == "all")]
    rows.to_csv(folder / "evaluation" / "table.tsv", sep="\t", index=False)
    text = json.dumps(record(sources, unlabelled=["rbm"]))
    (folder / "evaluation" / "metrics.json").write_text(text)
    inputs = {name: {"path": f"data/{name}.vcf.gz"} for name in ("train", "holdout", "gan", "rbm")}
    software = {"genome-ac-gan": "0.1.0", "python": "3.11.2", "numpy": "2.4"}
    machine = {"processor": "A Processor", "system": "Linux-6"}
    (folder / "provenance.json").write_text(
        json.dumps({"inputs": inputs, "software": software, "machine": machine})
    )
    return folder
