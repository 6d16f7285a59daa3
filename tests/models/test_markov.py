"""The Markov chain against a slow twin that counts by comparing whole rows, and against itself in sum."""

import itertools

import numpy as np
import pytest
import torch

from genome_ac_gan.checkpoint import load_model, save_model
from genome_ac_gan.errors import CheckpointError, ConfigError
from genome_ac_gan.models import create_model, markov
from genome_ac_gan.panel import HaplotypePanel, VariantTable
from genome_ac_gan.popgen.backoff import ladder

SMOOTHED = {"back_off": 10.0, "share": 3.0, "pseudocount": 1.0}
PLAIN = {"back_off": 0.0, "share": 0.0, "pseudocount": 0.0}
WEIGHTS = [
    SMOOTHED,
    PLAIN,
    {"back_off": 0.01, "share": 0.0},
    {"back_off": 0.5, "share": 2.0, "pseudocount": 0.0},
    {},
]
CONTIGS = [(6,), (4, 2), (1, 3, 2)]


def panel_of(x, population, contigs, ids="s"):
    n_variants = x.shape[1]
    variants = VariantTable(
        contig=np.repeat([f"chr{index}" for index in range(len(contigs))], contigs),
        position=np.concatenate([np.arange(1, n + 1) for n in contigs]),
        ref=np.full(n_variants, "A"),
        alt=np.full(n_variants, "G"),
    )
    names = np.array([f"{ids}{index:04}" for index in range(len(x))])
    return HaplotypePanel(
        haplotypes=x, sample_id=names, labels={"pop": population}, label="pop", variants=variants
    )


def made(n, contigs, seed, populations="AB"):
    """Return noisy copies of five founders: contexts repeat, and new ones turn up in another seed."""
    rng = np.random.default_rng([seed, 1])
    founders = np.random.default_rng(7).integers(0, 2, (5, sum(contigs)))
    x = founders[rng.integers(0, 5, n)] ^ (rng.random((n, sum(contigs))) < 0.12)
    population = np.sort(np.resize(list(populations), n))
    return panel_of(x.astype(np.uint8), population, contigs)


def every_row(panel, population):
    rows = np.array(list(itertools.product([0, 1], repeat=panel.n_variants)), dtype=np.uint8)
    return panel_of(
        rows, np.full(len(rows), population), np.unique(panel.variants.contig, return_counts=True)[1]
    )


def slow_probabilities(model, panel, row, code):
    """Return the probability of each allele of a row, every context looked up among all rows anew."""
    x, codes = panel.haplotypes, np.searchsorted(model.populations, panel.population)
    contig, lengths = panel.variants.contig, ladder(model.order)
    settings, weight = model.config, float(model.net.back_off)
    found = []
    for site, allele in enumerate(row):
        start = int(np.argmax(contig == contig[site]))
        own = pooled = 0.5
        for shorter, length in zip([-1, *lengths[:-1]], lengths, strict=True):
            first = max(start, site - length)
            alike = (x[:, first:site] == row[first:site]).all(axis=1)
            if site - start <= shorter or not alike.any():
                break
            back_off = settings.pseudocount if length == 0 else weight
            with_allele, mine = alike & (x[:, site] == allele), codes == code
            if alike.sum() + back_off:
                pooled = (with_allele.sum() + back_off * pooled) / (alike.sum() + back_off)
            total = (alike & mine).sum() + back_off + settings.share
            if total:
                own = ((with_allele & mine).sum() + back_off * own + settings.share * pooled) / total
        found.append(own)
    return np.array(found)


def slow_log_likelihood(model, panel, rows):
    with np.errstate(divide="ignore"):
        return [
            np.log(slow_probabilities(model, panel, row, model.populations.index(name))).sum()
            for row, name in zip(rows.haplotypes, rows.population, strict=True)
        ]


