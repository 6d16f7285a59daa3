import io
import json
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from genome_ac_gan.errors import GenomeACGANError
from genome_ac_gan.metrics import METRICS
from genome_ac_gan.report import read_run, write_figures, write_report
from genome_ac_gan.report.about import dois, headlines
from genome_ac_gan.report.facts import counts, duration, facts
from genome_ac_gan.report.tables import headline_rows, number


class Outline(HTMLParser):
    """Collects what a page holds: headings, ids, figures, outside sources, and its text."""

    def __init__(self, text):
        super().__init__()
        self.headings, self.ids, self.labels, self.sources, self.words = [], [], [], [], []
        self.links, self.tables = set(), {}
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.inside = tag
        self.ids += [values["id"]] if "id" in values else []
        self.labels += [values["aria-label"]] if values.get("class") == "plot" else []
        self.links |= {values["href"]} if values.get("href", "").startswith("#") else set()
        self.file = values.get("data-file", "")
        if tag in ("script", "link", "img", "iframe"):
            self.sources += [value for key, value in attrs if key in ("src", "href")]

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside == "pre" and self.file:
            self.tables[self.file] = self.tables.get(self.file, "") + data
            return
        if self.inside not in ("script", "style"):
            self.words.append(data)
        if self.inside in ("h1", "h2", "h3"):
            self.headings.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def page_of(folder):
    return Outline(write_report(folder, force=True).read_text(encoding="utf-8"))


def test_the_page_holds_everything_and_loads_nothing(run_folder):
    page = page_of(run_folder)
    assert page.sources == []
    assert page.headings[0] == "Artificial genomes: embedded panel"
    assert [name for name in page.ids if not name.startswith(("plot-", "main"))] == [
        "glance", "fidelity", "metric-allele-frequency", "metric-pca-wasserstein", "metric-ld-decay",
        "privacy", "metric-nearest-neighbour-accuracy", "training", "methods", "methods-text", "run", "limits",
    ]  # fmt: skip
    assert page.links == {f"#{name}" for name in page.ids if not name.startswith(("plot-", "methods-"))}
    assert {name for name in page.ids if name.startswith("plot-")} >= {
        "plot-overview", "plot-pca", "plot-pca-by-population", "plot-allele-frequency", "plot-ld-decay",
        "plot-nearest-neighbour-accuracy", "plot-training", "plot-training-score",
    }  # fmt: skip
    assert len(set(page.ids)) == len(page.ids)
    assert all(len(label) > 40 for label in page.labels)
    assert "not automatically anonymous" in page.text
    assert "10.1101/2024.02.14.580420" in page.text


def test_figures_are_json_that_plotly_can_draw(run_folder):
    text = write_report(run_folder).read_text(encoding="utf-8")
    figures = [
        json.loads(part) for part in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text)
    ]
    assert len(figures) >= 7
    assert all(set(figure) == {"data", "wide", "narrow"} and figure["data"] for figure in figures)


def test_what_was_done_is_told(run_folder):
    found = {fact.name: (fact.value, fact.note) for fact in facts(read_run(run_folder))}
    assert found == {
        "Real panel": ("embedded panel", "2,000 variants"),
        "Populations": ("2", "AFR, EUR"),
        "Artificial haplotypes": ("100", "real: training 100; held out 22"),
        "Model": (
            "genome-ac-gan",
            "preset stable. Auxiliary-classifier GAN over haplotypes, conditioned on population",
        ),
        "Labels": ("network", "the population is an input of the networks"),
        "Training": ("2 min 5 s", "400 updates, cpu, 2 threads"),
        "Checkpoint kept": ("update 300", "held-out score 1.500"),
        "Seed": ("7", "started 2026-01-01 00:00"),
        "Software": ("genome-ac-gan 0.1.0", "python 3.11.2"),
    }
    table = counts(read_run(run_folder))
    assert list(table.columns) == ["Training", "Held out", "Artificial"]
    assert ("AFR", ["40", "10", "40"]) in [(name, list(row)) for name, row in table.rows]


def test_remaking_the_page_gives_the_same_bytes_also_later(run_folder):
    first = write_report(run_folder).read_bytes()
    record = json.loads((run_folder / "provenance.json").read_text())
    record["stages"]["report"]["finished"] = "2027-01-01T00:00:00+00:00"
    (run_folder / "provenance.json").write_text(json.dumps(record))
    assert write_report(run_folder, force=True).read_bytes() == first


