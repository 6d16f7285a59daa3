"""The report of a benchmark from tables and records written by hand."""

import itertools
import json
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from genome_ac_gan.errors import GenomeACGANError
from genome_ac_gan.report.benchmark import write_benchmark_report
from genome_ac_gan.report.benchmark.files import read_benchmark_folder
from genome_ac_gan.report.benchmark.tables import cost_rows, groups
from genome_ac_gan.report.benchmark.words import chance, facts, failures, heading, methods, warnings

STATISTICS = [  # metric, group, statistic, ideal
    ("allele-frequency", "fidelity", "r", 1.0),
    ("allele-frequency", "fidelity", "mae", 0.0),
    ("detection", "fidelity", "auc", 0.5),
    ("membership-inference", "privacy", "distance_auc", 0.5),
]
SOURCES = {"gan": "model", "copier": "model", "published": "synthetic", "train": "anchor", "real": "anchor"}
VALUES = {"gan": 0.6, "copier": 0.5, "published": 0.8, "train": 0.5, "real": 0.52}
SETTINGS = {
    "seeds": [1, 2],
    "panels": {"toy": {"panel": "data/toy.vcf.gz", "split": None, "holdout": 0.2, "synthetic": {"published": "p.zip"}}},
    "models": {
        "gan": {"name": "genome-ac-gan", "preset": "stable", "train": {}, "panels": None},
        "copier": {"name": "resample", "preset": "default", "train": {"n_steps": 5}, "panels": None},
        "broken": {"name": "genome-ac-gan", "preset": "paper", "train": {}, "panels": None},
    },
    "train": {"budget": 120.0, "n_steps": None},
    "evaluate": {},
}  # fmt: skip
COLLAPSE = "samples crowd together (AATS truth 0.10, syn 0.99, ideal 0.5)"
DIVERGED = "failed in train: loss is nan at step 7"


def benchmark_table():
    rows = [
        ("toy", source, kind, metric, group, population, statistic, value, 0.01, value - 0.01, value + 0.01,
         "seeds" if kind == "model" else "draws", 2 if kind == "model" else 0, 50, ideal)
        for source, kind in SOURCES.items()
        for metric, group, statistic, ideal in STATISTICS
        for population in ("all", "NA")
        for value in [VALUES[source]]
    ]  # fmt: skip
    names = "panel model kind metric group population statistic value sd lower upper interval n_seeds n ideal"
    return pd.DataFrame(rows, columns=names.split())


def costs_table():
    done = ("network", "False", 1445, 100, 120.2, 80, 1.5, 0.4, 30.1, "cpu", 2)
    nothing = ("",) * 11
    rows = [
        ("toy", "gan", 1, "done", "genome-ac-gan", "stable", *done, ""),
        ("toy", "gan", 2, "done", "genome-ac-gan", "stable", *done[:3], 140, *done[4:], COLLAPSE),
        (
            "toy",
            "copier",
            1,
            "done",
            "resample",
            "default",
            "per-population",
            "True",
            0,
            "",
            0.1,
            "",
            *done[6:],
            "",
        ),
        ("toy", "copier", 2, "pending", "resample", "default", *nothing, ""),
        ("toy", "broken", 1, "failed", "genome-ac-gan", "paper", *nothing, DIVERGED),
        ("toy", "broken", 2, "failed", "genome-ac-gan", "paper", *nothing, DIVERGED),
    ]
    names = (
        "panel model seed status name preset conditioning stores_training_data parameters updates train_seconds "
        "chosen_step held_out_score generate_seconds evaluate_seconds device threads outcome"
    )
    return pd.DataFrame(rows, columns=names.split())


def write(path, record):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record))


@pytest.fixture
def folder(tmp_path):
    out = tmp_path / "compared"
    panel = out / "panels" / "toy"
    counts = {"train": {"A": 60, "NA": 52}, "validation": {"A": 24, "NA": 24}, "holdout": {"A": 20, "NA": 20}}
    split = {"input": {"panel": {"path": "data/toy.vcf.gz", "sha256": "ab" * 32}}, "counts": counts}
    write(panel / "provenance.json", {"stages": {"split": split}})
    record = {"repeats": 10, "seed": 1, "fast": False, "variants": 34}
    write(panel / "evaluation" / "anchors" / "metrics.json", record)
    for seed, processor in ((1, "A Processor"), (2, "Another")):
        run = {"machine": {"processor": processor, "system": "Linux-6"},
               "software": {"genome-ac-gan": "0.1.0", "python": "3.11.2"}}  # fmt: skip
        write(out / "cells" / "toy" / "gan" / f"seed-{seed}" / "provenance.json", run)
    benchmark_table().to_csv(out / "benchmark.tsv", sep="\t", index=False)
    costs_table().to_csv(out / "costs.tsv", sep="\t", index=False)
    (out / "benchmark.yaml").write_text(yaml.safe_dump(SETTINGS, sort_keys=False))
    return out


