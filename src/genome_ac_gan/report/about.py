"""Metrics in plain words: which statistics stand in the headline table, and what they say to a geneticist."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from genome_ac_gan.metrics import METRICS


@dataclass(frozen=True, kw_only=True)
class Headline:
    """A statistic of the headline table: its name and one sentence."""

    metric: str
    statistic: str
    name: str
    about: str


_PLAIN: Mapping[str, tuple[Headline, ...]] = MappingProxyType({
    "allele-frequency": (
        Headline(metric="allele-frequency", statistic="r", name="correlation r",
                 about="Do variants have the frequency they have in real people? 1 is perfect agreement."),
        Headline(metric="allele-frequency", statistic="mae", name="mean error",
                 about="By how much the frequency of a variant is off, on average."),
    ),
    "pca-wasserstein": (
        Headline(metric="pca-wasserstein", statistic="corrected", name="mean distance",
                 about="How far a haplotype must move on the first two principal components to become a real one; "
                       "the unit is that of the components."),
    ),
    "ld-decay": (
        Headline(metric="ld-decay", statistic="corrected", name="error of decay",
                 about="How far mean r² at a given distance lies from that of real people, over all distances."),
        Headline(metric="ld-decay", statistic="r2_matrix_r", name="correlation of r²",
                 about="Is each pair of variants linked as strongly as it is in real people?"),
    ),
    "nearest-neighbour-accuracy": (
        Headline(metric="nearest-neighbour-accuracy", statistic="privacy_loss", name="privacy loss",
                 about="How much nearer the artificial genomes are to the training people than to people never seen. "
                       "0 is ideal; compare with the training haplotypes, which must fail."),
        Headline(metric="nearest-neighbour-accuracy", statistic="identical_to_train", name="exact copies",
                 about="Share of artificial genomes identical to a training haplotype. Short regions make some alike "
                       "by chance: compare with real people."),
        Headline(metric="nearest-neighbour-accuracy", statistic="truth", name="AATS, real side (truth)",
                 about="How often the nearest neighbour of a real haplotype is real rather than artificial. One half "
                       "is ideal; towards 1, artificial genomes do not come near real people."),
        Headline(metric="nearest-neighbour-accuracy", statistic="syn", name="AATS, artificial side (syn)",
                 about="How often the nearest neighbour of an artificial haplotype is artificial rather than real. One "
                       "half is ideal; towards 1, artificial genomes crowd among themselves."),
    ),
})  # fmt: skip


def headlines(metric: str, statistics: Iterable[str]) -> list[Headline]:
    """Return what stands for a metric in the headline table.

    A metric without plain words here has its registered headline statistic,
    with the first paragraph of its documentation; one that is not registered
    has its first statistic.

    Parameters
    ----------
    metric
        Name in the evaluation table.
    statistics
        The statistics found there, in order.
    """
    found = list(dict.fromkeys(statistics))
    known = [line for line in _PLAIN.get(metric, ()) if line.statistic in found]
    if known:
        return known
    registered = METRICS.get(metric)
    statistic = registered.headline if registered and registered.headline in found else found[0]
    about = registered.description if registered else ""
    return [Headline(metric=metric, statistic=statistic, name=statistic.replace("_", " "), about=about)]


def title(metric: str) -> str:
    """Return the title of a metric; its name with spaces when it is not registered."""
    registered = METRICS.get(metric)
    words = metric.replace("-", " ").replace("_", " ")
    return registered.title if registered else words[:1].upper() + words[1:]


def description(metric: str) -> str:
    """Return the first paragraph of a registered metric's documentation; empty for others."""
    registered = METRICS.get(metric)
    return registered.description.replace("`", "") if registered else ""
