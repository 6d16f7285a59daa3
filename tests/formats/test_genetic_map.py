"""Genetic maps in the layouts of others, and interpolation against a slow twin."""

from pathlib import Path

import numpy as np
import pytest

from genome_ac_gan.errors import PanelError
from genome_ac_gan.formats import read_genetic_map, read_panel, write_panel
from genome_ac_gan.panel import HaplotypePanel, VariantTable

LAYOUTS = {
    "SHAPEIT": "pos chr cM\n1000 15 1.0\n2000 15 1.5\n4000 15 4.5\n",
    "HapMap": "Chromosome\tPosition(bp)\tRate(cM/Mb)\tMap(cM)\n"
    "chr15\t1000\t500\t1.0\nchr15\t2000\t1500\t1.5\nchr15\t4000\t0\t4.5\n",
    "IMPUTE": "position COMBINED_rate(cM/Mb) Genetic_Map(cM)\n1000 500 1.0\n2000 1500 1.5\n4000 0 4.5\n",
    "PLINK": "15 rs1 1.0 1000\n15 rs2 1.5 2000\n15 . 4.5 4000\n",
}


def table(*positions: int, contig: str = "15") -> VariantTable:
    n = len(positions)
    return VariantTable(contig=np.full(n, contig), position=np.array(positions), ref=np.full(n, "A"),
                        alt=np.full(n, "C"))  # fmt: skip


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "m.map"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("contig", ["15", "chr15"])
def test_layouts(tmp_path: Path, layout: str, contig: str) -> None:
    cm = read_genetic_map(written(tmp_path, LAYOUTS[layout])).cm(table(1000, 1500, 3000, 4000, contig=contig))
    np.testing.assert_allclose(cm, [1.0, 1.25, 3.0, 4.5])


def test_beyond_the_ends_at_the_mean_rate(tmp_path: Path) -> None:
    """4.5 - 1 cM over 3,000 bp."""
    cm = read_genetic_map(written(tmp_path, LAYOUTS["SHAPEIT"])).cm(table(400, 1000, 4000, 4300))
    np.testing.assert_allclose(cm, [1.0 - 0.7, 1.0, 4.5, 4.5 + 0.35])


def test_against_slow_interpolation(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    bp, cm = np.cumsum(rng.integers(1, 900, 40)), np.cumsum(rng.exponential(size=40))
    text = "pos chr cM\n" + "".join(f"{b} 15 {c!r}\n" for b, c in zip(bp.tolist(), cm.tolist(), strict=True))
    places = np.unique(rng.integers(bp[0], bp[-1], 100))
    expected = []
    for place in places:
        i = next(i for i in range(39) if bp[i] <= place <= bp[i + 1])
        expected.append(cm[i] + (cm[i + 1] - cm[i]) * (place - bp[i]) / (bp[i + 1] - bp[i]))
    got = read_genetic_map(written(tmp_path, text)).cm(table(*places.tolist()))
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_missing_contig(tmp_path: Path) -> None:
    with pytest.raises(PanelError, match=r"m\.map has no contig 16; it has 15"):
        read_genetic_map(written(tmp_path, LAYOUTS["PLINK"])).cm(table(1000, contig="16"))


def test_map_without_contig_serves_one(tmp_path: Path) -> None:
    two = VariantTable(contig=np.array(["1", "2"]), position=np.array([1, 1]), ref=np.array(["A", "A"]),
                       alt=np.array(["C", "C"]))  # fmt: skip
    with pytest.raises(PanelError, match="does not name its contig, and the variants lie on 1, 2"):
        read_genetic_map(written(tmp_path, LAYOUTS["IMPUTE"])).cm(two)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a b c\n1 2 3\n", "is no genetic map: its first line is 'a b c'"),
        ("pos chr cM\n1000 15 x\n", "line 2: no point"),
        ("pos chr cM\n1000 15\n", "line 2: no point"),
        ("pos chr cM\n1000 15 1\n", "one point of contig 15 is no map"),
        ("pos chr cM\n1000 15 1\n1000 15 2\n", "line 3: the points of contig 15 must rise"),
        ("pos chr cM\n1000 15 1\n1100 15 0.5\n", "line 3: the points"),
        ("pos chr cM\n1000 15 1\n1100 15 nan\n", "line 3: the points"),
        ("15 a 0 100\n15 b 0 200\n", "all at 0.0 cM"),
        ("pos chr cM\n", "has no point"),
    ],
)
def test_bad_map(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PanelError, match=message):
        read_genetic_map(written(tmp_path, text))


def test_panel_carries_centimorgans(tmp_path: Path, panel: HaplotypePanel) -> None:
    write_panel(panel, tmp_path / "a.vcf")
    got = read_panel(tmp_path / "a.vcf", genetic_map=written(tmp_path, LAYOUTS["PLINK"]), on_notice=str)
    assert got.variants.cm is not None
    write_panel(got, tmp_path / "b.npz")
    np.testing.assert_array_equal(read_panel(tmp_path / "b.npz").variants.cm, got.variants.cm)


@pytest.mark.real_data
def test_real_map(real_data: Path) -> None:
    cm = read_genetic_map(real_data / "chr15.b37.gmap").cm(
        table(27_000_625, 27_379_578, 29_625_035, 29_999_591)
    )
    assert cm[0] == pytest.approx(27.666160)
    assert cm[-1] == pytest.approx(35.015563)
    assert (np.diff(cm) > 0).all()