@pytest.fixture
def files(folder):
    return read_benchmark_folder(folder)


def test_making_it_again_gives_the_same_bytes_and_loads_nothing(folder):
    first = write_benchmark_report(folder).read_bytes()
    (folder / "report.html").unlink()
    assert write_benchmark_report(folder).read_bytes() == first
    head, *_ = first.decode().partition("<script>")
    assert not re.findall(r'(?:src|href)="(?!#|https://doi\.org/)', head)


def test_tables_have_models_then_sets_then_anchors(files):
    (fidelity, privacy) = groups(files.panels[0], files.config)
    assert [group.title for group in (fidelity, privacy)] == ["Fidelity", "Privacy"]
    first, others = fidelity.tables
    assert [(kind, [row.name for row in rows]) for kind, rows in first.kinds] == [
        ("Models", ["gan", "copier", "broken"]),
        ("Artificial genomes made elsewhere", ["published"]),
        ("Anchors", ["Real", "Training"]),
    ]
    columns = [(column.metric, column.statistic, column.ideal) for column in first.columns]
    assert columns == [
        ("Allele frequencies", "correlation r", "1"), ("Detection by a classifier", "area under the curve", "0.5"),
    ]  # fmt: skip
    assert [column.statistic for column in others.columns] == ["mean error"]
    gan, copier, broken = first.kinds[0][1]
    assert (gan.cells[0].value, gan.cells[0].interval) == ("0.6000", "0.5900 to 0.6100")
    assert [cell.value for cell in broken.cells] == ["–", "–"]
    assert (gan.mark, copier.mark, broken.mark) == (1, None, 2)
    assert [row.note for row in (gan, copier, broken)] == ["", "1 of 2 seeds", "0 of 2 seeds, 2 failed"]


def test_the_star_goes_to_no_anchor_and_to_no_plain_copier(files):
    fidelity = groups(files.panels[0], files.config)[0]
    starred = {
        (row.name, column.statistic)
        for table in fidelity.tables
        for _, rows in table.kinds
        for row in rows
        for cell, column in zip(row.cells, table.columns, strict=True)
        if cell.best
    }
    assert starred == {
        ("published", "correlation r"), ("gan", "mean error"), ("gan", "area under the curve"),
    }  # fmt: skip


def test_costs_are_ranges_over_the_seeds_that_are_done(files):
    gan, copier, broken = cost_rows(files.panels[0])
    assert (copier.parameters, copier.updates) == ("–", "–")  # fitted in one go
    assert (gan.updates, gan.training, gan.parameters, gan.seeds) == (
        "100 to 140",
        "2 min 0 s",
        "1,445",
        "2 done",
    )
    assert gan.conditioning == "the population is an input of the networks"
    assert (gan.what, copier.what, broken.what) == (
        "genome-ac-gan, preset stable", "resample", "genome-ac-gan, preset paper",
    )  # fmt: skip
    assert (copier.seeds, broken.seeds, broken.updates) == ("1 done, 1 pending", "2 failed", "–")
    assert gan.outcome == [f"seed 2: {COLLAPSE}"]


def test_the_head_says_what_was_done(files):
    assert heading(files) == "Benchmark: 3 models on toy"
    told = {fact.name: (fact.value, fact.note) for fact in facts(files)}
    assert told["Cells done"] == ("3 of 6", "2 failed, 1 pending")
    assert told["Training of each"] == ("2 min", "otherwise: copier")
    assert told["Judged by"] == ("3 metrics", "10 draws, seed 1")
    assert told["Models"] == ("3", "and 1 set made elsewhere")
    assert told["Machine"] == ("A Processor; Another", "cpu, 2 threads")


def test_warnings_tell_what_a_reader_must_know(files):
    text = " ".join(warnings(files))
    for words in (
        "Whom published learned from is not known here",
        "not finished: 1 of 6 cells", "2 cells failed", "on different processors", "The model folders of copier hold",
    ):  # fmt: skip
        assert words in text
    assert "quick look" not in text
    assert failures(files) == [(f"toy/broken/seed-{seed}", DIVERGED) for seed in (1, 2)]