@pytest.mark.parametrize("weights", WEIGHTS, ids=str)
@pytest.mark.parametrize("contigs", CONTIGS, ids=str)
@pytest.mark.parametrize("order", [0, 2, 5, 99])
def test_probabilities_of_all_rows_sum_to_one_and_are_those_of_the_slow_twin(order, contigs, weights):
    panel = made(30, contigs, seed=3)
    model = create_model("markov", order=order, **weights).fit(panel, seed=1)
    for population in panel.populations:
        rows = every_row(panel, population)
        found = model.log_likelihood(rows)
        assert np.exp(found).sum() == pytest.approx(1, abs=1e-12)
        assert found == pytest.approx(slow_log_likelihood(model, panel, rows), abs=1e-9)


@pytest.mark.parametrize("entries", [1, 40, 10**6])
@pytest.mark.parametrize("order", [4, 7, 30, 100])
def test_unseen_rows_are_scored_as_by_the_slow_twin_however_the_sites_are_parted(order, entries, monkeypatch):
    monkeypatch.setattr(markov, "ENTRIES", entries)
    panel, unseen = made(40, (35, 25), 1, "ABC"), made(12, (35, 25), 2, "ABC")
    model = create_model("markov", order=order).fit(panel, seed=1)
    assert model.log_likelihood(unseen) == pytest.approx(slow_log_likelihood(model, panel, unseen), abs=1e-9)


def test_plain_counts_of_whole_haplotypes_are_the_training_haplotypes():
    panel = made(30, (6,), seed=3)
    model = create_model("markov", order=6, **PLAIN).fit(panel, seed=1)
    for population in panel.populations:
        rows = every_row(panel, population)
        own = panel.of(population).haplotypes
        shares = [(own == row).all(axis=1).mean() for row in rows.haplotypes]
        assert np.exp(model.log_likelihood(rows)) == pytest.approx(shares, abs=1e-12)
        drawn = model.sample({population: 200}, seed=1).haplotypes
        assert {row.tobytes() for row in drawn} <= {row.tobytes() for row in own}


@pytest.mark.parametrize("settings", [{"order": 2}, {"order": 5, **SMOOTHED}, {"order": 3, **PLAIN}], ids=str)
def test_samples_have_the_frequencies_and_linkage_of_the_fitted_chain(settings):
    panel = made(40, (4, 3), seed=5)
    model = create_model("markov", **settings).fit(panel, seed=1)
    rows = every_row(panel, "A")
    p = np.exp(model.log_likelihood(rows))
    n = 20_000
    drawn = model.sample({"A": n}, seed=2).haplotypes.astype(float)
    expected = p @ rows.haplotypes
    error = np.sqrt(expected * (1 - expected) / n)
    assert (np.abs(drawn.mean(axis=0) - expected) <= 4 * error + 1e-12).all()
    for left in range(6):
        a, b = rows.haplotypes[:, left].astype(float), rows.haplotypes[:, left + 1].astype(float)
        both = p @ (a * b)
        covariance = both - expected[left] * expected[left + 1]
        r = covariance / np.sqrt(np.prod([e * (1 - e) for e in expected[left : left + 2]]))
        found = np.corrcoef(drawn[:, left], drawn[:, left + 1])[0, 1]
        assert abs(found - r) <= 4 * (1 - r**2) / np.sqrt(n) + 4 / n  # squares then agree as well
        assert abs((drawn[:, left] * drawn[:, left + 1]).mean() - both) <= 4 * np.sqrt(both * (1 - both) / n)


def test_a_contig_knows_nothing_of_the_one_before():
    panel = made(40, (4, 3), seed=5)
    model = create_model("markov", order=5, **SMOOTHED).fit(panel, seed=1)
    rows = every_row(panel, "A")
    p = np.exp(model.log_likelihood(rows)).reshape(16, 8)
    assert p == pytest.approx(np.outer(p.sum(axis=1), p.sum(axis=0)), abs=1e-12)


