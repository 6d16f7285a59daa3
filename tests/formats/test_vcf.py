"""Every case of a VCF that is decided: by hand-written records, one point a test."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pysam
import pysam.bcftools
import pytest

from genome_ac_gan.errors import PanelError
from genome_ac_gan.formats import read_panel
from genome_ac_gan.panel import UNLABELLED, HaplotypePanel

WriteVcf = Callable[..., Path]


def strings(panel: HaplotypePanel) -> list[str]:
    """Return each haplotype as a text of zeros and ones."""
    return ["".join(map(str, row)) for row in panel.haplotypes.tolist()]


def test_rows_are_haplotypes(write_vcf: WriteVcf, notices: list[str]) -> None:
    panel = read_panel(
        write_vcf("15:100 A C 0|1 1|1 0|0", "15:200 G T 1|0 0|1 0|0"), on_notice=notices.append
    )
    assert strings(panel) == ["01", "10", "10", "11", "00", "00"]
    assert panel.sample_id.tolist() == ["S1", "S1", "S2", "S2", "S3", "S3"]
    assert set(panel.population.tolist()) == {UNLABELLED}
    assert panel.variants.ids.tolist() == ["15:100_A_C", "15:200_G_T"]
    assert notices == []


# -- genotypes ------------------------------------------------------------------


def test_missing_is_refused_with_count_and_place(write_vcf: WriteVcf) -> None:
    path = write_vcf("15:100 A C 0|1 1|1 0|0", "15:200 A C 0|0 .|1 .|.", "15:300 A C .|. 0|0 0|0")
    with pytest.raises(PanelError, match=r"3 missing genotypes \(first 15:200, sample S2\).*--missing drop"):
        read_panel(path)


@pytest.mark.parametrize("missing", ["ref", "major", "drop"])
def test_missing_filled(write_vcf: WriteVcf, missing: str, notices: list[str]) -> None:
    path = write_vcf(
        "15:100 A C 0|1 1|1 0|0", "15:200 A C 0|0 .|1 1|.", "15:300 A C 0|0 0|0 .|0", "15:400 A C .|0 1|0 .|1"
    )
    panel = read_panel(path, missing=missing, on_notice=notices.append)
    slow = _slow_fill(
        [[0, 1, 1, 1, 0, 0], [0, 0, -1, 1, 1, -1], [0, 0, 0, 0, -1, 0], [-1, 0, 1, 0, -1, 1]], missing
    )
    assert panel.haplotypes.T.tolist() == slow
    if missing == "drop":
        assert "3 with missing genotypes (first 15:200)" in notices[0]


def _slow_fill(sites: list[list[int]], missing: str) -> list[list[int]]:
    out = []
    for site in sites:
        called = [allele for allele in site if allele >= 0]
        if missing == "drop" and len(called) < len(site):
            continue
        fill = int(missing == "major" and called.count(1) > called.count(0))
        out.append([fill if allele < 0 else allele for allele in site])
    return out


def test_all_missing_has_no_major_allele(write_vcf: WriteVcf, notices: list[str]) -> None:
    path = write_vcf("15:100 A C 0|1 1|1 0|0", "15:200 A C .|. .|. .|.")
    panel = read_panel(path, missing="major", on_notice=notices.append)
    assert panel.n_variants == 1
    assert "1 with missing genotypes (first 15:200)" in notices[0]
    assert read_panel(path, missing="ref").haplotypes[:, 1].tolist() == [0] * 6


def test_single_dots_say_nothing_of_ploidy(write_vcf: WriteVcf) -> None:
    """GT all `.` gives htslib one allele a sample: the phase flag must not be read as an allele."""
    path = write_vcf("15:100 A C . . .", "15:200 A C 0|1 . 1|1", "15:300 A C 0|1 1|0 1|1")
    panel = read_panel(path, missing="drop")
    assert panel.variants.position.tolist() == [300]
    assert strings(panel) == ["0", "1", "1", "0", "1", "1"]
    assert strings(read_panel(path, missing="ref")) == ["000", "011", "001", "000", "011", "011"]


def test_unphased_heterozygotes_are_refused(write_vcf: WriteVcf) -> None:
    path = write_vcf("15:100 A C 0|1 1/1 0/0", "15:200 A C 0|0 0/1 1/0")
    with pytest.raises(
        PanelError, match=r"2 unphased heterozygous genotypes \(first 15:200, sample S2\).*shapeit4"
    ):
        read_panel(path)


def test_unphased_homozygotes_are_accepted(write_vcf: WriteVcf) -> None:
    assert strings(read_panel(write_vcf("15:100 A C 0|1 1/1 0/0"))) == ["0", "1", "1", "1", "0", "0"]


def test_unphased_half_missing(write_vcf: WriteVcf) -> None:
    path = write_vcf("15:100 A C ./1 1|1 0|0", "15:200 A C 0|1 1|1 0|0")
    with pytest.raises(PanelError, match="1 unphased"):
        read_panel(path, missing="ref")
    assert read_panel(path, missing="drop").n_variants == 1


def test_haploid_sample_is_one_row(write_vcf: WriteVcf) -> None:
    panel = read_panel(write_vcf("X:100 A C 0|1 1 0|0", "X:200 A C 0|0 0 1|1"))
    assert panel.sample_id.tolist() == ["S1", "S1", "S2", "S3", "S3"]
    assert strings(panel) == ["00", "10", "10", "01", "01"]


def test_all_haploid(write_vcf: WriteVcf) -> None:
    panel = read_panel(write_vcf("X:100 A C 0 1 0", "X:200 A C 1 0 ."), missing="ref")
    assert strings(panel) == ["01", "10", "00"]
    assert panel.n_people == 3


def test_ploidy_may_not_change(write_vcf: WriteVcf) -> None:
    path = write_vcf("X:100 A C 0|1 1|1 0|0", "X:200 A C 0|1 1 0|0")
    with pytest.raises(PanelError, match=r"S2 is haploid at X:200 and diploid at X:100.*--region"):
        read_panel(path)
    assert read_panel(path, region="X:200").n_haplotypes == 5


def test_triploid_is_refused(write_vcf: WriteVcf) -> None:
    with pytest.raises(PanelError, match="15:100 has 3 alleles a sample"):
        read_panel(write_vcf("15:100 A C 0|1|1 0|0|0 0|0|0"))


def test_allele_without_alt(write_vcf: WriteVcf) -> None:
    with pytest.raises(PanelError, match="15:100, sample S2: allele 2"):
        read_panel(write_vcf("15:100 A C 0|1 2|1 0|0"))


def test_identical_haplotypes_on_x(write_vcf: WriteVcf, notices: list[str]) -> None:
    records = [f"X:{i} A C 0|1 {i % 2}|{i % 2} 1|0" for i in range(100, 130)]
    read_panel(write_vcf(*records), on_notice=notices.append)
    assert "1 people have two identical haplotypes on X (first S2)" in notices[0]


@pytest.mark.parametrize("contig", ["Y", "chrY", "MT", "chrM"])
def test_contigs_that_do_not_recombine(write_vcf: WriteVcf, contig: str) -> None:
    with pytest.raises(PanelError, match=f"{contig}:100 does not recombine"):
        read_panel(write_vcf(f"{contig}:100 A C 0 1 0"))


def test_random_genotypes_against_a_plain_parser(write_vcf: WriteVcf) -> None:
    """More records than fit into one block, more samples, and half of them haploid."""
    rng = np.random.default_rng(3)
    samples = [f"P{i}" for i in range(11)]
    alleles = rng.integers(0, 2, (150, 11, 2))
    records = []
    for i, site in enumerate(alleles):
        calls = [f"{a}|{b}" if j % 2 else f"{a}" for j, (a, b) in enumerate(site.tolist())]
        records.append(f"15:{100 + i} A C " + " ".join(calls))
    panel = read_panel(write_vcf(*records, samples=samples))
    rows = [alleles[:, j, k] for j in range(11) for k in range(2 if j % 2 else 1)]
    np.testing.assert_array_equal(panel.haplotypes, np.stack(rows))


# -- records --------------------------------------------------------------------

MIXED = (
    "15:100 A C 0|1 1|1 0|0",
    "15:150 A . 0|0 0|0 0|0",
    "15:200 A C,T 0|1 2|1 0|0",
    "15:250 A * 0|1 0|1 0|0",
    "15:300 A <DEL> 0|1 0|1 0|0",
    "15:350 AT A 0|1 0|1 0|0",
    "15:400 G GA,T 0|2 1|0 0|0",
    "15:450 A C 0|1 1|1 0|0",
    "15:450 A T 1|1 1|1 0|0",
    "15:500 a g 1|1 1|1 0|0",
)


def test_records_left_out_by_reason(write_vcf: WriteVcf, notices: list[str]) -> None:
    panel = read_panel(write_vcf(*MIXED), on_notice=notices.append)
    assert panel.variants.ids.tolist() == ["15:100_A_C", "15:450_A_C", "15:500_a_g"]
    (notice,) = notices
    for part in (
        "1 without an ALT allele (first 15:150)",
        "2 multiallelic (first 15:200)",
        "2 with a symbolic allele (first 15:250)",
        "1 not SNPs (first 15:350)",
        "1 at a position taken before (first 15:450)",
    ):
        assert part in notice


def test_all_variants(write_vcf: WriteVcf) -> None:
    panel = read_panel(write_vcf(*MIXED), variants="all", on_notice=str)
    assert panel.variants.position.tolist() == [100, 350, 450, 500]


def test_multiallelic_refused(write_vcf: WriteVcf) -> None:
    with pytest.raises(
        PanelError, match=r"2 multiallelic records \(first 15:200\); split them with bcftools norm"
    ):
        read_panel(write_vcf(*MIXED), multiallelic="error")


def test_split_equals_bcftools_norm(write_vcf: WriteVcf, tmp_path: Path) -> None:
    path = write_vcf(*MIXED)
    panel = read_panel(path, multiallelic="split", on_notice=str)
    assert panel.variants.ids.tolist()[1:3] == ["15:200_A_C", "15:400_G_T"]
    normed = tmp_path / "normed.vcf"
    pysam.bcftools.norm("-m", "-any", "-o", str(normed), str(path), catch_stdout=False)
    assert panel.equals(read_panel(normed, on_notice=str))


def test_duplicate_does_not_depend_on_missing(write_vcf: WriteVcf) -> None:
    path = write_vcf("15:100 A C .|1 1|1 0|0", "15:100 A T 0|1 1|1 0|0", "15:101 A T 0|1 1|1 0|0")
    assert read_panel(path, missing="drop", on_notice=str).variants.position.tolist() == [101]


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (
            ("15:200 A C 0|1 1|1 0|0", "15:100 A C 0|1 1|1 0|0"),
            "not sorted: 15:100 follows 15:200.*bcftools sort",
        ),
        (
            ("15:200 A C 0|1 1|1 0|0", "X:1 A C 0|1 1|1 0|0", "15:300 A C 0|1 1|1 0|0"),
            "contig 15 comes back at 15:300",
        ),
    ],
)
def test_unsorted(write_vcf: WriteVcf, records: tuple[str, ...], message: str) -> None:
    with pytest.raises(PanelError, match=message):
        read_panel(write_vcf(*records))


def test_contig_absent_from_the_header(write_vcf: WriteVcf) -> None:
    assert read_panel(write_vcf("7:100 A C 0|1 1|1 0|0")).variants.contigs == ("7",)


def test_assembly_is_told(write_vcf: WriteVcf, notices: list[str]) -> None:
    for length, name in ((102531392, "GRCh37"), (101991189, "GRCh38")):
        header = (
            f"##fileformat=VCFv4.2\n##contig=<ID=chr15,length={length}>\n"
            '##FORMAT=<ID=GT,Number=1,Type=String,Description="G">\n'
        )
        read_panel(write_vcf("chr15:100 A C 0|1 1|1 0|0", header=header), on_notice=notices.append)
        assert name in notices[-1]


# -- nothing to read --------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "options", "message"),
    [
        ((), {}, "0 records read, none of them left"),
        (("15:100 AT A 0|1 1|1 0|0",), {}, "1 records read, none of them left"),
        (("15:100 A C",), {"samples": ()}, "has no samples"),
        (("15:100 A C 7 8 9",), {"form": "DP"}, r"no genotypes \(GT\) at 15:100"),
    ],
)
def test_nothing_to_read(write_vcf: WriteVcf, records: tuple[str, ...], options: dict, message: str) -> None:
    path = write_vcf(*records, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(PanelError, match=message) as caught:
            read_panel(path, on_notice=str)
    assert "\n" not in str(caught.value)
