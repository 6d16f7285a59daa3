"""`.hapt` and legends: the published files, and what is refused."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from genome_ac_gan.errors import PanelError
from genome_ac_gan.formats import read_panel, write_panel
from genome_ac_gan.panel import HaplotypePanel

LEGEND = "id position a0 a1\n1:100_A_C 100 A C\n1:200_G_T 200 G T\n2:50_C_A 50 C A\n"
LINES = "Real S1_A 0 1 1\nReal S1_B 0 0 1\nReal S2_A 1 1 1\nReal S2_B 0 1 0\n"


@pytest.fixture
def hapt(tmp_path: Path) -> Callable[..., Path]:
    """Write a `.hapt` and its legend."""

    def write(lines: str = LINES, legend: str | None = LEGEND) -> Path:
        path = tmp_path / "x.hapt"
        path.write_bytes(lines.encode())
        if legend is not None:
            (tmp_path / "x.legend").write_text(legend, encoding="utf-8")
        return path

    return write


def test_people_and_variants(hapt: Callable[..., Path]) -> None:
    panel = read_panel(hapt())
    assert panel.sample_id.tolist() == ["S1", "S1", "S2", "S2"]
    assert panel.haplotypes.tolist() == [[0, 1, 1], [0, 0, 1], [1, 1, 1], [0, 1, 0]]
    assert panel.variants.contigs == ("1", "2")
    assert panel.populations == ("unlabelled",)


def test_ids_without_partner_stay(hapt: Callable[..., Path]) -> None:
    panel = read_panel(hapt("AG S1_A 0 1 1\nAG S2_B 0 0 1\nAG AG7 1 1 1\n"))
    assert panel.sample_id.tolist() == ["S1_A", "S2_B", "AG7"]


def test_first_word_may_be_a_label(hapt: Callable[..., Path]) -> None:
    assert read_panel(hapt("EUR a 0 1 1\nAFR b 0 0 1\n")).population.tolist() == ["EUR", "AFR"]


@pytest.mark.parametrize(
    "lines",
    [
        LINES.replace("\n", "\r\n"),
        LINES.replace("\n", " \n"),
        LINES + "\n\n",
        LINES.replace(" ", "\t"),
        LINES[:-1],
    ],
    ids=["CRLF", "blank at the end", "blank lines", "tabs", "no last newline"],
)
def test_ways_of_writing(hapt: Callable[..., Path], lines: str) -> None:
    expected = read_panel(hapt())
    assert read_panel(hapt(lines)).equals(expected)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            "Real S1_A 0 1\nReal S1_B 0 1 1\n",
            r"x.hapt, line 1: 2 alleles, expected 3 \(the variants are those of .*x.le",
        ),
        ("Real S1_A 0 1 1\nReal S1_B 0 1 1 0\n", "line 2: 4 alleles, expected 3"),
        ("Real S1_A 0 1 2\n", "1 alleles are neither 0 nor 1; the first is '2', line 1, allele 3"),
        ("Real S1_A 0 1 -1\n", "line 1: '-1' is no allele"),
        ("S1_A 0 1 1\n", "line 1: 2 alleles, expected 3"),
        ("Real a 0 1 1\nReal b 0 1 1\nReal a 0 0 0\n", "rows of sample a are not neighbours"),
        ("", "is empty"),
        ("Real S1_A 0  1 1\n", "single characters with one blank between"),
    ],
)
def test_bad_lines(hapt: Callable[..., Path], lines: str, message: str) -> None:
    with pytest.raises(PanelError, match=message) as caught:
        read_panel(hapt(lines))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("legend", "message"),
    [
        (LEGEND.replace("1:200_G_T", "rs7"), "line 3: id rs7 does not name its contig"),
        (LEGEND.replace("200 G", "201 G"), "line 3: id 1:200_G_T contradicts position 201"),
        (LEGEND.replace(" a1", ""), "is no legend: its header lacks a1"),
        (LEGEND.replace("50 C A", "50 C"), "line 4: 3 values"),
        (LEGEND.replace("2:50", "1:50"), "x.legend: position must rise"),
        ("id position a0 a1\n", "names no variant"),
    ],
)
def test_bad_legend(hapt: Callable[..., Path], legend: str, message: str) -> None:
    with pytest.raises(PanelError, match=message):
        read_panel(hapt(legend=legend))


def test_where_the_legend_is(hapt: Callable[..., Path], tmp_path: Path, notices: list[str]) -> None:
    path = hapt(legend=None)
    with pytest.raises(PanelError, match=r"needs a legend: no x.legend beside it; name one \(--legend\)"):
        read_panel(path)
    (tmp_path / "sites.legend").write_text(LEGEND, encoding="utf-8")
    panel = read_panel(path, on_notice=notices.append)
    assert "variants taken from" in notices[0]
    (tmp_path / "other.legend").write_text(LEGEND, encoding="utf-8")
    with pytest.raises(PanelError, match="needs a legend"):
        read_panel(path)
    assert read_panel(path, legend=tmp_path / "other.legend").equals(panel)


def test_zip_of_two_files(tmp_path: Path) -> None:
    path = tmp_path / "x.hapt.zip"
    (tmp_path / "x.legend").write_text(LEGEND, encoding="utf-8")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.hapt", LINES)
        archive.writestr("b.hapt", LINES)
    with pytest.raises(PanelError, match="holds 2 files; expected one"):
        read_panel(path)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(PanelError, match="truncated or corrupt"):
        read_panel(path)


def test_region_and_samples(hapt: Callable[..., Path]) -> None:
    path = hapt()
    panel = read_panel(path, region="1:150-", samples=["S2"])
    assert panel.haplotypes.tolist() == [[1], [1]]
    with pytest.raises(PanelError, match=r"no contig 'chr1'.*did you mean '1'"):
        read_panel(path, region="chr1")
    with pytest.raises(PanelError, match="no variant in region 1:300-"):
        read_panel(path, region="1:300-")
    with pytest.raises(PanelError, match="lacks 1 of the samples asked for: S9"):
        read_panel(path, samples=["S9"])


# -- IMPUTE ------------------------------------------------------------------------


def impute(tmp_path: Path, hap: str, samples: str) -> Path:
    (tmp_path / "y.legend").write_text(LEGEND, encoding="utf-8")
    (tmp_path / "y.samples").write_text(samples, encoding="utf-8")
    (tmp_path / "y.hap").write_text(hap, encoding="utf-8")
    return tmp_path / "y.hap"


HAP = "0 1 1 -\n1 1 0 -\n0 0 0 -\n"
SAMPLES = "sample population group sex\nS1 GBR EUR 1\nS2 YRI AFR 2\n"


def test_impute(tmp_path: Path) -> None:
    panel = read_panel(impute(tmp_path, HAP, SAMPLES))
    assert panel.sample_id.tolist() == ["S1", "S1", "S2"]
    assert panel.haplotypes.tolist() == [[0, 1, 0], [1, 1, 0], [1, 0, 0]]
    assert panel.population.tolist() == ["GBR", "GBR", "YRI"]
    assert panel.labels["group"].tolist() == ["EUR", "EUR", "AFR"]


def test_oxford_samples(tmp_path: Path) -> None:
    path = impute(tmp_path, HAP, "ID_1 ID_2 missing\n0 0 0\nF1 S1 0\nF2 S2 0\n")
    assert read_panel(path).sample_id.tolist() == ["S1", "S1", "S2"]
    assert read_panel(path).populations == ("unlabelled",)


@pytest.mark.parametrize(
    ("hap", "samples", "message"),
    [
        (HAP[:16], SAMPLES, "has 2 variants, .*y.legend 3"),
        (HAP.replace("0 0 0 -", "0 0 0 1"), SAMPLES, "S2 is haploid at some variants and diploid at others"),
        (HAP.replace("0 1 1 -", "0 ? 1 -"), SAMPLES, "neither 0 nor 1; the first is '\\?', line 1, allele 2"),
        (HAP, SAMPLES + "S3 YRI AFR 2\n", "line 1: 4 alleles, expected 6"),
        (HAP, "sample population\n", "names no sample"),
        (HAP, "who\nS1\n", "no sample column"),
    ],
)
def test_bad_impute(tmp_path: Path, hap: str, samples: str, message: str) -> None:
    with pytest.raises(PanelError, match=message):
        read_panel(impute(tmp_path, hap, samples))


def test_impute_without_samples(tmp_path: Path) -> None:
    path = impute(tmp_path, HAP, SAMPLES)
    (tmp_path / "y.samples").unlink()
    with pytest.raises(PanelError, match=r"needs its samples: no y\.samples beside it"):
        read_panel(path)


# -- published files ---------------------------------------------------------------


@pytest.mark.real_data
def test_real_panel_equals_the_text(real_data: Path, notices: list[str]) -> None:
    path = real_data / "kgp3_805snp_real.hapt.zip"
    panel = read_panel(path, labels=real_data / "kgp3_samples.panel", on_notice=notices.append)
    assert panel.haplotypes.shape == (5006, 805)
    with zipfile.ZipFile(path) as archive:
        words = archive.read(archive.namelist()[0]).split(b"\n")[777].split()
    person = panel.sample_id == words[1].decode()[:-2]
    row = panel.haplotypes[person][b"AB".index(words[1][-1:])]
    np.testing.assert_array_equal(row, np.array(words[2:], dtype=np.uint8))


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["yelmen2021_gan_805snp", "yelmen2021_rbm_805snp"])
def test_published_artificial_genomes(real_data: Path, tmp_path: Path, name: str, notices: list[str]) -> None:
    panel = read_panel(real_data / f"{name}.hapt.zip", on_notice=notices.append)
    assert panel.haplotypes.shape == (5000, 805)
    assert panel.populations == ("unlabelled",)
    assert panel.n_people == 5000
    assert "kgp3_805snp.legend" in notices[0]
    write_panel(panel, tmp_path / "a.hapt")
    assert read_panel(tmp_path / "a.hapt", on_notice=str).equals(panel)


def test_artificial_and_real_have_their_word(
    artificial: HaplotypePanel, panel: HaplotypePanel, tmp_path: Path
) -> None:
    write_panel(artificial, tmp_path / "a.hapt")
    write_panel(panel, tmp_path / "b.hapt")
    assert {line.split()[0] for line in (tmp_path / "a.hapt").read_text().splitlines()} == {"AG"}
    assert {line.split()[0] for line in (tmp_path / "b.hapt").read_text().splitlines()} == {"Real"}
