"""The page docs/reproduction.md out of the folders of the paper's experiments.

    genome-ac-gan reproduce polyloss examples/reproduce-polyloss.yaml -o runs/polyloss
    python benchmarks/reproduction_docs.py runs/polyloss runs/comparison runs/augmentation

Folders of one experiment stand under its heading, in the order given; the same folders make the same page. What is
not done yet is left empty.
"""

import argparse
import json
import math
import shlex
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from genome_ac_gan.config import read_yaml
from genome_ac_gan.errors import GenomeACGANError
from genome_ac_gan.files import read_tsv, write_text
from genome_ac_gan.report.facts import duration
from genome_ac_gan.report.reproduction.page import ACCOUNTS, shown
from genome_ac_gan.report.run import read_record

PAGE = Path(__file__).parents[1] / "docs" / "reproduction.md"
HEAD = """# The paper's experiments, repeated

What the paper prints (Ahronoviz & Gronau 2024, doi:10.1101/2024.02.14.580420), beside what was found here by one
command each. An experiment skips what is done, so that the same command goes on where it was stopped; `--list` prints
its tasks, and the folder's `report.html` has the figures. A dash: not printed, or not defined.

Scales: `small` shows that all of it works within minutes, on 805 other variants and with fewer updates and replicates:
its values say little of the paper's. `full-805` has the paper's replicates on these variants, `reduced` the paper's own
10,000 variants with networks of this package and fewer replicates. `full` is the paper's own panel, updates and
replicates.

This page is written by `benchmarks/reproduction_docs.py` from the folders that the commands leave.
"""
SPOKEN_OF = {("comparison", "reduced"), ("augmentation", "reduced"), ("polyloss", "small")}
# Of the folders above, whose tables stand below it on the page: to be read again whenever one is made anew.
FINDINGS = """## In short

Scale `reduced`, on the paper's 10,000 variants; in brackets what the paper prints:

- **Comparison: the Genome-AC-GAN lies beside real people, as in the paper.** W of principal components, as published:
  training haplotypes 885 (897), by continent 912 (906), by nation 996 (920), one training each; the spread over subsets
  is 60 to 85. The tree has 1,240 and mosaics of real haplotypes 1,633. In the corrected reading continents and nations
  lie equally near (.96 and .92, training haplotypes .87). Frequencies of all 26 nations correlate above .98 with those
  of all people of the nation (12 of 26), and linkage decays with an error of .0047 (.032; training haplotypes .0010,
  .002); frequencies of mosaics are as near. The networks are those of this package; those of the paper, and the other
  models it compares at this size, want a GPU.
- **Augmentation: the paper's accuracies with real haplotypes return; no gain by artificial genomes is seen.** Real
  haplotypes alone give .328, .279 and .300 by support vector machine, nearest neighbours and network (.323, .289,
  .311; .17 for who always names the largest population). Over ten splits artificial genomes add .8 points (-1.3 to
  2.8; paper 3.6), take 1.1 (-3.1 to .8; 5.3 added) and add 3.2 (-2.1 to 8.4; 6.0). One more split would lie between
  -2.8 and 4.3, -4.6 and 2.3, -6.1 and 12.4: if the paper's is one split, its gain with nearest neighbours alone is more
  than chance between splits. Real haplotypes repeated, which hold nothing new, add 1.8 (.1 to 3.6), -.2 (-2.3 to
  2.0) and 7.3 points (-.3 to 14.8), recombined ones 2.1, 1.9 and 5.5: at least as much as either generator. Why: of the
  artificial genomes among the five nearest of a test haplotype 17% are of its population, of the real ones that they
  displace 19%, and 15% would be by chance. The network classifier was a sixteenth as wide as the paper's.
- **Polyloss: no gain is seen** on 805 variants, where both losses tell continents in 97.5% and 97.6% and little is left
  to gain. The paper's test finds plain cross-entropy better at p = .03, since it takes checkpoints of one run for
  independent observations; tests that do not find nothing.
"""
TAIL = """## What wants a GPU

Scale `full` was run by nobody yet. At 10,000 SNPs an update of the networks of `paper` or `code` takes 4.2 or 4.4 s on
two cores and 6.1 GB ([what an update costs](comparison.md#what-an-update-costs)), so that the 10,000 updates of one
training of `paper` take twelve hours: polyloss has six such and a grid, the comparison two and as many of `code`, which
makes fifteen times the updates, the augmentation one of each for each of ten splits. An update of `wgan23` takes 22 s
at 805 SNPs already. On a machine with a GPU:

    genome-ac-gan reproduce polyloss examples/reproduce-polyloss.yaml -o runs/polyloss --scale full --device cuda
    genome-ac-gan reproduce comparison examples/reproduce-comparison.yaml -o runs/comparison --scale full --device cuda
    genome-ac-gan reproduce augmentation examples/reproduce-augmentation.yaml -o runs/augmentation --scale full \\
        --device cuda
"""
COLUMNS = ("", "paper", "here", "95% interval", "n", "why different")


@dataclass(frozen=True)
class Folder:
    """What an experiment left.

    Attributes
    ----------
    path
        Its folder.
    record, settings
        `provenance.json` and `reproduction.yaml`.
    compared
        The printed values beside ours.
    tables
        By name.
    seconds
        Of each task that is done.
    """

    path: Path
    record: dict[str, Any]
    settings: dict[str, Any]
    compared: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    seconds: list[float]


