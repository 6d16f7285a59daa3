"""Panels that are free to share: simulated out of Africa with admixture, and toys with known answers.

Simulating needs msprime (the extra `sim`, GPL); the panel that ships inside the
package was made once by ``python -m genome_ac_gan.simulate FILE`` and needs nothing.
"""

import sys
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from genome_ac_gan.errors import GenomeACGANError, PanelError, some
from genome_ac_gan.panel import HaplotypePanel, VariantTable, load_panel, save_panel
from genome_ac_gan.seeding import derived_seed, stream

SUPER_POPULATION: Mapping[str, str] = MappingProxyType(
    {"YRI": "AFR", "CEU": "EUR", "CHB": "EAS", "JPT": "EAS", "ADMIX": "AMR"}
)
EMBEDDED_PEOPLE: Mapping[str, int] = MappingProxyType(dict.fromkeys(SUPER_POPULATION, 200))
EMBEDDED_SEED = 20240214

MUTATION_RATE = 1.44e-8
YEARS_A_GENERATION = 29
MEAN_CM_A_MB = 1.2
_SPARE = 3  # people simulated for each person kept
_ADMIX_AGE = 12
_ADMIX_PROPORTIONS = {"YRI": 1 / 6, "CEU": 1 / 3, "CHB": 1 / 2}


def embedded_file() -> Path:
    """Return the path of the panel inside the package."""
    return Path(str(resources.files("genome_ac_gan") / "data" / "embedded.npz"))


def embedded_panel() -> HaplotypePanel:
    """Return the panel inside the package: five populations of 200 people, 2,000 variants of 2 Mb.

    It was made by ``simulate_panel(EMBEDDED_PEOPLE, seed=EMBEDDED_SEED)``. The
    people are simulated: their population names are those of the published model.
    """
    return load_panel(embedded_file())


def simulate_panel(
    people: Mapping[str, int] = EMBEDDED_PEOPLE,
    *,
    n_variants: int = 2000,
    length: int = 2_000_000,
    min_minor_count: int = 10,
    seed: int = EMBEDDED_SEED,
) -> HaplotypePanel:
    """Simulate a panel out of Africa with an admixed American population.

    Four populations follow Jouganous et al. 2017 (YRI, CEU, CHB, JPT). The fifth,
    ADMIX, is that of Browning et al. 2018: founded 12 generations ago by 1/6
    African, 1/3 European and 1/2 East Asian ancestry, 30,000 people growing by
    5% a generation. Recombination follows a random map with hotspots, 1.2 cM/Mb
    on average; mutations follow HKY with transitions favoured. Three times the
    people are simulated, and those who are all but identical to an earlier one in a
    haplotype give way to others, as far as there are others: panels of real
    people leave out relatives too.

    Parameters
    ----------
    people
        Diploid people to sample of each population, by the model's name.
    n_variants
        Biallelic SNPs to keep, drawn evenly among those that are common enough.
    length
        Length of the region in bp; the variants lie on contig `1` from position 1.
    min_minor_count
        Copies of the rarer allele, among the haplotypes kept, that a variant needs.
    seed
        Same seed and same msprime, same panel.

    Returns
    -------
    HaplotypePanel
        Two haplotypes a person, ids `SIM0001` onwards, labels `pop` (the label)
        and `super_pop`, cM from the map that was simulated.

    Raises
    ------
    GenomeACGANError
        When msprime is not installed.
    PanelError
        When a population is unknown or the region has too few such variants.

    References
    ----------
    Jouganous et al. 2017, doi:10.1534/genetics.117.200493; Browning et al. 2018,
    doi:10.1371/journal.pgen.1007385.
    """
    msprime = _msprime()
    _check_people(people)
    rate_map = _recombination_map(msprime, length, stream(seed, "simulate/map"))
    ancestry = msprime.sim_ancestry(
        samples={name: _SPARE * n for name, n in people.items()}, demography=demography(),
        recombination_rate=rate_map,
        random_seed=_msprime_seed(seed, "ancestry"),
    )  # fmt: skip
    mutated = msprime.sim_mutations(
        ancestry,
        rate=MUTATION_RATE,
        model=msprime.HKY(kappa=4.0),
        random_seed=_msprime_seed(seed, "mutations"),
    )
    haplotypes, position, ref, alt = _biallelic_snps(mutated, min_minor_count)
    haplotypes = haplotypes[:, _unrelated_rows(haplotypes, people)]
    common = np.minimum(haplotypes.sum(axis=1), (1 - haplotypes).sum(axis=1)) >= min_minor_count
    haplotypes, position, ref, alt = haplotypes[common], position[common], ref[common], alt[common]
    if len(position) < n_variants:
        raise PanelError(
            f"{length} bp hold {len(position)} variants with at least {min_minor_count} copies of the rarer "
            f"allele, fewer than the {n_variants} asked for: simulate a longer region"
        )
    kept = np.sort(stream(seed, "simulate/ascertain").choice(len(position), n_variants, replace=False))
    cm = 100 * rate_map.get_cumulative_mass(position[kept])
    variants = VariantTable(
        contig=np.full(n_variants, "1"), position=position[kept] + 1, ref=ref[kept], alt=alt[kept], cm=cm
    )
    return _panel_of_people(haplotypes[kept].T.copy(), people, variants)


