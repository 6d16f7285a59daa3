"""The commands in the papers are commands that exist."""

import re
import shlex
from pathlib import Path

import pytest
from click import Context

from genome_ac_gan.cli import COMMANDS, main
from genome_ac_gan.metrics import METRICS
from genome_ac_gan.models import CONDITIONING, MODELS, create_model

ROOT = Path(__file__).parents[2]
PAPERS = ["README.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))]
HEADINGS = [
    "What it tells", "What it cannot tell", "What a good value is", "Definition", "Draws and intervals", "Source",
]  # fmt: skip

MODEL_HEADINGS = [
    "What it assumes", "Objective", "How it conditions", "Presets", "When to use it", "Cost", "Known failures",
    "Symbols", "Source",
]  # fmt: skip


def commands_in(paper):
    """Return the words of every line of code that calls the program, continued lines joined, pipes cut."""
    text = (ROOT / paper).read_text(encoding="utf-8")
    for line in re.sub(r" \\\n +", " ", text).splitlines():
        if line.startswith("    ") and "genome-ac-gan " in line:
            yield from (part for part in line.split("|") if part.strip().startswith("genome-ac-gan "))


COMMAND_LINES = [(paper, line.strip()) for paper in PAPERS for line in commands_in(paper)]


def test_there_are_some():
    assert len(COMMAND_LINES) > 10


@pytest.mark.parametrize(("paper", "line"), COMMAND_LINES)
def test_every_command_line_parses(paper, line):
    name, *arguments = shlex.split(line)[1:]
    command = main.get_command(Context(main), name)
    assert command is not None, line
    while hasattr(command, "commands"):
        command = command.commands[arguments.pop(0)]
    command.make_context(name, arguments)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_verb_is_in_the_papers(name):
    assert re.search(rf"^\| `{name}\b", (ROOT / "docs" / "cli.md").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("paper", ["CONTRIBUTING.md", *PAPERS])
def test_links_between_papers_lead_somewhere(paper):
    text = (ROOT / paper).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert ((ROOT / paper).parent / target).exists(), target


def test_every_room_is_in_the_architecture():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    source = ROOT / "src" / "genome_ac_gan"
    rooms = {
        path.stem for path in source.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert {room for room in rooms if not room.startswith("__") and room not in text} == set()


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_has_its_page(name):
    path = ROOT / "docs" / "metrics" / f"{name}.md"
    assert path.is_file()
    text = path.read_text(encoding="utf-8")
    assert re.match(rf"# .+ \(`{name}`\)\n", text)
    found = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert [heading for heading in found if heading in HEADINGS] == HEADINGS
    told = [key for key, statistic in METRICS[name].statistics.items() if statistic.about]
    assert [key for key in told if f"`{key}`" not in text] == []


def test_the_index_of_metrics_is_the_registry():
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    row = re.compile(
        r"^\| \[`(.+?)`\]\(metrics/(.+?)\.md\) \| (\w+) \| `(.+?)` \| (\S+) \| .+\? \|$", re.MULTILINE
    )
    listed = [
        (name, page, group, headline, float(ideal))
        for name, page, group, headline, ideal in row.findall(text)
    ]
    assert listed == [
        (name, name, metric.group, metric.headline, metric.ideal) for name, metric in METRICS.items()
    ]
    assert len(listed) == text.count("](metrics/")
    pages = {path.stem for path in (ROOT / "docs" / "metrics").glob("*.md")}
    assert pages <= set(METRICS)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_its_page(name):
    path = ROOT / "docs" / "models" / f"{name}.md"
    assert path.is_file()
    text = path.read_text(encoding="utf-8")
    assert re.match(rf"# .+ \(`{name}`\)\n", text)
    found = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert [heading for heading in found if heading in MODEL_HEADINGS] == MODEL_HEADINGS
    assert [preset for preset in MODELS[name].presets if f"`{preset}`" not in text] == []
    assert "| symbol | meaning | name in code |" in text


def test_the_index_of_models_is_the_registry():
    text = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    row = re.compile(
        r"^\| \[`(.+?)`\]\(models/(.+?)\.md\) \| .+ \| `(.+?)` \| (exact|bound|none) \| (yes|no) \|$",
        re.MULTILINE,
    )
    listed = row.findall(text)  # of others the page is missed by the test of links
    assert [each for each in listed if each[0] in MODELS] == [
        (
            name, name, create_model(name).conditioning, getattr(kind, "likelihood", "none"),
            "yes" if kind.stores_training_data else "no",
        )
        for name, kind in MODELS.items()
    ]  # fmt: skip
    assert len(listed) == text.count("| [`")
    for way, words in CONDITIONING.items():
        assert f"| `{way}` | {words} |" in text
    pages = {path.stem for path in (ROOT / "docs" / "models").glob("*.md")}
    assert pages <= set(MODELS)
