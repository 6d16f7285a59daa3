"""Label tables: which population each sample belongs to, and the side of a split it is on."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from genome_ac_gan.errors import PanelError, some
from genome_ac_gan.formats.text import read_text_lines

SAMPLE_COLUMNS = ("sample", "sampleid", "samplename", "iid", "individualid", "individual", "id")
CONTINENT_COLUMNS = ("superpop", "superpopulation", "superpopulationcode")
POPULATION_COLUMNS = ("pop", "population", "populationcode")
FATHER_COLUMNS = ("fatherid", "paternalid", "father", "pat")
MOTHER_COLUMNS = ("motherid", "maternalid", "mother", "mat")
OTHER_COLUMNS = (
    "gender", "sex", "fid", "familyid", "family", "sid", "phenotype", "pheno", "pheno1", "relationship",
    "siblings", "secondorder", "thirdorder", "children", "othercomments", "biosampleid",
    "populationelasticid", "datacollections", "split",
)  # fmt: skip


@dataclass(frozen=True)
class LabelTable:
    """Label columns by sample.

    Attributes
    ----------
    path
        Where it was read, for messages.
    names
        Label columns as the header spells them; sample, sex, family and parent
        columns are not among them.
    rows
        The values of `names` for each sample. Rows of one sample that disagree
        are joined with a comma, as in `IBS,MSL`.
    parents
        Father and mother of each sample, where the table tells them.
    """

    path: Path
    names: tuple[str, ...]
    rows: Mapping[str, tuple[str, ...]]
    parents: Mapping[str, tuple[str, ...]]

    def column(self, name: str, samples: Iterable[str]) -> list[str]:
        """Return the values of one column for some samples of the table."""
        index = self.names.index(name)
        return [self.rows[sample][index] for sample in samples]

    def level_columns(self, label: str) -> list[str]:
        """Return the columns in which a person may have one value only: the label and both usual levels."""
        levels = CONTINENT_COLUMNS + POPULATION_COLUMNS
        return [name for name in self.names if name == label or plain(name) in levels]


def plain(name: str) -> str:
    """Return a column name in lower case, letters and digits only: `#IID` and `iid` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def read_labels(path: Path) -> LabelTable:
    """Read a label table by its header.

    The 1000 Genomes `.panel`, IGSR pedigrees (separated by blanks), PLINK
    `.psam` and any table with a header and a sample column are understood.
    Columns are separated by tabs when the header has tabs, else by commas when
    it has no blanks, else by blanks. Values are kept as they are spelled.

    Raises
    ------
    PanelError
        When there is no sample column, no label column, or a row has more
        values than the header has names.
    """
    header, rows = _read_table(Path(path))
    sample = _sample_column(Path(path), header)
    taken = set(SAMPLE_COLUMNS + FATHER_COLUMNS + MOTHER_COLUMNS + OTHER_COLUMNS)
    columns = [i for i, name in enumerate(header) if i != sample and name and plain(name) not in taken]
    if not columns:
        raise PanelError(f"{path} has no label column: its header names {some(header)}")
    parents = [i for i, name in enumerate(header) if plain(name) in FATHER_COLUMNS + MOTHER_COLUMNS]
    return LabelTable(
        path=Path(path),
        names=tuple(header[i] for i in columns),
        rows=_joined((row[sample], tuple(row[i] for i in columns)) for row in rows),
        parents={row[sample]: tuple(row[i] for i in parents) for row in rows},
    )


def _joined(rows: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    joined: dict[str, tuple[str, ...]] = {}
    for sample, values in rows:
        before = joined.get(sample, values)
        joined[sample] = tuple(
            old if old == new else f"{old},{new}" for old, new in zip(before, values, strict=True)
        )
    return joined


def _sample_column(path: Path, header: list[str]) -> int:
    names = [plain(name) for name in header]
    for name in SAMPLE_COLUMNS:
        if name in names:
            return names.index(name)
    raise PanelError(
        f"{path} has no sample column: its header names {some(header)}; "
        "expected sample, sample_id, SampleID, IID or #IID"
    )


def _read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    """Return header and rows; lines that start with ## are comments, empty cells at the end are cut."""
    lines = read_text_lines(path)
    numbered = [(i, line) for i, line in enumerate(lines, 1) if line.strip() and not line.startswith("##")]
    if not numbered:
        raise PanelError(f"{path} has no header")
    separator = _separator(numbered[0][1])
    header = _cells(numbered[0][1].removeprefix("#"), separator)
    while header and not header[-1]:
        header.pop()
    rows = []
    for number, line in numbered[1:]:
        cells = _cells(line, separator)
        if any(cells[len(header) :]):
            raise PanelError(f"{path}, line {number}: {len(cells)} values, the header names {len(header)}")
        rows.append((cells + [""] * len(header))[: len(header)])
    return header, rows


def _separator(header: str) -> str | None:
    if "\t" in header:
        return "\t"
    return "," if "," in header and not header.split()[1:] else None


def _cells(line: str, separator: str | None) -> list[str]:
    return [cell.strip() for cell in line.split(separator)]


def default_label(names: Iterable[str], where: object) -> str:
    """Return the column that is the label when none is named.

    `super_pop` (or Superpopulation) if it is there, else `pop` (or Population),
    else the only column.

    Raises
    ------
    PanelError
        When there are several columns and none of these.
    """
    known = list(names)
    for group in (CONTINENT_COLUMNS, POPULATION_COLUMNS):
        for name in known:
            if plain(name) in group:
                return name
    if len(known) == 1:
        return known[0]
    raise PanelError(f"{where} has several label columns: {some(known)}; choose one by name (--label)")


def read_split(path: Path) -> dict[str, str]:
    """Read a table of samples and their side of a split, for `split_by_file`.

    A column `split` holds `train`, or another word (`test`, `holdout`) for the
    side held out.

    Raises
    ------
    PanelError
        When there is no such column, a side is empty, or a sample is on two sides.
    """
    header, rows = _read_table(Path(path))
    sample = _sample_column(Path(path), header)
    names = [plain(name) for name in header]
    if "split" not in names:
        raise PanelError(f"{path} has no column 'split': its header names {some(header)}")
    column = names.index("split")
    sides: dict[str, str] = {}
    for row in rows:
        if not row[column]:
            raise PanelError(f"{path}: sample {row[sample]} has no side; expected train or test")
        if sides.setdefault(row[sample], row[column]) != row[column]:
            raise PanelError(f"{path}: sample {row[sample]} is on two sides of the split")
    return sides
