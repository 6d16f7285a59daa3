"""models x panels x seeds: cells, tables, and going on after whatever went wrong."""

import json
import os
import signal
from importlib import resources
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from genome_ac_gan.config import to_yaml, validate
from genome_ac_gan.errors import ConfigError, GenomeACGANError, PanelError
from genome_ac_gan.experiment.benchmark import (
    BenchmarkConfig,
    BenchmarkDir,
    Cell,
    all_cells,
    collect,
    find_cell,
    read_benchmark,
    run_benchmark,
    run_panel,
    write_tables,
)
from genome_ac_gan.experiment.benchmark.run import open_benchmark
from genome_ac_gan.experiment.ways import InterruptedWorkError, Ways
from genome_ac_gan.files import locked
from genome_ac_gan.models.genome_ac_gan import GenomeACGAN
from genome_ac_gan.panel import load_panel, save_panel
from genome_ac_gan.simulate import two_population_toy
from genome_ac_gan.training.loop import TrainingError

pytestmark = pytest.mark.usefixtures("one_thread")


def network(*widths, **more):
    critic = {"widths": list(widths), "dropout": [0.2] * len(widths)}
    settings = {"batch_size": 16, "generator": {"latent": 4, "widths": [16]}, "discriminator": critic}
    return {"name": "genome-ac-gan", "settings": settings, **more}


SETTINGS = {
    "seeds": [1, 2],
    "models": {"stable": network(16, 8), "narrow": network(8, train={"n_steps": 10})},
    "train": {"n_steps": 20, "score_every": 10, "log_every": 5, "precision": "fp32", "validation": 0.3},
    "evaluate": {"repeats": 2, "metrics": ["allele-frequency", "nearest-neighbour-accuracy"]},
}  # fmt: skip
WHAT = ["metric", "group", "population", "statistic"]


@pytest.fixture(scope="module")
def other_set(tmp_path_factory):
    """Artificial genomes of another program: just the toy again."""
    path = tmp_path_factory.mktemp("sets") / "published.npz"
    save_panel(two_population_toy(np.random.default_rng(1), n_people=20), path)
    return path


@pytest.fixture
def config(panel_file, other_set):
    """Settings of a benchmark of four cells, with others on top."""

    def make(**more):
        panels = {"toy": {"panel": str(panel_file), "synthetic": {"published": str(other_set)}}}
        return validate(BenchmarkConfig, {**SETTINGS, "panels": panels, **more})

    return make


@pytest.fixture(scope="module")
def finished(tmp_path_factory, panel_file, other_set):
    panels = {"toy": {"panel": str(panel_file), "synthetic": {"published": str(other_set)}}}
    settings = validate(BenchmarkConfig, {**SETTINGS, "panels": panels})
    folder = BenchmarkDir(tmp_path_factory.mktemp("benchmark") / "out")
    assert run_benchmark(folder, settings) == []
    write_tables(folder, settings)
    return folder, settings


def tables(folder):
    return folder.cells_table.read_bytes(), folder.table.read_bytes()


def read(path):
    return pd.read_csv(path, sep="\t", keep_default_na=False, na_values={"sd": "", "train_seconds": ""})


def statuses(folder, config):
    return [folder.status(cell, config) for cell in all_cells(config)]


# -- settings -------------------------------------------------------------------------------------


