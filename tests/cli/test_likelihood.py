"""The verb likelihood: a table of haplotypes by populations, from whatever model knows how probable they are."""

import io

import numpy as np
import pandas as pd
import pytest
from calling import call

from genome_ac_gan.checkpoint import save_model
from genome_ac_gan.formats import write_panel
from genome_ac_gan.models import create_model
from genome_ac_gan.simulate import two_population_toy


@pytest.fixture(scope="module")
def toy():
    return two_population_toy(np.random.default_rng(0), n_people=30)


@pytest.fixture(scope="module")
def models(toy, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for name, settings in {"hclt": {"n_states": 4, "n_epochs": 5}, "independent": {}, "resample": {}}.items():
        save_model(create_model(name, **settings).fit(toy, seed=1), folder / name, seed=1)
    return folder


@pytest.fixture
def people(toy, tmp_path):
    path = tmp_path / "people.vcf.gz"
    write_panel(toy, path)
    return path


def test_independent_sites_give_products_of_frequencies_and_bayes_rule(toy, models, people):
    table = pd.read_csv(io.StringIO(call("likelihood", models / "independent", people).stdout), sep="\t")
    assert table["sample"].tolist() == toy.sample_id.tolist()
    assert table["haplotype"].tolist() == [1, 2] * 60
    joint = []
    for name in ("A", "B"):
        rows = toy.haplotypes[toy.population == name].astype(float)
        model = create_model("independent").fit(toy, seed=1)
        given = model.log_likelihood_by_population(toy)[:, model.populations.index(name)]
        np.testing.assert_allclose(table[f"log_likelihood_{name}"], given, rtol=1e-4)
        joint.append(given + np.log(len(rows) / toy.n_haplotypes))
    mixture = np.logaddexp(*joint)
    np.testing.assert_allclose(table["log_likelihood"], mixture, rtol=1e-4)
    np.testing.assert_allclose(table["posterior_A"], np.exp(joint[0] - mixture), rtol=1e-3, atol=1e-6)
    assert (table["likeliest"] == np.where(joint[0] > joint[1], "A", "B")).all()


def test_a_file_gets_what_standard_output_gets_and_is_not_replaced(models, people, tmp_path):
    out = tmp_path / "table.tsv"
    call("likelihood", models / "hclt", people, "-o", out)
    table = pd.read_csv(out, sep="\t")
    assert (table["likeliest"] == table["population"]).mean() > 0.8
    assert call("likelihood", models / "hclt", people).stdout == out.read_text()
    assert "exists already" in call("likelihood", models / "hclt", people, "-o", out, code=2).stderr
    call("likelihood", models / "hclt", people, "-o", out, "--force")


def test_models_without_likelihood_and_other_variants_are_refused(toy, models, people, tmp_path):
    message = call("likelihood", models / "resample", people, code=2).stderr
    assert "resample knows no likelihood" in message
    fewer = tmp_path / "fewer.npz"
    write_panel(toy.select_variants(np.arange(5)), fewer)
    assert "other variants" in call("likelihood", models / "hclt", fewer, code=2).stderr
    assert "Missing argument 'PANEL'" in call("likelihood", models / "hclt", code=2).stderr
