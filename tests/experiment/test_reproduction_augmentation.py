"""The augmentation experiment: its statistics against other libraries, no leak, nothing done twice."""

import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.spatial.distance import pdist
from scipy.stats import t, ttest_rel
from sklearn.metrics import accuracy_score, f1_score, recall_score
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from sklearn.svm import SVC

from genome_ac_gan.config import validate
from genome_ac_gan.errors import ConfigError, PanelError
from genome_ac_gan.experiment import RunDir
from genome_ac_gan.experiment.reproduction import collect, open_experiment, run_tasks
from genome_ac_gan.experiment.reproduction.augmentation import Augmentation, AugmentationConfig
from genome_ac_gan.experiment.reproduction.augmentation.classifying import by_distances, by_network, scores
from genome_ac_gan.experiment.reproduction.augmentation.config import NeuralConfig
from genome_ac_gan.experiment.reproduction.augmentation.intervals import resampled_interval, single_interval
from genome_ac_gan.experiment.reproduction.augmentation.neighbours import diversity, neighbours, weights
from genome_ac_gan.experiment.reproduction.augmentation.neural import (
    READINGS,
    NeuralClassifier,
    Rows,
    fit_network,
    predict,
)
from genome_ac_gan.experiment.reproduction.augmentation.panels import both_sides, kept, require_no_leak
from genome_ac_gan.experiment.reproduction.augmentation.sets import children, consensus, oversampled
from genome_ac_gan.experiment.reproduction.augmentation.tables import NEAR, differences
from genome_ac_gan.experiment.train import InterruptedTrainingError
from genome_ac_gan.experiment.ways import InterruptedWorkError, Ways
from genome_ac_gan.metrics.classifiers import population_order
from genome_ac_gan.nn.losses import class_loss
from genome_ac_gan.panel import HaplotypePanel, concat, load_panel, save_panel, split_by_person
from genome_ac_gan.simulate import two_population_toy

pytestmark = pytest.mark.usefixtures("one_thread")

TINY = {
    "batch_size": 16,
    "generator": {"latent": 4, "widths": [16]},
    "discriminator": {"widths": [8], "dropout": [0.2]},
}
GAN = {"name": "genome-ac-gan", "preset": "dense", "settings": TINY, "train": {"n_steps": 20}}
SETTINGS = {
    "n_splits": 2,
    "generators": {"gan": GAN, "sites": {"name": "independent"}},
    "n_sets": 2,
    "train": {"score_every": 10, "log_every": 5, "precision": "fp32", "validation": 0.3},
    "shares": [0.3, 1.0],
    "replicates": 3,
    "neural": {"replicates": 1, "n_epochs": 3},
}


def noisy_toy(n_people, seed, n_blocks=60):
    """Return two populations of 100 variants (or more), 40 of which tell them apart, each with errors."""
    rng = np.random.default_rng(seed)
    panel = two_population_toy(rng, n_people=n_people, n_fixed=40, n_blocks=n_blocks, block=1)
    x = np.array(panel.haplotypes)
    x[:, :40] ^= rng.random((len(x), 40)) < 0.35
    return type(panel)(
        haplotypes=x, sample_id=panel.sample_id, labels=panel.labels, label=panel.label, variants=panel.variants
    )  # fmt: skip


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("panel") / "toy.npz"
    save_panel(noisy_toy(25, 0), path)
    return path


@pytest.fixture(scope="module")
def sides():
    halves = split_by_person(noisy_toy(25, 0), 0.2, np.random.default_rng(1))
    return halves.train, halves.holdout, [children(halves.train, 1, np.random.default_rng(s)) for s in (2, 3)]


def experiment(folder, file, **more):
    data = {"panel": str(file), "label": "pop"}
    return Augmentation(validate(AugmentationConfig, {**SETTINGS, "data": data, **more}), folder)


def run(each):
    open_experiment(each)
    run_tasks(each, each.tasks(), Ways())
    return each


