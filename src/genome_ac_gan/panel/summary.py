"""What a panel holds, in numbers: the people table, contigs and allele frequency classes."""

from typing import Any

import numpy as np
import numpy.typing as npt

from genome_ac_gan.panel.haplotypes import HaplotypePanel

MAF_CLASSES = (("< 1%", 0.01), ("1% to < 5%", 0.05), (">= 5%", 0.51))


def summarise(panel: HaplotypePanel) -> dict[str, Any]:
    """Return counts of people, haplotypes and variants as plain values, ready for JSON.

    `populations` has a row for each value of the label (or of the finer of two
    nested label columns, with the coarser in `group`); `maf_classes` counts
    variants by the frequency of their rarer allele over all haplotypes.
    """
    return {
        "people": panel.n_people,
        "haplotypes": panel.n_haplotypes,
        "variants": panel.n_variants,
        "label": panel.label,
        "levels": {name: len(set(column.tolist())) for name, column in panel.labels.items()},
        "populations": population_table(panel),
        "contigs": [_contig(panel, name) for name in panel.variants.contigs],
        "maf_classes": maf_classes(panel),
        "sha256": panel.sha256,
    }


def nested_levels(panel: HaplotypePanel) -> tuple[str | None, str]:
    """Return the coarser (or None) and the finer of two label columns of which one refines the other.

    The pair holds the label; of several, the one with the most values. Columns
    in which the average value has fewer than two people do not count.
    """
    sizes = {name: len(set(column.tolist())) for name, column in panel.labels.items()}
    small = {name: size for name, size in sizes.items() if size <= max(1, panel.n_people // 2)}
    pairs = [
        (coarse, fine)
        for coarse in small
        for fine in small
        if panel.label in (coarse, fine) and sizes[coarse] < sizes[fine] and _refines(panel, fine, coarse)
    ]
    if not pairs:
        return None, panel.label
    return max(pairs, key=lambda pair: (sizes[pair[1]], sizes[pair[0]]))


def _refines(panel: HaplotypePanel, fine: str, coarse: str) -> bool:
    """Return whether every value of `fine` lies within one value of `coarse`."""
    together = set(zip(panel.labels[fine].tolist(), panel.labels[coarse].tolist(), strict=True))
    return len(together) == len({name for name, _ in together})


def population_table(panel: HaplotypePanel) -> list[dict[str, Any]]:
    """Return people and haplotypes of each population, sorted by group and name."""
    coarse, fine = nested_levels(panel)
    rows = []
    for name in sorted(set(panel.labels[fine].tolist())):
        inside = panel.labels[fine] == name
        group = {} if coarse is None else {"group": str(panel.labels[coarse][np.argmax(inside)])}
        people = int(inside[panel.first_rows].sum())
        rows.append({**group, "population": name, "people": people, "haplotypes": int(inside.sum())})
    return sorted(rows, key=lambda row: (row.get("group", ""), row["population"]))


def maf_classes(panel: HaplotypePanel) -> dict[str, int]:
    """Return the number of variants in each class of the frequency of the rarer allele."""
    minor = _minor_counts(panel)
    frequency = minor / max(panel.n_haplotypes, 1)
    counts = {"monomorphic": int((minor == 0).sum()), "singletons": int((minor == 1).sum())}
    below = minor == 0
    for name, upper in MAF_CLASSES:
        counts[name] = int(((frequency < upper) & ~below).sum())
        below = frequency < upper
    return counts


def _minor_counts(panel: HaplotypePanel) -> npt.NDArray[np.int64]:
    """(n_variants,) copies of the rarer allele."""
    ones: npt.NDArray[np.int64] = panel.haplotypes.sum(axis=0, dtype=np.int64)
    return np.minimum(ones, panel.n_haplotypes - ones)


def _contig(panel: HaplotypePanel, name: str) -> dict[str, Any]:
    columns = np.flatnonzero(panel.variants.contig == name)
    position, cm = panel.variants.position[columns], panel.variants.cm
    return {
        "contig": name,
        "variants": len(columns),
        "first": int(position[0]),
        "last": int(position[-1]),
        "cm": None if cm is None else float(cm[columns[-1]] - cm[columns[0]]),
    }
