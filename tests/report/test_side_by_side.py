"""Several sets of artificial genomes in one report."""

import json

import numpy as np
import pandas as pd
import pytest

from genome_ac_gan.metrics import METRICS
from genome_ac_gan.metrics.evaluation import FAST_HAPLOTYPES
from genome_ac_gan.plots import Styles
from genome_ac_gan.plots.overview import CORNERS, PLAIN
from genome_ac_gan.report import read_run, write_report
from genome_ac_gan.report.facts import counts, facts, lead
from genome_ac_gan.report.html import render
from genome_ac_gan.report.methods import methods
from genome_ac_gan.report.overview import axes, overview
from genome_ac_gan.report.sections import sections
from genome_ac_gan.report.tables import headline_rows

SETS = ("gan", "rbm", "vae", "hmm")
SOURCES = (*SETS, "real", "train", "independent")


def rows(values, statistic="r", ideal=1.0, width=0.01, metric="allele-frequency", group="fidelity"):
    return pd.DataFrame(
        [
            (source, metric, group, "all", statistic, value, value - width, value + width, 2000, ideal)
            for source, value in values.items()
        ],
        columns=["source", "metric", "group", "population", "statistic", "value", "lower", "upper", "n", "ideal"],
    )  # fmt: skip


def marked(table):
    sources = list(table["source"])
    (row,) = headline_rows(table, sources)
    return [source for source, cell in zip(sources, row.cells, strict=True) if cell.best]


def test_the_best_set_is_marked_never_an_anchor():
    values = {"gan": 0.90, "rbm": 0.95, "train": 0.999, "real": 0.99}
    assert marked(rows(values)) == ["rbm"]
    assert marked(rows(values, width=0.03)) == []
    assert marked(rows({"gan": 0.90, "train": 0.999})) == []


def test_sets_stand_in_the_order_they_were_given(side_by_side):
    text = write_report(side_by_side).read_text(encoding="utf-8")
    table = text[text.index('<table class="headline">') :]
    heads = table[: table.index("</thead>")]
    places = [heads.index(name) for name in (" gan<", " rbm<", " Real<", " Training<", " Independent<")]
    assert places == sorted(places)
    assert "A star marks the set" in text


def test_a_set_without_labels_says_so(side_by_side):
    files = read_run(side_by_side)
    found = {fact.name: (fact.value, fact.note) for fact in facts(files)}
    assert found["Without population labels"] == ("rbm", "judged pooled only")
    assert found["Artificial haplotypes"] == ("gan 62; rbm 9", "real: training 82; held out 22")
    assert found["Real panel"] == ("holdout.vcf.gz", "2,000 variants")
    assert lead(files).startswith("2 sets of artificial haplotypes for 2 populations")
    assert "No population labels: rbm." in render(files)
    table = counts(files)
    assert list(table.columns) == ["Training", "Held out", "gan", "rbm"]
    assert ("unlabelled", ["0", "0", "0", "9"]) in [(name, list(row)) for name, row in table.rows]


def test_the_methods_text_tells_what_was_done(side_by_side):
    text = methods(read_run(side_by_side))
    for words in (
        "22 held-out haplotypes of holdout.vcf.gz", "(AFR 10, EUR 12)", "82 training haplotypes", "2,000 variants",
        "gan (62 haplotypes); rbm (9 haplotypes, without population labels and so judged pooled only)",
        "genome-ac-gan 0.1.0", "Linkage disequilibrium (error of decay; doi:10.1101/2024.02.14.580420;",
        "10 draws, of people or of subsets (seed 7)", "one half of the held-out people",
        "Python 3.11.2, NumPy 2.4 on A Processor",
    ):  # fmt: skip
        assert words in text
    assert "quick look" not in text
    assert "Artificial genomes were drawn" not in text


def test_the_methods_text_of_a_run_names_its_model(run_folder):
    text = methods(read_run(run_folder))
    assert text.startswith(
        "Artificial genomes were drawn from the model genome-ac-gan (preset stable; "
        "doi:10.1101/2024.02.14.580420; doi:10.48550/arXiv.1610.09585), trained for 400 updates in 2 min 5 s on cpu, "
        "the state of update 300 was kept. The model: Auxiliary-classifier GAN over haplotypes, conditioned on "
        "population. Its labels: the population is an input of the networks. Artificial genomes were judged"
    )