@pytest.fixture(scope="module")
def finished(tmp_path_factory, file):
    torch.set_num_threads(1)
    each = run(experiment(tmp_path_factory.mktemp("augmentation") / "out", file))
    collect(each)
    return each


# -- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"generators": {"real": {"name": "gan"}}}, "generators.real: that name has a meaning of its own"),
        ({"generators": {}, "references": []}, "generators: give at least one, or one of references"),
        ({"generators": {"leaked": {"name": "gan"}}}, "generators.leaked: that name has a meaning"),
        ({"voters": 4}, "voters: 4 can vote half and half; give an odd number"),
        ({"few_shares": [0.5]}, "few_shares: 0.5 is not among shares"),
        ({"shares": [0.3, 0.3, 1.0]}, "shares: each at most once"),
        ({"data": {"split": "a.tsv"}}, "data.split: the splits are random"),
        ({"generators": {"gan": {"train": {"steps": 1}}}}, "generators.gan.train: steps: unknown"),
        ({"generators": {"gan": {"train": {"validation": 0.2}}}}, "gan.train.validation: all share"),
        ({"generators": {"gam": {}}}, "model 'gam': unknown"),
        ({"neural": {"readings": ["text"]}}, "neural.readings"),
    ],
)
def test_wrong_settings_are_one_clear_line(more, message):
    with pytest.raises(ConfigError, match=message) as caught:
        validate(AugmentationConfig, {**SETTINGS, **more})
    assert "\n" not in str(caught.value)


def test_people_outside_are_left_out_and_an_empty_rest_is_refused():
    panel = noisy_toy(10, 0)
    assert kept(panel, {"super_pop": "B"}).populations == ("B",)
    assert kept(panel, {}) is panel
    with pytest.raises(ConfigError, match=r"within.super_pop: nobody is 'AFR'; there are: A, B"):
        kept(panel, {"super_pop": "AFR"})
    with pytest.raises(
        ConfigError, match=r"within.continent: no such label column; the panel has: pop, super_pop"
    ):
        kept(panel, {"continent": "AFR"})


# -- references -------------------------------------------------------------------------------------


def test_an_oversampled_set_is_rows_of_the_same_population_drawn_again(sides):
    train = sides[0]
    made = oversampled(train, np.random.default_rng(0))
    assert made.counts == train.counts
    for name in train.populations:
        real = {row.tobytes() for row in train.of(name).haplotypes}
        rows = [row.tobytes() for row in made.of(name).haplotypes]
        assert set(rows) < real  # never all of them, at these numbers
    assert not set(made.sample_id) & set(train.sample_id)


def test_a_recombined_set_has_two_parents_of_its_population(sides):
    train = sides[0]
    made = children(train, 1, np.random.default_rng(0))
    assert made.counts == train.counts
    for name in train.populations:
        x, parents = made.of(name).haplotypes[:10], train.of(name).haplotypes
        for row in x:  # a beginning of one row and an end of another, on one contig
            same = row == parents
            begins = np.logical_and.accumulate(same, axis=1).sum(axis=1).max()
            ends = np.logical_and.accumulate(same[:, ::-1], axis=1).sum(axis=1).max()
            assert begins + ends >= len(row)


def test_a_consensus_set_is_what_most_of_some_of_a_population_carry(sides):
    train = sides[0]
    made = consensus(train, 3, np.random.default_rng(0))
    assert made.counts == train.counts
    for name in train.populations:
        x, real = made.of(name).haplotypes, train.of(name).haplotypes
        possible = {
            (2 * real[list(three)].sum(axis=0) > 3).astype(np.uint8).tobytes()
            for three in combinations(range(len(real)), 3)
        }
        rows = {row.tobytes() for row in x}
        assert rows <= possible
        assert len(rows) > len(x) / 2
    everybody = consensus(train, 101, np.random.default_rng(0))  # a population of 40 haplotypes votes whole
    for name in train.populations:
        frequencies = train.of(name).haplotypes.mean(axis=0)
        assert np.array_equal(everybody.of(name).haplotypes, np.tile(frequencies > 0.5, (40, 1)))


