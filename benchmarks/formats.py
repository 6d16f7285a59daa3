"""Ratios of reading and writing, each measured against its yardstick in the same run.

    python benchmarks/formats.py kgp3_chr15_10k.vcf.gz --labels kgp3_samples.panel

- reading a VCF against a bare cyvcf2 loop that fills the same array (at most 1.3);
- reading our npz against that VCF read (at most 0.1);
- writing 4,006 artificial genomes as indexed vcf.gz, in blocks of 500 rows,
  against `bcftools view -Oz` of the file written (at most 3).
"""

import argparse
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from cyvcf2 import VCF

from genome_ac_gan.formats import read_panel, write_blocks, write_panel
from genome_ac_gan.panel import HaplotypePanel

N_ARTIFICIAL = 4006
BLOCK = 500


def seconds(work: Callable[[], object], repeats: int) -> float:
    """Return the shortest of several runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def bare_loop(path: Path, n_variants: int) -> np.ndarray:
    """Fill (n_variants, 2 n_samples) with alleles and nothing else."""
    vcf = VCF(str(path), lazy=True)
    out = np.empty((n_variants, 2 * len(vcf.samples)), dtype=np.uint8)
    for row, variant in enumerate(vcf):
        out[row] = variant.genotype.array()[:, :2].reshape(-1)
    return out


def artificial_blocks(panel: HaplotypePanel) -> Iterator[HaplotypePanel]:
    """Yield rows of a real panel as if they were artificial genomes, by population."""
    rows = np.random.default_rng(1).permutation(panel.n_haplotypes)[:N_ARTIFICIAL]
    rows = rows[np.argsort(panel.population[rows], kind="stable")]
    for start in range(0, len(rows), BLOCK):
        part = rows[start : start + BLOCK]
        yield HaplotypePanel(
            haplotypes=panel.haplotypes[part], variants=panel.variants, label=panel.label,
            sample_id=np.array([f"AG_{panel.population[row]}_{row:06d}" for row in part]),
            labels={panel.label: panel.population[part]},
        )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("vcf", type=Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()

    def read() -> HaplotypePanel:
        return read_panel(options.vcf, labels=options.labels, on_notice=str)

    panel = read()
    with tempfile.TemporaryDirectory() as folder:
        npz, out = Path(folder, "panel.npz"), Path(folder, "ag.vcf.gz")
        write_panel(panel, npz)
        ours = seconds(read, options.repeats)
        bare = seconds(lambda: bare_loop(options.vcf, panel.n_variants), options.repeats)
        again = seconds(lambda: read_panel(npz), options.repeats)
        rows = [("read VCF", ours, "bare cyvcf2 loop", bare, 1.3), ("read npz", again, "read VCF", ours, 0.1)]
        if shutil.which("bcftools"):
            written = seconds(
                lambda: write_blocks(artificial_blocks(panel), out, force=True, on_notice=str),
                options.repeats,
            )
            command = ["bcftools", "view", "-Oz", "-o", str(Path(folder, "b.vcf.gz")), str(out)]
            packed = seconds(lambda: subprocess.run(command, check=True), options.repeats)
            rows.append((f"write {N_ARTIFICIAL} AGs", written, "bcftools view -Oz", packed, 3.0))
    print(f"{panel.n_haplotypes} haplotypes x {panel.n_variants} variants, best of {options.repeats}")
    print(f"{'':16} {'seconds':>8}  {'against':18} {'seconds':>8} {'ratio':>6} {'target':>7}")
    for name, mine, yardstick, theirs, target in rows:
        print(f"{name:16} {mine:8.2f}  {yardstick:18} {theirs:8.2f} {mine / theirs:6.2f} {target:7.1f}")


if __name__ == "__main__":
    main()