def test_a_quick_look_says_so_everywhere(side_by_side):
    path = side_by_side / "evaluation" / "metrics.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "fast": True}))
    files = read_run(side_by_side)
    assert (
        f"This is a quick look: every panel was cut to at most {FAST_HAPLOTYPES} haplotypes. Do not cite"
        in render(files)
    )
    assert methods(files).startswith(
        f"[This is a quick look on panels cut to at most {FAST_HAPLOTYPES} haplotypes"
    )


# -- the overview -----------------------------------------------------------------------------------


def plane_of(*tables):
    table = pd.concat(tables, ignore_index=True)
    return overview(table, Styles.of(table["population"], table["source"]))


LINKAGE = rows({"gan": 0.1, "train": 0.01}, "corrected", 0.0, metric="ld-decay")
LOSS = rows(
    {"gan": 0.2, "train": 0.5}, "privacy_loss", 0.0, metric="nearest-neighbour-accuracy", group="privacy"
)


def test_the_plane_has_a_point_with_both_intervals_for_each_source():
    chart = plane_of(LINKAGE, LOSS)
    (facet,) = chart.facets
    assert (facet.lines, facet.levels) == ([0.0], [0.0])
    first, second = facet.marks
    assert (first.name, second.name) == ("gan", "Training haplotypes")
    assert (first.x[0], first.lower[0], first.upper[0]) == pytest.approx((0.1, 0.09, 0.11))
    assert (first.y[0], first.y_lower[0], first.y_upper[0]) == pytest.approx((0.2, 0.19, 0.21))
    assert CORNERS in chart.caption


def test_the_plane_falls_back_to_the_headlines_that_were_computed():
    other = rows({"gan": 0.9}, "r")
    chart = plane_of(other, LOSS)
    assert "correlation" in chart.x_label
    assert PLAIN in chart.caption  # for a correlation, right is better: the corners mean something else
    assert [mark.name for mark in chart.facets[0].marks] == ["gan"]
    assert plane_of(other) is None
    by_population = LOSS.assign(population="EUR")
    assert plane_of(other, by_population) is None


def test_the_axes_are_the_classifier_and_the_attack_where_they_were_computed():
    wanted = [("fidelity", "detection", "auc"), ("privacy", "membership-inference", None)]
    if not {metric for _, metric, _ in wanted} <= set(METRICS):
        pytest.skip("these metrics are not registered")
    tables = [
        rows({"gan": 0.7}, statistic or METRICS[metric].headline, 0.5, metric=metric, group=group)
        for group, metric, statistic in wanted
    ]
    x, y = axes(pd.concat([LINKAGE, LOSS, *tables]))
    assert (x.metric, y.metric) == ("detection", "membership-inference")
    assert x.ideal == y.ideal == 0.5


# -- size ---------------------------------------------------------------------------------------------


def test_every_metric_of_26_populations_and_7_sources_stays_a_light_page(side_by_side):
    populations = ["all", *(f"P{index:02d}" for index in range(26))]
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        [
            (source, name, metric.group, population, statistic, *np.sort(rng.random(3))[[1, 0, 2]], 1000, known.ideal)
            for source in SOURCES
            for name, metric in METRICS.items()
            for population in populations
            for statistic, known in metric.statistics.items()
        ],
        columns=["source", "metric", "group", "population", "statistic", "value", "lower", "upper", "n", "ideal"],
    )  # fmt: skip
    table.to_csv(side_by_side / "evaluation" / "table.tsv", sep="\t", index=False)
    files = read_run(side_by_side)
    parts = [part for section in sections(files) for part in section.metrics]
    assert [part.metric for part in parts] == [
        name
        for group in ("fidelity", "utility", "privacy")
        for name in METRICS
        if METRICS[name].group == group
    ]
    assert all(part.charts for part in parts)
    assert len(render(files).encode()) < 12e6