def demography() -> Any:
    """Return the demographic model of `simulate_panel` as an `msprime.Demography`."""
    model = _msprime().Demography()
    growth = {"CEU": 0.0016, "CHB": 0.0026, "JPT": 0.0129}
    end_of = {"CEU": (2512, 46_000), "CHB": (1019, 46_000), "JPT": (4384, 9_000)}
    model.add_population(name="YRI", initial_size=23721, initially_active=True)
    for name, (founders, years) in end_of.items():
        today = founders * np.exp(growth[name] * years / YEARS_A_GENERATION)
        model.add_population(name=name, initial_size=today, growth_rate=growth[name], initially_active=True)
    model.add_population(name="ADMIX", initial_size=30_000 * np.exp(0.05 * _ADMIX_AGE), growth_rate=0.05)
    model.add_population(name="OOA", initial_size=2831)
    model.add_population(name="ANCIENT", initial_size=11293)
    migration = {("YRI", "CEU"): 1.14e-5, ("YRI", "CHB"): 0.56e-5, ("CEU", "CHB"): 4.75e-5,
                 ("CHB", "JPT"): 3.3e-5}  # fmt: skip
    for pair, rate in migration.items():
        model.set_symmetric_migration_rate(pair, rate)
    _add_splits(model)
    return model


def _add_splits(model: Any) -> None:
    """Add the events of the model, from the youngest to the oldest (times in generations)."""
    model.add_admixture(time=_ADMIX_AGE, derived="ADMIX", ancestral=list(_ADMIX_PROPORTIONS),
                        proportions=list(_ADMIX_PROPORTIONS.values()))  # fmt: skip
    for years, derived, ancestral in (
        (9_000, ["JPT"], "CHB"),
        (46_000, ["CEU", "CHB"], "OOA"),
        (119_000, ["OOA"], "YRI"),
        (357_000, ["YRI"], "ANCIENT"),
    ):
        model.add_population_split(time=years / YEARS_A_GENERATION, derived=derived, ancestral=ancestral)
    model.add_symmetric_migration_rate_change(time=46_000 / YEARS_A_GENERATION, populations=["YRI", "OOA"],
                                              rate=16.8e-5)  # fmt: skip
    model.sort_events()


def _msprime() -> Any:
    try:
        import msprime
    except ModuleNotFoundError:
        raise GenomeACGANError(
            "simulating needs msprime: pip install 'genome-ac-gan[sim]' (the embedded panel needs nothing)"
        ) from None
    return msprime


def _msprime_seed(seed: int, name: str) -> int:
    return 1 + derived_seed(seed, f"simulate/{name}") % (2**31 - 2)


def _check_people(people: Mapping[str, int]) -> None:
    unknown = [name for name in people if name not in SUPER_POPULATION]
    if unknown:
        raise PanelError(f"the model has no population {some(unknown)}; it has: {some(SUPER_POPULATION)}")
    too_few = [name for name, n in people.items() if n < 1]
    if too_few or not people:
        raise PanelError(f"each population needs at least one person: {some(too_few) or 'none was named'}")