def test_remaking_the_figures_gives_the_same_bytes(run_folder):
    paths = write_figures(run_folder)
    assert {path.suffix for path in paths} == {".png", ".pdf", ".svg"}
    assert {path.stem for path in paths} >= {"pca", "allele-frequency", "ld-decay", "training"}
    first = {path: path.read_bytes() for path in paths}
    again = write_figures(run_folder, [".svg"])
    assert {path: path.read_bytes() for path in again} == {path: first[path] for path in again}
    assert sorted((run_folder / "evaluation" / "figures").iterdir()) == sorted(paths)


def test_a_report_is_not_replaced_unless_forced(run_folder):
    write_report(run_folder)
    with pytest.raises(GenomeACGANError, match=r"report\.html exists already"):
        write_report(run_folder)


def test_the_headline_rows_hold_every_anchor_and_the_ideal():
    table = pd.DataFrame(
        [
            (source, "allele-frequency", "fidelity", "all", "r", value, value - 0.01, value + 0.01, 2000, 1.0)
            for source, value in (
                ("synthetic", 0.98),
                ("real", 0.99),
                ("train", 0.995),
                ("independent", 0.97),
            )
        ],
        columns=[
            "source",
            "metric",
            "group",
            "population",
            "statistic",
            "value",
            "lower",
            "upper",
            "n",
            "ideal",
        ],
    )
    (row,) = headline_rows(table, ["synthetic", "real", "train", "independent"])
    assert [cell.value for cell in row.cells] == ["0.9800", "0.9900", "0.9950", "0.9700"]
    assert row.cells[0].interval == "0.9700 to 0.9900"
    assert (row.ideal, row.n) == ("1", "2,000")
    places = {dot.words.split(":")[0]: dot.place for dot in row.dots}
    assert places["Independent sites"] < places["Artificial genomes"] < places["Training haplotypes"]
    assert all(dot.low <= dot.place <= dot.high for dot in row.dots)


def test_plain_words_are_about_statistics_that_exist():
    for name, metric in METRICS.items():
        lines = headlines(name, metric.statistics)
        assert metric.headline in {line.statistic for line in lines}
        assert all(line.about for line in lines)


def test_a_metric_without_plain_words_has_its_registered_or_first_statistic():
    (line,) = headlines("made-up", ["first", "second"])
    assert (line.statistic, line.about) == ("first", "")
    (line,) = headlines("ld-decay", ["compat"])
    assert line.statistic == "compat"
    assert line.about.startswith("Root mean squared")


def test_sources_are_found_in_the_words_of_a_metric():
    assert dois("ld-decay") == ["10.1101/2024.02.14.580420", "10.1371/journal.pgen.1009303"]
    assert "10.48550/arXiv.2302.12580" in dois("membership-inference")
    assert dois("made-up") == []


def test_an_evaluation_alone_is_reported(evaluation_folder):
    page = page_of(evaluation_folder)
    assert "made by another program" in page.text
    assert "No training log was found" in page.text
    assert "plot-pca" in page.ids
    assert (evaluation_folder / "report.html").is_file()
    assert write_figures(evaluation_folder, [".svg"])[0].parent == evaluation_folder / "figures"


def test_what_is_absent_is_left_out_with_a_sentence(run_folder):
    (run_folder / "log.jsonl").unlink()
    (run_folder / "provenance.json").unlink()
    (run_folder / "evaluation" / "curves" / "principal-components.tsv").unlink()
    page = page_of(run_folder)
    assert "plot-pca" not in page.ids
    assert "plot-training" not in page.ids
    assert "plot-pca-wasserstein" in page.ids
    assert "the values stand in place of the metric's own figure" in page.text
    assert "No provenance.json was found" in page.text


def test_unlabelled_genomes_have_no_figures_by_population(run_folder):
    evaluation = run_folder / "evaluation"
    table = pd.read_csv(evaluation / "table.tsv", sep="\t")
    table[table["population"] == "all"].to_csv(evaluation / "table.tsv", sep="\t", index=False)
    (evaluation / "metrics.json").unlink()  # the table alone tells it
    path = evaluation / "curves" / "principal-components.tsv"
    points = pd.read_csv(path, sep="\t")
    points.loc[points["panel"] == "synthetic", "population"] = "unlabelled"
    points.to_csv(path, sep="\t", index=False)
    page = page_of(run_folder)
    assert "No population labels: Artificial genomes. Judged over all populations only" in page.text
    assert "plot-pca" in page.ids
    assert "plot-pca-by-population" not in page.ids