def test_what_is_written_reads_back_equal(config):
    settings = config(
        models={"a": {"name": "genome-ac-gan", "train": {"budget": "2min"}}, "genome-ac-gan": None}
    )
    again = validate(BenchmarkConfig, yaml.safe_load(to_yaml(settings)))
    assert again == settings
    assert (again.models["genome-ac-gan"].name, again.models["a"].preset) == ("genome-ac-gan", "stable")
    assert again.training("a").budget == 120


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"models": {"rbn": {}}}, r"models.rbn: model 'rbn': unknown; known: genome-ac-gan[a-z, -]+resample$"),
        ({"models": {"a": {"name": "genome-ac-gan", "pre": 1}}}, "models.a.pre: unknown; known: name, panels, preset"),
        ({"models": {"a": {"name": "genome-ac-gan", "train": {"steps": 1}}}}, "models.a.train: steps: unknown"),
        ({"models": {"a": {"name": "genome-ac-gan", "panels": ["x"]}}}, "a.panels: no panel 'x'; there are: toy"),
        ({"models": {"a b": {"name": "genome-ac-gan"}}}, "models.a b: a name is made of letters"),
        ({"models": {"real": {"name": "genome-ac-gan"}}}, "models.real: the anchors have that name; give"),
        ({"panels": {"x": {"synthetic": {"anchors": "a.npz"}}}}, "x.synthetic.anchors: the anchors have that name"),
        ({"models": {"published": {"name": "genome-ac-gan"}}}, "toy.synthetic.published: a model has that name"),
        ({"panels": {"x": {"pannel": "a"}}}, "panels.x.pannel: unknown; known: .*synthetic"),
        ({"seeds": [1, 1]}, "seeds: seeds are different numbers from 0 on"),
        ({"evaluate": {"metrics": ["r2"]}}, "evaluate.metrics: unknown r2; known: allele-frequency"),
        ({"train": {"n_step": 1}}, "train.n_step: unknown"),
        ({"models": {"a": {"name": "genome-ac-gan", "train": {"validation": 0.2}}}}, "set train.validation"),
    ],
)  # fmt: skip
def test_wrong_settings_name_their_place(config, settings, message):
    with pytest.raises(ConfigError, match=message):
        config(**settings)


def test_a_set_on_the_command_line_needs_its_panel_where_there_are_several(tmp_path):
    path = tmp_path / "b.yaml"
    path.write_text("panels: {a: {}, b: {}}\nmodels: {genome-ac-gan: {}}\n")
    with pytest.raises(ConfigError, match=r"of which panel\? Write PANEL:gan="):
        read_benchmark(path, synthetic={("", "gan"): Path("x.npz")})
    with pytest.raises(ConfigError, match="no panel 'c'; there are: a, b"):
        read_benchmark(path, synthetic={("c", "gan"): Path("x.npz")})
    config = read_benchmark(path, synthetic={("b", "gan"): Path("x.npz")}, pairs=["seeds=[7]"])
    assert (config.panels["b"].synthetic, config.seeds) == ({"gan": "x.npz"}, (7,))


def test_cells_are_computed_a_seed_of_all_models_first(config):
    settings = config(seeds=[3, 1])
    names = [str(cell) for cell in all_cells(settings)]
    assert names == [f"toy/{model}/seed-{seed}" for seed in (3, 1) for model in ("stable", "narrow")]
    assert (
        find_cell(settings, "toy/narrow/1")
        == find_cell(settings, "toy/narrow/seed-1")
        == Cell("toy", "narrow", 1)
    )
    with pytest.raises(ConfigError, match="no cell 'toy/x/1'; cells are called PANEL/MODEL/SEED"):
        find_cell(settings, "toy/x/1")


# -- what is computed -----------------------------------------------------------------------------


def test_every_cell_has_the_same_people_and_the_same_draws(finished):
    folder, config = finished
    parts = ("train", "validation", "holdout")
    of_panel = [load_panel(folder.panel("toy").panel(name)).sha256 for name in parts]
    for cell in all_cells(config):
        run = folder.run(cell)
        assert [load_panel(run.panel(name)).sha256 for name in parts] == of_panel
        stored = run.stored_config()
        assert (stored.seed, stored.evaluate.seed, stored.evaluate.anchors) == (cell.seed, 1, False)
        record = json.loads((run.evaluation / "metrics.json").read_text())
        assert [source["name"] for source in record["sources"]] == ["synthetic"]
    assert not list(folder.folder.rglob(".tmp*"))


def test_means_and_ranges_are_those_of_the_seeds(finished):
    folder, _ = finished
    rows, means = read(folder.cells_table), read(folder.table)
    for model in ("stable", "narrow"):
        runs = [folder.run(Cell("toy", model, seed)) for seed in (1, 2)]
        first, second = (
            pd.read_csv(run.evaluation / "table.tsv", sep="\t").set_index(WHAT)["value"] for run in runs
        )
        of_model = means[means["model"] == model]
        assert len(of_model) == len(first) == len(second)
        for line in of_model.itertuples():
            key = (line.metric, line.group, line.population, line.statistic)
            a, b = first[key], second[key]
            assert line.value == pytest.approx((a + b) / 2)
            assert line.sd == pytest.approx(abs(a - b) / 2**0.5, abs=1e-12)
            assert (line.lower, line.upper) == pytest.approx((min(a, b), max(a, b)))
            assert (line.kind, line.interval, line.n_seeds) == ("model", "seeds", 2)
        of_cells = rows[(rows["model"] == model) & (rows["seed"] == 2)].set_index(WHAT)["value"]
        pd.testing.assert_series_equal(of_cells, second)
    assert set(means.loc[means["kind"] == "anchor", "model"]) == {"train", "real", "independent"}
    others = means[means["kind"] != "model"]
    assert set(others["interval"]) == {"draws"}
    assert others["sd"].isna().all()
    assert (others["lower"] < others["upper"]).any()


