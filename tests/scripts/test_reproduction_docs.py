"""The page on the paper's experiments, from folders made by hand."""

import importlib.util
import json
from pathlib import Path

import pytest

from genome_ac_gan.experiment.reproduction.base import COMPARED
from genome_ac_gan.report.reproduction import page
from genome_ac_gan.report.reproduction.parts import Account, Part

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "reproduction_docs.py"


def parts(tables, settings):
    """Return a part that the page shows and one that it does not."""
    sums = {"Sum | all": [f"{tables['scores'].to_numpy().sum()}"], "Seed": [f"{settings['seed']}"]}
    return [
        Part(id="sums", title="Sums", text="Of all.", table=sums),
        Part(id="own", title="Report only", table=sums),
    ]


ACCOUNTS = {
    name: Account(
        title=f"What {name} is", lead="Words.", methods=str, parts=parts, limits=[f"Not {name}."],
        documented=("sums",),
    )
    for name in ("first", "second")
}  # fmt: skip


@pytest.fixture
def script(monkeypatch):
    monkeypatch.setattr(page, "ACCOUNTS", ACCOUNTS)
    spec = importlib.util.spec_from_file_location("reproduction_docs", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make(folder, experiment, scale, *rows, seconds=(50.0, 100.0), settings="seed: 3\nseeds: [4, 5]\n"):
    (folder / "tables").mkdir(parents=True)
    record = {
        "experiment": experiment, "scale": scale, "command": f"genome-ac-gan reproduce {experiment} c.yaml -o out",
        "machine": {"processor": "Abacus 9", "system": "Linux-1"},
        "software": {"genome-ac-gan": "0.1", "torch": "2.9", "python": "3.12"},
    }  # fmt: skip
    (folder / "provenance.json").write_text(json.dumps(record))
    (folder / "reproduction.yaml").write_text(settings)
    lines = ["\t".join(COMPARED), *("\t".join(row) for row in rows)]
    (folder / "compared.tsv").write_text("\n".join(lines) + "\n")
    (folder / "tables" / "scores.tsv").write_text("a\tb\n1\t2\n3\t4\n")
    for number, each in enumerate(seconds):
        place = folder / "tasks" / "run" / f"{number}"
        place.mkdir(parents=True)
        (place / "done.json").write_text(json.dumps({"seconds": each}))
    return folder


ROWS = [
    ("Figure 3", "Accuracy of a|b", "0.88", "0.8512", "0.83", "0.8701", "1000", "fewer variants"),
    ("Figure 3", "Another", "", "", "", "", "", ""),
    ("Figure 4", "p", "0.00042", "0.03", "", "", "289", ""),
]


def test_every_experiment_has_its_command_its_facts_and_its_table(script, tmp_path, capsys):
    small = make(tmp_path / "small", "second", "small", *ROWS)
    whole = make(tmp_path / "whole", "second", None, ROWS[2], seconds=(30.5,), settings="seed: 7\n")
    other = make(tmp_path / "other", "first", "full", ROWS[0], seconds=())
    target = tmp_path / "page.md"
    script.main([*map(str, (small, other, whole)), "-o", str(target)])
    assert capsys.readouterr().out == f"{target}\n"
    text = target.read_text()
    lines = text.splitlines()
    headings = [line for line in lines if line.startswith(("## What", "### "))]
    assert headings == [
        "## What first is", "### Scale full", "## What second is", "### Scale small", "### whole",
        "## What wants a GPU",
    ]  # fmt: skip
    assert lines.count("    genome-ac-gan reproduce second c.yaml -o runs/second-small") == 1
    assert lines.count("    genome-ac-gan reproduce second c.yaml -o runs/second") == 1
    assert (
        "Abacus 9, Linux-1; genome-ac-gan 0.1, torch 2.9; seed 3, runs with seeds 4, 5; 2 tasks done in 2 min 30 s."
    ) in lines
    assert any(line.endswith("; seed 7; 1 tasks done in 30 s.") for line in lines)
    start = lines.index("### Scale small")
    part = lines.index("#### Sums", start)
    assert lines[part : part + 8] == [
        "#### Sums", "", "Of all.", "", r"| Sum \| all | Seed |", "| --- | --- |", "| 10 | 3 |", "",
    ]  # fmt: skip
    assert "Report only" not in text
    table = [line for line in lines[start:part] if line.startswith("|")]
    assert table[2:] == [
        "| **Figure 3** |  |  |  |  |  |",
        r"| Accuracy of a\|b | 0.8800 | 0.8512 | 0.8300 to 0.8701 | 1,000 | fewer variants |",
        "| Another | – | – |  |  |  |",
        "| **Figure 4** |  |  |  |  |  |",
        "| p | 0.00042 | 0.0300 |  | 289 |  |",
    ]
    assert len({line.replace(r"\|", "").count("|") for line in table}) == 1
    assert "Tables in the folder, with their rows: `scores` (2)." in lines
    assert text.index("- Not first.") < text.index("## What second is") < text.index("- Not second.")
    before = target.read_bytes()
    script.main([*map(str, (small, other, whole)), "-o", str(target)])
    assert target.read_bytes() == before


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (
            lambda folder: (folder / "compared.tsv").unlink(),
            "has no compared.tsv: call reproduce with --collect",
        ),
        (lambda folder: (folder / "provenance.json").write_text("{}"), "holds no experiment of the paper"),
    ],
)
def test_a_folder_that_cannot_be_told_is_named_and_no_page_is_written(
    script, tmp_path, capsys, harm, message
):
    folder = make(tmp_path / "small", "second", "small", *ROWS)
    harm(folder)
    with pytest.raises(SystemExit) as ended:
        script.main([str(folder), "-o", str(tmp_path / "page.md")])
    assert ended.value.code == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert message in error
    assert str(folder) in error
    assert not (tmp_path / "page.md").exists()


def test_findings_stand_above_the_folders_that_they_are_of_and_no_others(script, tmp_path, monkeypatch):
    folder = script.read(make(tmp_path / "small", "second", "small", *ROWS))
    assert "## In short" not in script.page([folder])
    monkeypatch.setattr(script, "SPOKEN_OF", {("second", "small")})
    assert "## In short" in script.page([folder])
