"""generate --given and complete: alleles that are known stay, the others are drawn by an exact model."""

import numpy as np
import pytest
from calling import call

from genome_ac_gan.checkpoint import save_model
from genome_ac_gan.formats import read_panel, write_panel
from genome_ac_gan.models import create_model
from genome_ac_gan.simulate import two_population_toy

TYPED = np.array([0, 5, 9, 17, 30])


def refused(*words):
    *notices, error = call(*words, code=2).stderr.strip().splitlines()
    assert error.startswith("genome-ac-gan: error: ")
    assert not any("error" in line for line in notices)
    return error


@pytest.fixture(scope="module")
def toy():
    return two_population_toy(np.random.default_rng(0), n_people=30)


@pytest.fixture(scope="module")
def models(toy, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    made = {"hclt": {"n_states": 4, "n_epochs": 5, "label": 1}, "li-stephens": {}, "independent": {}}
    for name, settings in made.items():
        save_model(create_model(name, **settings).fit(toy, seed=1), folder / name, seed=1)
    return folder


@pytest.fixture
def typed(toy, tmp_path):
    """Ten people with a few sites typed, one of which no model knows, and their populations."""
    some = toy[np.r_[:10, -10:0]].select_variants(TYPED)
    strange = some.variants.alt.copy()
    strange[2] = next(base for base in "ACGT" if base not in (some.variants.ref[2], some.variants.alt[2]))
    variants = type(some.variants)(
        contig=some.variants.contig, position=some.variants.position, ref=some.variants.ref, alt=strange
    )
    path = tmp_path / "typed.vcf.gz"
    write_panel(some.with_variants(variants), path)
    return path, some


@pytest.mark.parametrize("name", ["hclt", "li-stephens"])
def test_complete_keeps_people_and_what_is_known(name, models, typed, toy, tmp_path):
    path, some = typed
    out = tmp_path / "whole.npz"
    outcome = call("complete", models / name, path, "--seed", 3, "-o", out)
    assert "1 of 5 variants are not among the model's" in outcome.stderr
    assert "4 of 34 variants are known" in outcome.stderr
    whole = read_panel(out)
    assert whole.variants.same_sites(toy.variants)
    assert whole.sample_id.tolist() == some.sample_id.tolist()
    assert whole.population.tolist() == some.population.tolist()
    known = TYPED[[0, 1, 3, 4]]
    assert np.array_equal(whole.haplotypes[:, known], some.haplotypes[:, [0, 1, 3, 4]])
    again, other = tmp_path / "again.npz", tmp_path / "other.npz"
    call("complete", models / name, path, "--seed", 3, "-o", again)
    call("complete", models / name, path, "--seed", 4, "-o", other)
    assert read_panel(again).equals(whole)
    assert not read_panel(other).equals(whole)


@pytest.mark.parametrize("name", ["hclt", "li-stephens"])
def test_generate_given_alleles_draws_carriers(name, models, toy, tmp_path):
    sites, out = tmp_path / "sites.vcf.gz", tmp_path / "carriers.vcf.gz"
    rare = toy[:1].select_variants([4, 20])
    carrier = rare._with(haplotypes=np.array([[1, 0]], dtype=np.uint8))
    write_panel(carrier, sites)
    outcome = call("generate", models / name, "-n", "A=40", "-n", "B=20", "--given", sites, "-o", out)
    assert "all carry the alleles of" in outcome.stderr
    drawn = read_panel(out)
    assert dict(drawn.counts) == {"A": 40, "B": 20}
    assert (drawn.haplotypes[:, [4, 20]] == [1, 0]).all()
    # sites 4 to 8 are one block of linked sites, 20 belongs to another
    assert drawn.haplotypes[:, 5:9].mean() > 0.8
    free = tmp_path / "free.vcf.gz"
    call("generate", models / name, "-n", "A=40", "-n", "B=20", "-o", free)
    assert 0.2 < read_panel(free).haplotypes[:, 5:9].mean() < 0.8


def test_what_cannot_be_done_is_said_in_a_line(models, typed, toy, tmp_path):
    path, some = typed
    out = tmp_path / "out.vcf.gz"
    assert "independent cannot keep given alleles" in refused(
        "complete", models / "independent", path, "-o", out
    )
    assert "train hclt or li-stephens" in refused(
        "generate", models / "independent", "--given", path, "-o", out
    )
    assert "haplotypes differ" in refused("generate", models / "hclt", "--given", path, "-o", out)
    assert "no population C; it has: A, B" in refused(
        "complete", models / "hclt", path, "--population", "C", "-o", out
    )
    bare = tmp_path / "bare.hapt"
    write_panel(some, bare)
    elsewhere = some.with_variants(
        type(some.variants)(
            contig=some.variants.contig, position=some.variants.position + 7, ref=some.variants.ref,
            alt=some.variants.alt,
        )
    )  # fmt: skip
    away = tmp_path / "away.npz"
    write_panel(elsewhere, away)
    assert "none of its 5 variants" in refused("complete", models / "hclt", away, "-o", out)
    assert "not both" in call(
        "complete", models / "hclt", path, "--labels", path, "--population", "A", "-o", out, code=2
    ).stderr  # fmt: skip
    assert "Missing argument 'PANEL'" in call("complete", models / "hclt", "-o", out, code=2).stderr
    assert not out.exists()


def test_contigs_may_stand_in_another_order(models, toy, tmp_path):
    """Known alleles are matched by name, not by place."""
    contig = np.where(toy.variants.position < np.median(toy.variants.position), "2", "22")
    variants = type(toy.variants)(
        contig=contig, position=toy.variants.position, ref=toy.variants.ref, alt=toy.variants.alt
    )
    two = toy.with_variants(variants)
    save_model(create_model("hclt", n_states=3, n_epochs=2).fit(two, seed=1), tmp_path / "model", seed=1)
    columns = np.r_[np.flatnonzero(contig == "22")[:5], np.flatnonzero(contig == "2")[:5]]
    path, out = tmp_path / "known.npz", tmp_path / "whole.npz"
    write_panel(two.select_variants(columns), path)
    call("complete", tmp_path / "model", path, "-o", out)
    assert np.array_equal(read_panel(out).haplotypes[:, columns], two.haplotypes[:, columns])


def test_populations_are_those_of_the_model_s_label_column(models, toy, tmp_path):
    both = toy._with(
        labels={"pop": toy.population, "super_pop": np.full(toy.n_haplotypes, "ALL")}, label="pop"
    )
    save_model(create_model("hclt", n_states=3, n_epochs=2).fit(both, seed=1), tmp_path / "model", seed=1)
    path, out = tmp_path / "known.npz", tmp_path / "whole.npz"
    write_panel(both.with_population("super_pop").select_variants([1, 2, 3]), path)
    call("complete", tmp_path / "model", path, "-o", out)
    assert read_panel(out).population.tolist() == toy.population.tolist()
