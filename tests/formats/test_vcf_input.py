"""Samples, regions, pipes and damaged files: what of a VCF is read, and what is refused."""

import gzip
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pysam
import pysam.bcftools
import pytest

from genome_ac_gan.errors import PanelError
from genome_ac_gan.formats import read_panel, write_panel
from genome_ac_gan.panel import HaplotypePanel

WriteVcf = Callable[..., Path]


def strings(panel: HaplotypePanel) -> list[str]:
    """Return each haplotype as a text of zeros and ones."""
    return ["".join(map(str, row)) for row in panel.haplotypes.tolist()]


def packed(path: Path) -> Path:
    """Compress with bgzip and index."""
    target = path.with_name(path.name + ".gz")
    pysam.tabix_compress(str(path), str(target), force=True)
    return target


# -- samples and regions ------------------------------------------------------------


def test_samples_in_the_order_asked_for(write_vcf: WriteVcf, tmp_path: Path) -> None:
    path = write_vcf("15:100 A C 0|1 1|1 0|0")
    wanted = tmp_path / "samples.txt"
    wanted.write_text("S3\nS1\n", encoding="utf-8")
    for samples in (["S3", "S1"], wanted):
        panel = read_panel(path, samples=samples)
        assert panel.sample_id.tolist() == ["S3", "S3", "S1", "S1"]
        assert strings(panel) == ["0", "0", "0", "1"]


def test_unknown_sample(write_vcf: WriteVcf) -> None:
    path = write_vcf("15:100 A C 0|1 1|1 0|0")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(PanelError, match="lacks 1 of the samples asked for: NOPE; it has S1, S2, S3"):
            read_panel(path, samples=["S1", "NOPE"])
    with pytest.raises(PanelError, match="S1 is asked for twice"):
        read_panel(path, samples=["S1", "S1"])


PLACES = [f"15:{p} A C 0|1 1|1 0|0" for p in (100, 200, 300, 400)]


@pytest.mark.parametrize(
    ("region", "positions"),
    [
        ("15", [100, 200, 300, 400]),
        ("15:200-300", [200, 300]),
        ("15:200-", [200, 300, 400]),
        ("15:200", [200]),
        ("15:1-1,00", [100]),
    ],
)
@pytest.mark.parametrize("kind", ["plain", "tbi", "bcf"])
def test_region(
    write_vcf: WriteVcf, region: str, positions: list[int], kind: str, notices: list[str]
) -> None:
    path = write_vcf(*PLACES, "X:200 A C 0|1 1|1 0|0")
    if kind == "tbi":
        path = packed(path)
        pysam.tabix_index(str(path), preset="vcf", force=True)
    elif kind == "bcf":
        bcf = path.with_suffix(".bcf")
        pysam.bcftools.view("-Ob", "-o", str(bcf), str(path), catch_stdout=False)
        pysam.bcftools.index(str(bcf), catch_stdout=False)
        path = bcf
    panel = read_panel(path, region=region, on_notice=notices.append)
    assert panel.variants.position.tolist() == positions
    assert any("has no index" in notice for notice in notices) == (kind == "plain")


def test_region_goes_by_pos(write_vcf: WriteVcf) -> None:
    path = packed(write_vcf("15:190 ACGTACGTACGTACGT A 0|1 1|1 0|0", "15:200 A C 0|1 1|1 0|0"))
    pysam.tabix_index(str(path), preset="vcf", force=True)
    assert read_panel(path, region="15:195-300", variants="all").variants.position.tolist() == [200]


