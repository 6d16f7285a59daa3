"""Label tables in the layouts of others, and what is decided about odd ones."""

from pathlib import Path

import numpy as np
import pytest

from genome_ac_gan.errors import PanelError
from genome_ac_gan.formats import default_label, read_labels, read_panel, read_split, write_panel
from genome_ac_gan.panel import HaplotypePanel, split_by_file


def table(tmp_path: Path, text: str, name: str = "t.tsv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


LAYOUTS = {
    "1000 Genomes panel with tabs at the end": (
        "sample\tpop\tsuper_pop\tgender\t\t\nS1\tGBR\tEUR\tmale\t\t\nS2\tYRI\tAFR\tfemale\n",
        ("pop", "super_pop"),
        "super_pop",
    ),
    "IGSR pedigree": (
        "FamilyID SampleID FatherID MotherID Sex Population Superpopulation\n"
        "F1 S1 0 0 1 GBR EUR\nF2 S2 0 0 2 YRI AFR\n",
        ("Population", "Superpopulation"),
        "Superpopulation",
    ),
    "PLINK psam": ("#IID\tSEX\tPOP\nS1\t1\tGBR\nS2\t2\tYRI\n", ("POP",), "POP"),
    "PLINK psam with families": ("#FID\tIID\tSEX\tPOP\nF\tS1\t1\tGBR\nF\tS2\t2\tYRI\n", ("POP",), "POP"),
    "TSV": ("# kind\tsample_id\nGBR\tS1\nYRI\tS2\n", ("kind",), "kind"),
    "CSV": ("SampleID,region\nS1,GBR\nS2,YRI\n", ("region",), "region"),
    "CRLF": ("sample\tpop\r\nS1\tGBR\r\nS2\tYRI\r\n", ("pop",), "pop"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(tmp_path: Path, layout: str) -> None:
    text, names, label = LAYOUTS[layout]
    labels = read_labels(table(tmp_path, text))
    assert labels.names == names
    assert default_label(labels.names, "t") == label
    assert labels.column(names[0], ["S2", "S1"]) == ["YRI", "GBR"]


def test_several_columns_ask_for_a_choice(tmp_path: Path) -> None:
    with pytest.raises(PanelError, match="several label columns: city, clan; choose one"):
        default_label(read_labels(table(tmp_path, "sample\tcity\tclan\nS1\ta\tb\n")).names, "t.tsv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pop\tsuper_pop\nGBR\tEUR\n", "no sample column: its header names pop, super_pop"),
        ("sample\tgender\nS1\tmale\n", "no label column"),
        ("sample\tpop\nS1\tGBR\textra\n", "line 2: 3 values, the header names 2"),
        ("", "is empty"),
        ("\n\n", "has no header"),
    ],
)
def test_bad_tables(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PanelError, match=message) as caught:
        read_labels(table(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_missing_table(tmp_path: Path) -> None:
    with pytest.raises(PanelError, match="no such file"):
        read_labels(tmp_path / "none.tsv")
    with pytest.raises(PanelError, match="is a folder"):
        read_labels(tmp_path)


def test_rows_that_disagree_are_joined(tmp_path: Path) -> None:
    labels = read_labels(table(tmp_path, "sample\tpop\nS1\tIBS\nS1\tMSL\nS2\tGBR\nS2\tGBR\n"))
    assert labels.rows == {"S1": ("IBS,MSL",), "S2": ("GBR",)}


# -- labels and panels ---------------------------------------------------------


@pytest.fixture
def saved(tmp_path: Path, panel: HaplotypePanel) -> Path:
    """The panel as npz, and so without a label table beside it."""
    path = tmp_path / "p.npz"
    write_panel(panel, path)
    return path


ROWS = {"S0": "GBR", "S1": "YRI", "S2": "CEU", "S3": "GBR", "S4": "YRI", "S5": "CEU"}


def rows(tmp_path: Path, **changes: str) -> Path:
    merged = {**ROWS, **changes}
    return table(tmp_path, "sample\tpop\n" + "".join(f"{key}\t{value}\n" for key, value in merged.items()))


def test_two_labels_leave_a_person_out(saved: Path, tmp_path: Path, notices: list[str]) -> None:
    got = read_panel(saved, labels=rows(tmp_path, S2="IBS,MSL"), on_notice=notices.append)
    assert sorted(set(got.sample_id.tolist())) == ["S0", "S1", "S3", "S4", "S5"]
    assert "1 people with two labels (first S2: IBS,MSL)" in notices[0]
    with pytest.raises(PanelError, match=r"two labels \(first S2"):
        read_panel(saved, labels=rows(tmp_path, S2="IBS,MSL"), conflicting="error")


def test_two_labels_at_the_other_level_count_too(saved: Path, tmp_path: Path, notices: list[str]) -> None:
    text = "sample\tpop\tsuper_pop\n" + "".join(f"{key}\t{value}\tALL\n" for key, value in ROWS.items())
    path = table(tmp_path, text + "S0\tFIN\tALL\n")
    got = read_panel(saved, labels=path, on_notice=notices.append)
    assert got.label == "super_pop"
    assert "S0" not in got.sample_id.tolist()


def test_sample_without_label(saved: Path, tmp_path: Path) -> None:
    path = table(tmp_path, "sample\tpop\nS0\tGBR\nS5\tCEU\n")
    with pytest.raises(PanelError, match=r"no label for 4 of 6 samples: S1, S2, S3 and 1 more"):
        read_panel(saved, labels=path)
    got = read_panel(saved, labels=path, samples=["S5", "S0"])
    assert got.sample_id.tolist() == ["S5", "S5", "S0", "S0"]
    assert got.population.tolist() == ["CEU", "CEU", "GBR", "GBR"]


def test_empty_label(saved: Path, tmp_path: Path, notices: list[str]) -> None:
    with pytest.raises(PanelError, match=r"no pop for 1 samples \(first S3\)"):
        read_panel(saved, labels=rows(tmp_path, S3=""))
    text = "sample\tpop\tnote\n" + "".join(f"{key}\t{value}\t\n" for key, value in ROWS.items())
    got = read_panel(saved, labels=table(tmp_path, text), on_notice=notices.append)
    assert list(got.labels) == ["pop"]
    assert "note" in notices[-1]


def test_table_names_more_samples(saved: Path, tmp_path: Path, notices: list[str]) -> None:
    read_panel(saved, labels=rows(tmp_path, Z8="GBR", Z9="GBR"), on_notice=notices.append)
    assert "names 2 samples that" in notices[0]
    assert "(first Z8)" in notices[0]


def test_label_by_name(saved: Path, tmp_path: Path, panel: HaplotypePanel) -> None:
    assert read_panel(saved, label="pop").population.tolist() == panel.labels["pop"].tolist()
    with pytest.raises(PanelError, match="no label column 'clan'"):
        read_panel(saved, label="clan")
    with pytest.raises(PanelError, match="no label column 'clan'; it has: pop"):
        read_panel(saved, labels=rows(tmp_path), label="clan")


def test_children(saved: Path, tmp_path: Path, notices: list[str]) -> None:
    text = "SampleID FatherID MotherID Population\n" + "".join(
        f"{key} {'S0' if key == 'S3' else '0'} 0 {value}\n" for key, value in ROWS.items()
    )
    path = table(tmp_path, text)
    kept = read_panel(saved, labels=path, on_notice=notices.append)
    assert kept.n_people == 6
    assert "1 people whose father or mother is read too (first S3)" in notices[0]
    dropped = read_panel(saved, labels=path, children="drop", on_notice=notices.append)
    assert dropped.n_people == 5
    assert "S3" not in dropped.sample_id.tolist()


def test_unknown_option(saved: Path) -> None:
    with pytest.raises(PanelError, match="children must be one of keep, drop, not 'maybe'"):
        read_panel(saved, children="maybe")


# -- splits --------------------------------------------------------------------


def test_split(tmp_path: Path, panel: HaplotypePanel) -> None:
    text = "sample\tsplit\n" + "".join(f"S{i}\t{'test' if i < 2 else 'train'}\n" for i in range(6))
    split = split_by_file(panel, read_split(table(tmp_path, text)))
    assert np.unique(split.holdout.sample_id).tolist() == ["S0", "S1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sample\tpop\nS1\tGBR\n", "no column 'split'"),
        ("sample\tsplit\nS1\t\n", "S1 has no side"),
        ("sample\tsplit\nS1\ttrain\nS1\ttest\n", "S1 is on two sides"),
    ],
)
def test_bad_split(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PanelError, match=message):
        read_split(table(tmp_path, text))


@pytest.mark.real_data
def test_real_tables(real_data: Path) -> None:
    labels = read_labels(real_data / "kgp3_samples.panel")
    assert len(labels.rows) == 2504
    assert labels.names == ("pop", "super_pop")
    sides = read_split(real_data / "kgp3_chr15_10k.split.tsv")
    assert sum(side == "test" for side in sides.values()) == 501
