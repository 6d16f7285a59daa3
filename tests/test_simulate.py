import itertools
import sys

import numpy as np
import pytest

from genome_ac_gan.errors import GenomeACGANError, PanelError
from genome_ac_gan.simulate import (
    EMBEDDED_PEOPLE,
    SUPER_POPULATION,
    _unrelated_rows,
    embedded_panel,
    simulate_panel,
    two_population_toy,
)

EMBEDDED_MSPRIME = "1.4"


@pytest.fixture(scope="module")
def panel():
    return embedded_panel()


def hudson_fst(a, b):
    """Hudson's F_ST as a ratio of averages (Bhatia et al. 2013), a plain twin."""
    p, q = a.haplotypes.mean(axis=0), b.haplotypes.mean(axis=0)
    within = p * (1 - p) / (a.n_haplotypes - 1) + q * (1 - q) / (b.n_haplotypes - 1)
    return float(((p - q) ** 2 - within).sum() / (p * (1 - q) + q * (1 - p)).sum())


def mean_r2(panel, low, high):
    """Mean r2 of common variants whose distance lies in [low, high) bp."""
    frequency = panel.haplotypes.mean(axis=0)
    common = (frequency > 0.05) & (frequency < 0.95)
    r2 = np.corrcoef(panel.haplotypes[:, common].T) ** 2
    distance = np.abs(np.subtract.outer(panel.variants.position[common], panel.variants.position[common]))
    return float(r2[(distance >= low) & (distance < high) & (distance > 0)].mean())


def test_embedded_panel_has_the_promised_people_and_variants(panel):
    assert dict(panel.counts) == dict.fromkeys(sorted(EMBEDDED_PEOPLE), 400)
    assert panel.n_people == 1000
    assert panel.n_variants == 2000
    assert panel.label == "pop"
    assert {
        (pop, super_pop)
        for pop, super_pop in zip(panel.labels["pop"], panel.labels["super_pop"], strict=True)
    } == set(SUPER_POPULATION.items())


def test_embedded_panel_is_polymorphic_with_rare_and_common_alleles(panel):
    count = panel.haplotypes.sum(axis=0, dtype=int)
    minor = np.minimum(count, panel.n_haplotypes - count)
    assert minor.min() >= 10
    frequency = count / panel.n_haplotypes
    assert (frequency < 0.05).mean() > 0.4
    assert ((frequency > 0.2) & (frequency < 0.8)).mean() > 0.15
    assert (frequency > 0.8).sum() > 30
    assert np.diff(panel.variants.cm).min() >= 0
    assert panel.variants.cm[-1] == pytest.approx(2.4, abs=0.1)


@pytest.mark.parametrize("population", ["YRI", "CEU", "JPT", "ADMIX"])
def test_linkage_decays_with_distance(panel, population):
    edges = [0, 3_000, 10_000, 30_000, 100_000, 1_000_000]
    decay = [mean_r2(panel.of(population), low, high) for low, high in itertools.pairwise(edges)]
    assert decay == sorted(decay, reverse=True)
    assert decay[0] > 0.25
    assert decay[-1] < 0.02


def test_africans_have_the_shortest_linkage(panel):
    assert mean_r2(panel.of("YRI"), 10_000, 30_000) < 0.75 * mean_r2(panel.of("CEU"), 10_000, 30_000)


def test_divergence_is_that_of_the_continents(panel):
    yri, ceu, chb, jpt, admix = (panel.of(name) for name in ("YRI", "CEU", "CHB", "JPT", "ADMIX"))
    assert 0.12 < hudson_fst(yri, ceu) < 0.22
    assert 0.14 < hudson_fst(yri, chb) < 0.25
    assert 0.07 < hudson_fst(ceu, chb) < 0.16
    assert 0 < hudson_fst(chb, jpt) < 0.02
    assert hudson_fst(admix, chb) < hudson_fst(ceu, chb)
    assert hudson_fst(admix, yri) < hudson_fst(chb, yri)