def test_anchors_judged_once_are_those_of_an_ordinary_run(finished, tmp_path):
    from genome_ac_gan.experiment import evaluate, take_split
    from genome_ac_gan.experiment.run import RunDir

    folder, config = finished
    cell = folder.run(Cell("toy", "stable", 1))
    run = RunDir(tmp_path / "run")
    settings = config.experiment("toy", "stable", 1).model_copy(update={"evaluate": config.judging})
    run.start(settings)
    take_split(run, folder.panel("toy"))
    run.panel("synthetic").write_bytes(cell.panel("synthetic").read_bytes())
    evaluate(run, settings)
    table = pd.read_csv(run.evaluation / "table.tsv", sep="\t")
    anchors = table[table["source"] != "synthetic"].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        anchors, pd.read_csv(folder.judged("toy", "anchors") / "table.tsv", sep="\t")
    )
    own = table[table["source"] == "synthetic"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, pd.read_csv(cell.evaluation / "table.tsv", sep="\t"))


def test_collecting_puts_models_sets_and_anchors_side_by_side(finished):
    folder, config = finished
    first = collect(folder, config).read_bytes()
    page = (folder.merged("toy") / "report.html").read_bytes()
    assert b'href="panels/toy/merged/report.html"' in first
    assert collect(folder, config).read_bytes() == first
    assert (folder.merged("toy") / "report.html").read_bytes() == page
    evaluation = folder.merged("toy") / "evaluation"
    sources = ["stable", "narrow", "published", "train", "real", "independent"]
    assert list(dict.fromkeys(read(evaluation / "table.tsv")["source"])) == sources
    curve = pd.read_csv(evaluation / "curves" / "allele-frequency.tsv", sep="\t")
    assert list(dict.fromkeys(curve["source"])) == sources
    own = pd.read_csv(
        folder.run(Cell("toy", "stable", 1)).evaluation / "curves" / "allele-frequency.tsv", sep="\t"
    )
    assert curve.loc[curve["source"] == "stable", "synthetic"].tolist() == own["synthetic"].tolist()


def test_records_of_cells_anchors_and_the_whole_keep_to_the_schema(finished):
    jsonschema = pytest.importorskip("jsonschema")
    folder, config = finished
    collect(folder, config)
    schema = json.loads((resources.files("genome_ac_gan") / "experiment" / "metrics.schema.json").read_text())
    places = [
        folder.run(Cell("toy", "narrow", 2)).evaluation, folder.judged("toy", "anchors"),
        folder.judged("toy", "published"), folder.merged("toy") / "evaluation",
    ]  # fmt: skip
    for place in places:
        jsonschema.validate(json.loads((place / "metrics.json").read_text()), schema)


def test_costs_tell_what_each_cell_took(finished):
    folder, _ = finished
    costs = read(folder.costs)
    assert list(costs["model"]) == ["stable", "stable", "narrow", "narrow"]
    assert list(costs["status"]) == ["done"] * 4
    assert list(costs["updates"]) == [20, 20, 10, 10]
    assert set(costs["conditioning"]) == {"network"}
    card = json.loads((folder.run(Cell("toy", "narrow", 2)).model / "card.json").read_text())
    last = costs.iloc[-1]
    assert (last["parameters"], last["chosen_step"]) == (card["n_parameters"], card["step"])
    assert last["held_out_score"] == pytest.approx(card["score"])


def test_collapse_and_labels_that_were_not_drawn_are_told(finished, config):
    from genome_ac_gan.experiment.benchmark.tables import signs

    parts = {"pca": 1.0, "frequency": 1.0, "linkage": 1.0, "truth": 0.1, "syn": 0.99, "duplicates": 0.5}
    stages = {"generate": {"counts": {"A": 50, "B": 50}, "shortfall": {"B": 7}}}
    assert list(signs({"score": 1.0, "score_components": parts}, stages)) == [
        "50% of the samples are identical to another",
        "samples crowd together (AATS truth 0.10, syn 0.99, ideal 0.5)",
        "7 of 50 haplotypes of B carry a label the model did not draw",
    ]
    assert list(signs({}, {})) == []


