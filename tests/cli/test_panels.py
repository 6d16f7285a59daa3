"""simulate, import and export: the calls they make, and the files they leave or do not."""

from unittest.mock import Mock

import numpy as np
import pytest
from click.testing import CliRunner

from genome_ac_gan.cli import main
from genome_ac_gan.panel import HaplotypePanel, VariantTable, load_panel, save_panel


@pytest.fixture
def panel():
    rng = np.random.default_rng(1)
    pop = np.repeat(["A1", "A2", "B1"], [4, 4, 6])
    return HaplotypePanel(
        haplotypes=rng.integers(0, 2, (14, 9), dtype=np.uint8),
        sample_id=np.repeat([f"s{number}" for number in range(7)], 2),
        labels={"pop": pop, "super_pop": np.array([name[0] for name in pop.tolist()])},
        label="super_pop",
        variants=VariantTable(
            contig=np.repeat(["1", "2"], [5, 4]), position=np.array([3, 10, 20, 30, 40, 5, 6, 7, 8]),
            ref=np.array(["A"] * 9), alt=np.array(["C"] * 9),
        ),
    )  # fmt: skip


@pytest.fixture
def files(tmp_path, panel, monkeypatch):
    """A working directory with a panel and a label table."""
    monkeypatch.chdir(tmp_path)
    save_panel(panel, tmp_path / "panel.npz")
    rows = zip(panel.sample_id[::2], panel.labels["pop"][::2], panel.labels["super_pop"][::2], strict=True)
    table = ["sample\tpop\tsuper_pop", *("\t".join(row) for row in rows)]
    (tmp_path / "people.panel").write_text("\n".join(table) + "\n")
    return tmp_path


def call(*arguments):
    return CliRunner().invoke(main, list(arguments))


def refused(result, folder, word):
    """Assert one line, exit code 2, and nothing in the folder but the inputs."""
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("genome-ac-gan: error: ")
    assert result.stderr.count("\n") == 1
    assert word in result.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["panel.npz", "people.panel"]


# -- calls ----------------------------------------------------------------


@pytest.fixture
def calls(monkeypatch):
    """Stand-ins for what the verbs call."""
    calls = Mock()
    calls.write_panel.return_value = []
    monkeypatch.setattr("genome_ac_gan.formats.read_panel", calls.read_panel)
    monkeypatch.setattr("genome_ac_gan.formats.write_panel", calls.write_panel)
    monkeypatch.setattr("genome_ac_gan.simulate.simulate_panel", calls.simulate_panel)
    return calls


def given_to(mock):
    """Return the arguments of the one call, without the notice function."""
    (arguments, keywords) = mock.call_args
    return (*map(str, arguments), {name: value for name, value in keywords.items() if name != "on_notice"})