def test_populations_are_apart_without_sharing_and_drawn_together_with_much_of_it():
    panel = made(60, (12,), seed=1)
    alone = create_model("markov", order=4, back_off=1.0, share=0.0).fit(panel.of("A"), seed=1)
    both = create_model("markov", order=4, back_off=1.0, share=0.0).fit(panel, seed=1)
    rows = made(20, (12,), seed=2).of("A")
    assert both.log_likelihood(rows) == pytest.approx(alone.log_likelihood(rows), abs=1e-12)
    shared = create_model("markov", order=4, back_off=1.0, share=1e9).fit(panel, seed=1)
    as_b = panel_of(rows.haplotypes, np.full(rows.n_haplotypes, "B"), (12,))
    assert shared.log_likelihood(rows) == pytest.approx(shared.log_likelihood(as_b), abs=1e-5)


def test_the_weight_of_shorter_contexts_is_the_best_for_haplotypes_left_out():
    panel = made(24, (20,), seed=1)
    model = create_model("markov", order=8).fit(panel, seed=1)
    totals = {}
    for weight in markov.BACK_OFF:
        total = 0.0
        for row in range(panel.n_haplotypes):
            rest = panel[np.arange(panel.n_haplotypes) != row]
            one = create_model("markov", order=8, back_off=weight).fit(rest, seed=1)
            total += one.log_likelihood(panel[row : row + 1])[0]
        totals[weight] = total
    assert float(model.net.back_off) == max(totals, key=totals.get)
    assert len({round(value, 3) for value in totals.values()}) == len(totals)


def test_long_memory_copies_where_short_memory_does_not():
    panel = made(40, (60,), seed=1)
    rows = {row.tobytes() for row in panel.haplotypes}

    def copies(order):
        model = create_model("markov", order=order, back_off=0.01, share=0.0).fit(panel, seed=1)
        drawn = model.sample({"A": 200}, seed=1).haplotypes
        return np.mean([row.tobytes() in rows for row in drawn])

    assert copies(2) < 0.05
    assert copies(60) > 0.9


def test_tables_of_any_length_are_read_back_and_foreign_ones_refused(tmp_path):
    panel = made(40, (30,), seed=1)
    model = create_model("markov").fit(panel, seed=1)
    save_model(model, tmp_path / "model", seed=1)
    loaded = load_model(tmp_path / "model")
    assert {name: table.dtype for name, table in loaded.state().items()} == {
        name: table.dtype for name, table in model.state().items()
    }
    state = {name: table for name, table in model.state().items() if name != "zeros"}
    with pytest.raises(RuntimeError, match="zeros"):
        loaded.load_state(state)
    save_model(create_model("independent").fit(panel, seed=1), tmp_path / "other", seed=1)
    (tmp_path / "other" / "weights.safetensors").replace(tmp_path / "model" / "weights.safetensors")
    with pytest.raises(CheckpointError, match="does not hold the weights of this model"):
        load_model(tmp_path / "model")


def test_published_presets_forbid_next_to_nothing():
    panel, unseen = made(40, (60,), 1), made(20, (60,), 2)
    for preset in ("order-5", "order-10"):
        model = create_model("markov", preset=preset).fit(panel, seed=1)
        assert np.isfinite(model.log_likelihood(unseen)).all()
    plain = create_model("markov", preset="order-10", back_off=0).fit(panel, seed=1)
    assert np.isneginf(plain.log_likelihood(unseen)).any()


def test_a_choice_by_likelihood_needs_finite_ones():
    with pytest.raises(ConfigError, match="needs a pseudocount above 0"):
        create_model("markov", pseudocount=0)


def test_training_haplotypes_are_in_the_folder():
    assert create_model("markov").stores_training_data
    assert not create_model("independent").stores_training_data


def test_sampling_draws_from_the_generator_given():
    model = create_model("markov").fit(made(40, (30,), seed=1), seed=1)
    codes = torch.zeros(5, dtype=torch.int64)
    rows = [model._sample(codes, torch.Generator().manual_seed(3)) for _ in range(2)]
    assert torch.equal(*rows)