def test_a_consensus_of_one_is_a_haplotype_of_the_population(sides):
    train = sides[0]
    made = consensus(train, 1, np.random.default_rng(0))
    for name in train.populations:
        real = {row.tobytes() for row in train.of(name).haplotypes}
        assert {row.tobytes() for row in made.of(name).haplotypes} <= real


def test_only_a_leak_has_test_people_among_its_parents(tmp_path, file):
    each = experiment(tmp_path / "out", file, references=["recombined", "leaked"], generators={})
    open_experiment(each)
    names = ["panel", "split-1/parts", "split-1/recombined/draw", "split-1/leaked/draw"]
    assert not run_tasks(each, [task for task in each.tasks() if task.name in names], Ways())
    train, test = both_sides(each.parts(1))
    near = {}
    for source in ("recombined", "leaked"):
        made = load_panel(each.place(each.made(1, source)) / "set-1.npz")
        assert made.counts == train.counts
        near[source] = (test.haplotypes[:, None] != made.haplotypes).sum(axis=2).min(axis=1).mean()
    assert near["leaked"] < near["recombined"]


# -- neighbours -------------------------------------------------------------------------------------


def test_diversity_is_the_mean_distance_of_two_haplotypes_of_a_population(sides):
    train = sides[0]
    pairs = {name: pdist(train.of(name).haplotypes, "cityblock") for name in train.populations}
    means = [pairs[name].mean() for name in train.populations]
    counts = [train.counts[name] for name in train.populations]
    assert diversity(train) == pytest.approx(np.average(means, weights=counts))
    assert np.isnan(diversity(train[:1]))


def test_rows_as_near_as_the_last_share_what_is_left():
    near = np.array([[0, 1, 2, 2, 2, 3], [1, 1, 1, 1, 1, 1], [5, 4, 3, 2, 1, 0]], dtype=np.float32)
    expected = [[1, 1, 1 / 3, 1 / 3, 1 / 3, 0], [0.5] * 6, [0, 0, 0, 1, 1, 1]]
    assert weights(near, 3) == pytest.approx(np.array(expected))
    assert weights(near, 9) == pytest.approx(np.ones((3, 6)))


def test_neighbours_are_those_of_scikit_learn_where_none_are_level():
    halves = split_by_person(noisy_toy(40, 3, n_blocks=2000), 0.25, np.random.default_rng(4))
    train, test, sets = halves.train, halves.holdout, [children(halves.train, 1, np.random.default_rng(5))]
    both = concat([train, sets[0]])
    untied = fifth_is_nearer_than_sixth(both.haplotypes, test.haplotypes)
    test = test[untied & fifth_is_nearer_than_sixth(train.haplotypes, test.haplotypes)]
    row = neighbours(train, test, sets[:1]).iloc[0]
    nearest = NearestNeighbors(n_neighbors=5).fit(both.haplotypes).kneighbors(test.haplotypes)[1]
    artificial = nearest >= train.n_haplotypes
    right = both.population[nearest] == test.population[:, None]
    alone = NearestNeighbors(n_neighbors=5).fit(train.haplotypes).kneighbors(test.haplotypes)[1]
    assert test.n_haplotypes > 10
    assert 0 < artificial.mean() < 1
    assert row["artificial"] == pytest.approx(artificial.mean())
    assert row["right_artificial"] == pytest.approx(right[artificial].mean())
    assert row["right"] == pytest.approx(right.mean())
    assert row["right_alone"] == pytest.approx((train.population[alone] == test.population[:, None]).mean())
    assert row["diversity"] == pytest.approx(diversity(sets[0]) / diversity(train))
    kept = [set(mine) & set(others) for mine, others in zip(alone, nearest, strict=True)]
    gone = [
        train.population[row] == name
        for mine, still, name in zip(alone, kept, test.population, strict=True)
        for row in set(mine) - still
    ]
    assert row["right_displaced"] == pytest.approx(np.mean(gone))
    share = {name: n / train.n_haplotypes for name, n in train.counts.items()}
    assert row["chance"] == pytest.approx(np.mean([share[name] for name in test.population]))