def test_admixed_frequencies_are_the_mixture_of_their_ancestors(panel):
    ancestors = sum(
        share * panel.of(name).haplotypes.mean(axis=0)
        for name, share in {"YRI": 1 / 6, "CEU": 1 / 3, "CHB": 1 / 2}.items()
    )
    assert np.corrcoef(ancestors, panel.of("ADMIX").haplotypes.mean(axis=0))[0, 1] > 0.97


def test_remaking_the_embedded_panel_gives_the_same_panel(panel):
    msprime = pytest.importorskip("msprime")
    if not msprime.__version__.startswith(EMBEDDED_MSPRIME):
        pytest.skip(f"the embedded panel was made with msprime {EMBEDDED_MSPRIME}, not {msprime.__version__}")
    assert simulate_panel().sha256 == panel.sha256


def test_another_seed_gives_another_panel_and_sizes_are_obeyed():
    pytest.importorskip("msprime")
    first, again, other = (
        simulate_panel({"CEU": 5, "ADMIX": 3}, n_variants=40, length=300_000, min_minor_count=2, seed=seed)
        for seed in (1, 1, 2)
    )
    assert dict(first.counts) == {"ADMIX": 6, "CEU": 10}
    assert first.n_variants == 40
    assert first.equals(again)
    assert not first.equals(other)


def test_simulating_too_much_or_the_unknown_is_refused():
    pytest.importorskip("msprime")
    with pytest.raises(PanelError, match="no population FIN; it has: YRI, CEU, CHB, JPT, ADMIX"):
        simulate_panel({"FIN": 3})
    with pytest.raises(PanelError, match="at least one person: CEU"):
        simulate_panel({"CEU": 0})
    with pytest.raises(PanelError, match="simulate a longer region"):
        simulate_panel({"CEU": 5}, n_variants=1000, length=10_000)


def test_without_msprime_the_message_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "msprime", None)
    with pytest.raises(GenomeACGANError, match=r"pip install 'genome-ac-gan\[sim\]'"):
        simulate_panel()
    assert embedded_panel().n_people == 1000


def test_the_toy_has_its_known_answers():
    toy = two_population_toy(np.random.default_rng(3), n_people=30, n_fixed=4, n_blocks=6, block=5)
    a, b = toy.of("A"), toy.of("B")
    assert toy.haplotypes.shape == (120, 4 + 30)
    assert hudson_fst(a.select_variants(slice(0, 4)), b.select_variants(slice(0, 4))) == 1
    assert (a.haplotypes[:, 4:].mean(axis=0) == 0.5).all()
    assert (b.haplotypes[:, 4:].mean(axis=0) == 0.5).all()
    r2 = np.corrcoef(a.haplotypes[:, 4:].T) ** 2
    same_block = np.equal.outer(np.arange(30) // 5, np.arange(30) // 5)
    np.testing.assert_allclose(r2[same_block], 1)
    assert r2[~same_block].max() < 0.4
    assert a.variants.position[4 + 5] - a.variants.position[4 + 4] == 1_000_000


def test_no_two_people_of_the_embedded_panel_are_all_but_the_same(panel):
    x = panel.haplotypes.astype(np.float32)
    differences = x.sum(axis=1)[:, None] + x.sum(axis=1) - 2 * x @ x.T
    between = panel.person[:, None] != panel.person
    assert differences[between].min() >= 10


def test_related_people_give_way_while_there_are_others():
    rng = np.random.default_rng(5)
    people = rng.integers(0, 2, (9, 2, 1000), dtype=np.uint8)
    people[1, 0] = people[0, 1]  # related to a person kept: goes
    people[2, 1] = people[1, 1]  # related to one that goes: stays
    people[7, 0] = people[0, 0]  # of the other population, related to a person kept: goes
    rows = _unrelated_rows(people.reshape(18, 1000).T, {"A": 2, "B": 1})
    assert rows.tolist() == [0, 1, 4, 5, 12, 13]
    everyone_alike = np.zeros((1000, 18), dtype=np.uint8)
    assert len(_unrelated_rows(everyone_alike, {"A": 2, "B": 1})) == 6
