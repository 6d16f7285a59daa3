"""The comparison of models: its tasks, its statistics, and the printed values beside ours."""

import dataclasses
import os
import signal

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA

from genome_ac_gan.config import validate
from genome_ac_gan.errors import ConfigError, GenomeACGANError
from genome_ac_gan.experiment import RunDir
from genome_ac_gan.experiment.reproduction import EXPERIMENTS, collect, find_task, open_experiment, run_tasks
from genome_ac_gan.experiment.reproduction.comparison import ComparisonConfig, ModelComparison
from genome_ac_gan.experiment.reproduction.comparison.linkage import published_decay
from genome_ac_gan.experiment.reproduction.comparison.structure import subset_costs
from genome_ac_gan.experiment.ways import InterruptedWorkError, Ways
from genome_ac_gan.metrics import METRICS, Comparison
from genome_ac_gan.models.genome_ac_gan import GenomeACGAN
from genome_ac_gan.panel import UNLABELLED, concat, load_panel, save_panel
from genome_ac_gan.simulate import two_population_toy

pytestmark = pytest.mark.usefixtures("one_thread")

NATIONS = {"A": ("ESN", "MSL"), "B": ("CEU", "TSI")}
NETWORK = {
    "batch_size": 16,
    "generator": {"latent": 4, "widths": [16]},
    "discriminator": {"widths": [8], "dropout": [0.2]},
}
N_STEPS = 12


def network(label, **more):
    return {"name": "genome-ac-gan", "preset": "dense", "settings": NETWORK, "label": label, **more}