def test_what_stands_far_off_changes_nothing_and_each_set_has_a_row(sides):
    train, test, sets = sides
    far = HaplotypePanel(
        haplotypes=1 - test.haplotypes[:1].repeat(train.n_haplotypes, axis=0), sample_id=train.sample_id,
        labels=train.labels, label=train.label, variants=train.variants,
    )  # fmt: skip
    table = neighbours(train, test[:1], [far, *sets])
    assert table["set"].tolist() == [1, 2, 3]
    first = table.iloc[0]
    assert (first["artificial"], first["right"]) == (0, first["right_alone"])
    assert first[["right_artificial", "right_displaced"]].isna().all()
    assert table["right_alone"].nunique() == 1
    assert (table["artificial"] > 0).tolist() == [False, True, True]


# -- classifiers --------------------------------------------------------------------------------------


def test_predictions_are_those_of_scikit_learn_on_stacked_alleles(sides):
    train, test, sets = sides
    names = np.array(population_order(train))
    said = {(name, number): codes for name, _, number, codes in by_distances(train, test, sets, (1.0,), 2, 5)}
    clear = []
    for number, synthetic in enumerate(sets):
        both = concat([train, synthetic])
        given = SVC().fit(both.haplotypes, both.population).predict(test.haplotypes)
        assert names[said["svc", number]].tolist() == given.tolist()
        given = KNeighborsClassifier().fit(both.haplotypes, both.population).predict(test.haplotypes)
        untied = fifth_is_nearer_than_sixth(both.haplotypes, test.haplotypes)
        assert names[said["knn", number]][untied].tolist() == given[untied].tolist()
        clear += untied.tolist()
    assert len(said) == 4
    assert sum(clear) >= 10  # which of equally near rows scikit-learn takes is its own affair


def fifth_is_nearer_than_sixth(x, test):
    distances = np.sort((test[:, None] != x).sum(axis=2), axis=1)
    return distances[:, 4] < distances[:, 5]


def test_scores_are_accuracy_recall_and_f1(sides):
    train, test, sets = sides
    said = list(by_distances(train, test, sets, (1.0,), 2, 5))
    table = scores(iter(said), train, test, (1.0,))
    names = np.array(population_order(train))
    for name, _, number, codes in said:
        rows = table[(table["classifier"] == name) & (table["replicate"] == number)].set_index("population")
        truth, given = test.population, names[codes]
        assert rows.loc["all", "accuracy"] == accuracy_score(truth, given)
        assert rows.loc["all", "f1"] == pytest.approx(f1_score(truth, given, average="macro"))
        for column, score in (("accuracy", recall_score), ("f1", f1_score)):
            expected = score(truth, given, average=None, labels=["A", "B"])
            assert rows.loc[["A", "B"], column].tolist() == pytest.approx(expected)
    assert 0.5 < table["accuracy"].mean() < 1  # told apart, with errors
    assert set(scores(iter(said), train, test, ())["population"]) == {"all"}


def test_replicates_take_turns_among_sets_and_a_whole_set_counts_once(sides):
    train, test, sets = sides
    table = scores(by_distances(train, test, sets, (0.3, 1.0), 5, 5), train, test, ())
    counts = table.groupby(["classifier", "share"])["replicate"].apply(list).to_dict()
    assert sorted(counts["svc", 0.3]) == [0, 1, 2, 3, 4]
    assert sorted(counts["knn", 1.0]) == [0, 1]
    one = scores(by_distances(train, test, sets, (1.0,), 1, 5), train, test, ())
    assert one["replicate"].tolist() == [0, 0]


