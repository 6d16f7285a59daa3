"""Which samples of a file become people of the panel, and with which labels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from genome_ac_gan.errors import PanelError, some
from genome_ac_gan.formats.labels import LabelTable, default_label
from genome_ac_gan.formats.text import read_text_lines
from genome_ac_gan.panel import HaplotypePanel

Notice = Callable[[str], None]


def read_sample_list(path: Path) -> list[str]:
    """Read sample ids, one a line (the first word of each line)."""
    return [line.split()[0] for line in read_text_lines(Path(path)) if line.strip()]


@dataclass(frozen=True, kw_only=True)
class People:
    """The rules by which samples are chosen and labelled.

    Attributes
    ----------
    samples
        The samples wanted, in the order wanted; None for all, in the order of the file.
    table
        The label table, or None when the file has its own labels or none.
    label
        The column that is the label; None for the rule of `default_label`.
    conflicting
        `drop` or `error`: what becomes of a person with two labels.
    children
        `keep` or `drop`: what becomes of a person one of whose parents is read too.
    notice
        Called with one line for everything left out.
    """

    samples: Sequence[str] | None = None
    table: LabelTable | None = None
    label: str | None = None
    conflicting: str = "drop"
    children: str = "keep"
    notice: Notice

    def choose(self, ids: Sequence[str], where: object) -> list[str]:
        """Return the samples to read, out of those that a file has."""
        chosen = list(ids) if self.samples is None else self._wanted(ids, where)
        if self.table is not None:
            self._require_rows(self.table, chosen)
            if self.samples is None:
                self._tell_surplus(self.table, chosen, where)
            chosen = self._without_two_labels(self.table, chosen)
            chosen = self._without_children(self.table, chosen)
        if not chosen:
            raise PanelError(f"{where}: no sample is left to read")
        return chosen

    def _wanted(self, ids: Sequence[str], where: object) -> list[str]:
        wanted, known = list(self.samples or ()), set(ids)
        unknown = [sample for sample in wanted if sample not in known]
        if unknown:
            raise PanelError(
                f"{where} lacks {len(unknown)} of the samples asked for: {some(unknown)}; it has {some(ids, 3)}"
            )
        if len(set(wanted)) != len(wanted):
            twice = next(sample for sample in wanted if wanted.count(sample) > 1)
            raise PanelError(f"sample {twice} is asked for twice")
        return wanted

    @staticmethod
    def _require_rows(table: LabelTable, chosen: list[str]) -> None:
        unlabelled = [sample for sample in chosen if sample not in table.rows]
        if unlabelled:
            raise PanelError(
                f"{table.path} has no label for {len(unlabelled)} of {len(chosen)} samples: {some(unlabelled, 3)}; "
                "add them, or read the others by a sample list (--samples)"
            )

    def _tell_surplus(self, table: LabelTable, chosen: list[str], where: object) -> None:
        surplus = sorted(table.rows.keys() - set(chosen))
        if surplus:
            self.notice(f"{table.path} names {len(surplus)} samples that {where} lacks (first {surplus[0]})")

    def _without_two_labels(self, table: LabelTable, chosen: list[str]) -> list[str]:
        label = self._label_of(table)
        values = {name: table.column(name, chosen) for name in table.level_columns(label)}
        doubled = {
            sample: value
            for column in values.values()
            for sample, value in zip(chosen, column, strict=True)
            if "," in value
        }
        if not doubled:
            return chosen
        first = next(sample for sample in chosen if sample in doubled)
        found = f"{len(doubled)} people with two labels (first {first}: {doubled[first]})"
        if self.conflicting == "error":
            raise PanelError(f"{table.path}: {found}")
        self.notice(f"{table.path}: left out {found}")
        return [sample for sample in chosen if sample not in doubled]

    def _without_children(self, table: LabelTable, chosen: list[str]) -> list[str]:
        present = set(chosen)
        children = {sample for sample in chosen if present.intersection(table.parents[sample])}
        if not children:
            return chosen
        first = next(sample for sample in chosen if sample in children)
        found = f"{len(children)} people whose father or mother is read too (first {first})"
        if self.children == "drop":
            self.notice(f"{table.path}: left out {found}")
            return [sample for sample in chosen if sample not in children]
        self.notice(
            f"{table.path}: {found}: splits by person leak between relatives; --children drop omits them"
        )
        return chosen

    def _label_of(self, table: LabelTable) -> str:
        label = self.label or default_label(table.names, table.path)
        if label not in table.names:
            raise PanelError(f"{table.path} has no label column {label!r}; it has: {some(table.names)}")
        return label

    def labelled(self, panel: HaplotypePanel, where: object) -> HaplotypePanel:
        """Return a panel with the labels of the table, or with the label wanted among its own."""
        if self.table is None:
            if self.label is None or self.label == panel.label:
                return panel
            if self.label not in panel.labels:
                raise PanelError(
                    f"{where} has no label column {self.label!r}: give a label table (--labels), or one of "
                    f"{some(panel.labels)}"
                )
            return panel.with_population(self.label)
        label = self._label_of(self.table)
        return HaplotypePanel(
            haplotypes=panel.haplotypes, sample_id=panel.sample_id, variants=panel.variants,
            labels=self._columns(self.table, label, panel.sample_id.tolist()), label=label,
        )  # fmt: skip

    def _columns(self, table: LabelTable, label: str, ids: list[str]) -> dict[str, npt.NDArray[np.str_]]:
        columns = {name: np.array(table.column(name, ids), dtype=np.str_) for name in table.names}
        empty = [name for name, column in columns.items() if (column == "").any()]
        if label in empty:
            first = ids[int(np.argmax(columns[label] == ""))]
            n = len({sample for sample, value in zip(ids, columns[label], strict=True) if value == ""})
            raise PanelError(f"{table.path} has no {label} for {n} samples (first {first})")
        if empty:
            self.notice(f"{table.path}: columns with empty values are no labels: {some(empty)}")
        return {name: column for name, column in columns.items() if name not in empty}


def rows_of(sample_id: npt.NDArray[np.str_], samples: Sequence[str]) -> npt.NDArray[np.intp]:
    """Return the rows of some samples, in their order; the rows of a sample keep theirs."""
    rows: dict[str, list[int]] = {}
    for row, sample in enumerate(sample_id.tolist()):
        rows.setdefault(sample, []).append(row)
    return np.array([row for sample in samples for row in rows[sample]], dtype=np.intp)