def noisy_panel(seed, *, labelled=True):
    """The toy with two continents of two nations, frequencies of its own at each variant, neighbours linked."""
    rng = np.random.default_rng(seed)
    toy = two_population_toy(rng, n_people=60)
    n, m = toy.haplotypes.shape
    mean, shift = np.random.default_rng(0).uniform(0.05, 0.95, m), np.random.default_rng(1).normal(0, 0.15, m)
    side = np.where(toy.population == "A", 1, -1)[:, None]
    x = (rng.random((n, m)) < np.clip(mean + side * shift, 0.01, 0.99)).astype(np.uint8)
    copied = rng.random((n, m)) < 0.6
    for column in range(1, m):
        x[copied[:, column], column] = x[copied[:, column], column - 1]
    nation = [NATIONS[name][person % 2] for name, person in zip(toy.population, toy.person, strict=True)]
    continent = np.where(toy.population == "A", "AFR", "EUR")
    if not labelled:
        none = np.full(n, UNLABELLED)
        return dataclasses.replace(toy, haplotypes=x, labels={UNLABELLED: none}, label=UNLABELLED)
    return dataclasses.replace(
        toy, haplotypes=x, labels={"super_pop": continent, "pop": np.array(nation)}, label="super_pop"
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A panel, a table of its split, and artificial genomes made elsewhere."""
    folder = tmp_path_factory.mktemp("comparison")
    panel = noisy_panel(5)
    save_panel(panel, folder / "panel.npz")
    save_panel(noisy_panel(6, labelled=False), folder / "published.npz")
    people = panel.sample_id[panel.first_rows]
    sides = ["test" if index % 6 < 2 else "train" for index in range(len(people))]
    lines = [f"{person}\t{side}" for person, side in zip(people, sides, strict=True)]
    (folder / "split.tsv").write_text("sample\tsplit\n" + "\n".join(lines) + "\n")
    return folder


def settings(files, **more):
    """Settings of an experiment of a few seconds, with others on top."""
    given = {
        "data": {
            "panel": str(files / "panel.npz"),
            "label": "super_pop",
            "split": str(files / "split.tsv"),
        },
        "models": {
            "con": network("super_pop", role="ac-gan-con", haplotypes=102),
            "nat": network("pop", role="ac-gan-nat", train={"n_steps": 4}),
            "plain": {
                "name": "independent",
                "label": "unlabelled",
                "role": "gan19",
                "train": {"validation": 0},
            },
        },
        "published": {"elsewhere": {"file": str(files / "published.npz"), "role": "rbm23"}},
        "train": {
            "n_steps": N_STEPS,
            "score_every": 6,
            "log_every": 3,
            "precision": "fp32",
            "validation": 0.2,
        },
        "subsets": 3,
        "repeats": 2,
    }
    return {**given, **more}


def comparison(files, folder, **more):
    return ModelComparison(validate(ComparisonConfig, settings(files, **more)), folder)


def run(experiment, only=None, **ways):
    open_experiment(experiment)
    wanted = [find_task(experiment, only)] if only else experiment.tasks()
    run_tasks(experiment, wanted, Ways(**ways))


@pytest.fixture(scope="module")
def finished(files, tmp_path_factory):
    experiment = comparison(files, tmp_path_factory.mktemp("out") / "run")
    run(experiment)
    return experiment, experiment.tables()


# -- tasks ------------------------------------------------------------------------------------------


def test_the_experiment_is_registered():
    assert EXPERIMENTS["comparison"] is ModelComparison


def test_all_rows_learn_from_the_same_people_and_nobody_from_the_test(finished):
    experiment, _ = finished
    learned, held = set(), set()
    for name in ("super_pop", "pop", "unlabelled.validation-0"):
        parts = RunDir(experiment.place(f"panels/{name}"))
        own = concat([load_panel(parts.panel(part)) for part in ("train", "validation")])
        learned.add(frozenset(own.sample_id.tolist()))
        held.add(frozenset(load_panel(parts.panel("holdout")).sample_id.tolist()))
    assert len(learned) == len(held) == 1
    assert not next(iter(learned)) & next(iter(held))
    assert len(load_panel(RunDir(experiment.place("panels/super_pop")).panel("validation")).sample_id) > 0


def test_genomes_are_drawn_in_training_proportions_and_by_nation_they_carry_their_continent(finished):
    experiment, _ = finished
    con, nat, plain = (
        load_panel(experiment.run(name).panel("synthetic")) for name in ("con", "nat", "plain")
    )
    assert con.counts == {"AFR": 51, "EUR": 51}
    assert nat.n_haplotypes == experiment.people.train.n_haplotypes == 160
    assert set(nat.labels) == {"pop", "super_pop"}
    assert plain.populations == (UNLABELLED,)
    assert plain.n_haplotypes == 160


def test_what_is_done_is_not_done_again(finished):
    experiment, _ = finished
    before = {path: path.stat().st_mtime_ns for path in experiment.folder.rglob("*.npz")}
    said = []
    run(experiment, on_notice=said.append)
    assert said == []
    assert {path: path.stat().st_mtime_ns for path in experiment.folder.rglob("*.npz")} == before


def test_stopped_within_a_training_it_goes_on_there_and_ends_as_a_straight_run(
    finished, files, tmp_path, monkeypatch
):
    _, tables = finished
    steps = []
    step = GenomeACGAN.training_step

    def counted(self, x, y):
        steps.append(self.step)
        if len(steps) == 5:
            os.kill(os.getpid(), signal.SIGTERM)
        return step(self, x, y)

    monkeypatch.setattr(GenomeACGAN, "training_step", counted)
    experiment = comparison(files, tmp_path / "run")
    with pytest.raises(InterruptedWorkError, match="stopped by SIGTERM in task models/con"):
        run(experiment)
    assert experiment.done("panels/super_pop")
    assert not experiment.done("models/con")
    assert experiment.compared()["here"].isna().all()
    run(experiment)
    assert sorted(steps) == sorted([*range(N_STEPS), *range(4)])  # con and nat, no update twice
    again = experiment.tables()
    for name, table in tables.items():
        columns = [column for column in table if column != "train_seconds"]
        pd.testing.assert_frame_equal(again[name][columns], table[columns])


def test_stopped_after_a_training_it_does_not_train_again(files, tmp_path, monkeypatch):
    from genome_ac_gan.experiment.reproduction.comparison import experiment as module

    calls = []
    generate = module.generate

    def failing(*args, **more):
        calls.append(1)
        if len(calls) == 1:
            raise GenomeACGANError("no room on the disk")
        return generate(*args, **more)

    monkeypatch.setattr(module, "generate", failing)
    experiment = comparison(files, tmp_path / "run")
    run(experiment, "panels/super_pop")
    run(experiment, "models/con")
    assert not experiment.done("models/con")
    assert "no room on the disk" in experiment.failure("models/con").read_text()
    log = experiment.run("con").log.read_bytes()
    run(experiment, "models/con")
    assert len(calls) == 2
    assert experiment.run("con").log.read_bytes() == log


def test_a_task_that_needs_others_says_which(files, tmp_path):
    experiment = comparison(files, tmp_path / "run")
    with pytest.raises(GenomeACGANError, match="models/con needs panels/super_pop, which is not done"):
        run(experiment, "models/con")
    run(experiment, "panels/super_pop")
    with pytest.raises(GenomeACGANError, match="judge/con needs models/con"):
        run(experiment, "judge/con")
    with pytest.raises(GenomeACGANError, match="linkage needs judge/train"):
        run(experiment, "linkage")


def test_a_training_that_diverges_is_told_and_the_others_are_judged(files, tmp_path):
    bad = network("super_pop", role="ac-gan-con")
    bad["settings"] = {**NETWORK, "optimiser": {"discriminator_lr": 1e30}}
    models = {"bad": bad, "plain": {"name": "independent", "label": "super_pop"}}
    experiment = comparison(files, tmp_path / "run", models=models, published={})
    run(experiment)
    tables = experiment.tables()
    outcome = tables["sets"].set_index("set")["outcome"]["bad"]
    assert outcome.startswith("failed: ")
    assert "diverged" in outcome
    assert set(tables["pca"]["set"]) == {"train", "plain"}
    row = experiment.compared().query("quantity == 'W ± 62, AC-GAN by continent (bad)'").iloc[0]
    assert np.isnan(row["here"])
    assert row["note"] == outcome
    assert collect(experiment).is_file()


# -- settings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"data": {"label": "super_pop"}}, "data.split: rows of several labels need it"),
        ({"data": {}}, "data.label: name the column"),
        ({"models": {"train": network("pop")}}, "models.train: give it another name"),
        ({"models": {"a/b": network("pop")}}, "models.a/b: a name is made of letters"),
        ({"models": {"elsewhere": network("pop")}}, "published.elsewhere: a model has that name"),
        ({"models": {"con": network("pop", train={"n_stepps": 3})}}, "models.con.train: n_stepps: unknown"),
        ({"models": {"con": network("pop", role="gan21")}}, "models.con.role"),
        ({"models": {"con": {"label": "pop"}}}, "models.con.name"),
    ],
)
def test_wrong_settings_are_refused_in_one_line(files, more, message):
    with pytest.raises(ConfigError, match=message) as refused:
        validate(ComparisonConfig, settings(files, **more))
    assert "\n" not in str(refused.value)


# -- statistics -------------------------------------------------------------------------------------


def sides(seed=5):
    """Three quarters of the people of a panel, and the others."""
    panel = noisy_panel(seed)
    return panel[panel.person % 4 > 0], panel[panel.person % 4 == 0]


def own_plane(x):
    """Coordinates on the first two components by scikit-learn, the largest of each positive."""
    points = PCA(2, svd_solver="full").fit_transform(x.astype(float))
    return points * np.sign(points[np.abs(points).argmax(axis=0), [0, 1]])


def assigned(a, b):
    cost = cdist(a, b)
    return cost[linear_sum_assignment(cost)]


def test_w_is_the_assignment_of_points_by_scikit_learn():
    train, holdout = sides()
    synthetic = sides(7)[1]
    data = Comparison(train=train, holdout=holdout, synthetic=synthetic)
    costs, points = subset_costs(data, 2, np.random.default_rng(0))
    value = costs.groupby("reading")["value"].first()
    plain = assigned(own_plane(holdout.haplotypes), own_plane(synthetic.haplotypes))
    assert value["compat"] == pytest.approx(plain.sum(), rel=1e-4)
    axes = PCA(2, svd_solver="full").fit(train.haplotypes.astype(float))
    projected = [axes.transform(panel.haplotypes.astype(float)) for panel in (holdout, synthetic)]
    assert value["corrected"] == pytest.approx(assigned(*projected).mean(), rel=1e-4)
    assert (costs["n"] == 60).all()
    shown = points[(points["reading"] == "compat") & (points["panel"] == "synthetic")].sort_values("row")
    expected = own_plane(synthetic.haplotypes)
    np.testing.assert_allclose(shown[["pc1", "pc2"]], expected, atol=2e-3)


def test_subsets_agree_with_the_metric_and_the_best_one_is_drawn():
    train, holdout = sides()
    data = Comparison(train=train, holdout=holdout, synthetic=noisy_panel(7))
    costs, points = subset_costs(data, 20, np.random.default_rng(0))
    table = METRICS["pca-wasserstein"](data, rng=np.random.default_rng(1), repeats=20).table
    metric = table[table["population"] == "all"].set_index("statistic")["value"]
    mean, sd = costs.groupby("reading")["value"].mean(), costs.groupby("reading")["value"].std()
    assert sd["compat"] > 0
    for reading in ("compat", "corrected"):
        assert mean[reading] == pytest.approx(metric[reading], abs=2 * sd[reading])
    own = points[points["reading"] == "compat"]
    a, b = (own[own["panel"] == name][["pc1", "pc2"]].to_numpy() for name in ("holdout", "synthetic"))
    lowest = costs[costs["reading"] == "compat"]["value"].min()
    assert assigned(a, b).sum() == pytest.approx(lowest, rel=1e-2)


def test_a_mirrored_subset_is_found_and_turned():
    train, holdout = sides()
    plane = own_plane(holdout.haplotypes)
    x = holdout.haplotypes.copy()
    far = plane[:, 0] > -plane[:, 0].min() - 1e-9  # those that decide the sign of the first component
    x[far] = x[np.abs(plane[:, 0]).argmin()]
    assert 0 < far.sum() < 20
    data = Comparison(train=train, holdout=holdout, synthetic=dataclasses.replace(holdout, haplotypes=x))
    costs, _ = subset_costs(data, 2, np.random.default_rng(0))
    value = costs.groupby("reading")["value"].first()
    assert costs["mirrored"].all()
    turned = [assigned(plane, own_plane(x) * signs).sum() for signs in ([1, 1], [-1, 1], [1, -1], [-1, -1])]
    assert value["compat"] == pytest.approx(turned[0], rel=1e-4)
    assert np.isclose(value["aligned"], turned[1:], rtol=1e-4).any()
    assert value["aligned"] < value["compat"]


def test_published_decay_is_that_of_correlation_coefficients_over_variants_all_sets_have():
    holdout, other, lossy = noisy_panel(5), noisy_panel(6), noisy_panel(7)
    x = lossy.haplotypes.copy()
    x[:, 3] = 0
    lossy = dataclasses.replace(lossy, haplotypes=x)
    errors, curves = published_decay(holdout, {"other": lambda: other, "lossy": lambda: lossy})
    kept = np.arange(x.shape[1]) != 3
    position = holdout.variants.position[kept]
    edges = np.logspace(np.log(1), np.log(holdout.variants.position[-1] - holdout.variants.position[0]), 50)
    first, second = np.triu_indices(kept.sum(), 1)
    bins = np.digitize(position[second] - position[first], edges)

    def decayed(panel):
        r2 = np.corrcoef(panel.haplotypes[:, kept].astype(float), rowvar=False)[first, second] ** 2
        return np.array([r2[bins == index].mean() for index in np.unique(bins)])

    expected = [np.sqrt(((decayed(panel) - decayed(holdout)) ** 2).mean()) for panel in (other, lossy)]
    np.testing.assert_allclose(errors["value"], expected, rtol=1e-4)
    assert errors["n"].tolist() == [kept.sum()] * 2
    shown = curves[(curves["set"] == "other") & (curves["panel"] == "synthetic")]
    np.testing.assert_allclose(shown["r2"], decayed(other), rtol=1e-4)
    assert (curves["panel"] == "holdout").sum() == len(shown)


def test_correlations_by_population_are_against_the_people_of_either_reading(finished):
    experiment, tables = finished
    people, nat = experiment.people, load_panel(experiment.run("nat").panel("synthetic"))
    every = concat([people.train, people.holdout])

    def frequency(panel, name):
        return panel.haplotypes[panel.labels["pop"] == name].mean(axis=0)

    found = tables["statistics"].query("set == 'nat' and level == 'pop' and metric == 'allele-frequency'")
    r = found[found["statistic"] == "r"].set_index(["reading", "population"])["value"]
    pairs = tables["differentiation"].query("set == 'nat' and level == 'pop'")
    delta = pairs.set_index(["reading", "first", "second"])["r"]
    for reading, real in (("compat", every), ("corrected", people.holdout)):
        expected = np.corrcoef(frequency(real, "ESN"), frequency(nat, "ESN"))[0, 1]
        assert r[reading, "ESN"] == pytest.approx(expected, abs=1e-5)
        change = [frequency(panel, "CEU") - frequency(panel, "ESN") for panel in (real, nat)]
        assert delta[reading, "CEU", "ESN"] == pytest.approx(np.corrcoef(*change)[0, 1], abs=1e-5)


def test_pairs_are_told_apart_by_name_and_by_continent(finished):
    _, tables = finished
    pairs = tables["differentiation"].query("set == 'train' and reading == 'compat'")
    named = {(row["first"], row["second"]): row["named"] for row in pairs.to_dict("records")}
    assert named["AFR", "EUR"] == "AFR-EUR"
    assert named["ESN", "TSI"] == "ESN-TSI"
    assert named["CEU", "MSL"] == ""
    within = tables["differentiation-within"].query("set == 'nat' and reading == 'corrected'")
    assert within.set_index("within")["lowest_pair"].to_dict() == {"AFR": "ESN-MSL", "EUR": "CEU-TSI"}
    assert (within["n_pairs"] == 1).all()
    assert set(tables["differentiation"]["set"]) == {"train", "con", "nat"}


def test_the_training_haplotypes_are_the_ceiling(finished):
    _, tables = finished
    mean = tables["pca"].query("reading == 'corrected'").set_index("set")["mean"]
    assert mean["train"] == mean.min() or mean["elsewhere"] == mean.min()  # both are real draws
    assert mean["train"] < mean["con"]
    r = tables["statistics"].query("statistic == 'r' and population == 'all' and reading == 'corrected'")
    r = r[r["metric"] == "allele-frequency"].set_index("set")["value"]
    assert r["train"] > 0.85
    assert r["train"] > r["con"]
    assert r.index.is_unique


# -- what is told -----------------------------------------------------------------------------------


def test_a_set_that_is_not_judged_to_the_end_is_in_no_table(finished):
    experiment, tables = finished
    done = experiment.place("judge/con") / "done.json"
    kept = done.read_text()
    done.unlink()
    try:
        now = experiment.tables()
    finally:
        done.write_text(kept)
    for name in ("pca", "pca-points", "frequencies"):
        assert set(tables[name]["set"]) - set(now[name]["set"]) == {"con"}


def test_printed_values_stand_beside_ours_with_the_reason(finished):
    experiment, tables = finished
    compared = experiment.compared().set_index("quantity")
    row, spread = (
        compared.loc["W ± 62, AC-GAN by continent (con)"],
        tables["pca"].set_index(["set", "reading"]),
    )
    own = spread.loc["con", "compat"]
    assert row["paper"] == 906
    assert row["here"] == own["mean"]
    assert row[["lower", "upper"]].tolist() == own[["lower", "upper"]].tolist()
    reasons = "34 variants instead of 10,000, a network of this package, 12 updates instead of 10,000"
    assert row["note"].endswith(f"{reasons}, 80 test haplotypes instead of 1,002")
    mirrored = f"{own['n_mirrored']:.0f} of 3 subsets lie mirrored"
    assert row["note"].startswith(mirrored) == bool(own["n_mirrored"])
    lost = compared.loc["W ± 123, WGAN23"]
    assert np.isnan(lost["here"])
    assert lost["note"] == "no such row at this scale"
    assert "a GAN" in compared.loc["W ± 166, RBM23 (elsewhere)", "note"]
    nations = compared.loc["nations of 26 with r above .98, AC-GAN by nation (nat)"]
    assert nations["here"] <= nations["n"] == 4
    assert compared.loc["r of PUR, AC-GAN by nation (nat)", "note"] == "not done yet"
    assert compared.loc["RMSE of LD decay, GAN19 (plain)", "here"] > 0
    r = tables["statistics"].query(
        "set == 'nat' and level == 'pop' and reading == 'compat' and statistic == 'r'"
    )
    assert compared.loc["lowest r of a nation but PUR, AC-GAN by nation (nat)", "here"] == r["value"].min()


def test_the_page_has_every_figure_and_is_the_same_when_made_again(finished):
    experiment, tables = finished
    page = collect(experiment)
    text = page.read_text()
    for part in (
        "sets",
        "structure",
        "continents",
        "frequencies",
        "frequencies-within",
        "differences",
        "linkage",
    ):
        assert f'<section id="{part}">' in text
    for chart in ("w", "best", "common", "populations", "frequencies-all", "frequencies-by-pop", "differences",
                  "linkage", "linkage-errors"):  # fmt: skip
        assert f'id="plot-comparison-{chart}"' in text
    assert "W ± 62, AC-GAN by continent (con)" in text
    methods = text.split('id="methods-text"')[1].split("</p>")[0]
    assert "Of each set 3 subsets" in methods
    assert "2 resamplings" in methods
    assert "{" not in methods
    assert collect(experiment).read_text() == text
    assert {path.stem for path in (experiment.folder / "tables").glob("*.tsv")} == set(tables)


def test_before_any_task_all_values_are_missing_and_the_page_says_so(files, tmp_path):
    experiment = comparison(files, tmp_path / "run")
    open_experiment(experiment)
    compared = experiment.compared()
    assert len(compared) > 15
    assert compared["here"].isna().all()
    assert set(experiment.tables()) == {"sets"}
    assert "not done yet" in collect(experiment).read_text()