def test_import_hands_every_option_to_the_reader(calls, files):
    result = call(
        "import", "x.vcf.gz", "--labels", "p.panel", "--label", "pop", "-r", "15:1-9", "-s", "a,b",
        "--legend", "x.legend", "--map", "x.gmap", "--missing", "major", "--multiallelic", "split",
        "--types", "all", "--conflicting", "error", "--children", "drop", "--threads", "3", "-o", "o.npz",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    path, keywords = given_to(calls.read_panel)
    assert path == "x.vcf.gz"
    assert {name: str(value) for name, value in keywords.items()} == {
        "labels": "p.panel", "label": "pop", "region": "15:1-9", "samples": "['a', 'b']",
        "legend": "x.legend", "genetic_map": "x.gmap", "missing": "major", "multiallelic": "split",
        "variants": "all", "conflicting": "error", "children": "drop", "threads": "3",
    }  # fmt: skip


def test_what_is_not_given_is_left_to_the_callee(calls, files):
    assert call("import", "x.vcf.gz", "-o", "o.npz").exit_code == 0
    assert given_to(calls.read_panel) == ("x.vcf.gz", {})


def test_export_hands_every_option_to_the_writer(calls, files):
    result = call(
        "export", "panel.npz", "-o", "o.vcf.gz", "--force", "--ploidy", "pair", "--assembly", "GRCh37",
        "--threads", "2", "--no-version",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    _, path, keywords = given_to(calls.write_panel)
    assert path == "o.vcf.gz"
    assert keywords == {
        "force": True, "ploidy": "pair", "assembly": "GRCh37", "threads": 2, "provenance": {},
    }  # fmt: skip


def test_the_command_is_noted_in_what_is_written(calls, files, monkeypatch):
    monkeypatch.setattr("sys.argv", ["/usr/bin/genome-ac-gan", "export", "-o", "my file.vcf.gz"])
    call("export", "-o", "my file.vcf.gz")
    *_, keywords = given_to(calls.write_panel)
    assert keywords["provenance"] == {"command": "genome-ac-gan export -o 'my file.vcf.gz'"}


def test_simulate_hands_over_what_was_given(calls, files):
    result = call(
        "simulate", "-n", "YRI=10", "-n", "CEU=5", "--n-variants", "50", "--seed", "3", "-o", "o.npz"
    )
    assert result.exit_code == 0, result.output
    assert given_to(calls.simulate_panel) == ({"people": {"YRI": 10, "CEU": 5}, "n_variants": 50, "seed": 3},)


def test_the_embedded_panel_is_the_default_of_export(calls, files):
    call("export", "-o", "o.vcf")
    (path, _) = given_to(calls.read_panel)
    assert path.endswith("embedded.npz")


# -- files ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["o.vcf.gz", "o.bcf", "o.vcf", "o.hapt", "o.hap.gz", "o.npz"])
def test_there_and_back(files, panel, name):
    out = call("export", "panel.npz", "-o", name)
    assert (out.exit_code, out.stdout) == (0, ""), out.output
    back = call("import", name, "--labels", "people.panel", "--label", "super_pop", "-o", "back.npz")
    assert back.exit_code == 0, back.output
    assert load_panel(files / "back.npz").equals(panel)


def test_region_samples_and_standard_output(files, panel):
    (files / "wanted.txt").write_text("s5\ns0\n")
    result = call("export", "panel.npz", "-r", "2:6-7", "-S", "wanted.txt", "-o", "-")
    assert result.exit_code == 0, result.output
    lines = [line.split("\t") for line in result.stdout.splitlines() if not line.startswith("##")]
    assert lines[0][9:] == ["s5", "s0"]
    assert [line[:2] for line in lines[1:]] == [["2", "6"], ["2", "7"]]
    genotypes = ["|".join(map(str, panel.haplotypes[rows, 6])) for rows in (slice(10, 12), slice(0, 2))]
    assert lines[1][9:] == genotypes


def test_simulate_writes_a_panel(files):
    pytest.importorskip("msprime", reason="msprime (the extra `sim`) is not installed")
    arguments = ["simulate", "-n", "CEU=4", "-n", "YRI=3", "--length", "100000", "--n-variants", "20",
                 "--min-minor-count", "1", "--seed", "5"]  # fmt: skip
    for name in ("a.npz", "b.npz"):
        assert call(*arguments, "-o", name).exit_code == 0
    simulated = load_panel(files / "a.npz")
    assert dict(simulated.counts) == {"CEU": 8, "YRI": 6}
    assert simulated.equals(load_panel(files / "b.npz"))


# -- wrong input ----------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["absent.vcf", "-o", "o.npz"], "absent.vcf"),
        (["people.panel", "-o", "o.npz"], "people.panel"),
        (["panel.npz", "-o", "o.xyz"], "suffix"),
        (["panel.npz", "-o", "absent/o.npz"], "absent"),
        (["panel.npz", "--label", "nation", "-o", "o.npz"], "nation"),
        (["panel.npz", "--labels", "absent.panel", "-o", "o.npz"], "absent.panel"),
        (["panel.npz", "-r", "chr1:1-5", "-o", "o.npz"], "did you mean '1'"),
        (["panel.npz", "-r", "1:100-200", "-o", "o.npz"], "1:100-200"),
        (["panel.npz", "-s", "s0,NOPE", "-o", "o.npz"], "NOPE"),
        (["panel.npz", "-s", "s0", "-S", "people.panel", "-o", "o.npz"], "not by both"),
        (["panel.npz", "-o", "panel.npz"], "--force"),
        (["panel.npz", "--missing", "guess", "-o", "o.npz"], "guess"),
    ],
)
@pytest.mark.parametrize("verb", ["import", "export"])
def test_wrong_input_leaves_nothing_behind(files, verb, arguments, word):
    refused(call(verb, *arguments), files, word)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["-n", "MARS=3", "-o", "o.npz"], "MARS"),
        (["-n", "CEU", "-o", "o.npz"], "AFR=500"),
        (["-n", "CEU=1", "-n", "CEU=2", "-o", "o.npz"], "twice"),
        (["-n", "CEU=0", "-o", "o.npz"], "CEU"),
        (["-n", "CEU=2", "--length", "2000", "-o", "o.npz"], "longer"),
        (["-o", "panel.npz"], "--force"),
    ],
)
def test_wrong_simulations_leave_nothing_behind(files, arguments, word):
    pytest.importorskip("msprime", reason="msprime (the extra `sim`) is not installed")
    refused(call("simulate", *arguments), files, word)


def test_import_without_a_file(files):
    refused(call("import", "-o", "o.npz"), files, "name the file")


@pytest.mark.parametrize("output", ["o.xyz", "absent/o.npz", "panel.npz"])
def test_a_wrong_output_is_refused_before_the_work(calls, files, output):
    refused(call("simulate", "-o", output), files, output)
    refused(call("export", "-o", output), files, output)
    calls.simulate_panel.assert_not_called()
    calls.read_panel.assert_not_called()
