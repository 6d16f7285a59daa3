"""The words and the parts of the page of the comparison of models."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from genome_ac_gan.plots import Chart, Styles
from genome_ac_gan.plots.palette import source_name
from genome_ac_gan.report.facts import duration
from genome_ac_gan.report.reproduction import comparison_charts as charts
from genome_ac_gan.report.reproduction.parts import Account, Part, Tables
from genome_ac_gan.report.tables import number, whole

if TYPE_CHECKING:
    from pandas import DataFrame

TABLE_ROLES = {
    "ac-gan-con": "AC-GAN-Con", "ac-gan-nat": "AC-GAN-Nat", "gan19": "GAN19", "rbm23": "RBM23",
    "wgan23": "WGAN23",
}  # fmt: skip


def parts(tables: Tables, settings: Mapping[str, Any]) -> Sequence[Part]:
    """Return the parts of the page, those of tables that are missing left out."""
    if "sets" not in tables:
        return []
    names = tables["sets"]["set"].tolist()
    styles = Styles.of((), names)
    found = [
        _sets(tables["sets"]),
        *_structure(tables, styles),
        *_frequencies(tables, styles),
        *_differences(tables, styles),
        *_linkage(tables, styles),
    ]
    return [part for part in found if part.charts or part.table]


def _sets(table: "DataFrame") -> Part:
    rows: list[Any] = table.to_dict("records")
    return Part(
        id="sets",
        title="The sets",
        text="What is compared, and which row of the paper's Table 2 it stands for. Updates are those of the "
        "generator; of a training that keeps the best checkpoint, the one kept may be earlier.",
        table={
            "Set": [source_name(row["set"]) for row in rows],
            "Table 2": [TABLE_ROLES.get(row["role"], "–") for row in rows],
            "Model": [_model(row) for row in rows],
            "Labels": [_text(row["label"]) for row in rows],
            "Genomes": [whole(row["n_haplotypes"]) for row in rows],
            "Updates": [whole(row["updates"]) for row in rows],
            "Kept": [whole(row["chosen_step"]) for row in rows],
            "Training": [
                duration(row["train_seconds"]) if row["train_seconds"] == row["train_seconds"] else "–"
                for row in rows
            ],
            "Remarks": [_text(row["outcome"]) for row in rows],
        },
    )


def _model(row: Mapping[str, Any]) -> str:
    if row["kind"] != "model":
        return {"train": "real people", "published": "made elsewhere"}[row["kind"]]
    return f"{row['model']} ({row['preset']})"


def _text(value: object) -> str:
    return value if isinstance(value, str) else "–"


def _structure(tables: Tables, styles: Styles) -> Iterator[Part]:
    if "pca" not in tables:
        return
    spread, points = tables["pca"], tables["pca-points"]
    yield Part(
        id="structure",
        title="Principal components (Figures 5 and 6)",
        text="Subsets of each set, as large as the test set, against the test people. The paper fits "
        "components on each set by itself and adds up the costs of all pairs, so that its W grows with the "
        "number of haplotypes and of variants and depends on the arbitrary signs of components; the "
        "corrected reading does not. In the paper the two AC-GANs lie beside the training haplotypes, and "
        "all other models farther away.",
        charts=[
            charts.costs(spread, tables["pca-subsets"]),
            charts.best_subsets(points, spread, styles),
        ],
        table=_costs(spread),
    )
    labelled = [name for name in _labelled(tables["sets"], points, "group") if name != "train"]
    finest = _finest(points, labelled)
    yield Part(
        id="continents",
        title="Populations (Figures 7 and 8)",
        text="Do the genomes of a label lie where its people lie? In the paper the continents are in their "
        "places, and nations within a continent overlap as they do among real people.",
        charts=_present(
            charts.common_components(points, labelled),
            charts.populations(points, finest, styles) if finest else None,
        ),
    )


def _costs(spread: "DataFrame") -> dict[str, list[str]]:
    names = list(dict.fromkeys(spread["set"]))
    by = {(row["set"], row["reading"]): row for row in spread.to_dict("records")}

    def shown(name: str, reading: str) -> str:
        row = by[name, reading]
        return f"{number(row['mean'])} ± {number(row['sd'])}"

    return {
        "Set": [source_name(name) for name in names],
        "W as published": [shown(name, "compat") for name in names],
        "mirrored": [whole(by[name, "compat"]["n_mirrored"]) for name in names],
        "signs alike": [shown(name, "aligned") for name in names],
        "Corrected": [shown(name, "corrected") for name in names],
        "Pairs": [whole(by[name, "compat"]["n"]) for name in names],
        "Subsets": [whole(by[name, "compat"]["n_subsets"]) for name in names],
    }


def _labelled(sets: "DataFrame", points: "DataFrame", column: str) -> list[str]:
    """Return the sets whose points carry a label."""
    own = points[(points["panel"] == "synthetic") & points[column].notna()]
    found = set(own["set"])
    return [name for name in sets["set"] if name in found]


def _finest(points: "DataFrame", names: Sequence[str]) -> str | None:
    """Return the first of the sets with the most populations."""
    own = points[points["panel"] == "synthetic"]
    counts = {name: own.loc[own["set"] == name, "population"].nunique() for name in names}
    return max(counts, key=lambda name: counts[name]) if counts else None


def _frequencies(tables: Tables, styles: Styles) -> Iterator[Part]:
    if "statistics" not in tables:
        return
    statistics = tables["statistics"]
    yield Part(
        id="frequencies",
        title="Allele frequencies (Figure 9)",
        text="In the paper every model correlates above .98 over all SNPs; frequent and rare ones tell them "
        "apart.",
        charts=charts.frequencies(statistics, tables["frequencies"], styles),
        table=_correlations(statistics),
    )
    levels = dict.fromkeys(statistics.loc[statistics["metric"] == "allele-frequency", "level"])
    yield Part(
        id="frequencies-within",
        title="Allele frequencies within populations (Figure 10)",
        text="In the paper r is above .98 in each continent, and in each nation at least .96 except in PUR "
        "with .94; all real people, the training people among them, are its real people.",
        charts=_present(*(charts.population_frequencies(statistics, level, styles) for level in levels)),
    )


def _correlations(statistics: "DataFrame") -> dict[str, list[str]]:
    rows = statistics[(statistics["metric"] == "allele-frequency") & (statistics["population"] == "all")
                      & (statistics["reading"] == "corrected")]  # fmt: skip
    value = {(row["set"], row["statistic"]): row["value"] for row in rows.to_dict("records")}
    names = list(dict.fromkeys(rows["set"]))
    columns = {
        "r, all": "r", "MAE, all": "mae", "r, AF ≥ .8": "r_high", "r, AF ≤ .2": "r_low",
        "variants lost": "lost", "variants fixed": "fixed",
    }  # fmt: skip
    cells = {
        title: [
            (whole if key in ("lost", "fixed") else number)(value.get((name, key), float("nan")))
            for name in names
        ]
        for title, key in columns.items()
    }
    return {"Set": [source_name(name) for name in names], **cells}


def _differences(tables: Tables, styles: Styles) -> Iterator[Part]:
    if "differentiation" not in tables:
        return
    yield Part(
        id="differences",
        title="Differences between populations (Figure 11)",
        text="The pairs that the paper draws, and below them, which the paper discusses without a figure, "
        "all pairs of nations within a continent: there the true differences are small and hardest to learn.",
        charts=_present(charts.differences(tables["differentiation"], styles)),
        table=_within(tables.get("differentiation-within")),
    )


def _within(table: "DataFrame | None") -> dict[str, list[str]]:
    if table is None:
        return {}
    by = {(row["within"], row["set"], row["reading"]): row for row in table.to_dict("records")}
    keys = sorted(dict.fromkeys(key[:2] for key in by), key=lambda key: str(key[0]))

    def lowest(key: tuple[str, str], reading: str) -> str:
        row = by[*key, reading]
        return f"{number(row['lowest'])} ({row['lowest_pair']})"

    return {
        "Within": [group for group, _ in keys],
        "Set": [source_name(name) for _, name in keys],
        "Pairs": [whole(by[*key, "compat"]["n_pairs"]) for key in keys],
        "Mean r, all real people": [number(by[*key, "compat"]["mean"]) for key in keys],
        "Lowest": [lowest(key, "compat") for key in keys],
        "Mean r, test people": [number(by[*key, "corrected"]["mean"]) for key in keys],
        "Lowest there": [lowest(key, "corrected") for key in keys],
    }


def _linkage(tables: Tables, styles: Styles) -> Iterator[Part]:
    if "linkage" not in tables:
        return
    statistics = tables["statistics"]
    yield Part(
        id="linkage",
        title="Linkage disequilibrium (Figure 12)",
        text="The published bins take natural logarithms for powers of ten, so that about half of them lie "
        "beyond the data, and a set that has lost variants takes them from all sets; the corrected reading "
        "keeps to variants common among the test people and to equal numbers of haplotypes. In the paper the "
        "training haplotypes have .002, the AC-GAN of continents .032 and the GAN of 2019 .063.",
        charts=_present(charts.linkage(tables["linkage"], styles), charts.errors(statistics, styles)),
    )


def _present(*found: Chart | None) -> list[Chart]:
    return [chart for chart in found if chart is not None]


def methods(settings: Mapping[str, Any]) -> str:
    """Return what was done, as sentences."""
    data, models = settings["data"], settings["models"]
    names = ", ".join(f"{name} ({row['name']}, preset {row['preset']})" for name, row in models.items())
    split = (
        "people were assigned to training and test by a fixed table"
        if data.get("split")
        else f"{100 * data['holdout']:.0f}% of the people of each population were held out as test"
    )
    return (
        f"Generators were trained side by side on the panel {data['panel']}; {split}. Rows: {names}. Unless "
        f"a row says otherwise, {100 * settings['train']['validation']:.0f}% of the training people of each "
        "population chose among checkpoints. Artificial genomes were drawn in the label proportions of the "
        f"training people. Of each set {settings['subsets']} subsets as large as the test set, in proportion "
        "to its labels, were assigned one to one to the test haplotypes on two principal components at least "
        "Euclidean cost: as the sum with components of each set by itself, also with their signs made alike, "
        "and as the mean on components of the training people. Allele frequencies and their differences "
        "between populations were compared by Pearson correlation over variants, with test people and with "
        "all real people; decay of linkage disequilibrium by the root mean squared difference of mean r² in "
        "bins of distance, in the published bins over variants with two alleles in every set, and in 49 bins "
        "even in log distance over variants with a minor allele frequency of at least 1% among the test "
        f"people. Intervals are percentiles, over {settings['repeats']} resamplings of people, and of W over "
        "subsets."
    )


ACCOUNT = Account(
    title="Comparison of models",
    lead="Section 4.2 of the Genome-AC-GAN paper, Table 2 and Figures 5 to 12: artificial genomes of several "
    "generators against the same test people.",
    methods=methods,
    parts=parts,
    documented=("sets", "structure", "frequencies"),
    limits=(
        "W in the published reading grows with the number of variants and of haplotypes: on another panel "
        "than the paper's 10,000 SNPs, compare sets with the training haplotypes of the same panel, not with "
        "printed numbers.",
        "The paper prints W for its two AC-GANs, 906 and 920, and which is which is taken from their order: "
        "continents, then nations.",
        "The paper's row RBM23 was read from a file that its name and the history of the authors' repository "
        "tell to be of a GAN after 10,800 epochs; ours is a restricted Boltzmann machine.",
        "Each row is one training with one seed: intervals are over subsets and resampled people, and do not "
        "tell how much another training would differ.",
        "Artificial genomes published elsewhere may have been trained on our test people; their values are "
        "favourable.",
        "Sets of few updates on a small machine say nothing about what a model reaches with those of the "
        "paper.",
    ),
)