def test_nothing_of_a_set_is_added_at_share_0(sides):
    train, test, _ = sides
    table = scores(by_distances(train, test, [train], (0.0,), 1, 5), train, test, ())
    given = SVC().fit(train.haplotypes, train.population).predict(test.haplotypes)
    assert table.set_index("classifier").loc["svc", "accuracy"] == accuracy_score(test.population, given)


@pytest.mark.parametrize("reading", READINGS)
def test_the_layers_are_those_of_the_reading(reading):
    network = NeuralClassifier(120, 7, READINGS[reading], 1.0)
    widths = [layer.out_features for layer in network.hidden if isinstance(layer, torch.nn.Linear)]
    assert widths == {"code": [60, 40, 30], "paper": [60, 60, 40, 40, 30, 30]}[reading]
    assert network(torch.zeros(3, 120)).shape == (3, 7)
    half = NeuralClassifier(120, 7, READINGS["code"], 0.5)
    assert half.hidden[0].out_features == 30


@pytest.mark.parametrize("reading", READINGS)
def test_a_network_learns_what_decides_and_keeps_its_best_pass(reading):
    rng = np.random.default_rng(0)

    def rows(n):
        x = rng.integers(2, size=(n, 60), dtype=np.uint8)
        return Rows(x=x, y=(x[:, :9].sum(axis=1) > 4).astype(np.intp))

    train, validation, test = rows(600), rows(100), rows(400)
    config = NeuralConfig(lr=3e-3, batch_size=64, n_epochs=12)
    cpu = torch.device("cpu")
    network = fit_network(train, validation, 2, READINGS[reading], config, seed=1, device=cpu)
    assert (predict(network, test.x, cpu) == test.y).mean() > 0.85
    again = fit_network(train, validation, 2, READINGS[reading], config, seed=1, device=cpu)
    assert torch.equal(network.output.weight, again.output.weight)
    best = (predict(network, validation.x, cpu) == validation.y).mean()
    for n_epochs in (1, 3):
        shorter = config.model_copy(update={"n_epochs": n_epochs})
        early = fit_network(train, validation, 2, READINGS[reading], shorter, seed=1, device=cpu)
        assert (predict(early, validation.x, cpu) == validation.y).mean() <= best


def test_a_fit_ends_when_accuracy_no_longer_rises(monkeypatch, sides):
    from genome_ac_gan.experiment.reproduction.augmentation import neural

    train, test, sets = sides
    steps = []
    monkeypatch.setattr(neural, "class_loss", lambda *a, **k: steps.append(1) or class_loss(*a, **k))
    config = NeuralConfig(replicates=1, lr=1e-12, patience=4)  # nothing is learned
    found = list(by_network(train, test, sets, (0.3,), "code", config, 1, torch.device("cpu")))
    assert len(steps) == 1 + 4  # one batch a pass; the first is the best
    assert [each[:3] for each in found] == [("neural-code", 0.3, 0)]


def test_validation_people_of_a_network_are_real_and_of_the_training_side(monkeypatch, sides):
    from genome_ac_gan.experiment.reproduction.augmentation import classifying

    train, test, sets = sides
    seen = []

    def watched(learned, validation, *args, **kwargs):
        seen.append((learned, validation))
        return fit_network(learned, validation, *args, **kwargs)

    monkeypatch.setattr(classifying, "fit_network", watched)
    config = NeuralConfig(replicates=2, n_epochs=1)
    list(by_network(train, test, sets, (0.3, 1.0), "paper", config, 1, torch.device("cpu")))
    real = {row.tobytes() for row in train.haplotypes}
    n_validation = round(0.2 * 20) * 2 * 2  # people of either population, two haplotypes each
    for _, validation in seen:
        assert len(validation.x) == n_validation
        assert {row.tobytes() for row in validation.x} <= real
    assert [len(learned.x) for learned, _ in seen] == [80 - n_validation + n for n in (24, 80)] * 2
    assert (seen[0][1].x == seen[1][1].x).all()  # the same people at every share
    assert not np.array_equal(seen[0][1].x, seen[2][1].x)  # others in the next replicate
    order = population_order(train)
    assert np.bincount(seen[1][0].y).tolist() == [40 + 32] * len(order)