@pytest.mark.parametrize("indexed", [True, False])
@pytest.mark.parametrize(
    ("region", "message"),
    [
        ("chr15:1-500", r"no contig 'chr15' \(region chr15:1-500\): did you mean '15'\?"),
        ("rubbish:x-y", "no contig 'rubbish:x-y'.*it has 15, X"),
        ("15:900-1000", "0 records read"),
        ("15:0-10", "positions count from 1"),
        ("15:20-10", "the end may not lie before the start"),
    ],
)
def test_wrong_region(write_vcf: WriteVcf, region: str, message: str, indexed: bool) -> None:
    path = packed(write_vcf(*PLACES))
    if indexed:
        pysam.tabix_index(str(path), preset="vcf", force=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(PanelError, match=message):
            read_panel(path, region=region, on_notice=str)


def test_broken_index(write_vcf: WriteVcf) -> None:
    path = packed(write_vcf(*PLACES))
    path.with_name(path.name + ".tbi").write_bytes(b"rubbish")
    with pytest.raises(PanelError, match="its index cannot be used"):
        read_panel(path, region="15:200")


@pytest.mark.parametrize("kind", ["v", "z", "b", "u"])
def test_standard_input(write_vcf: WriteVcf, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    pysam.bcftools.view("-O" + kind, "-o", str(path), str(write_vcf(*PLACES)), catch_stdout=False)
    code = (
        "from genome_ac_gan.formats import read_panel\n"
        "p = read_panel('-', region='15:200-300', samples=['S2'], on_notice=str)\n"
        "print(p.haplotypes.tolist(), p.variants.position.tolist())"
    )
    with path.open("rb") as file:
        done = subprocess.run(
            [sys.executable, "-c", code], stdin=file, capture_output=True, text=True, check=True
        )
    assert done.stdout == "[[1, 1], [1, 1]] [200, 300]\n"


# -- damage -------------------------------------------------------------------------


@pytest.fixture
def long_vcf(write_vcf: WriteVcf, make_panel: Callable[..., HaplotypePanel], tmp_path: Path) -> Path:
    """A VCF of several bgzip blocks, as written here."""
    panel = make_panel(300, 900, seed=5)
    path = tmp_path / "long.vcf.gz"
    write_panel(panel, path)
    path.with_name("long.panel").unlink()
    path.with_name("long.vcf.gz.tbi").unlink()
    return path


def test_end_marker_missing(long_vcf: Path) -> None:
    data = long_vcf.read_bytes()
    long_vcf.write_bytes(data[:-28])
    with pytest.raises(PanelError, match="is truncated: the end marker of bgzip is missing"):
        read_panel(long_vcf)


def test_cut_in_mid_block(long_vcf: Path) -> None:
    data = long_vcf.read_bytes()
    long_vcf.write_bytes(data[: len(data) // 2])
    with pytest.raises(PanelError, match="is truncated"):
        read_panel(long_vcf)


def test_cut_plain_gzip(long_vcf: Path) -> None:
    data = gzip.compress(gzip.decompress(long_vcf.read_bytes()))
    long_vcf.write_bytes(data)
    assert read_panel(long_vcf, on_notice=str).n_variants == 900
    long_vcf.write_bytes(data[: len(data) // 2])
    with pytest.raises(PanelError, match=r"truncated or corrupt (after 15:\d+|at the first record)"):
        read_panel(long_vcf, on_notice=str)


def test_flipped_bytes(long_vcf: Path) -> None:
    data = bytearray(long_vcf.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 50] = bytes(255 - byte for byte in data[middle : middle + 50])
    long_vcf.write_bytes(bytes(data))
    with pytest.raises(PanelError, match="truncated or corrupt after 15:"):
        read_panel(long_vcf, on_notice=str)


def test_text_cut_in_mid_line(write_vcf: WriteVcf) -> None:
    path = write_vcf(*PLACES)
    path.write_text(path.read_text()[:-9], encoding="utf-8")
    with pytest.raises(PanelError, match="truncated or corrupt after 15:300"):
        read_panel(path)


def test_line_lacks_samples(write_vcf: WriteVcf) -> None:
    with pytest.raises(PanelError, match="truncated or corrupt after 15:100"):
        read_panel(write_vcf(PLACES[0], "15:150 A C 0|1 0|0", *PLACES[1:]))


def test_carriage_returns(write_vcf: WriteVcf) -> None:
    path = write_vcf(*PLACES)
    expected = read_panel(path)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_panel(path).equals(expected)


@pytest.mark.parametrize("name", ["x.vcf", "x.vcf.gz", "x.bcf"])
@pytest.mark.parametrize("content", [b"", b"rubbish\n" * 9])
def test_not_a_vcf(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(PanelError, match="is empty" if not content else "no readable VCF or BCF") as caught:
        read_panel(path)
    assert "\n" not in str(caught.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(PanelError, match="no such file"):
        read_panel(tmp_path / "none.vcf.gz")
    with pytest.raises(PanelError, match="is a folder"):
        read_panel(tmp_path)
    if os.getuid() != 0:
        path = tmp_path / "closed.vcf"
        path.write_text("x", encoding="utf-8")
        path.chmod(0)
        with pytest.raises(PanelError, match="Permission denied"):
            read_panel(path)


# -- real data ------------------------------------------------------------------------


@pytest.mark.real_data
def test_real_panel(real_data: Path, notices: list[str]) -> None:
    panel = read_panel(
        real_data / "kgp3_chr15_10k.vcf.gz", labels=real_data / "kgp3_samples.panel", on_notice=notices.append
    )
    assert panel.haplotypes.shape == (5006, 10000)
    assert dict(panel.counts) == {"AFR": 1322, "AMR": 694, "EAS": 1008, "EUR": 1004, "SAS": 978}
    assert len(set(panel.labels["pop"].tolist())) == 26
    assert any("HG01783" in notice for notice in notices)
    assert any("GRCh37" in notice for notice in notices)


@pytest.mark.real_data
def test_real_region_counts_are_those_of_the_file(real_data: Path) -> None:
    path = real_data / "kgp3_chr15_10k.vcf.gz"
    panel = read_panel(path, region="15:28,000,000-28,050,000", on_notice=str)
    with pysam.VariantFile(str(path)) as file:
        expected = [record.info["AC"][0] for record in file.fetch("15", 27_999_999, 28_050_000)]
    assert panel.haplotypes.sum(axis=0, dtype=int).tolist() == expected
