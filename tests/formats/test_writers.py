"""What is written reads back equal, and other tools read the same."""

import gzip
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genome_ac_gan.errors import GenomeACGANError, PanelError
from genome_ac_gan.formats import READERS, WRITERS, read_panel, write_blocks, write_panel
from genome_ac_gan.formats.contigs import assembly_of, contig_lengths
from genome_ac_gan.formats.layout import Paired, arranged
from genome_ac_gan.formats.source import spooled
from genome_ac_gan.panel import HaplotypePanel, VariantTable, concat

MakePanel = Callable[..., HaplotypePanel]
Tool = Callable[..., str]
NAMES = ["a.vcf", "a.vcf.gz", "a.vcf.bgz", "a.bcf", "a.hapt", "a.hapt.zip", "a.hap", "a.hap.gz", "a.npz"]


def as_panel(source: Paired) -> HaplotypePanel:
    return HaplotypePanel(
        haplotypes=source.block(slice(None), slice(None)), sample_id=source.sample_id,
        labels=source.labels, label=source.label, variants=source.variants,
    )  # fmt: skip


def test_registries() -> None:
    assert set(WRITERS) <= set(READERS)
    for form in [*READERS.values(), *WRITERS.values()]:
        assert form.suffixes
        assert form.description


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["diploid", "haploid", "mixed"])
def test_round_trip(make_panel: MakePanel, tmp_path: Path, name: str, kind: str) -> None:
    panel = make_panel(7, 77, haploid=kind == "haploid")
    if kind == "mixed":
        panel = panel[np.arange(14) != 3]
    files = write_panel(panel, tmp_path / name)
    assert sorted(files) == sorted(tmp_path.iterdir())
    assert read_panel(tmp_path / name, on_notice=str).equals(panel)


@pytest.mark.parametrize("name", NAMES)
def test_blocks_give_the_same_bytes(make_panel: MakePanel, tmp_path: Path, name: str) -> None:
    panel = make_panel(9, 83)
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir(), two.mkdir()
    write_panel(panel, one / name)
    write_blocks((panel[rows] for rows in (slice(0, 5), slice(5, 5), slice(5, 18))), two / name)
    assert [f.name for f in sorted(one.iterdir())] == [f.name for f in sorted(two.iterdir())]
    for file in one.iterdir():
        assert file.read_bytes() == (two / file.name).read_bytes(), file.name


@settings(max_examples=25, deadline=None)
@given(
    data=st.data(), n_variants=st.integers(1, 20), name=st.sampled_from(["x.vcf", "x.hapt", "x.hap", "x.npz"])
)
def test_any_panel_reads_back(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, n_variants: int, name: str
) -> None:
    sizes = data.draw(st.lists(st.integers(1, 2), min_size=1, max_size=6))
    n = sum(sizes)
    bits = data.draw(st.binary(min_size=n * n_variants, max_size=n * n_variants))
    gaps = data.draw(st.lists(st.integers(1, 10**6), min_size=n_variants, max_size=n_variants))
    panel = HaplotypePanel(
        haplotypes=(np.frombuffer(bits, dtype=np.uint8) & 1).reshape(n, n_variants),
        sample_id=np.repeat([f"P{i}" for i in range(len(sizes))], sizes),
        labels={"kind": np.repeat(data.draw(st.lists(st.sampled_from(["a b", "ç", "x.1"]), min_size=len(sizes),
                                                      max_size=len(sizes))), sizes)},
        label="kind",
        variants=VariantTable(contig=np.full(n_variants, "chr7"), position=np.cumsum(gaps),
                              ref=np.full(n_variants, "A"), alt=np.full(n_variants, "T")),
    )  # fmt: skip
    path = tmp_path_factory.mktemp("any") / name
    write_panel(panel, path)
    assert read_panel(path, on_notice=str).equals(panel)


# -- pairing ---------------------------------------------------------------------


def test_artificial_rows_are_paired_within_populations(artificial: HaplotypePanel, tmp_path: Path) -> None:
    """Labels GBR YRI CEU GBR YRI CEU GBR: pairs agree in every label column, the third GBR is alone."""
    notices: list[str] = []
    write_panel(artificial, tmp_path / "a.vcf.gz", on_notice=notices.append)
    panel = read_panel(tmp_path / "a.vcf.gz", on_notice=str)
    assert panel.sample_id.tolist() == ["AG_EUR_000001"] * 2 + ["AG_AFR_000001"] * 2 + [
        "AG_EUR_000002"
    ] * 2 + ["AG_EUR_000003"]
    np.testing.assert_array_equal(panel.haplotypes, artificial.haplotypes[[0, 3, 1, 4, 2, 5, 6]])
    assert "1 haplotypes without a partner" in notices[0]
    text = gzip.decompress((tmp_path / "a.vcf.gz").read_bytes()).decode()
    assert "##genome-ac-gan_ploidy=artificial haplotypes of one population" in text