def read(path: Path) -> Folder:
    """Read the folder of an experiment that was collected."""
    record = read_record(path / "provenance.json")
    if record.get("experiment") not in ACCOUNTS:
        raise GenomeACGANError(f"{path} holds no experiment of the paper that this version knows")
    if not (path / "compared.tsv").is_file():
        raise GenomeACGANError(f"{path} has no compared.tsv: call reproduce with --collect first")
    done = sorted((path / "tasks").rglob("done.json"))
    return Folder(
        path=path,
        record=dict(record),
        settings=read_yaml(path / "reproduction.yaml"),
        compared=read_tsv(path / "compared.tsv"),
        tables={file.stem: read_tsv(file) for file in sorted((path / "tables").glob("*.tsv"))},
        seconds=[float(json.loads(file.read_text(encoding="utf-8"))["seconds"]) for file in done],
    )


def page(folders: Sequence[Folder]) -> str:
    """Return the page as Markdown; what was found in words where the folders are those that the words are of."""
    found = {(folder.record["experiment"], folder.record.get("scale")) for folder in folders}
    parts = [HEAD, FINDINGS] if found >= SPOKEN_OF else [HEAD]
    for name, account in ACCOUNTS.items():
        mine = [folder for folder in folders if folder.record["experiment"] == name]
        if mine:
            parts += [f"## {account.title}\n\n{_wrapped(account.lead)}\n", *map(_folder, mine)]
            parts.append("\n".join(_wrapped(f"- {limit}", "  ") for limit in account.limits) + "\n")
    return "\n".join([*parts, TAIL])


def _wrapped(text: str, indent: str = "") -> str:
    """Return a paragraph in lines of 120 columns."""
    return textwrap.fill(text, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _command(folder: Folder) -> str:
    """Return the command that made a folder, with a place for the folder that anyone has."""
    words = shlex.split(folder.record["command"])
    for flag in {"-o", "--output"} & set(words[:-1]):
        words[words.index(flag) + 1] = f"runs/{folder.record['experiment']}"
    return shlex.join(words)


def _folder(folder: Folder) -> str:
    scale = folder.record.get("scale")
    tables = ", ".join(f"`{name}` ({len(table):,})" for name, table in folder.tables.items())
    return "\n".join(
        [
            f"### {f'Scale {scale}' if scale else folder.path.resolve().name}\n",
            f"    {_command(folder)}\n",
            f"{_wrapped(_facts(folder))}.\n",
            _markdown(_lines(folder.compared)) + "\n",
            *_documented(folder),
            _wrapped(f"Tables in the folder, with their rows: {tables or 'none'}.") + "\n",
        ]
    )


def _documented(folder: Folder) -> Iterable[str]:
    """Yield the tables of those parts of the report that belong here too."""
    account = ACCOUNTS[folder.record["experiment"]]
    for part in account.parts(folder.tables, folder.settings):
        if part.id in account.documented and part.table:
            rows = zip(*part.table.values(), strict=True)
            lines = [
                tuple(map(_cell, part.table)),
                ("---",) * len(part.table),
                *(tuple(map(_cell, row)) for row in rows),
            ]
            yield f"#### {part.title}\n\n{_wrapped(part.text)}\n\n{_markdown(lines)}\n"


def _facts(folder: Folder) -> str:
    machine, software = folder.record["machine"], folder.record["software"]
    seeds = folder.settings.get("seeds")
    facts = [
        f"{machine['processor']}, {machine['system']}",
        f"genome-ac-gan {software['genome-ac-gan']}, torch {software['torch']}",
        f"seed {folder.settings['seed']}"
        + (f", runs with seeds {', '.join(map(str, seeds))}" if seeds else ""),
        f"{len(folder.seconds)} tasks done in {duration(sum(folder.seconds))}",
    ]
    return "; ".join(facts)


def _lines(compared: pd.DataFrame) -> Iterable[tuple[str, ...]]:
    yield COLUMNS
    yield ("---",) * len(COLUMNS)
    figure = None
    for row in compared.to_dict("records"):
        if row["figure"] != figure:
            figure = row["figure"]
            yield (f"**{_cell(figure)}**", *("",) * (len(COLUMNS) - 1))
        ends = [row["lower"], row["upper"]]
        given = all(map(math.isfinite, ends))
        yield (
            _cell(row["quantity"]), shown(row["paper"]), shown(row["here"]),
            " to ".join(map(shown, ends)) if given else "",
            f"{row['n']:,.0f}" if math.isfinite(row["n"]) else "", _cell(row["note"]),
        )  # fmt: skip


def _cell(text: object) -> str:
    """Return a text that stays in its cell."""
    return "" if text != text else str(text).replace("|", "\\|")


def _markdown(lines: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "folders", nargs="+", type=Path, metavar="FOLDER", help="of an experiment of the paper"
    )
    parser.add_argument(
        "-o", "--output", type=Path, default=PAGE, metavar="FILE", help="docs/reproduction.md"
    )
    options = parser.parse_args(words)
    try:
        folders = [read(folder) for folder in options.folders]
        write_text(options.output, page(folders))
    except GenomeACGANError as error:
        parser.error(str(error))
    print(options.output)


if __name__ == "__main__":
    main()
