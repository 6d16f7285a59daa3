"""The frame of the paper's experiments: settings with scales, tasks done once, tables, the page, the verb."""

import json
import os
import signal

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from genome_ac_gan.cli import main
from genome_ac_gan.config import Config, Count, read_yaml
from genome_ac_gan.errors import ConfigError, GenomeACGANError
from genome_ac_gan.experiment import reproduction
from genome_ac_gan.experiment.reproduction import (
    SETTINGS,
    Experiment,
    Task,
    chosen_scale,
    collect,
    find_task,
    open_experiment,
    read_settings,
    run_tasks,
)
from genome_ac_gan.experiment.reproduction.base import COMPARED
from genome_ac_gan.experiment.ways import InterruptedWorkError, Ways
from genome_ac_gan.files import locked, write_text
from genome_ac_gan.plots import Chart, Facet, Mark, Style
from genome_ac_gan.report.reproduction import page
from genome_ac_gan.report.reproduction.parts import Account, Part

SETTINGS_FILE = {
    "seed": 3,
    "sizes": {"first": 4, "second": 5},
    "scales": {
        "small": {"sizes": {"first": 2}},
        "full": {"sizes": {"first": 9, "second": 10}},
        "empty": None,
    },
}


class Sizes(Config):
    """How long the rows are."""

    first: Count = 1
    second: Count = 1


class ToyConfig(Config):
    """Settings of a toy."""

    seed: int = 1
    sizes: Sizes = Sizes()


class Toy(Experiment[ToyConfig]):
    """Two tasks that write numbers one by one; `kill_at` ends the process's work before one of them."""

    name, Config = "toy", ToyConfig
    kill_at: int | None = None

    def tasks(self):
        sizes = self.config.sizes.model_dump()
        return [
            Task(f"rows/{name}", lambda folder, ways, n=n: self._write(folder, n))
            for name, n in sizes.items()
        ]

    def _write(self, folder, n):
        for number in range(n):
            if number == self.kill_at:
                os.kill(os.getpid(), signal.SIGTERM)
            if not (folder / f"{number}.txt").is_file():
                write_text(folder / f"{number}.txt", str(number))

    def tables(self):
        rows = [
            (task.name, float(file.read_text()))
            for task in self.tasks()
            if self.done(task.name)
            for file in sorted(self.place(task.name).glob("*.txt"))
        ]
        return {"rows": pd.DataFrame(rows, columns=["task", "value"])} if rows else {}

    def compared(self):
        rows = self.tables().get("rows")
        found = np.nan if rows is None else rows["value"].mean()
        count = np.nan if rows is None else len(rows)
        first = ("Figure 1", "Mean of <rows>", 2.5, found, found - 1, found + 1, 1000 * count, "fewer rows")
        second = ("Figure 2", "p value", 0.00042, 0.000314, np.nan, np.nan, np.nan, "")
        third = ("Figure 2", "rows", 289.0, 1234.0, np.nan, np.nan, np.nan, "")
        return pd.DataFrame([first, second, third], columns=list(COMPARED))


def parts(tables, settings):
    if "rows" not in tables:
        return []
    values = tables["rows"]["value"].to_numpy()
    mark = Mark(name="rows", x=np.arange(len(values)), y=values, kind="points", style=Style(colour="#000000"))
    chart = Chart(name="rows", title="Rows", caption="All.", x_label="x", y_label="y",
                  facets=[Facet(title="rows", marks=[mark])])  # fmt: skip
    table = {"Task": list(tables["rows"]["task"]), "Value": [f"{value:g}" for value in values]}
    return [Part(id="rows", title="The rows", text="As they are.", charts=[chart], table=table)]


ACCOUNT = Account(
    title="A toy",
    lead="Words.",
    methods=lambda settings: f"Rows of {settings['sizes']['first']} and more.",
    parts=parts,
    limits=["Nothing follows."],
)


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(reproduction.EXPERIMENTS, "toy", Toy)
    monkeypatch.setitem(page.ACCOUNTS, "toy", ACCOUNT)


