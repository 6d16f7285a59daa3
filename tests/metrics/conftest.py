import csv
from pathlib import Path

import numpy as np
import pytest

from genome_ac_gan.metrics import Comparison, anchors
from genome_ac_gan.panel import HaplotypePanel, VariantTable
from genome_ac_gan.seeding import stream

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def sites(n, contigs=("1",)):
    """Return n variants, evenly shared among contigs, at uneven distances."""
    contig = np.sort(np.resize(contigs, n))
    position = np.cumsum(np.random.default_rng(8).integers(1, 400, n))
    return VariantTable(contig=contig, position=position, ref=np.full(n, "A"), alt=np.full(n, "C"))


def as_panel(x, population, variants, prefix="s", ploidy=1):
    ids = np.array([f"{prefix}{index // ploidy:05d}" for index in range(len(x))])
    return HaplotypePanel(
        haplotypes=x, sample_id=ids, labels={"pop": np.asarray(population)}, label="pop", variants=variants
    )


def mosaics(rng, founders, n):
    """Return haplotypes that copy founders of their population and change the one they copy now and then."""
    n_founders, n_variants = founders.shape
    switch = rng.random((n, n_variants)) < 0.02
    donor = rng.integers(n_founders, size=(n, n_variants))
    last = np.maximum.accumulate(np.where(switch, np.arange(n_variants), 0), axis=1)
    return founders[np.take_along_axis(donor, last, axis=1), np.arange(n_variants)]


@pytest.fixture(scope="session")
def comparison():
    """Three fresh samples of one distribution: two populations, 120 + 80 haplotypes, 300 linked variants."""
    rng = np.random.default_rng(4)
    ancestral = rng.beta(0.4, 0.9, 300)
    founders = {
        name: (rng.random((8, 300)) < np.clip(ancestral + rng.normal(0, 0.15, 300), 0.02, 0.98)).astype(
            np.uint8
        )
        for name in ("AFR", "EUR")
    }
    variants, population = sites(300, ("1", "2")), np.repeat(["AFR", "EUR"], [120, 80])

    def fresh(prefix, times, ploidy):
        x = np.concatenate(
            [mosaics(rng, founders["AFR"], 120 * times), mosaics(rng, founders["EUR"], 80 * times)]
        )
        return as_panel(x, np.repeat(population, times), variants, prefix, ploidy)

    return Comparison(train=fresh("t", 2, 2), holdout=fresh("h", 1, 2), synthetic=fresh("AG", 2, 1))


@pytest.fixture(scope="session")
def sources(comparison):
    return anchors(comparison, stream(1, "anchors"))


def table(path):
    with path.open(newline="") as file:
        return {row["sample"]: row for row in csv.DictReader(file, delimiter="\t")}


@pytest.fixture(scope="session")
def ten_k():
    """All 5,008 haplotypes of the 10K panel, and on which side of the paper's split each is."""
    if not DATA.is_dir():
        pytest.skip(f"{DATA} is absent")
    cyvcf2 = pytest.importorskip("cyvcf2")
    vcf = cyvcf2.VCF(str(DATA / "kgp3_chr15_10k.vcf.gz"))
    records = [(v.genotype.array()[:, :2].ravel().astype(np.uint8), v.POS, v.REF, v.ALT[0]) for v in vcf]
    ids = np.repeat(vcf.samples, 2)
    people, sides = table(DATA / "kgp3_samples.panel"), table(DATA / "kgp3_chr15_10k.split.tsv")
    panel = HaplotypePanel(
        haplotypes=np.array([r[0] for r in records]).T.copy(), sample_id=ids,
        labels={"super_pop": np.array([people[name]["super_pop"] for name in ids])}, label="super_pop",
        variants=VariantTable(
            contig=np.full(len(records), "15"), position=np.array([r[1] for r in records]),
            ref=np.array([r[2] for r in records]), alt=np.array([r[3] for r in records]),
        ),
    )  # fmt: skip
    return panel, np.array([sides[name]["split"] == "test" for name in ids])