# -- statistics -----------------------------------------------------------------------------------------


def test_without_overlap_the_interval_is_that_of_a_paired_t_test():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 9))
    expected = ttest_rel(a, b).confidence_interval(0.95)
    assert resampled_interval(a - b, 0.0)[1:] == pytest.approx([expected.low, expected.high])


def test_overlap_widens_the_interval_as_nadeau_and_bengio_have_it():
    values = np.array([0.01, 0.03, 0.02, 0.05])
    mean, lower, upper = resampled_interval(values, 0.25)
    half = t.ppf(0.975, 3) * np.sqrt((1 / 4 + 0.25) * values.var(ddof=1))
    assert (mean, lower, upper) == pytest.approx((0.0275, 0.0275 - half, 0.0275 + half))
    assert np.isfinite(resampled_interval(values[:3], 0.25)).all()
    assert np.isnan(resampled_interval(values[:2], 0.25)[1:]).all()  # they say too little


def test_one_more_split_lies_in_its_interval_in_95_percent():
    rng, inside = np.random.default_rng(8), []
    for values in rng.normal(0.3, 0.02, (4000, 6)):
        lower, upper = single_interval(values[:5])
        inside.append(lower < values[5] < upper)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.01)
    assert np.isnan(single_interval(np.array([0.1, 0.2]))).all()


def test_the_corrected_interval_covers_what_overlapping_splits_do_not_know():
    """Means of 10 random halves-of-80% of 50 numbers: the plain interval is too narrow by far."""
    rng, hits = np.random.default_rng(3), np.zeros(2)
    for _ in range(300):
        x = rng.normal(size=50)
        held_out = np.array([rng.permutation(x)[:10].mean() for _ in range(10)])
        for index, ratio in enumerate((0.25, 0.0)):
            _, lower, upper = resampled_interval(held_out, ratio)
            hits[index] += lower < 0 < upper
    assert hits[0] / 300 > 0.92
    assert hits[1] / 300 < 0.9


def test_differences_are_within_a_split():
    def row(split, generator, share, value):
        return {"split": split, "generator": generator, "classifier": "svc", "share": share, "population": "all",
                "statistic": "accuracy", "value": value}  # fmt: skip

    table = pd.DataFrame(
        [row(1, "real", 0.0, 0.3), row(2, "real", 0.0, 0.5)]
        + [row(split, name, 1.0, value) for split, name, value in
           ((1, "gan", 0.4), (2, "gan", 0.55), (1, "oversampled", 0.35), (3, "gan", 0.9))]
    )  # fmt: skip
    gains = differences(table, None).set_index(["generator", "split"])["value"]
    assert gains.to_dict() == pytest.approx({("gan", 1): 0.1, ("gan", 2): 0.05, ("oversampled", 1): 0.05})
    beyond = differences(table, "oversampled").set_index(["generator", "split"])["value"]
    assert beyond.to_dict() == pytest.approx({("gan", 1): 0.05})


# -- the whole ------------------------------------------------------------------------------------------


def test_nobody_who_is_tested_was_seen_by_generator_or_classifier(finished):
    tests = []
    for split in (1, 2):
        train, test = both_sides(finished.parts(split))
        tests.append(set(test.sample_id))
        assert not set(train.sample_id) & set(test.sample_id)
        assert train.n_haplotypes + test.n_haplotypes == 100
        assert dict(test.counts) == {"A": 10, "B": 10}
        generator = RunDir(finished.place(finished.made(split, "gan")) / "run")
        require_no_leak(generator, test)
        seen = {name: load_panel(generator.panel(name)) for name in ("train", "validation")}
        assert set(concat(list(seen.values())).sample_id) == set(train.sample_id)
        with pytest.raises(PanelError, match=r"12 test people are among the validation people of .*gan"):
            require_no_leak(generator, seen["validation"])
    assert tests[0] != tests[1]


