"""The polyloss experiment on a toy: trainings that are done once and go on, tables, tests against scipy, the page."""

import itertools
import json
import os
import signal

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats
from sklearn import metrics as sklearn_metrics

from genome_ac_gan.config import validate
from genome_ac_gan.errors import ConfigError, PanelError
from genome_ac_gan.experiment.reproduction import collect, open_experiment, run_tasks
from genome_ac_gan.experiment.reproduction.polyloss import Polyloss, PolylossConfig, statistics, tables
from genome_ac_gan.experiment.reproduction.polyloss.class_head import CHECKPOINTS, PREDICTED
from genome_ac_gan.experiment.reproduction.polyloss.trainings import experiment_of, grid, panel, runs
from genome_ac_gan.experiment.run import RunDir
from genome_ac_gan.experiment.ways import InterruptedWorkError, Ways
from genome_ac_gan.panel import load_panel, save_panel
from genome_ac_gan.simulate import two_population_toy

pytestmark = pytest.mark.usefixtures("one_thread")

SMALL = {
    "seeds": [1, 2], "n_epochs": 12, "every": 5, "removed": 1, "precision": "fp32",
    "grid": {"epsilon": [0.2, 1], "alpha": [0.1], "n_epochs": 4, "every": 1, "validation": 0.3},
}  # fmt: skip
RUNS = ["plce/seed-1", "cce/seed-1", "plce/seed-2", "cce/seed-2"]
GRID = ["grid/cce", "grid/epsilon-0.2-alpha-0.1", "grid/epsilon-1-alpha-0.1"]


def make(panel_file, folder, **more):
    config = validate(PolylossConfig, {**SMALL, "data": {"panel": str(panel_file)}, **more})
    experiment = Polyloss(config, folder)
    open_experiment(experiment)
    return experiment


@pytest.fixture(scope="module")
def finished(tmp_path_factory, panel_file):
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    experiment = make(panel_file, tmp_path_factory.mktemp("polyloss") / "out")
    run_tasks(experiment, experiment.tasks(), Ways())
    torch.set_num_threads(before)
    return experiment


def read(experiment, task, name=CHECKPOINTS):
    return pd.read_csv(experiment.place(task) / name, sep="\t")


# -- tasks ----------------------------------------------------------------------------------------


def test_there_is_a_task_for_each_run_and_each_pair(finished):
    assert [task.name for task in finished.tasks()] == RUNS + GRID
    none = finished.config.model_copy(
        update={"grid": finished.config.grid.model_copy(update={"epsilon": ()})}
    )
    assert [task.name for task in Polyloss(none, finished.folder).tasks()] == RUNS


def test_the_class_head_is_read_every_so_many_epochs_and_at_the_end(finished):
    for task in RUNS:
        lines = read(finished, task)
        assert lines["step"].tolist() == [5, 10, 12]
        assert lines["epoch"].tolist() == [5, 10, 12]
    assert read(finished, GRID[0])["step"].tolist() == [1, 2, 3, 4]


def test_the_last_line_is_that_of_what_was_predicted(finished):
    given = read(finished, "plce/seed-2", PREDICTED)
    last = read(finished, "plce/seed-2").iloc[-1]
    holdout = load_panel(RunDir(finished.folder / "panels" / "test").panel("holdout"))
    assert given["sample_id"].tolist() == holdout.sample_id.tolist()
    assert given["population"].tolist() == holdout.population.tolist()
    truth, taken = given["population"], given["taken_for"]
    theirs = {
        "accuracy": sklearn_metrics.accuracy_score(truth, taken),
        "kappa": sklearn_metrics.cohen_kappa_score(truth, taken),
        "f1_macro": sklearn_metrics.f1_score(truth, taken, average="macro"),
        "f1_weighted": sklearn_metrics.f1_score(truth, taken, average="weighted"),
    }
    assert last[list(theirs)].to_dict() == pytest.approx(theirs, abs=1e-5)


