"""Independent sites against closed forms, and beside the anchor of the same name."""

import numpy as np
import pytest
from scipy import stats

from genome_ac_gan.metrics.anchors import independent_sites
from genome_ac_gan.models import create_model
from genome_ac_gan.popgen.density import log_site_density, smoothed_frequencies


def test_the_likelihood_is_a_product_of_frequencies(toy):
    model = create_model("independent", pseudocount=0.5).fit(toy, seed=1)
    for name in toy.populations:
        own = toy.of(name)
        p = (own.haplotypes.sum(axis=0) + 0.25) / (own.n_haplotypes + 0.5)
        expected = stats.bernoulli.logpmf(toy.haplotypes, p).sum(axis=1)
        as_own = toy._with(labels={"pop": np.full(toy.n_haplotypes, name)}, label="pop")
        assert model.log_likelihood(as_own) == pytest.approx(expected, abs=1e-9)


def test_it_is_the_reference_density_of_the_attack_on_frequencies(toy):
    model = create_model("independent").fit(toy, seed=1)
    own = toy.of("A")
    expected = log_site_density(own.haplotypes, smoothed_frequencies(own.haplotypes))
    assert model.log_likelihood(own) == pytest.approx(expected, abs=1e-3)


def test_samples_have_its_frequencies_and_no_linkage(toy):
    n = 20_000
    model = create_model("independent").fit(toy, seed=1)
    x = model.sample({"A": n}, seed=1).haplotypes.astype(float)
    p = model.frequencies[0].numpy()
    assert (np.abs(x.mean(axis=0) - p) <= 4 * np.sqrt(p * (1 - p) / n)).all()
    r2 = np.corrcoef(x[:, 4:].T) ** 2
    assert r2[np.triu_indices(30, 1)].max() < 16 / n  # 4 standard errors of r


def test_the_anchor_of_evaluations_is_this_model_without_pseudocount(toy):
    exact = create_model("independent", pseudocount=0).fit(toy, seed=1)
    smoothed = create_model("independent").fit(toy, seed=1)
    assert (exact.frequencies[0, :4] == 0).all()
    assert (exact.frequencies - smoothed.frequencies).abs().max() <= 0.5 / 81 + 1e-12
    n = 4000
    anchor = independent_sites(toy, {"A": n, "B": n}, np.random.default_rng(1))
    drawn = exact.sample({"A": n, "B": n}, seed=1)
    for name in ("A", "B"):
        p = exact.frequencies[("A", "B").index(name)].numpy()
        error = 4 * np.sqrt(p * (1 - p) / n)
        for panel in (anchor, drawn):
            assert (np.abs(panel.of(name).haplotypes.mean(axis=0) - p) <= error).all()


def test_an_allele_never_seen_is_possible_but_for_plain_counts(toy):
    flipped = toy.of("A")._with(haplotypes=1 - toy.of("A").haplotypes)
    assert np.isfinite(create_model("independent").fit(toy, seed=1).log_likelihood(flipped)).all()
    plain = create_model("independent", pseudocount=0).fit(toy, seed=1)
    assert np.isneginf(plain.log_likelihood(flipped)).all()


def test_a_small_pseudocount_is_not_rounded(toy):
    model = create_model("independent", pseudocount=0.1).fit(toy, seed=1)
    carriers = toy.of("A").haplotypes.sum(axis=0)
    np.testing.assert_allclose(model.frequencies[0].numpy(), (carriers + 0.05) / (80 + 0.1), rtol=1e-14)
