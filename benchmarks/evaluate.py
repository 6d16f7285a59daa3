"""Time and memory of judging artificial genomes with the whole registry, and with `--fast`.

    PYTHONPATH=src python benchmarks/evaluate.py [--data ../shared/data] [--repeats 10] [--once]
    PYTHONPATH=src python benchmarks/evaluate.py --large

On the 10K panel: 1,000 holdout and 4,006 train haplotypes by 10,000 variants; the 4,006 synthetic ones are train
rows drawn again with every thousandth allele flipped; four sources. Bounds, on two cores: 5 minutes and 6 GB for
everything, 60 s for the quick look. `--once` times each metric on the synthetic panel alone. `--large` judges
65,536 variants x 5,008 real haplotypes and 5,008 synthetic ones (mosaics of simulated founders; bound 8 GB) without
anchors. OPENBLAS_* variables slow NumPy down on some machines and are left out of the measured process.
"""

import argparse
import csv
import os
import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMIT_SECONDS, FAST_SECONDS, LIMIT_GB, LARGE_GB = 300, 60, 6, 8


def without_openblas_settings():
    """Start this process again when the environment holds settings of OpenBLAS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
    if len(kept) < len(os.environ):
        os.execve(sys.executable, [sys.executable, *sys.argv], kept)


def table(path):
    with path.open(newline="") as file:
        return {row["sample"]: row for row in csv.DictReader(file, delimiter="\t")}


def read(data):
    """Return the split of the 10K panel, the person with two labels left out."""
    import numpy as np
    from cyvcf2 import VCF

    from genome_ac_gan.panel import HaplotypePanel, VariantTable, split_by_file

    vcf = VCF(str(data / "kgp3_chr15_10k.vcf.gz"))
    records = [(v.genotype.array()[:, :2].ravel().astype(np.uint8), v.POS, v.REF, v.ALT[0]) for v in vcf]
    people = table(data / "kgp3_samples.panel")
    ids = np.repeat(vcf.samples, 2)
    continent = np.array([people[name]["super_pop"] for name in ids])
    kept = np.char.find(continent, ",") < 0
    variants = VariantTable(
        contig=np.full(len(records), "15"), position=np.array([r[1] for r in records]),
        ref=np.array([r[2] for r in records]), alt=np.array([r[3] for r in records]),
    )  # fmt: skip
    panel = HaplotypePanel(
        haplotypes=np.array([r[0] for r in records]).T[kept].copy(), sample_id=ids[kept],
        labels={"super_pop": continent[kept]}, label="super_pop", variants=variants,
    )  # fmt: skip
    sides = {name: row["split"] for name, row in table(data / "kgp3_chr15_10k.split.tsv").items()}
    return split_by_file(panel, sides)


def noisy_copies(train, rng):
    """Return train rows drawn with replacement, every thousandth allele flipped."""
    import numpy as np

    from genome_ac_gan.panel import HaplotypePanel

    rows = rng.integers(train.n_haplotypes, size=train.n_haplotypes)
    flips = (rng.random((len(rows), train.n_variants), np.float32) < 1e-3).astype(np.uint8)
    return HaplotypePanel(
        haplotypes=train.haplotypes[rows] ^ flips,
        sample_id=np.array([f"AG_{index:06d}" for index in range(len(rows))]),
        labels={"super_pop": train.population[rows]}, label="super_pop", variants=train.variants,
    )  # fmt: skip


def peak_gb():
    """Return the most memory that this process has had; where it can be told, without that of its parent."""
    status = Path("/proc/self/status")
    if status.exists():
        found = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(found["VmHWM"].split()[0]) * 1024 / 1e9
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def mosaics(n_rows, rng, n_variants=65_536, n_founders=64):
    """Return haplotypes of two populations, `n_rows` each, mosaics of its founders."""
    import numpy as np

    from genome_ac_gan.panel import HaplotypePanel, VariantTable

    ancestral = np.random.default_rng(1).beta(0.3, 1.2, n_variants)  # the same whoever asks
    position = np.cumsum(np.random.default_rng(2).integers(1, 500, n_variants))
    rows, labels = [], []
    for name, shift in (("AFR", 0.05), ("EUR", -0.05)):
        frequency = np.clip(ancestral + shift * ancestral, 0, 1)
        founders = (
            np.random.default_rng(len(name) + ord(name[0])).random((n_founders, n_variants)) < frequency
        )
        founders = founders.astype(np.uint8)
        for _ in range(n_rows):
            cuts = np.sort(rng.integers(n_variants, size=40))
            row = np.empty(n_variants, np.uint8)
            for start, stop in zip([0, *cuts], [*cuts, n_variants], strict=True):
                row[start:stop] = founders[rng.integers(n_founders), start:stop]
            rows.append(row ^ (rng.random(n_variants, np.float32) < 1e-3).view(np.uint8))
            labels.append(name)
    return HaplotypePanel(
        haplotypes=np.array(rows), sample_id=np.array([f"S{index // 2:05d}" for index in range(len(rows))]),
        labels={"pop": np.array(labels)}, label="pop",
        variants=VariantTable(
            contig=np.full(n_variants, "1"), position=position, cm=position * 1e-6,
            ref=np.full(n_variants, "A"), alt=np.full(n_variants, "C"),
        ),
    )  # fmt: skip


def ten_k(data):
    from genome_ac_gan.metrics import Comparison
    from genome_ac_gan.seeding import stream

    if not data.is_dir():
        sys.exit(f"{data} is absent: nothing to measure")
    split = read(data)
    synthetic = noisy_copies(split.train, stream(1, "benchmark"))
    return Comparison(train=split.train, holdout=split.holdout, synthetic=synthetic)


def large():
    """Return a comparison with 65,536 variants: 5,008 synthetic and 5,008 real haplotypes, 1,000 held out."""
    import numpy as np

    from genome_ac_gan.metrics import Comparison

    train, holdout, synthetic = (
        mosaics(n, np.random.default_rng(seed)) for seed, n in ((3, 2004), (4, 500), (5, 2504))
    )
    return Comparison(train=train, holdout=holdout, synthetic=synthetic)


def one_by_one(comparison, repeats):
    """Print the seconds of each metric on the synthetic panel; what metrics share falls on the first to ask."""
    from genome_ac_gan.metrics import METRICS, evaluate

    for name in METRICS:
        start = time.perf_counter()
        evaluate(comparison, [name], seed=1, repeats=repeats)
        print(f"{name:28} {time.perf_counter() - start:6.1f} s {peak_gb():6.2f} GB so far", flush=True)


def judged(comparison, what, limit, **options):
    """Judge all four sources, print what it took, and return the evaluation and whether it was too slow."""
    from genome_ac_gan.metrics import evaluate_with_anchors

    start, cpu = time.perf_counter(), time.process_time()
    evaluation = evaluate_with_anchors(comparison, seed=1, **options)
    seconds = time.perf_counter() - start
    print(f"{what:28} {seconds:6.1f} s of {limit} s, CPU of all threads {time.process_time() - cpu:.1f} s")
    return evaluation, seconds > limit


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--once", action="store_true", help="each metric by itself, no anchors")
    parser.add_argument("--large", action="store_true", help="65,536 variants, no anchors")
    options = parser.parse_args()
    without_openblas_settings()
    if options.once or options.large:
        start = time.perf_counter()
        one_by_one(large() if options.large else ten_k(options.data), options.repeats)
        limit = LARGE_GB if options.large else LIMIT_GB
        print(f"{'together':28} {time.perf_counter() - start:6.1f} s, peak {peak_gb():.2f} GB of {limit} GB")
        sys.exit(peak_gb() > limit)
    comparison = ten_k(options.data)
    _, slow = judged(comparison, "fast", FAST_SECONDS, fast=True)
    evaluation, slower = judged(comparison, "everything", LIMIT_SECONDS, repeats=options.repeats)
    print(f"{'peak memory':28} {peak_gb():6.2f} GB of {LIMIT_GB} GB")
    pooled = evaluation.table.query("population == 'all'")
    print(
        pooled.pivot_table(index=["metric", "statistic"], columns="source", values="value")
        .round(4)
        .to_string()
    )
    sys.exit(slow or slower or peak_gb() > LIMIT_GB)


if __name__ == "__main__":
    main()