def test_runs_of_a_seed_differ_in_the_loss_alone(finished):
    config, parts = finished.config, RunDir(finished.folder / "panels" / "test")
    of = {key: experiment_of(training, config, parts)[0] for key, training in runs(config).items()}
    plce, cce = of["plce", 1], of["cce", 1]
    assert (plce.model.settings["loss"]["class_loss"], cce.model.settings["loss"]["class_loss"]) == (
        "paper",
        "cce",
    )
    same = {**cce.model.settings, "loss": plce.model.settings["loss"]}
    assert same == plce.model.settings
    assert (plce.seed, plce.train) == (cce.seed, cce.train)
    assert (plce.train.n_steps, plce.train.validation) == (12, 0)
    assert (plce.model.settings["loss"]["epsilon"], plce.model.settings["loss"]["alpha"]) == (0.2, 0.1)


def test_an_epoch_of_code_is_a_pass_and_has_its_own_reading(finished):
    config = finished.config.model_copy(update={"preset": "code"})
    settings, epoch = experiment_of(
        runs(config)["plce", 1], config, RunDir(finished.folder / "panels" / "test")
    )
    assert epoch == 1  # 160 rows make one batch
    assert settings.model.settings["loss"]["class_loss"] == "code"
    many = RunDir(finished.folder / "many")
    many.folder.mkdir(exist_ok=True)
    many.start(settings)
    many.finish("split", counts={"train": {"A": 2000, "B": 2006}})
    settings, epoch = experiment_of(runs(config)["cce", 1], config, many)
    assert (epoch, settings.train.n_steps) == (15, 12 * 15)
    chosen = config.model_copy(update={"reading": "polyloss"})
    assert runs(chosen)["plce", 1].loss["class_loss"] == "polyloss"
    assert grid(chosen)[0.2, 0.1].loss == {"class_loss": "polyloss", "epsilon": 0.2, "alpha": 0.1}


def test_the_grid_never_meets_a_test_person(finished):
    config = finished.config
    test = RunDir(finished.folder / "panels" / "test")
    tested = set(load_panel(test.panel("holdout")).sample_id.tolist())
    learned = set(load_panel(test.panel("train")).sample_id.tolist())
    for training in grid(config).values():
        run = RunDir(finished.place(training.task) / "run")
        train, judges = (set(load_panel(run.panel(name)).sample_id.tolist()) for name in ("train", "holdout"))
        assert train | judges == learned
        assert not train & judges
        assert not (train | judges) & tested
        assert len(judges) == 24  # of 80 training people


def test_what_only_a_training_under_way_needs_is_gone(finished, panel_file, tmp_path):
    assert not list(finished.folder.rglob("training.pt"))
    assert not list(finished.folder.rglob("*.safetensors"))
    keeping = make(
        panel_file, tmp_path / "out", keep_models=True, seeds=[1], grid={"epsilon": []}, n_epochs=2
    )
    run_tasks(keeping, keeping.tasks(), Ways())
    assert len(list(keeping.folder.rglob("*.safetensors"))) == 2


def kill_at(step):
    """Return a progress that ends this process's work at a step of a training."""

    def progress(model, settings, clock):
        def on_step(now, losses):
            if now == step:
                os.kill(os.getpid(), signal.SIGTERM)

        return on_step

    return progress


def test_killed_midway_and_done_again_equals_a_straight_experiment(finished, panel_file, tmp_path):
    again = make(panel_file, tmp_path / "out")
    with pytest.raises(
        InterruptedWorkError, match=r"stopped by SIGTERM in task plce/seed-1: the same command"
    ):
        run_tasks(again, again.tasks(), Ways(progress=kill_at(7)))
    assert (again.place("plce/seed-1") / "run" / "training.pt").is_file()
    assert read(again, "plce/seed-1")["step"].tolist() == [5]
    # lines after the saved step, of a call that died before it could save, are dropped
    stray = read(again, "plce/seed-1")
    stray = pd.concat([stray, stray.assign(step=10, epoch=10, accuracy=0.123)])
    stray.to_csv(again.place("plce/seed-1") / CHECKPOINTS, sep="\t", index=False)

    said = []
    run_tasks(again, again.tasks(), Ways(on_notice=said.append))
    assert [line.split()[-1] for line in said] == RUNS + GRID
    collect(finished)
    collect(again)
    for name in ("checkpoints", "scores", "confusion", "tests", "grid"):
        ours, theirs = ((each.folder / "tables" / f"{name}.tsv").read_bytes() for each in (again, finished))
        assert ours == theirs, name
    run_tasks(again, again.tasks(), Ways(on_notice=said.append))
    assert len(said) == 7


