"""Which checkpoint to keep: a score on people that were cut out of the training panel.

The holdout that a report judges by never enters here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.density import smoothed_frequencies
from genome_ac_gan.popgen.distance import nearest_neighbour_verdicts, repeated
from genome_ac_gan.popgen.frequency import allele_frequencies, minor_allele_frequencies
from genome_ac_gan.popgen.ld import r2_matrix
from genome_ac_gan.popgen.structure import assignment_cost, principal_axes

LD_VARIANTS = 800
FEWEST_ROWS = 20
SAMPLES = 2000  # about so many are scored


@dataclass(frozen=True)
class Score:
    """How far samples are from the validation people; lower is better, about 1 is as good as training rows.

    Attributes
    ----------
    value
        Mean of the three ratios `pca`, `frequency` and `linkage`, plus
        ``|truth - 1/2| + |syn - 1/2| + |labels|``.
    components
        `pca`, `frequency`, `linkage`: distance of the samples to the validation rows
        over that of training rows; `truth`, `syn`: nearest-neighbour adversarial
        accuracy; `labels`: how much more often a population is recognised in validation
        rows than in samples; `duplicates`: share of samples identical to another.
    warnings
        What looks like collapse, in words.
    """

    value: float
    components: Mapping[str, float]
    warnings: tuple[str, ...] = ()


def signs_of_collapse(components: Mapping[str, float]) -> tuple[str, ...]:
    """Return in words what looks like collapse in the components of a `HeldOutScore`."""
    found = []
    if components["duplicates"] > 0.01:
        found.append(f"{components['duplicates']:.0%} of the samples are identical to another")
    truth, syn = components["truth"], components["syn"]
    if syn > 0.9 and truth < 0.25:
        found.append(f"samples crowd together (AATS truth {truth:.2f}, syn {syn:.2f}, ideal 0.5)")
    if truth > 0.9 and syn > 0.9:
        found.append(
            f"samples are far from real haplotypes (AATS truth {truth:.2f}, syn {syn:.2f}, ideal 0.5)"
        )
    return tuple(found)


def likelihood_score(log_likelihood: npt.NDArray[np.float64]) -> Score:
    """Return the score of a model that knows how probable validation haplotypes are, (n,) in nats: minus the mean.

    What is most probable to the model needs no samples to be judged by.
    """
    mean = float(log_likelihood.mean())
    return Score(-mean, {"log_likelihood": mean})


class HeldOutScore:
    """Scores samples against validation people, relative to what training rows score.

    Parameters
    ----------
    train, validation
        Panels over the same variants; the validation panel has at least 20 rows.
    rng
        Draws the training rows that stand for "as good as real", and the variants that
        linkage is measured on.
    """

    def __init__(self, train: HaplotypePanel, validation: HaplotypePanel, rng: np.random.Generator) -> None:
        self.validation = validation
        self.axes = principal_axes(_some_rows(train.haplotypes, 1500, rng), 2)
        self.points = self.axes.project(validation.haplotypes)
        self.frequencies = allele_frequencies(validation.haplotypes)
        self.recognised = Recogniser(train)
        self.clear = self.recognised.share(validation)
        self.columns = _linked_columns(validation.haplotypes, rng)
        self.r2 = r2_matrix(validation.haplotypes[:, self.columns])
        draws = [self._distances(_like(train, validation, rng)) for _ in range(3)]
        self.ceiling = {name: float(np.mean([draw[name] for draw in draws])) for name in draws[0]}
        self.ceiling["frequency"] = self._frequency_distance(_rows_by_count(train, self.counts(), rng))

    def counts(self) -> dict[str, int]:
        """Return how many samples of each population to draw for a score: multiples of the validation rows."""
        return {name: n * self._times() for name, n in self.validation.counts.items()}

    def _times(self) -> int:
        return max(1, round(SAMPLES / self.validation.n_haplotypes))

    def __call__(self, samples: HaplotypePanel, rng: np.random.Generator) -> Score:
        """Score samples drawn in the numbers of `counts`: the mean over draws of as many as there are people."""
        draws = [self._components(_like(samples, self.validation, rng)) for _ in range(self._times())]
        found = {name: float(np.mean([draw[name] for draw in draws])) for name in draws[0]}
        found["frequency"] = self._frequency_distance(samples.haplotypes)
        ratios = {name: found[name] / max(ceiling, 1e-9) for name, ceiling in self.ceiling.items()}
        truth, syn = found["truth"], found["syn"]
        labels = self.clear - self.recognised.share(samples)
        value = float(np.mean(list(ratios.values()))) + abs(truth - 0.5) + abs(syn - 0.5) + abs(labels)
        duplicates = float(repeated(samples.haplotypes).mean())
        components = {**ratios, "truth": truth, "syn": syn, "labels": labels, "duplicates": duplicates}
        return Score(value, components, signs_of_collapse(components))

    def _components(self, rows: npt.NDArray[np.uint8]) -> dict[str, float]:
        verdicts = nearest_neighbour_verdicts(self.validation.haplotypes, rows)
        nearer = {"truth": float(verdicts.truth.mean()), "syn": float(verdicts.syn.mean())}
        return self._distances(rows) | nearer

    def _distances(self, rows: npt.NDArray[np.uint8]) -> dict[str, float]:
        r2 = r2_matrix(rows[:, self.columns])
        return {
            "pca": assignment_cost(self.points, self.axes.project(rows)) / len(rows),
            "frequency": self._frequency_distance(rows),
            "linkage": float(np.sqrt(np.mean((r2 - self.r2) ** 2))),
        }

    def _frequency_distance(self, rows: npt.NDArray[np.uint8]) -> float:
        return float(np.abs(allele_frequencies(rows) - self.frequencies).mean())


class Recogniser:
    """Tells populations apart by the frequencies of training rows, variant by variant (naive Bayes)."""

    def __init__(self, train: HaplotypePanel) -> None:
        self.populations = train.populations
        frequencies = np.array(
            [smoothed_frequencies(train.of(name).haplotypes) for name in train.populations]
        )
        self.weights = np.log(frequencies / (1 - frequencies)).astype(np.float32)  # (k, l)
        self.constant = np.log1p(-frequencies).sum(axis=1)

    def share(self, panel: HaplotypePanel) -> float:
        """Return the share of rows that are given their own population."""
        scores = panel.haplotypes.astype(np.float32) @ self.weights.T + self.constant
        return float((np.array(self.populations)[scores.argmax(axis=1)] == panel.population).mean())


class Selection:
    """A hook that scores the model now and then and tells when it is the best so far.

    Parameters
    ----------
    score
        Scores the model as it is now on the validation people.
    every
        Steps between two scores.
    patience
        Scores in a row without a better one after which training ends; None: it goes on.
    on_score
        Called with step, score and whether it is the best so far.
    """

    def __init__(
        self,
        score: Callable[[], Score],
        *,
        every: int,
        patience: int | None = None,
        on_score: Callable[[int, Score, bool], None],
    ) -> None:
        self.score, self.every, self.patience, self.on_score = score, every, patience, on_score
        self.best = float("inf")
        self.last_step = 0  # the step judged last
        self.waited = 0  # scores since the best

    def __call__(self, step: int, losses: Mapping[str, float]) -> bool:
        """Score when it is time; return whether to end."""
        if step % self.every == 0:
            self.judge(step)
        return self.patience is not None and self.waited >= self.patience

    def judge(self, step: int) -> None:
        """Score the model as it is, once a step."""
        if step == self.last_step:
            return
        self.last_step = step
        score = self.score()
        better = score.value < self.best or self.best == float("inf")
        self.waited = 0 if better else self.waited + 1
        if better:
            self.best = score.value
        self.on_score(step, score, better)


def _some_rows(x: npt.NDArray[np.uint8], n: int, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    if len(x) <= n:
        return x
    rows: npt.NDArray[np.uint8] = x[np.sort(rng.choice(len(x), n, replace=False))]
    return rows


def _like(panel: HaplotypePanel, other: HaplotypePanel, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Draw rows of `panel` in the population counts of `other`."""
    return _rows_by_count(panel, other.counts, rng)


def _rows_by_count(
    panel: HaplotypePanel, counts: Mapping[str, int], rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Draw rows of each population, without replacement where there are enough."""
    rows = []
    for name, n in counts.items():
        own = np.flatnonzero(panel.population == name)
        rows.append(rng.choice(own, n, replace=n > len(own)))
    chosen: npt.NDArray[np.uint8] = panel.haplotypes[np.concatenate(rows)]
    return chosen


def _linked_columns(x: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Choose common variants in runs of 50 neighbours, so that both short and long distances are there."""
    common = np.flatnonzero(minor_allele_frequencies(x) >= 0.05)
    if len(common) <= LD_VARIANTS:
        return common if len(common) > 1 else np.arange(x.shape[1])
    runs = np.array_split(common, len(common) // 50)
    chosen = np.sort(rng.choice(len(runs), LD_VARIANTS // 50, replace=False))
    return np.concatenate([runs[index] for index in chosen])
