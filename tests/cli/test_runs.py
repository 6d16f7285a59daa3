"""run, train, generate, evaluate, report: what they call, and a whole experiment of a second."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from calling import call

import genome_ac_gan.experiment
from genome_ac_gan.metrics.evaluation import FAST_HAPLOTYPES
from genome_ac_gan.panel import load_panel, save_panel
from genome_ac_gan.simulate import two_population_toy

TINY = [
    "--set", "train.validation=0.3", "--set", "train.score_every=10", "--set", "evaluate.repeats=2",
    "--set", "evaluate.metrics=[allele-frequency, ld-decay, nearest-neighbour-accuracy]",
    "--set", "model.settings.batch_size=16", "--set", "model.settings.generator={latent: 4, widths: [16]}",
    "--set", "model.settings.discriminator={widths: [16], dropout: [0.1]}", "--threads", "1",
]  # fmt: skip


@pytest.fixture(scope="module")
def panel(tmp_path_factory):
    path = tmp_path_factory.mktemp("panel") / "toy.npz"
    save_panel(two_population_toy(np.random.default_rng(0), n_people=50), path)
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory, panel):
    folder = tmp_path_factory.mktemp("runs") / "toy"
    outcome = call("run", "--panel", panel, "--n-steps", 20, *TINY, "-o", folder)
    assert outcome.stdout == f"{folder / 'report.html'}\n"
    return folder


def recorded(monkeypatch, name):
    """Replace a function of the experiment by one that notes how it was called."""
    calls = []
    monkeypatch.setattr(genome_ac_gan.experiment, name, lambda *args, **kwargs: calls.append((args, kwargs)))
    return calls


@pytest.mark.parametrize(("verb", "function"), [("run", "run_stages"), ("train", "train")])
def test_flags_become_settings(verb, function, monkeypatch, tmp_path):
    begun, called = recorded(monkeypatch, "begin"), recorded(monkeypatch, function)
    flags = ["--label", "super_pop", "--preset", "code", "--budget", "2min", "--seed", "7", "--device", "cpu"]
    call(verb, "--panel", "a.vcf.gz", *flags, "--set", "train.log_every=3", "-o", tmp_path / "r")
    ((folder, config), kwargs) = called[0]
    assert folder.folder == tmp_path / "r"
    assert (config.data.panel, config.data.label, config.seed) == ("a.vcf.gz", "super_pop", 7)
    assert (config.model.preset, config.train.budget, config.train.log_every) == ("code", 120, 3)
    assert kwargs["device"].type == "cpu"
    assert begun[0][1]["force"] is False


def test_a_folder_that_exists_is_resumed_or_replaced_when_told(finished):
    refused = call("run", "-o", finished, code=2)
    assert "exists already: --resume continues it, --force starts anew" in refused.stderr
    before = (finished / "report.html").read_bytes()
    call("run", "--resume", "-o", finished)
    assert (finished / "report.html").read_bytes() == before


def test_a_folder_of_other_things_is_never_replaced(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    refused = call("run", "--force", "-o", tmp_path, code=2)
    assert "is no run folder" in refused.stderr
    assert (tmp_path / "thesis.tex").exists()


@pytest.mark.parametrize("verb", ["run", "train"])
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--panel", "none.vcf.gz"], "none.vcf.gz: no such file"),
        (["--preset", "best"], "preset 'best' of genome-ac-gan: unknown"),
        (["--set", "train.n_step=1"], "train.n_step: unknown"),
        (["--budget", "soon"], "is no duration"),
        (["--device", "tpu"], "device 'tpu': unknown"),
        (["--label", "continent"], "continent"),
    ],
)
def test_wrong_input_is_one_line_and_leaves_nothing(verb, words, message, tmp_path):
    refused = call(verb, *words, "-o", tmp_path / "r", code=2)
    assert message in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("n_variants", [1, 4])
def test_panels_with_nothing_to_learn_are_refused(n_variants, tmp_path):
    toy = two_population_toy(np.random.default_rng(0)).of("A")  # the first four variants do not vary in A
    save_panel(toy.select_variants(slice(0, n_variants)), tmp_path / "few.npz")
    refused = call("run", "--panel", tmp_path / "few.npz", "-o", tmp_path / "r", code=2)
    assert "1 variant" in refused.stderr or "monomorphic" in refused.stderr
    assert not (tmp_path / "r").exists()


def test_a_failed_force_keeps_the_old_run(finished):
    call("run", "--panel", "none.vcf.gz", "--force", "-o", finished, code=2)
    assert (finished / "report.html").is_file()


# -- generate -------------------------------------------------------------------------------------


def test_generate_draws_the_counts_asked_for(finished, tmp_path):
    call("generate", finished, "-n", "A=30", "-n", "B=5", "--seed", 3, "-o", tmp_path / "ag.npz")
    assert dict(load_panel(tmp_path / "ag.npz").counts) == {"A": 30, "B": 5}
    call("generate", finished / "model", "--like", finished / "holdout.npz", "-o", tmp_path / "like.npz")
    assert load_panel(tmp_path / "like.npz").counts == load_panel(finished / "holdout.npz").counts


def test_generate_writes_vcf_with_its_origin(finished, tmp_path):
    call("generate", finished, "-n", "A=6", "--seed", 3, "-o", tmp_path / "ag.vcf.gz")
    header = gzip.decompress((tmp_path / "ag.vcf.gz").read_bytes()).decode()
    card = json.loads((finished / "model" / "card.json").read_text())
    assert card["weights_sha256"] in header
    assert "AG_A_000003" in header
    assert (tmp_path / "ag.vcf.gz.tbi").exists()
    assert (tmp_path / "ag.panel").exists()


def test_the_same_seed_gives_the_same_file(finished, tmp_path):
    for name in ("a", "b"):
        call(
            "generate", finished, "-n", "A=8", "--seed", 3, "--no-version", "-o", tmp_path / f"{name}.vcf.gz"
        )
    assert (tmp_path / "a.vcf.gz").read_bytes() == (tmp_path / "b.vcf.gz").read_bytes()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-n", "XXX=3"], "population 'XXX' was not in the training panel; it had: A, B"),
        (["-n", "A"], "expected a population and a number"),
        (["-n", "A=3", "--like", "holdout.npz"], "give -n or --like, not both"),
    ],
)
def test_generate_refuses_in_one_line(finished, tmp_path, words, message):
    refused = call("generate", finished, *words, "-o", tmp_path / "ag.npz", code=2)
    assert message in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_generate_from_what_is_no_model(tmp_path):
    refused = call("generate", tmp_path, "-n", "A=3", "-o", tmp_path / "ag.npz", code=2)
    assert "is no model folder" in refused.stderr


# -- evaluate, report -----------------------------------------------------------------------------


def judged(finished, *more, code=0):
    sets = ["--train", finished / "train.npz", "--holdout", finished / "holdout.npz"]
    return call("evaluate", *sets, "--repeats", 2, *more, code=code)


def test_evaluate_prints_its_table_and_writes_a_report(finished, tmp_path):
    synthetic = [
        "--synthetic",
        finished / "synthetic.npz",
        "--synthetic",
        f"again={finished / 'holdout.npz'}",
    ]
    outcome = judged(finished, *synthetic, "--metrics", "allele-frequency", "-o", tmp_path / "judged")
    rows = [line.split("\t") for line in outcome.stdout.splitlines()]
    assert {row[rows[0].index("source")] for row in rows[1:]} == {
        "synthetic",
        "again",
        "train",
        "real",
        "independent",
    }
    assert "<html" in (tmp_path / "judged" / "report.html").read_text()
    record = json.loads((tmp_path / "judged" / "provenance.json").read_text())
    assert set(record["inputs"]) == {"train", "holdout", "synthetic", "again"}


def rows_of(text):
    header, *rows = [line.split("\t") for line in text.splitlines()]
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def bare(finished, tmp_path_factory):
    """A VCF of artificial genomes without labels."""
    path = tmp_path_factory.mktemp("bare") / "bare.vcf.gz"
    call("export", finished / "synthetic.npz", "--ploidy", "keep", "-o", path)
    path.with_name("bare.panel").unlink()
    return path


def test_sets_stand_side_by_side_labelled_or_not(finished, bare, tmp_path):
    sets = ["--synthetic", f"ours={finished / 'synthetic.npz'}", "--synthetic", f"theirs={bare}"]
    outcome = judged(finished, *sets, "--metrics", "allele-frequency", "-o", tmp_path / "judged")
    rows = rows_of(outcome.stdout)
    found = {
        name: {row["population"] for row in rows if row["source"] == name} for name in ("ours", "theirs")
    }
    assert found == {"ours": {"all", "A", "B"}, "theirs": {"all"}}
    assert "bare.vcf.gz carries no labels: judged pooled only" in outcome.stderr
    page = (tmp_path / "judged" / "report.html").read_text()
    assert "No population labels: theirs." in page
    multiqc = tmp_path / "judged" / "evaluation" / "multiqc" / "genome-ac-gan_fidelity_mqc.json"
    assert "judged_theirs" in json.loads(multiqc.read_text())["data"]
    alone = judged(finished, "--synthetic", bare, "--metrics", "allele-frequency")
    theirs = [{**row, "source": "theirs"} for row in rows_of(alone.stdout) if row["source"] == "synthetic"]
    assert theirs == [row for row in rows if row["source"] == "theirs"]


def test_standard_output_has_three_forms(finished):
    words = ["--synthetic", f"ours={finished / 'synthetic.npz'}", "--metrics", "allele-frequency"]
    plain = judged(finished, *words).stdout
    assert plain.splitlines()[0].split("\t") == [
        "source", "metric", "group", "population", "statistic", "value", "lower", "upper", "n", "ideal",
    ]  # fmt: skip
    assert judged(finished, *words, "--format", "tsv").stdout == plain
    whole = json.loads(judged(finished, *words, "--format", "json").stdout)
    assert (whole["schema"], whole["schema_version"]) == ("genome-ac-gan/metrics", 2)
    assert len(whole["rows"]) == len(plain.splitlines()) - 1
    table = judged(finished, *words, "--format", "table").stdout
    assert table.splitlines()[0].split() == ["ours", "real", "train", "independent", "ideal"]


def test_a_quick_look_says_so_and_repeats_less(finished, tmp_path):
    words = ["--synthetic", finished / "synthetic.npz", "--metrics", "allele-frequency", "--fast"]
    files = ["--train", finished / "train.npz", "--holdout", finished / "holdout.npz"]
    outcome = call("evaluate", *files, *words, "-o", tmp_path / "judged")
    assert (
        f"a quick look (fast): at most {FAST_HAPLOTYPES} haplotypes of each panel, fewer repeats; not to be cited"
        in outcome.stderr
    )
    record = json.loads((tmp_path / "judged" / "evaluation" / "metrics.json").read_text())
    assert (record["fast"], record["repeats"]) == (True, 3)
    assert "Do not cite these values" in (tmp_path / "judged" / "report.html").read_text()
    figures = tmp_path / "judged" / "evaluation" / "figures"
    assert {path.suffix for path in figures.iterdir()} == {".png"}


def test_progress_goes_to_standard_error_unless_quiet(finished):
    words = ["--synthetic", finished / "synthetic.npz", "--metrics", "allele-frequency"]
    assert "judged 4 of 4 in " in judged(finished, *words).stderr
    assert judged(finished, *words, "-q").stderr == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--synthetic", "none.npz"], "none.npz: no such file"),
        (["--synthetic", "my set=a.npz"], "the name of a set is made of letters, digits and . _ -"),
        (["--synthetic", "train=a.npz"], "train is the name of an anchor row"),
        (["--synthetic", "a.npz", "--synthetic", "b.npz"], "two sets are called synthetic"),
        (["--synthetic", "HOLDOUT", "--metrics", "beauty"], "unknown metric beauty"),
    ],
)
def test_evaluate_refuses_in_one_line(finished, tmp_path, words, message):
    words = [str(finished / "holdout.npz") if word == "HOLDOUT" else word for word in words]
    refused = judged(finished, *words, "-o", tmp_path / "judged", code=2)
    assert message in refused.stderr
    assert refused.stderr.splitlines()[-1].startswith("genome-ac-gan: error:")
    assert list(tmp_path.iterdir()) == []


def test_other_sites_are_refused(finished, tmp_path):
    narrow = load_panel(finished / "synthetic.npz").select_variants(slice(0, 20))
    save_panel(narrow, tmp_path / "narrow.npz")
    refused = judged(finished, "--synthetic", tmp_path / "narrow.npz", code=2)
    assert "other variants" in refused.stderr


def test_report_again_needs_force_and_is_the_same(finished):
    page = finished / "report.html"
    before = page.read_bytes()
    assert "--force" in call("report", finished, code=2).stderr
    call("report", finished, "--force")
    assert page.read_bytes() == before
    assert "holds no evaluation" in call("report", Path(finished) / "model", code=2).stderr