def test_ploidy_option(artificial: HaplotypePanel, panel: HaplotypePanel, tmp_path: Path) -> None:
    write_panel(artificial, tmp_path / "keep.vcf", ploidy="keep")
    assert read_panel(tmp_path / "keep.vcf", on_notice=str).equals(artificial)
    write_panel(artificial, tmp_path / "pair.hapt", ploidy="pair", on_notice=str)
    assert read_panel(tmp_path / "pair.hapt", on_notice=str).n_people == 4
    write_panel(artificial, tmp_path / "auto.hapt")
    assert read_panel(tmp_path / "auto.hapt", on_notice=str).equals(artificial)
    with pytest.raises(PanelError, match="cannot be paired anew"):
        write_panel(panel, tmp_path / "x.vcf", ploidy="pair")
    with pytest.raises(PanelError, match="ploidy must be one of auto, keep, pair"):
        write_panel(panel, tmp_path / "x.vcf", ploidy="two")


def test_paired_blocks_equal_the_whole(make_panel: MakePanel) -> None:
    paired = arranged(make_panel(23, 40, synthetic=True), "auto", diploid_format=True)
    assert isinstance(paired, Paired)
    whole = paired.block(slice(None), slice(None))
    for rows in (slice(0, 4), slice(3, 20), slice(20, 23), slice(5, 5)):
        np.testing.assert_array_equal(paired.block(rows, slice(7, 30)), whole[rows, 7:30])


def test_populations_with_odd_names(make_panel: MakePanel, tmp_path: Path) -> None:
    panel = make_panel(8, synthetic=True)
    kinds = np.array(["a b", "a-b"] * 4)
    odd = HaplotypePanel(haplotypes=panel.haplotypes, sample_id=panel.sample_id, labels={"kind": kinds},
                         label="kind", variants=panel.variants)  # fmt: skip
    write_panel(odd, tmp_path / "a.vcf")
    back = read_panel(tmp_path / "a.vcf", on_notice=str)
    assert sorted(back.populations) == ["a b", "a-b"]
    assert len(set(back.sample_id.tolist())) == 4
    assert "ID=AF_a_b," in (tmp_path / "a.vcf").read_text()
    assert "ID=AF_a_b_2," in (tmp_path / "a.vcf").read_text()


# -- the spool ----------------------------------------------------------------------


def test_spool_blocks(make_panel: MakePanel, tmp_path: Path) -> None:
    panel = make_panel(10, 45)
    with spooled((panel[i : i + 6] for i in range(0, 20, 6)), tmp_path) as spool:
        for rows, columns in (
            (slice(None), slice(3, 20)),
            (slice(4, 9), slice(None)),
            (slice(0, 2), slice(44, 45)),
        ):
            np.testing.assert_array_equal(spool.block(rows, columns), panel.haplotypes[rows, columns])
    assert list(tmp_path.iterdir()) == []


def test_spool_refuses(make_panel: MakePanel, tmp_path: Path) -> None:
    panel = make_panel()
    cases = {
        "different variants": [panel[:2], panel.select_variants(slice(1, None))[2:]],
        "different label columns": [panel[:2], panel.with_population("pop")[2:]],
        "no haplotype": [],
        "not neighbours": [panel[:4], panel[:2]],
    }
    for message, blocks in cases.items():
        with pytest.raises(PanelError, match=message):
            write_blocks(blocks, tmp_path / "a.npz")
    assert list(tmp_path.iterdir()) == []