def test_the_methods_text_tells_seeds_split_and_draws(files):
    text = methods(files)
    for words in (
        "3 models (gan: genome-ac-gan, preset stable; copier: resample; broken: genome-ac-gan, preset paper) were "
        "trained with 2 seeds (1, 2) each, for 2 min (otherwise: copier). copier is fitted in one go.",
        "Of the checkpoints of a training the one with the best score",
        "Panel toy: 112 haplotypes to train on, 48 to choose the checkpoint by, 40 held out for judging, 34 variants.",
        "with 10 draws each (seed 1, the same for all)", "means over seeds", "one half of the held-out people",
        "genome-ac-gan 0.1.0, Python 3.11.2 on A Processor and Another",
    ):  # fmt: skip
        assert words in text


def test_without_validation_people_nobody_chose_a_state(folder):
    path = folder / "panels" / "toy" / "provenance.json"
    record = json.loads(path.read_text())
    record["stages"]["split"]["counts"]["validation"] = {}
    write(path, record)
    text = methods(read_benchmark_folder(folder))
    assert "112 haplotypes to train on, 40 held out" in text
    assert "The last state of a training was kept; it drew" in text
    assert "validation" not in text


@pytest.mark.parametrize(("n", "one_of"), [(2, 3), (3, 10), (4, 35)])
def test_it_is_told_how_often_ranges_of_equal_models_part(folder, n, one_of):
    settings = {**SETTINGS, "seeds": list(range(n))}
    (folder / "benchmark.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
    assert f"part in one of {one_of} statistics" in chance(read_benchmark_folder(folder))
    orders = list(itertools.combinations(range(2 * n), n))  # the ranks of one of the models
    parted = sum(max(ranks) == n - 1 or min(ranks) == n for ranks in orders)
    assert len(orders) == parted * one_of


def test_one_seed_has_no_ranges(folder):
    (folder / "benchmark.yaml").write_text(yaml.safe_dump({**SETTINGS, "seeds": [1]}))
    assert chance(read_benchmark_folder(folder)) == ""


def test_the_page_marks_collapse_and_failure_with_their_words(folder):
    text = write_benchmark_report(folder).read_text()
    assert f"seed 2: {COLLAPSE}" in text
    assert text.count(f"seed 1: {DIVERGED}") == 1
    assert '<a href="#toy-note-1"' in text
    assert 'id="toy-note-1"' in text
    assert "No star is given to copier, which hands out training haplotypes as they are." in text
    assert "genome-ac-gan benchmark benchmark.yaml -o compared" in text
    assert "sha256 " + "ab" * 32 in text


def test_a_benchmark_of_which_nothing_is_done_has_a_page(folder):
    benchmark_table().head(0).to_csv(folder / "benchmark.tsv", sep="\t", index=False)
    costs = costs_table().assign(status="pending", outcome="", conditioning="", stores_training_data="")
    for name in ("parameters", "updates", "train_seconds", "chosen_step", "held_out_score", "generate_seconds",
                 "evaluate_seconds", "device", "threads"):  # fmt: skip
        costs[name] = ""
    costs.to_csv(folder / "costs.tsv", sep="\t", index=False)
    (folder / "panels" / "toy" / "provenance.json").unlink()
    assert "Nothing has been judged on this panel yet." in write_benchmark_report(folder).read_text()


def test_another_folder_is_refused(tmp_path, folder):
    with pytest.raises(GenomeACGANError, match=r"is no benchmark folder: it has no benchmark\.yaml"):
        write_benchmark_report(tmp_path)
    (folder / "costs.tsv").unlink()
    with pytest.raises(
        GenomeACGANError, match=r"costs\.tsv: no such file; `genome-ac-gan benchmark --collect`"
    ):
        write_benchmark_report(folder)


@pytest.mark.browser
def test_the_page_fits_its_window_and_draws_its_figure(folder):
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        pytest.skip(f"no {chromium}")
    problems = []
    address = write_benchmark_report(folder).as_uri()
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=str(chromium), args=["--no-sandbox", "--disable-gpu"]
        )
        for width in (1280, 420):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
            page.goto(address)
            page.locator("#plot-overview-toy").scroll_into_view_if_needed()
            page.wait_for_selector("#plot-overview-toy .main-svg")
            assert page.locator("#plot-overview-toy .scatterlayer .trace").count() == 5
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        browser.close()
    assert problems == []
