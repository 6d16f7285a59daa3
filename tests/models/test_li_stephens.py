"""The copying model: what it chooses, who is copied, and its likelihoods and completions by population."""

import itertools

import numpy as np
import pytest

from genome_ac_gan.checkpoint import load_model, save_model
from genome_ac_gan.errors import ConfigError, PanelError
from genome_ac_gan.models import copying_fit, create_model
from genome_ac_gan.models.copying_fit import Trial
from genome_ac_gan.panel import HaplotypePanel, VariantTable
from genome_ac_gan.popgen.copying import mismatch_probability, switch_probabilities

SET = {"ne": 2000.0, "mismatch": 0.02}  # nothing to choose but proportions


def panel_of(x, population, contigs=None):
    """Return a panel of people with two rows each; sites lie 1 kb and .01 cM apart."""
    n_variants = x.shape[1]
    contigs = (n_variants,) if contigs is None else contigs
    variants = VariantTable(
        contig=np.repeat([f"chr{index}" for index in range(len(contigs))], contigs),
        position=np.concatenate([1000 * np.arange(1, n + 1) for n in contigs]),
        ref=np.full(n_variants, "A"), alt=np.full(n_variants, "G"),
        cm=np.concatenate([0.01 * np.arange(n) for n in contigs]),
    )  # fmt: skip
    people = np.repeat([f"p{index:05}" for index in range(-(-len(x) // 2))], 2)[: len(x)]
    return HaplotypePanel(
        haplotypes=x.astype(np.uint8), sample_id=people, labels={"pop": np.array(population)}, label="pop",
        variants=variants,
    )  # fmt: skip


def mosaics(n, n_variants, seed, populations="AB", founders=6, noise=0.01):
    """Return `n` rows of each population, mosaics of the population's own founders."""
    rng = np.random.default_rng([seed, 1])
    rows = []
    for code in range(len(populations)):
        origin = np.random.default_rng([7, code]).integers(0, 2, (founders, n_variants))
        switch = rng.random((n, n_variants)) < 0.05
        switch[:, 0] = True
        last = np.maximum.accumulate(np.where(switch, np.arange(n_variants), 0), axis=1)
        donor = np.take_along_axis(rng.integers(founders, size=(n, n_variants)), last, axis=1)
        rows.append(origin[donor, np.arange(n_variants)] ^ (rng.random((n, n_variants)) < noise))
    return panel_of(np.concatenate(rows), np.repeat(list(populations), n))


def every_row(panel, population):
    rows = np.array(list(itertools.product([0, 1], repeat=panel.n_variants)))
    contigs = np.unique(panel.variants.contig, return_counts=True)[1]
    return panel_of(rows, np.full(len(rows), population), contigs)


def small_panel():
    x = np.random.default_rng(3).integers(0, 2, (10, 6))
    return panel_of(x, list("AAAAAABBBB"), (4, 2))


def weights_of(model, population):
    """Return how probable each training row is to be chosen, worked out row by row."""
    codes = model.net.get_buffer("codes").numpy()
    shares = model.net.get_buffer("proportions").numpy()[model.populations.index(population)]
    return np.array([shares[code] / (codes == code).sum() for code in codes])


def slow_log_likelihood(model, panel, row, population):
    """Follow a row with whole matrices of transitions."""
    weights = weights_of(model, population)
    ne, n = float(model.net.get_buffer("ne")), 1 / (weights**2).sum()
    mismatch = float(model.net.get_buffer("mismatch")[model.populations.index(population)])
    emission = np.where(panel.haplotypes == row, 1 - mismatch, mismatch)
    state = weights * emission[:, 0]
    variants = panel.variants
    for site in range(1, len(variants)):
        same = variants.contig[site] == variants.contig[site - 1]
        cm = variants.cm[site] - variants.cm[site - 1]
        switch = 1 - np.exp(-4 * ne * cm / 100 / n) if same else 1
        state = ((1 - switch) * state + switch * state.sum() * weights) * emission[:, site]
    return np.log(state.sum())


MODELS = [
    {},
    {"ne": 500.0, "mismatch": 0.1},
    {"donors": "own", "mismatch": "theta"},
    {"proportions": {"A": {"A": 3, "B": 1}}, **SET},
    {"proportions": {"B": {"A": 1}}, **SET},
]


@pytest.mark.parametrize("settings", MODELS, ids=str)
def test_probabilities_of_all_haplotypes_sum_to_one_and_are_those_of_whole_matrices(settings):
    panel = small_panel()
    model = create_model("li-stephens", **settings).fit(panel, seed=1)
    for population in "AB":
        rows = every_row(panel, population)
        found = model.log_likelihood(rows)
        assert np.exp(found).sum() == pytest.approx(1, abs=1e-5)
        expected = [slow_log_likelihood(model, panel, row, population) for row in rows.haplotypes]
        assert found == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("settings", MODELS, ids=str)
def test_samples_have_the_expected_frequencies(settings):
    panel, n = small_panel(), 8000
    model = create_model("li-stephens", **settings).fit(panel, seed=1)
    for code, population in enumerate("AB"):
        mismatch = float(model.net.get_buffer("mismatch")[code])
        expected = mismatch + (1 - 2 * mismatch) * weights_of(model, population) @ panel.haplotypes
        found = model.sample({population: n}, seed=2).haplotypes.mean(axis=0)
        assert (np.abs(found - expected) <= 4.5 * np.sqrt(expected * (1 - expected) / n) + 1e-12).all()


@pytest.mark.parametrize("settings", MODELS[::3], ids=str)
def test_expected_alleles_and_completions_follow_the_likelihood(settings):
    panel, n = small_panel(), 3000
    model = create_model("li-stephens", **settings).fit(panel, seed=1)
    observed = np.array([False, True, False, False, True, False])
    for population in "AB":
        rows = every_row(panel, population)
        p = np.exp(model.log_likelihood(rows))
        known = rows.haplotypes[37]
        same = (rows.haplotypes == known)[:, observed].all(axis=1)
        expected = p[same] @ rows.haplotypes[same] / p[same].sum()
        many = panel_of(np.tile(known, (n, 1)), np.full(n, population), (4, 2))
        found = model.expected_alleles(many, observed)
        assert np.allclose(found, expected, atol=1e-4)
        drawn = model.complete(many, observed, seed=3).haplotypes
        assert (drawn == known)[:, observed].all()
        error = np.sqrt(expected * (1 - expected) / n)
        assert (np.abs(drawn.mean(axis=0) - expected) <= 4.5 * error + 1e-12).all()


def test_rows_of_several_populations_that_miss_different_alleles_are_treated_one_by_one():
    panel = mosaics(20, 40, seed=1)
    model = create_model("li-stephens", **SET).fit(panel, seed=1)
    rows = mosaics(4, 40, seed=2)[np.array([4, 5, 0, 1, 6, 7, 2, 3])]
    assert rows.counts == {"A": 4, "B": 4}
    observed = np.random.default_rng(5).random((rows.n_haplotypes, 40)) < 0.3
    together = model.expected_alleles(rows, observed)
    for row, population in enumerate(rows.population):
        alone = panel_of(rows.haplotypes[row : row + 1], [population])
        assert np.allclose(model.expected_alleles(alone, observed[row]), together[row], atol=1e-5)


def test_given_proportions_decide_who_is_copied():
    x = np.repeat([[0], [1], [1]], 8, axis=0) * np.ones(30, int)  # A and B differ at all sites
    x[-8:, ::2] = 0  # C is B at every second site, A at the others
    panel = panel_of(x, np.repeat(list("ABC"), 8))
    proportions = {"A": {"B": 2.0}, "C": {"A": 1.0, "B": 3.0}}
    model = create_model("li-stephens", proportions=proportions, ne=2000.0, mismatch=1e-6).fit(panel, seed=1)
    assert model.net.get_buffer("proportions")[0].tolist() == [0, 1, 0]
    assert model.net.get_buffer("proportions")[2].tolist() == [0.25, 0.75, 0]
    assert model.sample({"A": 50}, seed=1).haplotypes.all()
    of_c = model.sample({"C": 2000}, seed=1).haplotypes
    assert of_c.mean() == pytest.approx(0.75, abs=0.03)
    assert model.net.get_buffer("proportions")[1, 1] > 0.8  # which was not given


def test_proportions_are_found():
    own = create_model("li-stephens").fit(mosaics(24, 200, seed=1), seed=1)
    found = own.net.get_buffer("proportions").numpy()
    assert (np.diag(found) > 0.9).all()
    assert found.sum(axis=1) == pytest.approx(1)
    a, b = mosaics(60, 200, seed=1), mosaics(60, 200, seed=2)
    # C: half of its rows are of A's making, half of B's
    x = np.concatenate([a.haplotypes, b.haplotypes[30:90]])
    admixed = panel_of(x, np.repeat(list("ABC"), 60))
    found = create_model("li-stephens").fit(admixed, seed=1).net.get_buffer("proportions").numpy()
    assert found[2, :2].min() > 0.1
    assert found[:2, :2].diagonal().min() > 0.5


def test_size_and_mismatch_are_those_that_make_new_people_likely():
    panel, unseen = mosaics(80, 300, seed=1), mosaics(20, 300, seed=2)
    model = create_model("li-stephens").fit(panel, seed=1)
    chosen = model.log_likelihood(unseen).sum()
    assert model.net.get_buffer("ne") in copying_fit.SIZES
    assert model.net.get_buffer("mismatch")[0] == model.net.get_buffer("mismatch")[1]
    assert model.net.get_buffer("mismatch")[0] == 0.01  # of the grid
    for other in ({"ne": 1e3}, {"ne": 1e5}, {"mismatch": 1e-5}, {"mismatch": "theta"}):
        assert create_model("li-stephens", **other).fit(panel, seed=1).log_likelihood(unseen).sum() < chosen


def test_who_is_copied_lends_nothing():
    panel = mosaics(80, 60, seed=1)
    codes = (panel.population == "B").astype(np.int64)
    x = np.arange(160)[:, None] * np.ones(60, int)  # each row says which it is
    trial = Trial.of(x, codes, panel.person, np.ones(59), 2, np.random.default_rng(1))
    donors, copied = trial.donors[0][:, 0], trial.copied[0][:, 0]
    assert not set(panel.person[donors]) & set(panel.person[copied])
    assert (codes[donors] == trial.donor_codes).all()
    assert (codes[copied] == trial.copied_codes).all()
    assert np.bincount(trial.copied_codes).tolist() == [20, 20]
    assert len(donors) + len(copied) == 160


def test_hapgen_copies_its_own_population_by_the_formulas():
    panel = small_panel()
    model = create_model("li-stephens", preset="hapgen").fit(panel, seed=1)
    assert model.net.get_buffer("proportions").tolist() == [[1, 0], [0, 1]]
    assert model.net.get_buffer("mismatch").tolist() == [mismatch_probability(6), mismatch_probability(4)]
    (_, first), (_, second) = model._by_population(model.net.get_buffer("codes"))
    assert (first.n_ref, second.n_ref) == (6, 4)
    assert first.weights is second.weights is None
    assert first.switch[0] == pytest.approx(switch_probabilities(np.array([1e-4]), 6)[0])


def test_a_limit_bounds_the_pieces_of_samples_and_leaves_the_likelihood_alone():
    x = np.array([[0], [1]]) * np.ones(200, int)  # alleles say who is copied
    panel, settings = panel_of(x, ["A", "A"], (120, 80)), {"ne": 50.0, "mismatch": 1e-9}
    free = create_model("li-stephens", **settings).fit(panel, seed=1)
    bound = create_model("li-stephens", max_segment_cm=0.105, **settings).fit(panel, seed=1)
    longest = []
    for model in (free, bound):
        rows = model.sample({"A": 40}, seed=1).haplotypes
        runs = [itertools.groupby(row) for row in [*rows[:, :120], *rows[:, 120:]]]
        longest.append(max(len(list(run)) for each in runs for _, run in each))
    assert longest[0] > 50
    assert longest[1] == 11  # sites, from the first to the last .1 cM
    rows = panel_of(np.random.default_rng(1).integers(0, 2, (5, 200)), ["A"] * 5, (120, 80))
    assert np.array_equal(free.log_likelihood(rows), bound.log_likelihood(rows))


def test_one_person_leaves_nothing_to_try():
    model = create_model("li-stephens").fit(panel_of(np.array([[0, 1, 0], [1, 1, 0]]), ["A", "A"]), seed=1)
    assert model.net.get_buffer("ne") == 10_000
    assert model.net.get_buffer("mismatch")[0] == mismatch_probability(2)


def test_a_model_from_the_disk_completes_alike(tmp_path):
    panel = mosaics(12, 40, seed=1)
    model = create_model("li-stephens", preset="private").fit(panel, seed=1)
    save_model(model, tmp_path / "model", seed=1, step=1)
    loaded = load_model(tmp_path / "model")
    observed = np.arange(40) % 3 == 0
    assert np.array_equal(loaded.expected_alleles(panel, observed), model.expected_alleles(panel, observed))
    assert loaded.complete(panel, observed, seed=2).equals(model.complete(panel, observed, seed=2))
    for name, tensor in model.state().items():
        assert np.array_equal(loaded.state()[name], tensor)


def test_settings_that_make_no_sense_are_refused():
    panel = small_panel()
    with pytest.raises(ConfigError, match="no training population is named X, Y; there are: A, B"):
        create_model("li-stephens", proportions={"X": {"A": 1}, "A": {"Y": 1}}).fit(panel, seed=1)
    with pytest.raises(ConfigError, match="give at least one population a share above 0"):
        create_model("li-stephens", proportions={"A": {"B": 0}})
    for value in (0.7, 0, "formula"):
        with pytest.raises(ConfigError, match=r"mismatch: expected null, theta, or a number .* 0\.5, not"):
            create_model("li-stephens", mismatch=value)
    assert create_model("li-stephens", mismatch="1e-3").config.mismatch == 0.001  # as YAML reads it
    alone = panel_of(np.array([[0, 1], [1, 0], [1, 1]]), ["A", "A", "B"])
    with pytest.raises(PanelError, match="B has one haplotype to copy: max_segment_cm needs two"):
        create_model("li-stephens", donors="own", max_segment_cm=1).fit(alone, seed=1)


def test_training_haplotypes_are_in_the_folder():
    panel = small_panel()
    model = create_model("li-stephens", **SET).fit(panel, seed=1)
    assert model.stores_training_data
    (_, first), _ = model._by_population(model.net.get_buffer("codes"))
    assert np.array_equal(first.reference, panel.haplotypes)