def test_memory_is_bounded(make_panel: MakePanel, tmp_path: Path) -> None:
    """40,000 haplotypes of 4,000 variants are 160 MB; the process may grow by less than half of that."""
    code = """
import resource, sys
import numpy as np
from genome_ac_gan.formats import write_blocks
from genome_ac_gan.panel import HaplotypePanel, VariantTable
n, m = 2000, 4000
variants = VariantTable(contig=np.full(m, "1"), position=np.arange(1, m + 1), ref=np.full(m, "A"), alt=np.full(m, "C"))
def blocks(count):
    rng = np.random.default_rng(1)
    for b in range(count):
        yield HaplotypePanel(haplotypes=rng.integers(0, 2, (n, m), dtype=np.uint8),
            sample_id=np.array([f"AG_{b}_{i}" for i in range(n)]), labels={"p": np.full(n, "A")}, label="p",
            variants=variants)
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
write_blocks(blocks(2), sys.argv[1], force=True)
before = peak()
write_blocks(blocks(20), sys.argv[1], force=True)
print(peak() - before)
"""
    for name in ("a.npz", "a.hapt"):
        done = subprocess.run([sys.executable, "-c", code, str(tmp_path / name)], capture_output=True, text=True,
                              check=True)  # fmt: skip
        assert float(done.stdout) < 80


# -- files ---------------------------------------------------------------------------


def test_force(panel: HaplotypePanel, tmp_path: Path) -> None:
    write_panel(panel, tmp_path / "a.vcf.gz")
    (tmp_path / "a.vcf.gz").unlink()
    with pytest.raises(GenomeACGANError, match="exists already"):
        write_panel(panel, tmp_path / "a.vcf.gz")
    assert not (tmp_path / "a.vcf.gz").exists()
    write_panel(panel, tmp_path / "a.vcf.gz", force=True)
    with pytest.raises(GenomeACGANError, match="exists already"):
        write_blocks([panel], tmp_path / "a.vcf.gz")


