"""The table on a terminal."""

import pandas as pd
import pytest

from genome_ac_gan.cli.verdict import FOOTNOTE, side_by_side

SOURCES = {"gan": 0.05, "rbm": 0.02, "train": 0.001, "real": 0.002, "independent": 0.4}


def table(sources=tuple(SOURCES)):
    rows = [
        (source, metric, group, population, statistic, value, value - 0.004, value + 0.004, 100, 0.0)
        for source, value in SOURCES.items()
        if source in sources
        for metric, group, statistic in (
            ("nearest-neighbour-accuracy", "privacy", "privacy_loss"),
            ("ld-decay", "fidelity", "corrected"),
        )
        for population in ("all", "EUR")
    ]
    names = "source metric group population statistic value lower upper n ideal"
    return pd.DataFrame(rows, columns=names.split())


def test_a_wide_terminal_has_a_line_for_each_statistic():
    lines = side_by_side(table(), 200).splitlines()
    assert lines[0].split() == ["gan", "rbm", "real", "train", "independent", "ideal"]
    assert [line for line in lines if line and not line.startswith(" ")] == ["fidelity", "privacy", FOOTNOTE]
    (row,) = [line for line in lines if "error of decay" in line]
    assert "0.0500 [0.0460, 0.0540]" in row
    assert "0.0200* [0.0160, 0.0240]" in row
    assert "0.0010 [-0.0030, 0.0050]" in row
    assert row.endswith("  0")


@pytest.mark.parametrize("width", [80, 120, 170])
def test_a_narrower_one_puts_intervals_below_and_sources_in_blocks(width):
    lines = side_by_side(table(), width).splitlines()
    assert max(len(line) for line in lines[:-1]) <= width
    heads = [line.split() for line in lines if line.endswith("ideal")]
    assert [name for head in heads for name in head[:-1]] == ["gan", "rbm", "real", "train", "independent"]
    assert sum("error of decay" in line for line in lines) == len(heads)
    assert sum(line.count("[") for line in lines) == 10


def test_columns_are_flush_and_numbers_plain_ascii():
    text = side_by_side(table(), 100)
    assert text.isascii()
    head, _, _, row = text.splitlines()[:4]
    assert row.index("0.0500") + len("0.0500") == head.index("gan") + len("gan")


def test_a_single_set_needs_no_footnote():
    text = side_by_side(table(("gan", "train")), 200)
    assert "*" not in text