def test_a_panel_without_people_to_judge_a_grid_is_refused(tmp_path):
    save_panel(two_population_toy(np.random.default_rng(0), n_people=4), tmp_path / "few.npz")
    few = make(tmp_path / "few.npz", tmp_path / "out")
    with pytest.raises(PanelError, match=r"no population has 5 training people.*grid.epsilon=\[\]"):
        panel(few.folder, few.config, "validation", Ways())
    assert not (few.folder / "panels" / "validation").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"seeds": [1, 1]}, "seeds: a seed is given twice"),
        ({"grid": {"alpha": [0.1, 0.1]}}, "grid.alpha: a value is given twice"),
        ({"grid": {"alpha": [1]}}, "grid.alpha.0: .*less than 1"),
        ({"preset": "stable"}, "preset: .*'paper', 'code' or 'dense'"),
        ({"grid": {"epsilons": [1]}}, "grid.epsilons: unknown; known: alpha, epsilon"),
    ],
)
def test_wrong_settings_are_named(settings, message):
    with pytest.raises(ConfigError, match=message):
        validate(PolylossConfig, settings)


# -- tables ---------------------------------------------------------------------------------------


def of(loss, seed, accuracies, predicted=()):
    n = len(accuracies)
    lines = pd.DataFrame({"step": range(1, n + 1), "epoch": range(1, n + 1), "accuracy": accuracies})
    return tables.Run(
        loss, seed, lines.assign(kappa=0.0, f1_macro=0.0, f1_weighted=0.0), list(predicted), 1.0
    )


@pytest.fixture
def judges():
    return two_population_toy(np.random.default_rng(4), n_people=60)


@pytest.fixture
def known(judges):
    """Two runs of each loss whose last checkpoint takes a known share of each population rightly."""
    rng = np.random.default_rng(5)

    def taken(right):
        wrong = rng.random(judges.n_haplotypes) > right
        return np.where(wrong, np.where(judges.population == "A", "B", "A"), judges.population)

    return [
        of(loss, seed, [0.5, right, right + 0.01 * seed], taken(right))
        for loss, right in (("plce", 0.9), ("cce", 0.7))
        for seed in (1, 2)
    ]


def test_runs_of_a_loss_are_pooled_in_one_confusion(known, judges):
    table = tables.confusions(known, judges)
    for loss in ("plce", "cce"):
        mine = [run for run in known if run.loss == loss]
        truth = np.concatenate([judges.population] * 2)
        taken = np.concatenate([run.predicted for run in mine])
        expected = sklearn_metrics.confusion_matrix(truth, taken)
        rows = table[table["loss"] == loss]
        assert rows["n"].tolist() == expected.ravel().tolist()
        assert rows["share"].tolist() == pytest.approx((expected / 240).ravel().tolist())


