"""Time of imputation, and what real reference panels of the 10K panel achieve under the protocol of the metric.

    PYTHONPATH=src python benchmarks/imputation.py [--data ../shared/data] [--beagle]

First 1,000 haplotypes are imputed from 2,000 at 10,000 sites of which 1,000 are typed (random alleles; bound on two
cores: 5 s). Then the 1,000 holdout haplotypes of the 10K panel from 2,000 train haplotypes, with its genetic map and
without, and from all 4,006: mean r2 over hidden variants, by holdout MAF. `--beagle` gives the same task to Beagle 5.
"""

import argparse
import gzip
import subprocess
import tempfile
import time
from pathlib import Path

from evaluate import read, without_openblas_settings

LIMIT_SECONDS = 5


def timed(function, *args):
    start, cpu = time.perf_counter(), time.process_time()
    result = function(*args)
    return result, f"{time.perf_counter() - start:5.1f} s, {time.process_time() - cpu:5.1f} s of CPU"


def speed():
    import numpy as np

    from genome_ac_gan.popgen.copying import CopyingModel
    from genome_ac_gan.popgen.imputation import impute

    rng = np.random.default_rng(1)
    reference = (rng.random((2000, 10_000), np.float32) < 0.2).astype(np.uint8)
    typed = np.arange(5, 10_000, 10)
    queries = reference[rng.integers(2000, size=1000)][:, typed]
    model = CopyingModel.of(reference, np.full(9_999, 2e-6))
    _, spent = timed(impute, queries, model, typed)
    print(f"1,000 x 10,000 sites (1,000 typed) from 2,000: {spent}; bound {LIMIT_SECONDS} s")


def score(holdout, hidden, dosage):
    """Return mean r2 over hidden variants, all and by MAF, as text."""
    import numpy as np

    from genome_ac_gan.metrics.utility.imputation import BINS, weighted_r2
    from genome_ac_gan.popgen.frequency import minor_allele_frequencies

    alleles = holdout.haplotypes[:, hidden]
    r2, maf = weighted_r2(dosage, alleles, np.ones((1, len(alleles))))[0], minor_allele_frequencies(alleles)
    parts = [f"{name} {r2[(maf >= low) & (maf < high)].mean():.3f}" for name, (low, high) in BINS.items()]
    return f"r2 {r2.mean():.3f}; " + ", ".join(parts) + f"; {len(hidden)} variants"


def real_panels(train, holdout, beagle):
    import numpy as np

    from genome_ac_gan.metrics.draws import draw, proportional_counts
    from genome_ac_gan.metrics.utility.imputation import impute_hidden, typed_variants

    typed = typed_variants(train)
    counts = proportional_counts(train.population, 2000)
    part = train.haplotypes[draw(train, train.population, counts, np.random.default_rng(0))]
    bare = holdout.with_variants(holdout.variants.with_cm(None))
    for name, panel, reference in (
        ("2,000 train haplotypes", holdout, part),
        ("2,000 train haplotypes, no map", bare, part),
        (f"all {train.n_haplotypes} train haplotypes", holdout, train.haplotypes),
    ):
        (hidden, dosage), spent = timed(impute_hidden, panel, reference, typed)
        print(f"{name}: {score(holdout, hidden, dosage)}; {spent}", flush=True)
    if beagle:
        dosage, spent = timed(beagle_dosage, holdout, part, typed, hidden)
        print(f"Beagle, 2,000 train haplotypes: {score(holdout, hidden, dosage)}; {spent}")


def beagle_dosage(holdout, reference, typed, hidden):
    """Return the dosages of Beagle. Every haplotype is given twice, as a person: nothing is left to phase."""
    import numpy as np

    variants = holdout.variants
    doubled = np.array(["0|0", "1|1"])[holdout.haplotypes[:, typed]]
    paired = np.array(["0|0", "0|1", "1|0", "1|1"])[2 * reference[::2] + reference[1::2]]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_vcf(folder / "reference.vcf.gz", variants, paired)
        write_vcf(folder / "typed.vcf.gz", variants[typed], doubled)
        lines = zip(variants.contig, variants.cm, variants.position, strict=True)
        text = "".join(f"{contig} . {cm:.8f} {position}\n" for contig, cm, position in lines)
        (folder / "map").write_text(text)
        command = [
            "beagle",
            f"gt={folder}/typed.vcf.gz",
            f"ref={folder}/reference.vcf.gz",
            f"map={folder}/map",
        ]
        subprocess.run([*command, f"out={folder}/out", "seed=1"], check=True, capture_output=True)
        with gzip.open(folder / "out.vcf.gz", "rt") as file:
            rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    place = {int(row[1]): index for index, row in enumerate(rows)}
    kept = [rows[place[position]] for position in variants.position[hidden].tolist()]
    return np.array(
        [[float(field.split(":")[1]) / 2 for field in row[9:]] for row in kept], dtype=np.float32
    ).T


def write_vcf(path, variants, genotypes):
    head = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
    with gzip.open(path, "wt", compresslevel=1) as file:
        file.write('##fileformat=VCFv4.2\n##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n')
        file.write("\t".join([*head, *(f"s{index}" for index in range(len(genotypes)))]) + "\n")
        for index, column in enumerate(genotypes.T):
            site = variants.contig[index], str(variants.position[index]), ".", variants.ref[index]
            file.write("\t".join([*site, variants.alt[index], ".", "PASS", ".", "GT", *column]) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--beagle", action="store_true", help="compare with the program `beagle`")
    options = parser.parse_args()
    without_openblas_settings()
    speed()
    from genome_ac_gan.formats.genetic_map import read_genetic_map

    split = read(options.data)
    variants = split.holdout.variants
    cm = read_genetic_map(options.data / "chr15.b37.gmap").cm(variants)
    real_panels(split.train, split.holdout.with_variants(variants.with_cm(cm)), options.beagle)


if __name__ == "__main__":
    main()