def test_a_leak_stops_the_training_before_it_begins(tmp_path, file):
    each = experiment(tmp_path / "out", file)
    open_experiment(each)
    run_tasks(each, each.tasks()[:2], Ways())
    parts = each.parts(1)
    save_panel(load_panel(parts.panel("validation")), parts.panel("holdout"))
    training = [task for task in each.tasks() if task.name == "split-1/gan/train"]
    assert run_tasks(each, training, Ways()) == ["split-1/gan/train"]
    message = json.loads(each.failure("split-1/gan/train").read_text())["message"]
    assert "test people are among the training people" in message
    assert not (each.place("split-1/gan/train") / "run" / "model").exists()


def test_sets_are_as_many_as_train_and_differ(finished):
    train, _ = both_sides(finished.parts(1))
    for source in ("gan", "sites", "oversampled", "recombined", "consensus"):
        folder = finished.place(finished.made(1, source))
        sets = [load_panel(folder / f"set-{number}.npz") for number in (1, 2)]
        assert [each.counts for each in sets] == [train.counts] * 2
        assert not np.array_equal(sets[0].haplotypes, sets[1].haplotypes)
        assert not (folder / "run" / "training.pt").exists()


def test_the_tables_are_means_of_what_was_scored(finished):
    tables = finished.tables()
    rows, means, gains = (tables[name] for name in ("scores", "means", "gains"))
    assert set(tables) == {
        "scores", "means", "gains", "contrasts", "populations", "neighbours", "trainings", "structure", "explained",
    }  # fmt: skip
    assert len(rows) == 2 * 4 * (1 + 5 * 2)  # splits, classifiers, real alone or generator and share
    key = {"generator": "gan", "classifier": "svc", "share": 1.0}
    mine = rows[(rows[list(key)] == pd.Series(key)).all(axis=1)]
    alone = rows[(rows["generator"] == "real") & (rows["classifier"] == "svc")]
    assert mine["replicates"].tolist() == [2, 2]
    for statistic in ("accuracy", "macro_f1"):
        at = {**key, "statistic": statistic}
        value = means[(means[list(at)] == pd.Series(at)).all(axis=1)]["value"].item()
        assert value == pytest.approx(mine[statistic].mean())
        gain = gains[(gains[list(at)] == pd.Series(at)).all(axis=1)]
        expected = resampled_interval(mine[statistic].to_numpy() - alone[statistic].to_numpy(), 0.25)
        assert gain[["value", "lower", "upper"]].to_numpy()[0] == pytest.approx(expected, nan_ok=True)
    assert set(tables["populations"]["statistic"]) == {"recall", "f1"}
    assert set(tables["contrasts"]["reference"]) == {"oversampled", "recombined", "consensus"}
    near = tables["neighbours"].set_index("generator")
    assert near["n_splits"].to_dict() == dict.fromkeys(finished.config.sources, 2)
    assert near.loc["consensus", "diversity"] < near.loc["oversampled", "diversity"]
    files = [pd.read_csv(finished.place(finished.near(split, "gan")) / NEAR, sep="\t") for split in (1, 2)]
    gap = [file["right_artificial"].mean() - file["right_displaced"].mean() for file in files]
    assert near.loc["gan", "gap"] == pytest.approx(np.mean(gap), nan_ok=True)
    assert near.loc["gan", "artificial"] == pytest.approx(pd.concat(files)["artificial"].mean())
    assert tables["trainings"]["updates"].tolist()[0] == 20
    assert len(tables["structure"]) == 100


