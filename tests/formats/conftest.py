"""Small files written by hand, and where the real data and the outside tools are."""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from genome_ac_gan.panel import HaplotypePanel, VariantTable

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "data"


@pytest.fixture
def real_data() -> Path:
    """The folder of real data; skips where it is absent."""
    if not REAL.is_dir():
        pytest.skip(f"needs the real data in {REAL}")
    return REAL


@pytest.fixture
def tool() -> Callable[..., str]:
    """Run an outside program and return its output; skips where the program is absent."""

    def run(*command: object, cwd: Path | None = None) -> str:
        name = str(command[0])
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")
        done = subprocess.run(
            [str(word) for word in command], capture_output=True, text=True, cwd=cwd, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


HEADER = """##fileformat=VCFv4.2
##contig=<ID=15>
##contig=<ID=X>
##FILTER=<ID=PASS,Description="ok">
##ALT=<ID=DEL,Description="deletion">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
"""
FIXED = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"


def _vcf_text(
    *records: str, samples: Sequence[str] = ("S1", "S2", "S3"), header: str = HEADER, form: str = "GT"
) -> str:
    """Return a VCF; a record is `15:100 A C 0|1 1|1 0|0`."""
    lines = [header + "\t".join([FIXED, "FORMAT", *samples] if samples else [FIXED])]
    for record in records:
        place, ref, alt, *calls = record.split()
        contig, position = place.split(":")
        lines.append(
            "\t".join([contig, position, ".", ref, alt, ".", "PASS", ".", *([form] if calls else []), *calls])
        )
    return "\n".join(lines) + "\n"


@pytest.fixture
def write_vcf(tmp_path: Path) -> Callable[..., Path]:
    """Write a VCF by hand and return its path."""

    def write(*records: str, name: str = "x.vcf", **options: object) -> Path:
        path = tmp_path / name
        path.write_text(_vcf_text(*records, **options), encoding="utf-8")  # type: ignore[arg-type]
        return path

    return write


@pytest.fixture
def notices() -> list[str]:
    """A list whose `append` takes notices."""
    return []


def _make_panel(
    n_people: int = 6, n_variants: int = 30, *, seed: int = 1, haploid: bool = False, synthetic: bool = False
) -> HaplotypePanel:
    """Return a random panel of two populations; artificial rows carry one id each."""
    rng = np.random.default_rng(seed)
    ploidy = 1 if haploid or synthetic else 2
    pop = np.array(["GBR", "YRI", "CEU"])[np.arange(n_people) % 3]
    super_pop = np.where(pop == "YRI", "AFR", "EUR")
    ids = [f"AG_{name}_{i + 1:06d}" if synthetic else f"S{i}" for i, name in enumerate(super_pop)]
    return HaplotypePanel(
        haplotypes=rng.integers(0, 2, (n_people * ploidy, n_variants), dtype=np.uint8),
        sample_id=np.repeat(np.array(ids), ploidy),
        labels={"pop": np.repeat(pop, ploidy), "super_pop": np.repeat(super_pop, ploidy)},
        label="super_pop",
        variants=VariantTable(
            contig=np.array(["15"] * n_variants),
            position=1000 + np.cumsum(rng.integers(1, 50, n_variants)),
            ref=np.array(["A", "C"] * n_variants)[:n_variants],
            alt=np.array(["G", "T"] * n_variants)[:n_variants],
        ),
    )


@pytest.fixture
def make_panel() -> Callable[..., HaplotypePanel]:
    """The maker of random panels."""
    return _make_panel


@pytest.fixture
def panel() -> HaplotypePanel:
    """Six diploid people of three populations, thirty variants."""
    return _make_panel()


@pytest.fixture
def artificial() -> HaplotypePanel:
    """Seven artificial haplotypes: five EUR, two AFR, one id each."""
    return _make_panel(7, synthetic=True)