# -- going on -------------------------------------------------------------------------------------


def test_what_is_done_is_not_done_again(finished):
    folder, config = finished
    before = {path: path.stat().st_mtime_ns for path in (folder.folder / "cells").rglob("*.json")}
    said = []
    assert run_benchmark(folder, config, ways=Ways(on_notice=said.append)) == []
    assert said == []
    assert {path: path.stat().st_mtime_ns for path in (folder.folder / "cells").rglob("*.json")} == before


def kill_at(step, name, number=signal.SIGTERM):
    """Return a progress that ends this process's training of one model at a step."""

    def progress(model, settings, clock):
        def on_step(now, losses):
            if now == step and model.n_parameters == name:
                os.kill(os.getpid(), number)

        return on_step

    return progress


def test_killed_midway_and_run_again_equals_a_straight_run(finished, tmp_path):
    straight, config = finished
    folder = BenchmarkDir(tmp_path / "out")
    card = json.loads((straight.run(Cell("toy", "narrow", 1)).model / "card.json").read_text())
    with pytest.raises(
        InterruptedWorkError, match="stopped by SIGTERM in cell toy/narrow/seed-1: the same"
    ) as stopped:
        run_benchmark(folder, config, ways=Ways(progress=kill_at(5, card["n_parameters"])))
    assert stopped.value.exit_code == 143
    assert statuses(folder, config) == ["done", "begun", "pending", "pending"]
    write_tables(folder, config)
    assert set(read(folder.table)["model"]) == {"stable", "published", "train", "real", "independent"}
    assert set(read(folder.table).query("model == 'stable'")["interval"]) == {"draws"}
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL

    said = []
    run_benchmark(folder, config, ways=Ways(on_notice=said.append))
    assert said[0] == "cell 2/4 toy/narrow/seed-1: train"
    write_tables(folder, config)
    assert tables(folder) == tables(straight)


def test_a_signal_outside_training_says_how_to_go_on(tmp_path, config):
    folder = BenchmarkDir(tmp_path / "out")

    def kill(message):
        if message.endswith(": evaluate"):
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(InterruptedWorkError, match="stopped by SIGINT in cell toy/narrow/seed-1") as stopped:
        run_benchmark(folder, config(seeds=[1]), only=Cell("toy", "narrow", 1), ways=Ways(on_notice=kill))
    assert stopped.value.exit_code == 130
    run_benchmark(folder, config(seeds=[1]), only=Cell("toy", "narrow", 1))
    assert statuses(folder, config(seeds=[1])) == ["pending", "done"]
    assert not folder.judged("toy", "anchors").exists()


def test_changed_settings_are_refused_and_added_ones_just_add_cells(finished, tmp_path, config):
    folder, _ = finished
    models = {**SETTINGS["models"], "third": SETTINGS["models"]["narrow"]}
    more = config(models=models, seeds=[1, 2, 3])
    assert statuses(folder, more) == ["done", "done", "pending"] * 2 + ["pending"] * 3
    longer = config(train={**SETTINGS["train"], "n_steps": 30})
    with pytest.raises(
        GenomeACGANError, match=r"^cell toy/stable/seed-1 was made with another \[train\]: use --force"
    ):
        run_benchmark(folder, longer)
    with pytest.raises(GenomeACGANError, match=r"^panel toy was split under another \[first seed\]"):
        run_benchmark(folder, config(seeds=[2, 1]))
    with pytest.raises(GenomeACGANError, match=r"^panel toy was split under another \[train.validation\]"):
        run_panel(folder, config(train={**SETTINGS["train"], "validation": 0.2}), "toy")
    logged = config(train={**SETTINGS["train"], "log_every": 7})
    assert run_benchmark(folder, logged) == []
    before = folder.config.read_bytes()
    with pytest.raises(GenomeACGANError, match=r"^cell toy/stable/seed-1 was made with another \[train\]"):
        collect(folder, longer)  # a report would tell of settings that no cell had
    assert folder.config.read_bytes() == before


