from dataclasses import replace

import numpy as np
import pytest

from genome_ac_gan.metrics import anchors
from genome_ac_gan.metrics.privacy import rare_variants
from genome_ac_gan.seeding import stream


def judged(comparison, repeats=5, seed=1):
    return rare_variants.METRIC(comparison, rng=np.random.default_rng(seed), repeats=repeats).table


def values(table, population="all"):
    own = table[table.population == population]
    return dict(zip(own.statistic, own.value, strict=True))


def with_private_sites(comparison, per_person=12):
    """Return the comparison with sites at which single people carry the rarer allele, on one haplotype each."""
    panels = {}
    n_people = comparison.train.n_people + comparison.holdout.n_people
    sites = np.arange(n_people * per_person).reshape(n_people, per_person)
    variants = comparison.train.variants
    before = 0
    for name, panel in comparison.panels.items():
        x = np.zeros((panel.n_haplotypes, sites.size), np.uint8)
        if name != "synthetic":
            for person, row in enumerate(panel.first_rows):
                x[row, sites[before + person]] = 1
            before += panel.n_people
        panels[name] = x
    table = type(variants)(
        contig=np.full(sites.size, "1"), position=np.arange(1, sites.size + 1),
        ref=np.full(sites.size, "A"), alt=np.full(sites.size, "C"),
    )  # fmt: skip
    return replace(
        comparison,
        **{
            name: replace(panel, haplotypes=panels[name], variants=table)
            for name, panel in comparison.panels.items()
        },
    )


def given(data, x):
    return replace(data, synthetic=replace(data.synthetic, haplotypes=x))


def test_alleles_of_single_people_are_looked_up_one_by_one(comparison):
    data = with_private_sites(comparison)
    x = data.synthetic.haplotypes.copy()
    x[7, : 50 * 12] = 1  # all alleles of the first 50 of 200 train people
    x[9, 200 * 12 : 210 * 12] = 1  # and of 10 of 100 holdout people
    table = judged(given(data, x))
    found = values(table)
    assert found["singletons_train"] == pytest.approx(0.25)
    assert found["singletons_holdout"] == pytest.approx(0.1)
    assert found["singleton_excess"] == pytest.approx(0.15)
    assert values(table, "AFR")["singletons_train"] == pytest.approx(50 / 120)
    assert values(table, "EUR")["singletons_train"] == 0
    assert table.set_index(["population", "statistic"]).n["all", "singletons_holdout"] == 1200


def test_combinations_must_come_back_together(comparison):
    data = with_private_sites(comparison)
    each = np.eye(12, dtype=np.uint8)[np.arange(400) % 12]  # (400, 12): one allele of every person on a row
    apart = values(judged(given(data, np.tile(each, 300))))
    assert apart["singletons_train"] == 1
    assert apart["tuplets_train"] == apart["tuplets_holdout"] == 0
    together = np.zeros_like(data.synthetic.haplotypes)
    together[3, : 200 * 12] = 1  # all train people on one row
    found = values(judged(given(data, together)))
    assert found["tuplets_train"] == found["tuplet_excess"] == 1
    assert found["tuplets_holdout"] == 0
    assert (
        0 < found["tuplets_fictitious"] < 0.2
    )  # four people's alleles that nobody carries, by chance all of train


def test_train_rows_bring_all_back_and_independent_sites_only_single_alleles(comparison):
    sources = anchors(with_private_sites(comparison), stream(1, "anchors"))
    train, independent = (values(judged(sources[name])) for name in ("train", "independent"))
    assert train["tuplets_train"] == train["singletons_train"] == 1
    assert train["tuplets_holdout"] == train["tuplets_fictitious"] == 0
    assert independent["singleton_excess"] > 0.5  # 1 - 1/e
    assert independent["tuplet_excess"] == 0


def test_as_many_people_of_each_population_are_drawn_on_either_side(comparison):
    rows = rare_variants._people(comparison, np.random.default_rng(0))
    population = np.concatenate([comparison.train.population, comparison.holdout.population])[rows]
    person = np.concatenate([comparison.train.person, 1000 + comparison.holdout.person])[rows]
    for side in (rows < 400, rows >= 400):
        assert dict(zip(*np.unique(population[side], return_counts=True), strict=True)) == {
            "AFR": 120,
            "EUR": 80,
        }
        assert (np.unique(person[side], return_counts=True)[1] == 2).all()


def test_partners_are_the_other_haplotype_of_a_person(comparison):
    real = rare_variants._Real.of(replace(comparison, holdout=comparison.synthetic))
    assert real.partner[:4].tolist() == [1, 0, 3, 2]
    assert real.partner[400:403].tolist() == [400, 401, 402]
    assert len(set(real.person.tolist())) == 200 + 400


def test_unseen_people_bring_as_much_back_from_either_side(comparison):
    table = judged(comparison, repeats=20).set_index(["population", "statistic"])
    row = table.loc[("all", "tuplet_excess")]
    assert row.lower - 0.02 < 0 < row.upper + 0.02
    assert table.value["all", "tuplets_train"] > 0.1  # fresh real people do carry some