def test_scores_are_those_of_the_pooled_rows_with_intervals_over_people_and_runs(known, judges):
    table = tables.score_rows(known, judges, np.random.default_rng(6)).set_index(
        ["loss", "population", "statistic"]
    )
    truth = np.concatenate([judges.population] * 2)
    for loss in ("plce", "cce"):
        taken = np.concatenate([run.predicted for run in known if run.loss == loss])
        kappa = sklearn_metrics.cohen_kappa_score(truth, taken)
        assert table.loc[(loss, "all", "kappa"), "value"] == pytest.approx(kappa)
        recall = sklearn_metrics.recall_score(truth, taken, pos_label="B")
        assert table.loc[(loss, "B", "accuracy"), "value"] == pytest.approx(recall)
        row = table.loc[(loss, "all", "accuracy")]
        assert row["lower"] < row["value"] < row["upper"] <= 1
        assert row["n"] == 240
    gain = table.loc[("difference", "all", "accuracy")]
    both = [table.loc[(loss, "all", "accuracy"), "value"] for loss in ("plce", "cce")]
    assert gain["value"] == pytest.approx(both[0] - both[1])
    assert 0 < gain["lower"] < gain["value"] < gain["upper"]
    # 60 people of two haplotypes each in two populations: about the binomial error of 120 people
    assert gain["upper"] - gain["lower"] == pytest.approx(2 * 1.96 * np.sqrt(0.3 / 480), rel=0.5)


def test_runs_without_the_other_loss_have_scores_but_no_tests(known, judges):
    alone = [run for run in known if run.loss == "plce"]
    assert set(tables.score_rows(alone, judges, np.random.default_rng(6))["loss"]) == {"plce"}
    assert tables.tests(alone, 1).empty
    assert set(tables.boxes(alone)["run"]) == {"all", "1", "2"}


def test_boxes_and_curves_hold_the_checkpoints(known):
    boxes = tables.boxes(known).set_index(["loss", "run"])
    pooled = np.array([0.5, 0.9, 0.91, 0.5, 0.9, 0.92])
    row = boxes.loc[("plce", "all")]
    assert row[["smallest", "q1", "median", "q3", "largest"]].tolist() == pytest.approx(
        np.percentile(pooled, [0, 25, 50, 75, 100]).tolist()
    )
    curves = tables.curves(known).set_index(["loss", "epoch"])
    assert curves.loc[("cce", 3)].tolist() == pytest.approx([0.715, 0.71, 0.72, 2])


def test_a_row_of_the_grid_is_the_later_half_of_its_checkpoints(finished):
    table = tables.grid_row((0.2, 0.1), "paper", pd.DataFrame({"accuracy": [0.1, 0.2, 0.5, 0.7, 0.6]}), 40)
    assert (table["value"], table["lower"], table["upper"], table["n"]) == (pytest.approx(0.6), 0.5, 0.7, 3)
    assert table["last"] == 0.6
    found = finished.tables()["grid"]
    assert found["loss"].tolist() == ["cce", "plce", "plce"]
    assert found["epsilon"].tolist()[1:] == [0.2, 1]
    assert found["haplotypes"].tolist() == [48] * 3


# -- statistics -----------------------------------------------------------------------------------

A, B = [0.81, 0.85, 0.83, 0.86], [0.78, 0.80, 0.83]


def test_extremes_are_left_out_at_both_ends():
    assert statistics.without_extremes([3, 1, 2, 5, 4], 1).tolist() == [2, 3, 4]
    assert statistics.without_extremes([3, 1, 2], 0).tolist() == [1, 2, 3]
    assert len(statistics.without_extremes(range(303), 7)) == 289
    assert len(statistics.without_extremes([1, 2, 3, 4], 2)) == len(statistics.without_extremes([1], 2)) == 0


@pytest.mark.parametrize("equal", [True, False])
def test_the_t_tests_are_those_of_scipy(equal):
    ours = statistics.t_test(A, B, equal_variances=equal)
    theirs = stats.ttest_ind(A, B, equal_var=equal)
    assert (ours.t, ours.p, ours.df) == pytest.approx((theirs.statistic, theirs.pvalue, theirs.df))
    assert (ours.lower, ours.upper) == pytest.approx(tuple(theirs.confidence_interval()))
    assert (ours.difference, ours.n) == (pytest.approx(np.mean(A) - np.mean(B)), (4, 3))


def test_fewer_effective_observations_widen_the_test():
    ours = statistics.t_test(A, B, n=(2.5, 2.0))
    theirs = stats.ttest_ind_from_stats(
        np.mean(A), np.std(A, ddof=1), 2.5, np.mean(B), np.std(B, ddof=1), 2.0, equal_var=False
    )
    assert (ours.t, ours.p) == pytest.approx((theirs.statistic, theirs.pvalue))
    assert ours.p > statistics.t_test(A, B).p