@pytest.fixture
def config_file(tmp_path):
    path = tmp_path / "toy.yaml"
    path.write_text(yaml.safe_dump(SETTINGS_FILE, sort_keys=False))
    return path


@pytest.fixture
def toy(config_file, tmp_path):
    """An experiment whose folder is open."""
    experiment = Toy(read_settings(ToyConfig, config_file, "small"), tmp_path / "out")
    open_experiment(experiment, command="as typed", scale="small")
    return experiment


def everything(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("[!.]*") if path.is_file()}


# -- settings ------------------------------------------------------------------------------------


def test_a_scale_lies_over_the_file_and_assignments_over_both(config_file):
    assert read_settings(ToyConfig, config_file, "full") == ToyConfig(seed=3, sizes=Sizes(first=9, second=10))
    small = ToyConfig(seed=3, sizes=Sizes(first=2, second=5))
    assert read_settings(ToyConfig, config_file, "small") == read_settings(ToyConfig, config_file) == small
    assert read_settings(ToyConfig, config_file, "empty").sizes.first == 4
    assert read_settings(ToyConfig, config_file, "full", ["sizes.first=7", "seed=4"]) == ToyConfig(
        seed=4, sizes=Sizes(first=7, second=10)
    )
    assert (chosen_scale(config_file), chosen_scale(config_file, "full")) == ("small", "full")


def test_a_file_without_scales_is_read_as_it_is(toy):
    kept = toy.folder / SETTINGS
    assert read_settings(ToyConfig, kept) == toy.config
    assert chosen_scale(kept) is None
    with pytest.raises(ConfigError, match=r"no scale 'full'; it has: none"):
        read_settings(ToyConfig, kept, "full")


@pytest.mark.parametrize(
    ("text", "scale", "message"),
    [
        ("scales: {small: {}, full: {}}", "huge", "no scale 'huge'; it has: small, full"),
        ("scales: [small]", None, "scales: expected a section for each of small, full"),
        ("scales: {small: 3}", None, "scales: expected a section for each of small, full"),
        ("sizes: {third: 1}", None, "sizes.third: unknown; known: first, second"),
        ("scales: {small: {sizes: {first: 0}}}", None, "sizes.first: .*greater than 0, not 0"),
    ],
)
def test_wrong_settings_are_named(tmp_path, text, scale, message):
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_settings(ToyConfig, path, scale)


# -- the folder -----------------------------------------------------------------------------------


def test_an_open_folder_tells_what_is_in_it(toy):
    assert read_settings(ToyConfig, toy.folder / SETTINGS) == toy.config
    record = json.loads((toy.folder / "provenance.json").read_text())
    assert (record["experiment"], record["scale"], record["command"]) == ("toy", "small", "as typed")
    before = everything(toy.folder)
    open_experiment(toy)
    assert everything(toy.folder) == before


def test_a_folder_that_another_process_is_just_making_is_taken_up(config_file, tmp_path):
    begun = tmp_path / "out" / ".tmp-1"
    begun.mkdir(parents=True)
    open_experiment(Toy(read_settings(ToyConfig, config_file), tmp_path / "out"))
    assert begun.is_dir()
    assert (tmp_path / "out" / SETTINGS).is_file()


def test_hidden_things_of_others_are_left_alone(toy, tmp_path):
    (tmp_path / "thesis" / ".git").mkdir(parents=True)
    with pytest.raises(GenomeACGANError, match="is there and holds no experiment"):
        open_experiment(Toy(toy.config, tmp_path / "thesis"), force=True)