@pytest.mark.parametrize("name", ["a.vcf.gz", "a.bcf", "a.hapt.zip", "a.hap.gz", "a.npz"])
def test_full_disk_leaves_nothing(tmp_path: Path, name: str) -> None:
    """A limit on file sizes stands for the full disk."""
    code = """
import resource, sys
import numpy as np
from genome_ac_gan.errors import PanelError
from genome_ac_gan.formats import write_panel
from genome_ac_gan.panel import HaplotypePanel, VariantTable
m = 4000
variants = VariantTable(contig=np.full(m, "1"), position=np.arange(1, m + 1), ref=np.full(m, "A"), alt=np.full(m, "C"))
panel = HaplotypePanel(haplotypes=np.random.default_rng(1).integers(0, 2, (600, m), dtype=np.uint8),
    sample_id=np.array([f"P{i}" for i in range(600)]), labels={"p": np.full(600, "A")}, label="p", variants=variants)
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
try:
    write_panel(panel, sys.argv[1])
except PanelError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / name)], capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert "cannot be written" in done.stdout, done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_bad_targets(panel: HaplotypePanel, tmp_path: Path) -> None:
    with pytest.raises(PanelError, match=r"no format has this suffix; known: .vcf.gz"):
        write_panel(panel, tmp_path / "a.txt")
    with pytest.raises(GenomeACGANError, match="does not exist"):
        write_panel(panel, tmp_path / "none" / "a.vcf")
    with pytest.raises(GenomeACGANError, match="does not exist"):
        write_blocks([panel], tmp_path / "none" / "a.vcf")
    spaced = HaplotypePanel(haplotypes=panel.haplotypes[:2], sample_id=np.array(["A B"] * 2), label="p",
                            labels={"p": np.array(["x", "x"])}, variants=panel.variants)  # fmt: skip
    with pytest.raises(PanelError, match="'A B' holds a blank"):
        write_panel(spaced, tmp_path / "a.vcf")
    assert list(tmp_path.iterdir()) == []


def test_content_decides_where_the_name_does_not(panel: HaplotypePanel, tmp_path: Path) -> None:
    for name in ("a.vcf", "a.vcf.gz", "a.bcf", "a.npz", "a.hapt", "a.hapt.zip"):
        write_panel(panel, tmp_path / name, force=True)
        other = tmp_path / ("download" if "hapt" not in name else "a.data")
        other.write_bytes((tmp_path / name).read_bytes())
        assert read_panel(other, on_notice=str).n_variants == panel.n_variants
    other.write_bytes(b"%PDF-1.4")
    with pytest.raises(PanelError, match=r"of no known format; known suffixes: \.vcf\.gz"):
        read_panel(other)


def test_standard_output(panel: HaplotypePanel, tmp_path: Path, tool: Tool) -> None:
    write_panel(panel, tmp_path / "a.npz")
    code = (
        "import sys; from genome_ac_gan.formats import read_panel, write_panel, write_blocks\n"
        "p = read_panel(sys.argv[1]); write_panel(p, '-') if len(sys.argv) < 3 else write_blocks([p], '-')"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "a.npz"), *more], capture_output=True, check=True
        )
        for more in ((), ("blocks",))
    ]
    assert outputs[0].stdout == outputs[1].stdout
    (tmp_path / "b.vcf").write_bytes(outputs[0].stdout)
    write_panel(panel, tmp_path / "c.vcf")
    assert (tmp_path / "c.vcf").read_bytes() == outputs[0].stdout


def test_label_table_beside(panel: HaplotypePanel, tmp_path: Path) -> None:
    write_panel(panel, tmp_path / "a.vcf")
    lines = (tmp_path / "a.panel").read_text().splitlines()
    assert lines[:2] == ["sample\tpop\tsuper_pop", "S0\tGBR\tEUR"]
    assert len(lines) == 7


# -- the VCF header and INFO -----------------------------------------------------------


def test_header(panel: HaplotypePanel, tmp_path: Path) -> None:
    write_panel(panel, tmp_path / "a.vcf", assembly="GRCh38",
                provenance={"command": "generate m\n-n EUR=5", "seed": "7", "model sha256": "<abc>"})  # fmt: skip
    lines = (tmp_path / "a.vcf").read_text().splitlines()
    assert lines[0] == "##fileformat=VCFv4.2"
    assert lines[2].startswith("##source=genome-ac-gan ")
    assert "##genome-ac-gan_command=generate m -n EUR=5" in lines
    assert "##genome-ac-gan_seed=7" in lines
    assert '##genome-ac-gan_model_sha256="<abc>"' in lines
    assert "##contig=<ID=15,length=101991189,assembly=GRCh38>" in lines


def variants_at(contig: str, position: int) -> VariantTable:
    return VariantTable(contig=np.array([contig]), position=np.array([position]), ref=np.array(["A"]),
                        alt=np.array(["C"]))  # fmt: skip


def test_contig_lengths() -> None:
    assert contig_lengths(variants_at("15", 9), None) == ({"15": 102531392}, "GRCh37")
    assert contig_lengths(variants_at("chr15", 9), None) == ({"chr15": 101991189}, "GRCh38")
    assert contig_lengths(variants_at("chrMT", 9), None)[0] == {"chrMT": 16569}
    assert contig_lengths(variants_at("15", 200_000_000), None) == ({"15": 200_000_000}, None)
    assert contig_lengths(variants_at("scaffold_7", 12), None) == ({"scaffold_7": 12}, None)
    with pytest.raises(PanelError, match="15:102000000 lies beyond the end of 15 in GRCh38"):
        contig_lengths(variants_at("15", 102_000_000), "GRCh38")
    with pytest.raises(PanelError, match="assembly 'hg18' is unknown"):
        contig_lengths(variants_at("15", 9), "hg18")
    assert assembly_of({"chr1": 248956422, "chrM": 16569, "chrUn": 5}) == "GRCh38"
    assert assembly_of({"M": 16569}) is None


def test_far_positions_get_a_csi(tmp_path: Path, make_panel: MakePanel) -> None:
    panel = make_panel(3, 1).with_variants(variants_at("w", 2**29 + 5))
    assert [f.name for f in write_panel(panel, tmp_path / "a.vcf.gz")][1] == "a.vcf.gz.csi"
    assert read_panel(tmp_path / "a.vcf.gz", region=f"w:{2**29}-", on_notice=str).n_variants == 1


def test_hapt_zip_holds_one_file(panel: HaplotypePanel, tmp_path: Path) -> None:
    write_panel(panel, tmp_path / "a.hapt.zip")
    with zipfile.ZipFile(tmp_path / "a.hapt.zip") as archive:
        assert archive.namelist() == ["a.hapt"]
        first = archive.read("a.hapt").splitlines()[0].decode()
    assert first == "Real S0_A " + " ".join(map(str, panel.haplotypes[0]))


def test_stacked_panels_read_as_one(
    panel: HaplotypePanel, artificial: HaplotypePanel, tmp_path: Path
) -> None:
    both = concat([panel, artificial.with_variants(panel.variants)])
    write_panel(both, tmp_path / "a.vcf")
    assert read_panel(tmp_path / "a.vcf", on_notice=str).equals(both)