def test_printed_values_stand_beside_ours(finished):
    table = pd.read_csv(finished.folder / "compared.tsv", sep="\t")
    svc = table[table["quantity"] == "SVC: accuracy, real haplotypes alone"].iloc[0]
    means = finished.tables()["means"]
    ours = means[(means["generator"] == "real") & (means["classifier"] == "svc")].iloc[0]
    assert (svc["paper"], svc["n"]) == (0.3233, 2)
    assert svc["here"] == pytest.approx(ours["value"])
    assert svc["note"] == "mean over 2 splits; 100 variants in the place of 10,000"
    gained = table[table["quantity"] == "NN of the program: accuracy gained, 100% AGs of gan"].iloc[0]
    assert gained["paper"] == pytest.approx(0.0596)
    assert "preset dense after 20 updates" in gained["note"]
    assert table[table["quantity"].str.contains("MSL")]["here"].isna().all()  # no such population here


def test_a_share_at_which_no_network_was_fitted_is_told(tmp_path, file):
    each = experiment(tmp_path / "out", file, few_shares=[1.0])
    open_experiment(each)
    notes = each.compared().set_index("quantity")["note"]
    assert notes["NN of the program: accuracy, 30% AGs of gan (values of the text)"] == (
        "no network was fitted at this share"
    )
    assert notes["NN of the program: accuracy, 100% AGs of gan"].startswith("preset dense")


def test_the_report_has_its_figures_and_is_the_same_when_made_again(finished):
    path = collect(finished)
    before = path.read_bytes()
    text = before.decode()
    for name in (
        "african-structure",
        "augmentation-accuracy",
        "augmentation-gains",
        "augmentation-populations",
    ):
        assert name in text
    assert "Real haplotypes repeated" in text
    assert collect(finished).read_bytes() == before


def test_an_experiment_without_any_task_done_still_reports(tmp_path, file):
    each = experiment(tmp_path / "out", file)
    open_experiment(each)
    collect(each)
    assert each.tables() == {}
    assert each.compared()["here"].isna().all()


@pytest.mark.parametrize(
    ("more", "left_out"),
    [
        ({"generators": {}, "few_shares": []}, "trainings"),
        ({"generators": {"sites": {"name": "independent"}}, "references": [], "neural": {"readings": []}}, "contrasts"),
    ],
)  # fmt: skip
def test_what_is_not_asked_for_is_left_out_of_tables_and_report(tmp_path, file, more, left_out):
    each = run(experiment(tmp_path / "out", file, n_sets=1, replicates=1, **more))
    tables = each.tables()
    assert left_out not in tables
    assert {"scores", "means", "gains", "populations", "structure"} <= set(tables)
    text = collect(each).read_text()
    assert f'<section id="{left_out}">' not in text
    assert '<section id="gains">' in text


def test_after_an_interruption_nothing_is_done_twice_and_all_is_as_if_there_were_none(
    tmp_path, file, finished, monkeypatch
):
    from genome_ac_gan.experiment.reproduction.augmentation import sets

    each = experiment(tmp_path / "out", file)
    open_experiment(each)
    save = save_panel

    def save_once(panel, path):
        if path.name == "set-2.npz":
            raise InterruptedTrainingError("stopped", 15)
        save(panel, path)

    monkeypatch.setattr(sets, "save_panel", save_once)
    with pytest.raises(InterruptedWorkError, match="in task split-1/gan/train"):
        run_tasks(each, each.tasks(), Ways())
    monkeypatch.undo()
    folder = each.place("split-1/gan/train")
    assert not each.done("split-1/gan/train")
    assert (folder / "set-1.npz").exists()
    before = {
        path: path.stat().st_mtime_ns for path in each.folder.rglob("*") if path.is_file() and kept_file(path)
    }
    run_tasks(each, each.tasks(), Ways())
    assert all(path.stat().st_mtime_ns == time for path, time in before.items())
    record = json.loads((folder / "run" / "provenance.json").read_text())
    assert record["stages"]["train"]["steps"] == 20
    for name in ("scores", "gains", "populations"):
        assert each.tables()[name].equals(finished.tables()[name])


def kept_file(path):
    return path.name in ("done.json", "set-1.npz", "scores.tsv", "panel.npz", "log.jsonl")