def test_a_folder_of_something_else_is_left_alone(toy, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("precious")
    for place in (tmp_path / "thesis", tmp_path / "thesis" / "chapter.txt"):
        with pytest.raises(
            GenomeACGANError, match=r"is there and holds no experiment: give the name of a new"
        ):
            open_experiment(Toy(toy.config, place), force=True)
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "precious"


def test_changed_settings_are_refused_and_forced_ones_start_anew(toy):
    run_tasks(toy, toy.tasks(), Ways())
    other = Toy(toy.config.model_copy(update={"seed": 8}), toy.folder)
    with pytest.raises(GenomeACGANError, match=r"was begun with another seed: use --force or a new folder"):
        open_experiment(other)
    assert toy.done("rows/first")
    open_experiment(other, force=True)
    assert not other.done("rows/first")
    assert read_yaml(toy.folder / SETTINGS)["seed"] == 8


def test_a_call_that_ended_before_the_settings_were_written_is_no_obstacle(toy):
    (toy.folder / SETTINGS).unlink()
    open_experiment(toy)
    assert read_settings(ToyConfig, toy.folder / SETTINGS) == toy.config


# -- tasks ----------------------------------------------------------------------------------------


def test_tasks_are_done_once(toy):
    said = []
    run_tasks(toy, toy.tasks(), Ways(on_notice=said.append))
    assert said == ["task 1/2 rows/first", "task 2/2 rows/second"]
    record = json.loads((toy.place("rows/first") / "done.json").read_text())
    assert record["seconds"] >= 0
    before = everything(toy.folder)
    run_tasks(toy, toy.tasks(), Ways(on_notice=said.append))
    assert len(said) == 2
    assert everything(toy.folder) == before


def test_an_interrupted_task_goes_on_where_it_was(toy):
    toy.kill_at = 2
    with pytest.raises(
        InterruptedWorkError, match=r"stopped by SIGTERM in task rows/second: the same"
    ) as stopped:
        run_tasks(toy, toy.tasks(), Ways())
    assert stopped.value.exit_code == 143
    assert (toy.done("rows/first"), toy.done("rows/second")) == (True, False)
    begun = everything(toy.place("rows/second"))
    assert sorted(path.name for path in begun) == ["0.txt", "1.txt"]
    assert len(toy.tables()["rows"]) == 2  # of the first task alone

    toy.kill_at = None
    run_tasks(toy, toy.tasks(), Ways())
    after = everything(toy.place("rows/second"))
    assert len(after) == 5 + 1
    assert {path: after[path] for path in begun} == begun
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_task_that_another_process_holds_is_left_to_it(toy):
    said = []
    with locked(toy.place("rows").joinpath(".first.lock")):
        run_tasks(toy, toy.tasks(), Ways(on_notice=said.append))
    assert said == ["task 1/2 rows/first: at work elsewhere", "task 2/2 rows/second"]
    assert (toy.done("rows/first"), toy.done("rows/second")) == (False, True)


class Chain(Toy):
    """A first task that others need; one of them fails, one needs that."""

    broken = True

    def tasks(self):
        return [
            Task("first", lambda folder, ways: self._write(folder, 1)),
            Task("broken", lambda folder, ways: self._break(), ("first",)),
            Task("after", lambda folder, ways: self._write(folder, 1), ("broken",)),
            Task("beside", lambda folder, ways: self._write(folder, 1), ("first",)),
        ]

    def _break(self):
        if self.broken:
            raise ValueError("not a\nnumber")


def test_what_does_not_need_a_task_that_failed_goes_on(config_file, tmp_path):
    said, chain = [], Chain(read_settings(ToyConfig, config_file), tmp_path / "out")
    open_experiment(chain)
    assert run_tasks(chain, chain.tasks(), Ways(on_notice=said.append)) == ["broken"]
    assert [chain.done(task.name) for task in chain.tasks()] == [True, False, False, True]
    assert said[2] == "warning: task broken failed: ValueError: not a number"
    record = json.loads(chain.failure("broken").read_text())
    assert record["message"] == "ValueError: not a number"
    assert "_break" in record["traceback"]

    chain.broken = False
    assert run_tasks(chain, chain.tasks(), Ways()) == []
    assert all(chain.done(task.name) for task in chain.tasks())
    assert not chain.failure("broken").exists()


def test_a_task_that_fails_elsewhere_is_not_waited_for(config_file, tmp_path, monkeypatch):
    chain = Chain(read_settings(ToyConfig, config_file), tmp_path / "out")
    open_experiment(chain)
    held = locked(chain.place("broken").parent / ".broken.lock")
    chain.place("broken").mkdir(parents=True)
    held.__enter__()

    def fail_there(seconds):
        write_text(chain.failure("broken"), "{}")
        held.__exit__(None, None, None)

    monkeypatch.setattr("genome_ac_gan.experiment.reproduction.run.time.sleep", fail_there)
    assert run_tasks(chain, chain.tasks(), Ways()) == ["broken"]
    assert chain.done("beside")
    assert not chain.done("after")


def test_a_task_that_reads_what_is_given_ends_the_call(config_file, tmp_path, monkeypatch):
    chain = Chain(read_settings(ToyConfig, config_file), tmp_path / "out")
    open_experiment(chain)
    monkeypatch.setattr(chain, "_write", lambda folder, n: chain._break())
    with pytest.raises(ValueError, match="not a"):
        run_tasks(chain, chain.tasks(), Ways())
    assert not chain.failure("first").exists()


def test_an_unknown_task_is_told_the_known(toy):
    assert find_task(toy, "rows/second").name == "rows/second"
    with pytest.raises(ConfigError, match=r"no task 'row'; --list prints them: rows/first, rows/second"):
        find_task(toy, "row")


# -- tables and page ------------------------------------------------------------------------------


def test_what_is_done_is_collected_and_the_page_is_the_same_bytes_again(toy):
    text = collect(toy).read_text()
    assert not list((toy.folder / "tables").iterdir())
    assert "Mean of &lt;rows&gt;" in text
    assert "The rows" not in text

    run_tasks(toy, toy.tasks(), Ways())
    first = collect(toy).read_bytes()
    assert collect(toy).read_bytes() == first
    rows = pd.read_csv(toy.folder / "tables" / "rows.tsv", sep="\t")
    assert rows["value"].tolist() == [0, 1, 0, 1, 2, 3, 4]
    compared = pd.read_csv(toy.folder / "compared.tsv", sep="\t")
    assert tuple(compared) == COMPARED
    assert compared["here"][0] == pytest.approx(11 / 7, rel=1e-5)


def test_the_page_shows_values_intervals_parts_and_settings(toy):
    run_tasks(toy, toy.tasks(), Ways())
    text = collect(toy).read_text()
    row = text.split("Mean of &lt;rows&gt;</th>")[1].split("</tr>")[0]
    assert row == '<td class="num">2.5000</td><td class="num">1.5714</td><td>0.5714 to 2.5714</td>' + (
        '<td class="num">7,000</td><td>fewer rows</td>'
    )
    assert '<td class="num">0.00042</td><td class="num">0.00031</td><td></td>' in text
    assert 'rows</th><td class="num">289</td><td class="num">1,234</td><td></td>' in text
    assert text.index("<h2>The rows</h2>") < text.index("<p>As they are.</p>")
    assert '<th scope="row">rows/second</th><td class="num">4</td>' in text
    assert 'id="plot-rows"' in text
    for words in (
        "Rows of 2 and more.",
        "Nothing follows.",
        "<pre>seed: 3\nsizes:",
        "reproduce toy reproduction.yaml",
    ):
        assert words in text


def test_a_folder_of_an_unknown_experiment_has_no_page(toy, monkeypatch):
    monkeypatch.delitem(page.ACCOUNTS, "toy")
    with pytest.raises(GenomeACGANError, match="holds no experiment that this version knows"):
        collect(toy)


# -- the verb -------------------------------------------------------------------------------------


def call(*words, code=0):
    outcome = CliRunner().invoke(main, ["reproduce", *map(str, words)])
    assert outcome.exit_code == code, outcome.output + repr(outcome.exception)
    return outcome


def test_the_verb_lists_does_and_collects(config_file, tmp_path):
    folder = tmp_path / "out"
    pending = "task\tstatus\nrows/first\tpending\nrows/second\tpending\n"
    assert call("toy", config_file, "-o", folder, "--list").stdout == pending
    assert not folder.exists()
    alone = call("toy", config_file, "-o", folder, "--task", "rows/second", "-q")
    assert alone.stdout == f"{folder / 'tasks' / 'rows' / 'second'}\n"
    assert call("toy", "-o", folder, "--list").stdout == pending.replace("second\tpending", "second\tdone")
    assert json.loads((folder / "provenance.json").read_text())["scale"] == "small"

    assert call("toy", "-o", folder, "--collect").stdout == f"{folder / 'report.html'}\n"
    assert len(pd.read_csv(folder / "tables" / "rows.tsv", sep="\t")) == 5
    whole = call("toy", folder / SETTINGS, "-o", folder)
    assert "task 1/2 rows/first" in whole.stderr
    assert "task 2/2" not in whole.stderr
    assert len(pd.read_csv(folder / "tables" / "rows.tsv", sep="\t")) == 7


def test_the_verb_tells_of_a_task_that_failed(config_file, tmp_path, monkeypatch):
    monkeypatch.setitem(reproduction.EXPERIMENTS, "toy", Chain)
    outcome = call("toy", config_file, "-o", tmp_path / "out", code=1)
    assert outcome.stdout == f"{tmp_path / 'out' / 'report.html'}\n"
    record = tmp_path / "out" / "tasks" / "broken" / "failure.json"
    assert f"1 of the tasks failed: {record} says why" in outcome.stderr.splitlines()[-1]
    status = [
        line.split("\t")[1] for line in call("toy", "-o", tmp_path / "out", "--list").stdout.splitlines()
    ]
    assert status == ["status", "done", "failed", "pending", "done"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("tyo", "CONFIG"), "no experiment 'tyo'; there are: .*toy"),
        (("toy",), "out/reproduction.yaml: no such file"),
        (("toy", "missing.yaml"), "missing.yaml: no such file"),
        (("toy", "--scale", "full"), "--scale chooses between the scales of CONFIG, which is missing"),
        (("toy", "CONFIG", "--scale", "huge"), "no scale 'huge'; it has: small, full, empty"),
        (("toy", "CONFIG", "--set", "sizes.first=-1"), "sizes.first: .*not -1"),
        (("toy", "CONFIG", "--task", "row"), "no task 'row'; --list prints them"),
        (("toy", "CONFIG", "--device", "abacus"), "abacus"),
    ],
)
def test_wrong_input_is_one_line(config_file, tmp_path, words, message):
    given = [str(config_file) if word == "CONFIG" else word for word in words]
    outcome = call(*given, "-o", tmp_path / "out", code=2)
    lines = outcome.stderr.splitlines()
    assert len(lines) == 1, outcome.stderr
    assert lines[0].startswith("genome-ac-gan: error: ")
    assert pd.Series(lines).str.contains(message).all(), lines
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("words", [("--collect",), ("--list",), ("--task", "rows/first")])
def test_a_part_of_the_work_does_not_start_anew(config_file, tmp_path, words):
    call("toy", config_file, "-o", tmp_path / "out", "-q")
    before = everything(tmp_path / "out")
    outcome = call("toy", config_file, "-o", tmp_path / "out", "--force", *words, code=2)
    assert "--force starts the whole experiment anew" in outcome.stderr
    assert everything(tmp_path / "out") == before


def test_only_one_part_of_the_work_at_a_time(config_file, tmp_path):
    outcome = call("toy", config_file, "-o", tmp_path / "out", "--list", "--collect", code=2)
    assert "give one of --list, --task, --collect" in outcome.stderr