def test_other_metrics_judge_again_and_train_nothing(tmp_path, config):
    folder, first = (
        BenchmarkDir(tmp_path / "out"),
        config(seeds=[1], models={"narrow": SETTINGS["models"]["narrow"]}),
    )
    run_benchmark(folder, first)
    other = first.model_copy(update={"evaluate": first.evaluate.model_copy(update={"metrics": ("copies",)})})
    collect(folder, other)
    assert len(read(folder.table)) == 0  # what was judged in another way stands beside nothing
    said = []
    run_benchmark(folder, other, ways=Ways(on_notice=said.append))
    assert said == [
        "panel toy: judge anchors",
        "panel toy: judge published",
        "cell 1/1 toy/narrow/seed-1: evaluate",
    ]
    write_tables(folder, other)
    assert set(read(folder.table)["metric"]) == {"copies"}


def test_force_starts_anew(tmp_path, config):
    one = {"seeds": [1], "models": {"narrow": SETTINGS["models"]["narrow"]}}
    folder = BenchmarkDir(tmp_path / "out")
    run_benchmark(folder, config(**one))
    longer = config(**one, train={**SETTINGS["train"], "validation": 0.2})
    run_benchmark(folder, longer, force=True)
    assert folder.panel("toy").stored_config().train.validation == 0.2
    assert statuses(folder, longer) == ["done"]
    other = {"narrow": {**SETTINGS["models"]["narrow"], "train": {"n_steps": 12}}}
    third = config(**{**one, "models": other}, train={**SETTINGS["train"], "validation": 0.2})
    run_benchmark(folder, third, only=Cell("toy", "narrow", 1), force=True)
    assert folder.run(Cell("toy", "narrow", 1)).record()["stages"]["train"]["steps"] == 12


def test_a_cell_that_fails_is_recorded_and_stops_no_other(tmp_path, config, monkeypatch):
    folder, settings = BenchmarkDir(tmp_path / "out"), config(seeds=[1])
    step = GenomeACGAN.training_step

    def diverge(model, x, y):
        if len(model.config.discriminator.widths) == 2:
            raise TrainingError("G validity is nan at step 1: training has diverged")
        return step(model, x, y)

    monkeypatch.setattr(GenomeACGAN, "training_step", diverge)
    said = []
    failed = run_benchmark(folder, settings, ways=Ways(on_notice=said.append))
    assert failed == [Cell("toy", "stable", 1)]
    assert "cell 1/2 toy/stable/seed-1: failed: G validity is nan at step 1: training has diverged" in said
    assert statuses(folder, settings) == ["failed", "done"]
    write_tables(folder, settings)
    row = read(folder.costs).iloc[0]
    assert (row["status"], row["outcome"]) == (
        "failed", "failed in train: G validity is nan at step 1: training has diverged",
    )  # fmt: skip

    monkeypatch.undo()
    assert run_benchmark(folder, settings) == failed
    assert run_benchmark(folder, settings, retry=True) == []
    assert statuses(folder, settings) == ["done", "done"]


def test_an_error_nobody_foresaw_keeps_its_traceback(tmp_path, config, monkeypatch):
    def break_down(model, x, y):
        raise RuntimeError("out of\nmemory")

    monkeypatch.setattr(GenomeACGAN, "training_step", break_down)
    folder, cell = BenchmarkDir(tmp_path / "out"), Cell("toy", "narrow", 1)
    assert run_benchmark(folder, config(seeds=[1]), only=cell) == [cell]
    record = folder.failed_with(cell)
    assert record["message"] == "RuntimeError: out of memory"
    assert "break_down" in record["traceback"]


def test_a_failed_cell_is_retried_under_new_settings(tmp_path, config, monkeypatch):
    monkeypatch.setattr(GenomeACGAN, "training_step", lambda *_: (_ for _ in ()).throw(TrainingError("nan")))
    folder, cell, one = BenchmarkDir(tmp_path / "out"), Cell("toy", "narrow", 1), config(seeds=[1])
    run_benchmark(folder, one, only=cell)
    monkeypatch.undo()
    models = {**SETTINGS["models"], "narrow": {**SETTINGS["models"]["narrow"], "train": {"n_steps": 8}}}
    changed = config(seeds=[1], models=models)
    with pytest.raises(GenomeACGANError, match="was made with another"):
        run_benchmark(folder, changed, only=cell)
    assert run_benchmark(folder, changed, only=cell, retry=True) == []
    assert folder.run(cell).record()["stages"]["train"]["steps"] == 8


