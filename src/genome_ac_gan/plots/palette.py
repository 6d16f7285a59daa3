"""One look for each population and each source, the same in every figure; safe for colour-blind readers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from genome_ac_gan.plots.chart import Dash, Style, Symbol

# Eight colours told apart with any of the common kinds of colour blindness (after Okabe & Ito and Tol).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#882255", "#7F7F00")
SYMBOLS: tuple[Symbol, ...] = ("circle", "square", "triangle", "diamond")
DASHES: tuple[Dash, ...] = ("solid", "dash", "dot", "dashdot")

INK = "#22303C"
GREY = "#8A949E"

ANCHORS = ("real", "train", "independent")
SOURCES: Mapping[str, Style] = {
    "synthetic": Style(colour="#C2410C"),
    "real": Style(colour=INK, symbol="square", dash="dash"),
    "train": Style(colour="#2563A8", symbol="triangle", dash="dashdot"),
    "independent": Style(colour=GREY, symbol="diamond", dash="dot"),
}
SOURCE_NAMES: Mapping[str, str] = {
    "synthetic": "Artificial genomes",
    "real": "Real people, half against half",
    "train": "Training haplotypes",
    "independent": "Independent sites",
}
REAL = "Real people (held out)"
_SET_COLOURS = ("#7B3FA0", "#00857C", "#B0185E", "#6B6B00", "#4C6EF5", "#A0522D")


@dataclass(frozen=True)
class Styles:
    """The looks of all populations and sources of a report."""

    populations: Mapping[str, Style]
    sources: Mapping[str, Style]

    @classmethod
    def of(cls, populations: Iterable[str], sources: Iterable[str]) -> "Styles":
        """Return styles for these names; the pooled `all` gets that of ink."""
        return cls(population_styles(set(populations) - {"all"}), source_styles(sources))

    def population(self, name: str) -> Style:
        """Return the style of a population; ink for `all` and for names that were not foreseen."""
        return self.populations.get(name, Style(colour=INK))

    def source(self, name: str) -> Style:
        """Return the style of a source; grey for names that were not foreseen."""
        return self.sources.get(name) or SOURCES.get(name, Style(colour=GREY))


def population_styles(populations: Iterable[str]) -> dict[str, Style]:
    """Return a style for each population, in sorted order: eight colours, then the next symbol.

    A population keeps its style as long as the set of populations is the same.
    32 populations are told apart; more begin again.
    """
    return {
        name: Style(
            colour=COLOURS[index % len(COLOURS)],
            symbol=SYMBOLS[index // len(COLOURS) % len(SYMBOLS)],
        )
        for index, name in enumerate(sorted(set(populations)))
    }


def source_styles(sources: Iterable[str]) -> dict[str, Style]:
    """Return a style for each source: a fixed one for the known, the next free colour for other sets.

    24 other sets are told apart; more begin again.
    """
    ordered = ordered_sources(sources)
    others = [name for name in ordered if name not in SOURCES]
    free = {
        name: Style(
            colour=_SET_COLOURS[index % len(_SET_COLOURS)],
            symbol=SYMBOLS[(index + index // 12) % len(SYMBOLS)],  # after 12 the pairs would begin again
        )
        for index, name in enumerate(others)
    }
    return {name: SOURCES.get(name) or free[name] for name in ordered}


def ordered_sources(sources: Iterable[str]) -> list[str]:
    """Return sources in the order of every figure and table: artificial sets as they come, then the anchors."""
    found = list(dict.fromkeys(sources))
    sets = sorted((name for name in found if name not in ANCHORS), key=lambda name: name != "synthetic")
    return [*sets, *(name for name in ANCHORS if name in found)]


def set_names(sources: Iterable[str]) -> list[str]:
    """Return the sources that are sets of artificial genomes, not anchors, in order."""
    return [name for name in ordered_sources(sources) if name not in ANCHORS]


def source_name(source: str) -> str:
    """Return the words for a source in legends and headings; other sets keep their own name."""
    return SOURCE_NAMES.get(source, source)
