"""How the augmentation experiment is told: section 4.3 of the paper, Figures 13 to 15."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from genome_ac_gan.report.reproduction.augmentation_charts import (
    REAL,
    SHORT,
    classifiers_of,
    curves,
    differences,
    generators_of,
    name_of,
    populations,
    structure,
)
from genome_ac_gan.report.reproduction.parts import Account, Part, Tables
from genome_ac_gan.report.tables import number, whole, with_interval

if TYPE_CHECKING:
    from pandas import DataFrame

Settings = Mapping[str, Any]
MODEL = "genome-ac-gan"
REFERENCE = "oversampled"
LEAD = (
    "Classifiers learn to tell the seven African populations apart from real haplotypes, with artificial genomes added "
    "to them in a growing share, and are tested on people that neither they nor the generator saw, but where a leak is "
    "shown on purpose."
)
LIMITS = (
    "How often the paper splits its people is not told, and the split of its program has no seed. Here intervals are "
    "over splits, corrected for their overlap (Nadeau and Bengio 2003); repeats within a split are averaged first.",
    "What the paper shows as accuracy of a population is F1 by its program; here recall and F1 stand side by side.",
    "The program cuts the validation people of its neural classifier out of real and artificial rows together; here "
    "they are real people only. Yet the generators and references saw these people: a fit with haplotypes added learns "
    "of people by whom its end is chosen, one with real haplotypes alone does not, and the gains of networks, most of "
    "all that of repeated haplotypes, may be too large by it. Which pass the program keeps is not published; here it "
    "is the best.",
    "A gain does not show that artificial genomes hold anything that the training people do not: compare it with that "
    "of real haplotypes repeated, which adds nothing, and recombined, which needs no model.",
    "Majorities of real haplotypes differ less from each other than people do. Where they help nearest neighbours as "
    "much as artificial genomes do, that gain is no sign of good artificial genomes.",
    "The generators see the training people of a split only. What a leak would bring is shown where haplotypes are "
    "recombined with test people among the parents (`leaked`): such a gain says nothing of unseen people.",
    "All of this is about people of a few groups that were sampled once; it says nothing of a person's ancestry.",
)


def methods(settings: Settings) -> str:
    """Return what was done, from the settings."""
    data, neural = settings["data"], settings["neural"]
    within = ", ".join(f"{column} {value}" for column, value in settings["within"].items())
    people = f"People with {within} were kept. " if within else ""
    generators = "; ".join(_generator(name, entry) for name, entry in settings["generators"].items())
    trained = (
        f"Generators ({generators}) were trained on the training people of each split alone. "
        if generators
        else ""
    )
    references = "; ".join(_reference(name, settings) for name in settings["references"])
    beside = f"Beside them stand {references}. " if references else ""
    return (
        f"{people}{settings['n_splits']} random splits within populations held out {data['holdout']:.0%} of the "
        "people. "
        f"{trained}From each source {settings['n_sets']} sets of artificial genomes were drawn, each with as many "
        f"haplotypes of every population as the training people have. {beside}"
        f"Shares of {_percent(settings['shares'])} of the number of training haplotypes were added to them, population "
        f"by population. A support vector machine (radial kernel, C = 1, gamma 1 / (variants x variance)) and the 5 "
        f"nearest neighbours were fitted {settings['replicates']} times for each share, to draws out of the sets in "
        f"turn; at 100% once a set. {_neural(neural, settings['few_shares'])}Scores are of the test people; intervals "
        "are 95% intervals of the mean over splits by the corrected resampled t-test (Nadeau and Bengio 2003, "
        "doi:10.1023/A:1024068626366), gains are differences within a split."
    )  # fmt: skip


def _reference(name: str, settings: Settings) -> str:
    more = {
        "oversampled": "drawn again with replacement",
        "recombined": f"children of two with {settings['crossovers']} crossover a contig",
        "consensus": f"at each variant the allele that most of {settings['voters']} random ones of a population carry",
        "leaked": "children of two, either of whom may be a test person's",
    }
    return f"{name_of(name).lower()} ({more[name]})"


def _neural(neural: Settings, shares: Sequence[float]) -> str:
    kinds = {
        "code": "three hidden layers (variants / 2, / 3, / 4; cross-entropy)",
        "paper": "six hidden layers (variants / 2, / 2, / 3, / 3, / 4, / 4; polyloss cross-entropy)",
    }
    if not neural["readings"]:
        return ""
    width = "" if neural["width"] == 1 else f", all {neural['width']:g} times as wide"
    return (
        f"Neural classifiers with {' or '.join(kinds[name] for name in neural['readings'])}{width}, leaky ReLU and an "
        f"L2 penalty of {neural['l2']:g} were fitted {neural['replicates']} times at 0% and {_percent(shares)} by "
        f"RMSprop (learning rate {neural['lr']:g}, batches of {neural['batch_size']}) for at most "
        f"{neural['n_epochs']} passes, ended after {neural['patience']} without a better accuracy on "
        f"{neural['validation']:.0%} of the real training people. "
    )  # fmt: skip


def _generator(name: str, entry: Settings) -> str:
    model = "" if entry["name"] == name else f"{entry['name']}, "
    return f"{name}: {model}preset {entry['preset']}"


def _percent(shares: Sequence[float]) -> str:
    words = [f"{share:.0%}" for share in shares]
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else "no share"


def parts(tables: Tables, settings: Settings) -> Sequence[Part]:
    """Return the parts whose tables are there."""
    return list(_parts(tables, settings))


def _parts(tables: Tables, settings: Settings) -> Iterator[Part]:
    most = max(settings["shares"])
    if "gains" in tables:
        yield _gains(tables["gains"], most)
    if "means" in tables:
        yield _curves(tables["means"], settings["few_shares"])
    if "populations" in tables and settings["few_shares"]:
        yield _populations(tables["populations"], settings)
    if "contrasts" in tables:
        yield _contrasts(tables["contrasts"], most)
    if "neighbours" in tables:
        yield _neighbours(tables["neighbours"])
    if "structure" in tables:
        yield _structure(tables["structure"], tables["explained"])
    if "trainings" in tables:
        yield _trainings(tables["trainings"])


def _gains(gains: "DataFrame", share: float) -> Part:
    rows = gains[(gains["share"] == share) & (gains["statistic"] == "accuracy")]
    return Part(
        id="gains",
        title="What is gained",
        text=f"Accuracy with {share:.0%} artificial genomes minus accuracy with real haplotypes alone, within the same "
        "split. By the authors' file of results the gains are 3.6 (support vector machine), 5.3 (nearest neighbours) "
        "and 6.0 percentage points (neural classifier).",
        charts=[
            differences(
                rows,
                "augmentation-gains",
                f"Accuracy gained by {share:.0%} artificial genomes",
                "Mean over splits with its 95% interval, corrected for the overlap of splits; right of the dotted line "
                "the classifier is better than with real haplotypes alone.",
                "Accuracy gained",
            )
        ],
        table=_by_classifier(rows, "Generator"),
    )


def _curves(means: "DataFrame", barred: Sequence[float]) -> Part:
    return Part(
        id="curves",
        title="Accuracy by the share added",
        text="The paper's curves rise from .32 to .36 (support vector machine), .29 to .34 (nearest neighbours) and "
        ".31 to .37 (neural classifier) on 10,000 variants. Where those of repeated real haplotypes rise too, it is "
        "the number of rows that helps, not what is in them: a network takes more updates a pass when there are more.",
        charts=[curves(means, "accuracy", barred), curves(means, "macro_f1", barred)],
    )


def _populations(table: "DataFrame", settings: Settings) -> Part:
    ours = [name for name, entry in settings["generators"].items() if entry["name"] == MODEL]
    found = set(table["generator"])
    shown = [name for name in (*ours, *settings["references"]) if name in found]
    share = max(settings["few_shares"])
    return Part(
        id="populations",
        title="Population by population",
        text="The paper tells of F1 that rises from .128 to .274 for MSL (neural classifier). The table has recall / "
        f"F1, with {share:.0%} artificial genomes where any are added.",
        charts=[populations(table, shown, share)],
        table=_population_table(table, shown, share),
    )


def _contrasts(table: "DataFrame", share: float) -> Part:
    reference = REFERENCE if (table["reference"] == REFERENCE).any() else str(table["reference"].iloc[0])
    rows = table[
        (table["reference"] == reference) & (table["share"] == share) & (table["statistic"] == "accuracy")
    ]
    other = name_of(reference).lower()
    return Part(
        id="contrasts",
        title="Beyond repeating real haplotypes",
        text=f"Accuracy with {share:.0%} artificial genomes minus accuracy with as many {other}, within the same "
        "split: what a generator brings that the training haplotypes themselves do not. Repeated rows hold nothing "
        "new, yet they change a fit: to a support vector machine they are a greater C, to a network "
        "more updates a pass.",
        charts=[
            differences(
                rows,
                "augmentation-contrasts",
                f"Accuracy beyond {other}",
                "Mean over splits with its 95% interval; right of the dotted line a generator helps more than "
                f"{other}.",
                "Difference in accuracy",
            )
        ],
        table=_by_classifier(rows, "Generator"),
    )


def _structure(points: "DataFrame", explained: "DataFrame") -> Part:
    return Part(
        id="structure",
        title="Structure of the populations",
        text="Principal components of the real haplotypes, as in Figure 13 of the paper.",
        charts=[structure(points, explained)],
    )


def _neighbours(table: "DataFrame") -> Part:
    rows = table.to_dict("records")
    columns = {
        "Diversity within populations (training = 1)": "diversity", "Artificial among the 5 nearest": "artificial",
        "Right among all 5": "right", "Among the artificial ones": "right_artificial",
        "Among the real ones they displace": "right_displaced",
    }  # fmt: skip
    alone, chance = (number(table[key].mean()) for key in ("right_alone", "chance"))
    return Part(
        id="neighbours",
        title="Who stands nearest",
        text="The 5 nearest of all real training haplotypes and as many artificial ones, over all test haplotypes, and "
        f"how many of them are of the right population: {alone} among real haplotypes alone, {chance} by chance. What "
        "stands farther off than real people changes nothing. Accuracy depends on how votes agree, too: a row and its "
        "repeats are not votes of their own. Displaced neighbours are the farthest of the five, and so are less often "
        "right than all. Diversity is the mean number of differences between two haplotypes of a population; all are "
        "means over splits and sets.",
        table={
            "Generator": [name_of(row["generator"]) for row in rows],
            **{words: [number(row[key]) for row in rows] for words, key in columns.items()},
            "Artificial minus displaced": [
                with_interval(row["gap"], row["gap_lower"], row["gap_upper"]) for row in rows
            ],
        },
    )


def _trainings(table: "DataFrame") -> Part:
    rows = table.to_dict("records")
    return Part(
        id="trainings",
        title="What the generators took",
        text="Means over splits; updates stand only at models that make them.",
        table={
            "Generator": [row["generator"] for row in rows],
            "Model": [row["model"] for row in rows],
            "Preset": [row["preset"] for row in rows],
            "Splits": [str(row["n_splits"]) for row in rows],
            "Updates": [whole(row["updates"]) for row in rows],
            "Seconds": [f"{row['seconds']:,.1f}" for row in rows],
        },
    )


def _by_classifier(rows: "DataFrame", heading: str) -> Mapping[str, Sequence[str]]:
    """Return values with intervals, a row a generator, a column a classifier."""
    generators = generators_of(rows)
    columns = {heading: [name_of(name) for name in generators]}
    for key, words in classifiers_of(rows).items():
        of = rows[rows["classifier"] == key]
        columns[words] = [_cell(of[of["generator"] == name]) for name in generators]
    return columns


def _cell(rows: "DataFrame") -> str:
    if rows.empty:
        return "–"
    row = rows.iloc[0]
    return with_interval(row["value"], row["lower"], row["upper"])


def _population_table(
    table: "DataFrame", generators: Sequence[str], share: float
) -> Mapping[str, Sequence[str]]:
    keys = [(key, name) for key in classifiers_of(table) for name in sorted(set(table["population"]))]
    columns = {"Population": [f"{name}, {SHORT[classifier]}" for classifier, name in keys]}
    what = ("generator", "share", "classifier", "population", "statistic")
    values = {tuple(row[key] for key in what): row["value"] for row in table.to_dict("records")}
    for generator in (REAL, *generators):
        at = (generator, 0.0 if generator == REAL else share)
        columns[name_of(generator)] = [
            " / ".join(number(values.get((*at, *key, kind), math.nan)) for kind in ("recall", "f1"))
            for key in keys
        ]
    return columns


ACCOUNT = Account(
    title="Augmentation: do artificial genomes help to tell African populations apart?",
    lead=LEAD,
    methods=methods,
    parts=parts,
    documented=("gains", "contrasts", "neighbours", "trainings"),
    limits=LIMITS,
)
