"""Sets of artificial genomes: from a trained model, or from training haplotypes alone."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from genome_ac_gan.checkpoint import load_model
from genome_ac_gan.experiment.reproduction.augmentation.config import AugmentationConfig
from genome_ac_gan.experiment.reproduction.augmentation.panels import both_sides, require_no_leak
from genome_ac_gan.experiment.run import RunDir
from genome_ac_gan.experiment.stages import begin, shortfall_of
from genome_ac_gan.experiment.train import train
from genome_ac_gan.experiment.ways import Ways
from genome_ac_gan.metrics.draws import draw
from genome_ac_gan.panel import HaplotypePanel, concat, save_panel
from genome_ac_gan.popgen.recombination import recombined
from genome_ac_gan.seeding import derived_seed, stream


def run_of(folder: Path) -> RunDir:
    """Return the run folder of a generator's task."""
    return RunDir(folder / "run")


def set_files(folder: Path, n_sets: int) -> list[Path]:
    """Return the files of the sets of a generator's task."""
    return [folder / f"set-{number}.npz" for number in range(1, n_sets + 1)]


def train_and_draw(
    folder: Path, config: AugmentationConfig, split: int, generator: str, parts: RunDir, ways: Ways
) -> None:
    """Train a generator in a run folder of its own, or go on with that, and draw the sets that are not there."""
    people, test = both_sides(parts)
    run = run_of(folder)
    if not run.provenance.is_file():
        panel = Path(parts.stored_config().data.panel)
        begin(run, config.experiment(split, generator, panel, people.counts), parts=parts,
              command=ways.command, on_notice=ways.on_notice)  # fmt: skip
    require_no_leak(run, test)
    settings = run.stored_config()
    train(run, settings, device=ways.device, resume=True, progress=ways.progress, on_notice=ways.on_notice)
    missing = {
        number: path for number, path in enumerate(set_files(folder, config.n_sets), 1) if not path.exists()
    }
    if missing:
        _draw(run, people.counts, settings.seed, missing, ways)
    run.training.unlink(missing_ok=True)  # what a training resumes from may be larger than all the rest


def _draw(run: RunDir, counts: Mapping[str, int], seed: int, missing: Mapping[int, Path], ways: Ways) -> None:
    model = load_model(run.model)
    if ways.device is not None:
        model.to(ways.device)
    for number, path in missing.items():
        save_panel(model.sample(counts, seed=derived_seed(seed, f"set-{number}")), path)
    if model.shortfall:
        ways.on_notice(f"warning: {shortfall_of(model)}")


def draw_reference(
    folder: Path, config: AugmentationConfig, split: int, reference: str, parts: RunDir
) -> None:
    """Write the sets of a reference from the training people of a split."""
    people, test = both_sides(parts)
    for number, path in enumerate(set_files(folder, config.n_sets), 1):
        rng = stream(config.seed_of(split, reference), f"set-{number}")
        save_panel(_referred(people, test, config, reference, rng), path)


def _referred(
    people: HaplotypePanel,
    test: HaplotypePanel,
    config: AugmentationConfig,
    reference: str,
    rng: np.random.Generator,
) -> HaplotypePanel:
    match reference:
        case "oversampled":
            return oversampled(people, rng)
        case "consensus":
            return consensus(people, config.voters, rng)
        case "leaked":
            return children(concat([people, test]), config.crossovers, rng, people.counts)
        case _:
            return children(people, config.crossovers, rng)


def oversampled(panel: HaplotypePanel, rng: np.random.Generator) -> HaplotypePanel:
    """Return as many haplotypes of each population, drawn with replacement from its own."""
    rows = draw(panel, panel.population, panel.counts, rng, replace=True)
    return _artificial(panel.haplotypes[rows], panel.population[rows], panel)


def children(
    panel: HaplotypePanel,
    n_crossovers: int,
    rng: np.random.Generator,
    counts: Mapping[str, int] | None = None,
) -> HaplotypePanel:
    """Return haplotypes, each a child of two different ones of its population (`recombined`); as many as there are."""
    counts = counts or panel.counts
    pairs = [_parents(np.flatnonzero(panel.population == name), n, rng) for name, n in counts.items()]
    first, second = np.concatenate(pairs).T
    x = panel.haplotypes
    made = recombined(x[first], x[second], panel.variants.contig, n_crossovers, rng)
    return _artificial(made, panel.population[first], panel)


def _parents(rows: npt.NDArray[np.intp], n: int, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Return pairs of different rows, (n, 2)."""
    first = rng.integers(len(rows), size=n)
    second = (first + rng.integers(1, max(len(rows), 2), size=n)) % len(rows)
    return np.stack([rows[first], rows[second]], axis=1)


def consensus(panel: HaplotypePanel, n_voters: int, rng: np.random.Generator) -> HaplotypePanel:
    """Return as many haplotypes of each population, each with the alleles that most of `n_voters` of it carry.

    The voters of a haplotype are drawn without replacement; all of a smaller population vote,
    and allele 0 is what half and half gives.
    """
    made = [
        _votes(panel.haplotypes[panel.population == name], n, n_voters, rng)
        for name, n in panel.counts.items()
    ]
    population = np.repeat(np.array(list(panel.counts)), list(panel.counts.values()))
    return _artificial(np.concatenate(made), population, panel)


def _votes(
    x: npt.NDArray[np.uint8], n: int, n_voters: int, rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    voters = rng.permuted(np.tile(np.arange(len(x)), (n, 1)), axis=1)[:, :n_voters]
    votes = np.zeros((n, x.shape[1]), np.intp)
    for voter in voters.T:
        votes += x[voter]
    most: npt.NDArray[np.bool_] = 2 * votes > voters.shape[1]
    return most.astype(np.uint8)


def _artificial(
    x: npt.NDArray[np.uint8], population: npt.NDArray[np.str_], like: HaplotypePanel
) -> HaplotypePanel:
    ids = [f"AG_{name}_{number:06d}" for number, name in enumerate(population.tolist(), 1)]
    return HaplotypePanel(
        haplotypes=x, sample_id=np.array(ids), labels={like.label: population}, label=like.label,
        variants=like.variants,
    )  # fmt: skip