def test_names_in_the_data_cannot_become_markup(run_folder):
    path = run_folder / "evaluation" / "table.tsv"
    path.write_text(path.read_text().replace("AFR", "</script><b>A&F"))
    text = write_report(run_folder).read_text(encoding="utf-8")
    assert "<b>A&F" not in text.replace("<\\/script><b>A&F", "")
    assert "&lt;b&gt;A&amp;F" in text


def test_a_population_called_na_is_a_population(run_folder):
    path = run_folder / "evaluation" / "table.tsv"
    path.write_text(path.read_text().replace("AFR", "NA"))
    assert set(read_run(run_folder).table["population"]) == {"all", "NA", "EUR"}


def test_the_log_is_read_tolerantly(run_folder):
    path = run_folder / "log.jsonl"
    path.write_text(path.read_text() + '{"event": "note", "step": 1}\n[1]\n{"event": "step", "st')
    log = read_run(run_folder).log
    assert set(log["curve"]) == {
        "generator_class",
        "accuracy_real",
        "held-out score",
        "part of the score: pca",
    }
    assert log.loc[log["best"], "step"].tolist() == [200, 300]


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("evaluation/table.tsv", "metric\tgroup\n", "lacks the columns"),
        ("evaluation/table.tsv", "", "no table of tab-separated values"),
        ("provenance.json", "{", "no JSON"),
        ("provenance.json", "[]", "expected a JSON object"),
    ],
)
def test_damaged_files_are_named(run_folder, file, text, message):
    (run_folder / file).write_text(text)
    with pytest.raises(GenomeACGANError, match=message) as error:
        write_report(run_folder)
    assert file.rpartition("/")[2] in str(error.value)
    assert not (run_folder / "report.html").exists()


def test_a_word_where_a_number_belongs_is_named(run_folder):
    path = run_folder / "evaluation" / "table.tsv"
    path.write_text(path.read_text().replace("\t50\t", "\tmany\t", 1))
    with pytest.raises(GenomeACGANError, match="column n must hold numbers"):
        read_run(run_folder)


def test_a_folder_without_evaluation_says_what_to_do(tmp_path):
    with pytest.raises(GenomeACGANError, match="genome-ac-gan evaluate"):
        write_report(tmp_path)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.99471, "0.9947"), (-0.0196, "−0.0196"), (12.345, "12.35"), (897.04, "897.0"), (2661.4, "2,661"),
     (0.00021, "0.0002"), (0.000021, "2.1e-05"), (-3.7e-17, "0"), (float("nan"), "–")],
)  # fmt: skip
def test_numbers_have_the_digits_a_reader_needs(value, text):
    assert number(value) == text


def test_each_table_can_be_downloaded_whole(run_folder):
    page = page_of(run_folder)
    assert set(page.tables) == {f"{name}.tsv" for name in read_run(run_folder).table["metric"]}
    columns = [
        "source",
        "metric",
        "group",
        "population",
        "statistic",
        "value",
        "lower",
        "upper",
        "n",
        "ideal",
    ]
    written = pd.read_csv(run_folder / "evaluation" / "table.tsv", sep="\t")
    for name, text in page.tables.items():
        downloaded = pd.read_csv(io.StringIO(text), sep="\t")
        assert list(downloaded.columns) == columns
        own = written[written["metric"] == name.removesuffix(".tsv")].reset_index(drop=True)
        pd.testing.assert_frame_equal(downloaded, own[columns], rtol=1e-6, check_dtype=False)


def test_a_record_of_the_first_version_is_still_reported(run_folder):
    (run_folder / "evaluation" / "metrics.json").write_text('{"format_version": 1, "rows": []}')
    page = page_of(run_folder)
    assert "quick look" not in page.text
    assert "plot-overview" in page.ids


def test_durations_read_naturally():
    assert [duration(seconds) for seconds in (47.6, 125, 4320)] == ["48 s", "2 min 5 s", "1 h 12 min"]