def test_a_cell_at_work_elsewhere_is_left_alone(tmp_path, config):
    folder, cell = BenchmarkDir(tmp_path / "out"), Cell("toy", "narrow", 1)
    said = []
    open_benchmark(folder, config(seeds=[1]))
    with locked(folder.lock(cell)) as mine:
        assert mine
        run_benchmark(folder, config(seeds=[1]), only=cell, ways=Ways(on_notice=said.append))
    assert said[-1] == "cell 1/1 toy/narrow/seed-1: at work elsewhere"
    assert folder.status(cell, config(seeds=[1])) == "pending"


def test_another_process_may_make_the_panel_meanwhile(tmp_path, config, monkeypatch):
    import genome_ac_gan.experiment.benchmark.panels as panels

    folder, settings = BenchmarkDir(tmp_path / "out"), config()
    split = panels.split

    def slow(run, *args, **kwargs):
        split(run, *args, **kwargs)
        monkeypatch.setattr(panels, "split", split)
        if not folder.panel("toy").folder.exists():
            panels.make_panel(folder, settings, "toy")

    monkeypatch.setattr(panels, "split", slow)
    panels.make_panel(folder, settings, "toy")
    assert folder.panel("toy").done("split")
    assert [path.name for path in (folder.folder / "panels").iterdir()] == ["toy"]


def test_a_folder_of_other_things_is_never_touched(tmp_path, config):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(GenomeACGANError, match="is there and is no benchmark folder"):
        run_benchmark(BenchmarkDir(tmp_path), config())
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_folder_that_another_process_is_opening_is_no_folder_of_other_things(tmp_path, config):
    half = tmp_path / ".tmp-x" / "benchmark.yaml"
    half.parent.mkdir()
    half.write_text("seeds:")
    open_benchmark(BenchmarkDir(tmp_path), config())
    assert read_benchmark(tmp_path / "benchmark.yaml") == config()


def test_settings_that_somebody_wrote_are_not_overwritten(tmp_path, config):
    mine = tmp_path / "benchmark.yaml"
    mine.write_text("# why these models\nmodels: {gan: {}}\n")
    with pytest.raises(GenomeACGANError, match="is there and is no benchmark folder"):
        run_benchmark(BenchmarkDir(tmp_path), config())
    assert "why these models" in mine.read_text()


def test_a_set_that_lacks_a_population_is_refused(tmp_path, config, panel_file):
    save_panel(two_population_toy(np.random.default_rng(1), n_people=20).of("A"), tmp_path / "half.npz")
    panels = {"toy": {"panel": str(panel_file), "synthetic": {"half": str(tmp_path / "half.npz")}}}
    with pytest.raises(PanelError, match="the set half has none of B"):
        run_panel(BenchmarkDir(tmp_path / "out"), config(panels=panels), "toy")


def test_a_set_is_judged_again_when_its_file_has_changed(tmp_path, config, panel_file):
    path = tmp_path / "set.npz"
    panels = {"toy": {"panel": str(panel_file), "synthetic": {"mine": str(path)}}}
    folder, said = BenchmarkDir(tmp_path / "out"), []
    for seed in (1, 1, 2):
        save_panel(two_population_toy(np.random.default_rng(seed), n_people=20), path)
        run_panel(folder, config(panels=panels), "toy", ways=Ways(on_notice=said.append))
    assert said == ["panel toy: split", "panel toy: judge anchors", *["panel toy: judge mine"] * 2]
    path.unlink()  # what was judged stays
    write_tables(folder, config(panels=panels))
    assert "mine" in set(read(folder.table)["model"])
    panels["toy"]["synthetic"]["mine"] = str(tmp_path / "another.npz")
    write_tables(folder, config(panels=panels))
    assert "mine" not in set(read(folder.table)["model"])


def test_tables_of_nothing_have_their_columns(tmp_path, config):
    folder = BenchmarkDir(tmp_path / "out")
    folder.folder.mkdir()
    write_tables(folder, config())
    assert pd.read_csv(StringIO(folder.table.read_text()), sep="\t").columns[0] == "panel"
    assert list(read(folder.costs)["status"]) == ["pending"] * 4
