"""bcftools, plink2 and vcftools read what is written, and see the same alleles."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from genome_ac_gan.formats import read_panel, write_panel
from genome_ac_gan.panel import HaplotypePanel

MakePanel = Callable[..., HaplotypePanel]
Tool = Callable[..., str]


@pytest.fixture
def odd_one(make_panel: MakePanel) -> HaplotypePanel:
    """Forty-one artificial haplotypes: an odd number in a population."""
    return make_panel(41, 120, synthetic=True)


@pytest.mark.parametrize("name", ["a.vcf.gz", "a.bcf", "a.vcf"])
def test_bcftools(odd_one: HaplotypePanel, tmp_path: Path, tool: Tool, name: str) -> None:
    write_panel(odd_one, tmp_path / name, on_notice=str)
    back = read_panel(tmp_path / name, on_notice=str)
    text = tool("bcftools", "query", "-f", "[%GT ]\n", tmp_path / name)
    starts = back.first_rows.tolist()
    for site, line in zip(back.haplotypes.T, text.splitlines(), strict=True):
        ends = [*starts[1:], back.n_haplotypes]
        assert line.split() == ["|".join(map(str, site[a:b])) for a, b in zip(starts, ends, strict=True)]
    if name != "a.vcf":
        first, last = back.variants.position[10], back.variants.position[20]
        region = tool("bcftools", "view", "-H", "-r", f"15:{first}-{last}", tmp_path / name)
        assert len(region.splitlines()) == 11


def test_fill_tags_agrees(odd_one: HaplotypePanel, tmp_path: Path, tool: Tool) -> None:
    path = tmp_path / "a.vcf.gz"
    write_panel(odd_one, path, on_notice=str)
    groups = tmp_path / "groups.txt"
    rows = [line.split("\t") for line in (tmp_path / "a.panel").read_text().splitlines()[1:]]
    groups.write_text("".join(f"{row[0]}\t{row[2]}\n" for row in rows))
    filled = tmp_path / "filled.vcf"
    tool("bcftools", "annotate", "-x", "INFO", "-o", tmp_path / "bare.vcf", path)
    tool("bcftools", "+fill-tags", tmp_path / "bare.vcf", "-o", filled, "--", "-t", "AC,AN,AF", "-S", groups)
    form = "%AC %AN %AF %AF_EUR %AF_AFR\n"
    ours = np.array(
        [line.split() for line in tool("bcftools", "query", "-f", form, path).splitlines()], dtype=float
    )
    theirs = [line.split() for line in tool("bcftools", "query", "-f", form, filled).splitlines()]
    np.testing.assert_allclose(ours, np.array(theirs, dtype=float), rtol=2e-6)


def test_plink2_and_vcftools(odd_one: HaplotypePanel, tmp_path: Path, tool: Tool) -> None:
    """The odd haplotype is a haploid sample: vcftools counts it once, plink as two equal alleles."""
    write_panel(odd_one, tmp_path / "a.vcf.gz", on_notice=str)
    back = read_panel(tmp_path / "a.vcf.gz", on_notice=str)
    tool("vcftools", "--gzvcf", tmp_path / "a.vcf.gz", "--counts", "--out", tmp_path / "v")
    rows = [line.split() for line in (tmp_path / "v.frq.count").read_text().splitlines()[1:]]
    assert [int(row[5].split(":")[1]) for row in rows] == back.haplotypes.sum(axis=0, dtype=int).tolist()
    tool("plink2", "--vcf", tmp_path / "a.vcf.gz", "--freq", "counts", "--threads", 1, "--memory", 640, "--out",
         tmp_path / "p")  # fmt: skip
    rows = [line.split() for line in (tmp_path / "p.acount").read_text().splitlines()[1:]]
    sizes = np.diff(np.append(back.first_rows, back.n_haplotypes))
    weight = np.repeat(2 // sizes, sizes)
    assert [int(row[4]) for row in rows] == (weight @ back.haplotypes.astype(int)).tolist()


def test_impute_equals_bcftools(panel: HaplotypePanel, tmp_path: Path, tool: Tool) -> None:
    write_panel(panel, tmp_path / "a.hap.gz")
    write_panel(panel, tmp_path / "a.vcf.gz", force=True)
    tool("bcftools", "convert", "--haplegendsample", "b", "a.vcf.gz", cwd=tmp_path)
    for name in ("hap.gz", "legend.gz"):
        ours, theirs = (gzip.decompress((tmp_path / f"{stem}.{name}").read_bytes()) for stem in "ab")
        assert ours == theirs
    tool("bcftools", "convert", "--haplegendsample2vcf", "a", "-o", "back.vcf", cwd=tmp_path)
    assert read_panel(tmp_path / "back.vcf", labels=tmp_path / "a.panel", on_notice=str).equals(panel)
    theirs_read = read_panel(tmp_path / "b.hap.gz", labels=tmp_path / "a.panel", on_notice=str)
    assert theirs_read.equals(panel)


def test_impute_haploid_equals_bcftools(odd_one: HaplotypePanel, tmp_path: Path, tool: Tool) -> None:
    write_panel(odd_one, tmp_path / "a.hap.gz", on_notice=str)
    write_panel(odd_one, tmp_path / "a.vcf.gz", force=True, on_notice=str)
    tool("bcftools", "convert", "--haplegendsample", "b", "a.vcf.gz", cwd=tmp_path)
    ours, theirs = (gzip.decompress((tmp_path / f"{stem}.hap.gz").read_bytes()) for stem in "ab")
    assert ours == theirs


def test_plink2_haps_ref_first(panel: HaplotypePanel, tmp_path: Path, tool: Tool) -> None:
    write_panel(panel, tmp_path / "a.hap")
    tool("plink2", "--haps", "a.hap", "ref-first", "--legend", "a.legend", 15, "--export", "vcf", "--threads", 1,
         "--memory", 640, "--out", "p", cwd=tmp_path)  # fmt: skip
    back = read_panel(tmp_path / "p.vcf", on_notice=str)
    np.testing.assert_array_equal(back.haplotypes, panel.haplotypes)
    assert back.variants.same_sites(panel.variants)
