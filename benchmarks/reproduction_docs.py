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
its values say little of the paper's. `full-805` has the replicates of `full` on these variants, `reduced` the paper's
own 10,000 variants with networks of this package and fewer replicates. `full` is the paper's own panel, updates and
replicates. The paper's text has these 10,000 variants on chromosome 6, its program and its data on chromosome 15.
Trainings with a budget end by the clock: the same command gives other numbers on another machine.

This page is written by `benchmarks/reproduction_docs.py` from the folders that the commands leave.
"""
SPOKEN_OF = {
    ("comparison", "reduced"),
    ("comparison", "full-805"),
    ("augmentation", "reduced"),
    ("augmentation", "full-805"),
    ("polyloss", "small"),
}
# Of the folders above, whose tables stand below it on the page: to be read again whenever one is made anew.
FINDINGS = """## In short

None of the paper's networks was trained here at its size: this page tests its protocols, and its claims with the
networks of this package. AG is an artificial genome, W the summed distance of paired haplotypes on two principal
components. On the paper's 10,000 variants (scale `reduced`) where nothing else is said; in brackets what the paper or
its files print:

- **Comparison: the AGs of the Genome-AC-GAN lie about as near to test people as training haplotypes do, as in the
  paper.** W as published, one training each: training haplotypes 885 (897), AGs by continent 912 (906), by nation 996
  (920); over subsets the standard deviation is 60 to 85. `hclt` after 25 passes has 1,240, `li-stephens` 1,633. In the
  corrected reading it is .87, .96 and .92. Frequencies of all 26 nations correlate above .98 with those of all people
  of the nation (12 of 26); those of `li-stephens` are as near. Linkage decays with an error of .0047 (.032), training
  haplotypes have .0010 (.002), over the variants with two alleles in every set, which are others where other sets are
  compared. The other models of the paper want a GPU at this size. On 805 variants (`full-805`) our implementations of
  the paper's networks have a W of 4,944 and 3,511 by its text, with its 10,000 updates, and of 797 and 3,140 by its
  program, with a fifteenth of its updates, where those of this package have 352 and 347, training haplotypes 322.
- **Augmentation: real haplotypes are told apart as well as in the paper; AGs of this package do not help as much.**
  Real haplotypes alone give .328, .279 and .300 by support vector machine, nearest neighbours and network (.323, .289,
  .311; who always names the largest population has .17). Over ten splits AGs of the preset `stable` add .8 points
  (-1.3 to 2.8; 3.6), take 1.1 (-3.1 to .8; 5.3 added) and add 3.2 (-2.1 to 8.4; 6.0): the intervals leave the printed
  gains out for the first two, not for the network. If the paper's is one split, chance between splits is enough for the
  first and the last (one more split here: -2.8 to 4.3, -4.6 to 2.3, -6.1 to 12.4). Real haplotypes recombined, without
  a model, add 2.1 (.4 to 3.7), 1.9 (.2 to 3.7) and 5.5 (.2 to 10.9), repeated ones 1.8, -.2 and 7.3. For nearest
  neighbours the reason is at hand: of the AGs among the five nearest of a test haplotype 17% are of its population, of
  the real ones that they displace 19% (2.3 points less, .5 to 4.2), and 15% would be by chance; children of two real
  haplotypes have 27%. The network classifier was a sixteenth as wide as the paper's, and fitted once a split. On 805
  variants (`full-805`: fifty replicates, ten splits) AGs take .7 points (-2.4 to 1.1) and 2.8 (.3 to 5.3) with the
  first two; majorities of five real haplotypes, which differ by a third less than people do, add 11.8 (9.0 to 14.6)
  with nearest neighbours without any model. By the network of the program, in five of the splits, AGs add 2.7 (1.5 to
  4.0) and repeated real haplotypes 6.8 (3.4 to 10.1). No other generator adds anything there: `gan`, `hclt` and
  `li-stephens` take 5.0, 2.3 and 2.1, and .4, 3.5 and 2.1, in the five or six splits that were run of them. The network
  of the text and the other splits of that of the program were not run.
- **Polyloss: no conclusion.** It was tried on 805 variants, where both losses tell continents in 97.5% and 97.6% and
  little is left to gain. The paper's test finds plain cross-entropy better there at p = .03, since it takes checkpoints
  of one run for independent observations; tests that do not find nothing.
"""
TAIL = """## What wants a GPU

Scale `full` was run by nobody yet. At 10,000 SNPs an update of the networks of `paper` or `code` takes 4.2 or 4.4 s on
two cores and 6.1 GB ([what an update costs](comparison.md#what-an-update-costs)), so that the 10,000 updates of one
training of `paper` take twelve hours: polyloss has six such and a grid, the comparison two and as many of `code`, which
makes fifteen times the updates, the augmentation one of each for each of ten splits. An update of `wgan23` takes 22 s
at 805 SNPs already. On a machine with a GPU:

    genome-ac-gan reproduce polyloss examples/reproduce-polyloss.yaml -o runs/polyloss-full --scale full --device cuda
    genome-ac-gan reproduce comparison examples/reproduce-comparison.yaml -o runs/comparison-full --scale full \\
        --device cuda
    genome-ac-gan reproduce augmentation examples/reproduce-augmentation.yaml -o runs/augmentation-full --scale full \\
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
    words, scale = shlex.split(folder.record["command"]), folder.record.get("scale")
    for flag in {"-o", "--output"} & set(words[:-1]):
        words[words.index(flag) + 1] = "-".join(filter(None, ["runs/" + folder.record["experiment"], scale]))
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