@pytest.mark.parametrize(("a", "b"), [([0.8], [0.7, 0.6]), ([0.5, 0.5], [0.4, 0.4]), ([], [0.1, 0.2])])
def test_a_test_that_cannot_be_made_has_no_p(a, b):
    found = statistics.t_test(a, b)
    assert np.isnan([found.p, found.t, found.lower]).all()
    assert (found.difference == pytest.approx(np.mean(a) - np.mean(b))) if a else np.isnan(found.difference)


def test_the_permutation_test_is_that_of_scipy_and_of_enumeration():
    for a, b in ((A, B), ([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]), ([0.5, 0.5], [0.5, 0.5])):
        ours = statistics.permutation_test(a, b)
        theirs = stats.permutation_test(
            (a, b), lambda x, y: abs(np.mean(x) - np.mean(y)), n_resamples=np.inf, alternative="greater"
        )
        assert ours.p == pytest.approx(theirs.pvalue)
        ways = [set(way) for way in itertools.combinations(range(len(a) + len(b)), len(a))]
        values = np.array([*a, *b])
        far = [
            abs(values[list(way)].mean() - np.delete(values, list(way)).mean()) >= abs(ours.difference) - 1e-9
            for way in ways
        ]
        assert ours.p == pytest.approx(np.mean(far))
    assert statistics.permutation_test([1, 2, 3], [4, 5, 6]).p == pytest.approx(0.1)
    assert np.isnan(statistics.permutation_test([], [1.0]).p)


def test_autocorrelations_are_sums_of_products():
    x = np.array([0.3, 0.5, 0.4, 0.9, 0.7])
    d = x - x.mean()
    slow = [sum(d[i] * d[i + lag] for i in range(5 - lag)) / sum(d * d) for lag in range(5)]
    assert statistics.autocorrelations(x).tolist() == pytest.approx(slow)
    assert np.isnan(statistics.autocorrelations([0.5, 0.5])).all()


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.9])
def test_a_series_that_remembers_counts_for_fewer(phi):
    rng, n = np.random.default_rng(7), 20_000
    noise, x = rng.standard_normal(n), np.zeros(n)
    for i in range(1, n):
        x[i] = phi * x[i - 1] + noise[i]
    expected = n * (1 - phi) / (1 + phi)  # of an autoregression of order one
    assert statistics.effective_number(x) == pytest.approx(expected, rel=0.12)


def test_an_effective_number_lies_between_one_and_all():
    assert statistics.effective_number([0.5]) == statistics.effective_number([0.5] * 9) == 1
    assert statistics.effective_number([0, 1] * 20) == 40
    assert 1 <= statistics.effective_number(np.linspace(0, 1, 50)) < 5


def test_the_tests_are_made_of_checkpoints_and_of_runs():
    rng = np.random.default_rng(8)
    made = [of(loss, seed, rng.normal(mean, 0.02, 30)) for seed in (1, 2, 3)
            for loss, mean in (("plce", 0.85), ("cce", 0.84))]  # fmt: skip
    found = tables.tests(made, 7).set_index("test")
    pooled = [
        np.sort(np.concatenate([run.accuracy for run in made if run.loss == loss])) for loss in tables.LOSSES
    ]
    theirs = stats.ttest_ind(*[values[7:-7] for values in pooled])
    assert found.loc["pooled", ["t", "p", "n_plce"]].tolist() == pytest.approx(
        [theirs.statistic, theirs.pvalue, 76]
    )
    means = {loss: [run.accuracy.mean() for run in made if run.loss == loss] for loss in tables.LOSSES}
    theirs = stats.ttest_ind(means["plce"], means["cce"], equal_var=False)
    assert found.loc["runs", ["t", "p"]].tolist() == pytest.approx([theirs.statistic, theirs.pvalue])
    assert found.loc["permutation", "p"] == statistics.permutation_test(means["plce"], means["cce"]).p
    assert found.loc["effective", "n_plce"] == pytest.approx(
        sum(statistics.effective_number(run.accuracy) for run in made if run.loss == "plce")
    )


