"""inspect: panels, model folders and run folders, as text and as JSON."""

import json

import pytest
from click.testing import CliRunner

from genome_ac_gan.cli import main
from genome_ac_gan.cli.text import columns


def call(*arguments):
    return CliRunner().invoke(main, ["inspect", *map(str, arguments)])


def test_the_embedded_panel_by_continent():
    result = call()
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["AFR", "YRI", "200", "400"] in rows
    assert ["EAS", "all", "400", "800"] in rows
    assert ["all", "all", "1,000", "2,000"] in rows


def test_json_says_the_same():
    record = json.loads(call("--json").stdout)
    assert (record["kind"], record["people"], record["variants"]) == ("panel", 1000, 2000)
    assert sum(row["haplotypes"] for row in record["populations"]) == record["haplotypes"]
    assert sum(contig["variants"] for contig in record["contigs"]) == record["variants"]


def test_a_part_of_a_panel():
    record = json.loads(call("--json", "-r", "1:1-1000000", "-s", "SIM0001,SIM0201").stdout)
    assert (record["people"], record["haplotypes"]) == (2, 4)
    assert record["contigs"][0]["last"] <= 1_000_000


@pytest.fixture
def run(tmp_path):
    (tmp_path / "model").mkdir()
    card = {"model": "genome-ac-gan", "populations": ["AFR", "EUR"], "step": 7}
    (tmp_path / "model" / "card.json").write_text(json.dumps(card))
    (tmp_path / "provenance.json").write_text(json.dumps({"seed": 3, "software": {"torch": "2.13.0"}}))
    return tmp_path


def test_a_model_folder(run):
    record = json.loads(call("--json", run / "model").stdout)
    assert (record["kind"], record["step"]) == ("model", 7)
    assert "populations: AFR, EUR\n" in call(run / "model").stdout


def test_a_run_folder(run):
    record = json.loads(call("--json", run).stdout)
    assert record["kind"] == "run"
    assert record["provenance"]["seed"] == 3
    assert record["model"]["step"] == 7
    assert "  software:\n    torch: 2.13.0\n" in call(run).stdout


@pytest.mark.parametrize("damage", ["absent", "no folder of ours", "no JSON", "a list"])
def test_wrong_folders_are_one_line(tmp_path, damage):
    folder = tmp_path / "folder"
    if damage != "absent":
        folder.mkdir()
    if damage in ("no JSON", "a list"):
        (folder / "card.json").write_text("[1]" if damage == "a list" else "{")
    result = call(folder)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert "folder" in result.stderr


def test_columns_align_numbers_to_the_right():
    assert columns([("name", "n"), ("a", 1), ("bcd", 12345)]) == "name       n\na          1\nbcd   12,345\n"