def _recombination_map(msprime: Any, length: int, rng: np.random.Generator) -> Any:
    """Return a map with a hotspot of 2 kb every 50 kb or so, in which most recombination falls."""
    width = 2_000
    starts = np.cumsum(rng.gamma(2.0, 25_000, size=2 * length // 50_000 + 8)).astype(int)
    starts = starts[(np.diff(starts, prepend=-width) > width) & (starts < length - width)]
    edges = np.unique(np.concatenate([[0], starts, starts + width, [length]]))
    relative = np.where(np.isin(edges[:-1], starts), 40 * rng.gamma(0.7, 1 / 0.7, size=len(edges) - 1), 0.4)
    mean = np.average(relative, weights=np.diff(edges))
    return msprime.RateMap(position=edges, rate=relative / mean * MEAN_CM_A_MB * 1e-8)


def _unrelated_rows(haplotypes: npt.NDArray[np.uint8], people: Mapping[str, int]) -> npt.NDArray[np.intp]:
    """Return the haplotypes of the people to keep, `people` of each population, unrelated ones first.

    Related is who has a haplotype that differs from one of a person kept before,
    of any population, at fewer than one in 200 of (about 2,000 of) the variants.
    """
    x = haplotypes[:: max(1, len(haplotypes) // 2000)].T.astype(np.float32)  # (n_haplotypes, n_variants)
    rows = np.empty(0, dtype=np.intp)
    start = 0
    for n in people.values():
        own = np.arange(start, start + 2 * _SPARE * n)
        related: npt.NDArray[np.bool_] = np.asarray(_close(x[own], x[rows]).any(axis=1))
        close = _close(x[own], x[own])
        for person in range(1, len(close)):
            related[person] |= (close[person, :person] & ~related[:person]).any()
        kept = np.sort(np.argsort(related, kind="stable")[:n])
        rows = np.concatenate([rows, own.reshape(-1, 2)[kept].ravel()])
        start += len(own)
    return rows


def _close(x: npt.NDArray[np.float32], y: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Return which people of two sets have haplotypes that differ at fewer than one in 200 variants."""
    differences = x.sum(axis=1)[:, None] + y.sum(axis=1) - 2 * x @ y.T  # exact: whole numbers
    pairs = (differences < x.shape[1] / 200).reshape(len(x) // 2, 2, len(y) // 2, 2)
    close: npt.NDArray[np.bool_] = pairs.any(axis=(1, 3))
    return close


def _biallelic_snps(mutated: Any, min_minor_count: int) -> tuple[npt.NDArray[Any], ...]:
    """Return haplotypes (n_variants, n_haplotypes), 0-based position, ref and alt of the sites to choose from."""
    rows, position, ref, alt = [], [], [], []
    for variant in mutated.variants(copy=False):
        counts = np.bincount(variant.genotypes, minlength=len(variant.alleles))
        seen = np.flatnonzero(counts)
        if counts[0] == 0 or len(seen) != 2 or counts[seen].min() < min_minor_count:
            continue
        rows.append((variant.genotypes != 0).astype(np.uint8))
        position.append(int(variant.site.position))
        ref.append(variant.alleles[0])
        alt.append(variant.alleles[seen[1]])
    haplotypes = np.array(rows, np.uint8).reshape(len(rows), mutated.num_samples)
    return haplotypes, np.array(position, np.int64), np.array(ref), np.array(alt)


def _panel_of_people(
    haplotypes: npt.NDArray[np.uint8], people: Mapping[str, int], variants: VariantTable
) -> HaplotypePanel:
    """Label the rows: two neighbours a person, populations in the order of `people`."""
    ids = np.array([f"SIM{number:04d}" for number in range(1, sum(people.values()) + 1)])
    population = np.repeat(list(people), list(people.values()))
    super_population = np.array([SUPER_POPULATION.get(name, name) for name in population.tolist()])
    return HaplotypePanel(
        haplotypes=haplotypes, sample_id=np.repeat(ids, 2), label="pop", variants=variants,
        labels={"pop": np.repeat(population, 2), "super_pop": np.repeat(super_population, 2)},
    )  # fmt: skip


def two_population_toy(
    rng: np.random.Generator,
    *,
    n_people: int = 20,
    n_fixed: int = 4,
    n_blocks: int = 6,
    block: int = 5,
) -> HaplotypePanel:
    """Return two populations, `A` and `B`, whose statistics are known without computing.

    The first `n_fixed` variants are 0 in all of A and 1 in all of B (F_ST = 1).
    Then follow `n_blocks` blocks of `block` variants: within a block all
    variants are copies of each other (r2 = 1); blocks are independent. Every
    block variant has frequency exactly 1/2 in each population. Positions are
    1 kb apart within a block and 1 Mb between blocks; 1 cM is 1 Mb.

    Parameters
    ----------
    rng
        Decides who carries which block.
    n_people
        Diploid people in each population.
    n_fixed, n_blocks, block
        Numbers of variants as above.
    """
    halves = np.repeat([0, 1], n_people).astype(np.uint8)  # one population's alleles at a block
    blocks = [np.concatenate([rng.permutation(halves), rng.permutation(halves)]) for _ in range(n_blocks)]
    fixed = np.repeat([0, 1], 2 * n_people).astype(np.uint8)
    columns = [fixed] * n_fixed + [column for column in blocks for _ in range(block)]
    gaps = [1_000] * n_fixed + [1_000_000, *[1_000] * (block - 1)] * n_blocks
    position = np.cumsum(gaps).astype(np.int64)
    variants = VariantTable(
        contig=np.full(len(columns), "1"), position=position, ref=np.full(len(columns), "A"),
        alt=np.full(len(columns), "G"), cm=position / 1e6,
    )  # fmt: skip
    return _panel_of_people(np.stack(columns, axis=1), {"A": n_people, "B": n_people}, variants)


if __name__ == "__main__":
    save_panel(simulate_panel(), Path(sys.argv[1]))