# -- paper and here -------------------------------------------------------------------------------


def test_printed_values_stand_beside_ours(finished):
    compared, scores = finished.compared(), finished.tables()["scores"]
    assert compared["paper"].dropna().tolist() == [0.88, 0.82, 0.06, 289, 0.00042]
    pooled = scores[(scores["population"] == "all") & (scores["statistic"] == "accuracy")]
    assert compared["here"][:3].tolist() == pooled["value"].tolist()
    assert compared["lower"][:3].tolist() == pooled["lower"].tolist()
    assert set(compared["note"][:3]) == {
        "34 variants in place of 10,000, 12 epochs in place of 10,000, 2 runs of each loss in place of 3"
    }
    assert compared["here"][3] == 4  # 3 checkpoints of two runs, without the largest and the smallest
    assert "p cannot fall below 0.33" in compared["note"][7]


def test_nothing_done_is_nothing_here(panel_file, tmp_path):
    empty = make(panel_file, tmp_path / "out")
    compared = empty.compared()
    assert len(compared) == 9
    assert compared["here"].isna().all()
    assert compared["note"][0].endswith("2 runs of each loss in place of 3, 0 of 4 runs done")
    assert empty.tables() == {}


def test_seconds_of_a_run_are_those_of_its_training(finished):
    rows = finished.tables()["runs"]
    record = json.loads((finished.place("cce/seed-2") / "run" / "provenance.json").read_text())
    assert rows["seconds"].iloc[-1] == record["stages"]["train"]["seconds"]
    assert rows["updates"].tolist() == [12] * 4
    assert rows["effective"].between(1, 3).all()


# -- the page -------------------------------------------------------------------------------------


def section(text, name):
    return text.split(f'<section id="{name}">')[1].split("</section>")[0]


def test_the_page_tells_what_the_tables_hold(finished):
    text = collect(finished).read_text()
    assert collect(finished).read_text() == text
    found = {
        name: pd.read_csv(finished.folder / "tables" / f"{name}.tsv", sep="\t") for name in finished.tables()
    }
    share = found["confusion"]["share"].iloc[0]
    assert f'PLCE: A</th><td class="num">40</td><td class="num">{share:.3f}</td>' in section(
        text, "confusion"
    )
    accuracy = found["scores"].set_index(["loss", "population", "statistic"]).loc[("cce", "all", "accuracy")]
    assert f"{accuracy['value']:.4f} ({accuracy['lower']:.4f} to {accuracy['upper']:.4f})" in section(
        text, "scores"
    )
    assert "CCE, seed 2</th>" in section(text, "curves")
    assert section(text, "tests").count("<tr>") == 1 + 4
    assert "PLCE, epsilon 1, alpha 0.1</th>" in section(text, "grid")
    for chart in ("recalls", "curves", "boxes", "grid"):
        assert f'id="plot-polyloss-{chart}"' in text
    words = section(text, "methods")
    assert "for 12 epochs" in words
    assert "epsilon 0.2 and alpha 0.1" in words
    assert "without 30% of the training people" in words


def test_the_page_of_a_part_has_what_is_done(panel_file, tmp_path):
    begun = make(panel_file, tmp_path / "out", seeds=[1], n_epochs=2, grid={"alpha": []})
    run_tasks(begun, begun.tasks()[:1], Ways())
    text = collect(begun).read_text()
    assert "PLCE: B" in section(text, "confusion")
    assert "CCE: B" not in section(text, "confusion")
    assert '<section id="tests">' not in text
    assert '<section id="grid">' not in text
    assert "A grid" not in section(text, "methods")
    assert section(text, "compared").count("34 variants in place of 10,000") == 4
    assert "1 of 2 runs done" in section(text, "compared")
