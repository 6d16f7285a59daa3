"""Files that are written whole or not at all."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from genome_ac_gan.errors import GenomeACGANError

if TYPE_CHECKING:
    from pandas import DataFrame


TEMPORARY = ".tmp-"  # how the names of what is not whole yet begin


def refuse_existing(path: Path, *, force: bool) -> None:
    """Raise when `path` exists and `force` is not given."""
    if path.exists() and not force:
        raise GenomeACGANError(f"{path} exists already: give another name, or --force to replace it")


def is_file_name(name: str) -> bool:
    """Return whether a name can stand for a file or a column anywhere: letters, digits and . _ - alone."""
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name) is not None


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that takes its place when the block succeeds.

    The temporary name keeps the suffixes of `path` (writers choose a format by
    them). Whatever stands there is removed when the block fails. The block may
    make a file or a folder.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise GenomeACGANError(f"{path}: the folder {path.parent} does not exist")
    room = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=path.parent))
    temporary = room / path.name
    try:
        yield temporary
        _put(temporary, path, room / "old")
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _put(new: Path, path: Path, aside: Path) -> None:
    """Move `new` to `path`; a folder that stands there comes back when that fails."""
    moved = path.is_dir() and new.is_dir()
    if moved:
        path.rename(aside)
    try:
        new.replace(path)
    except BaseException:
        if moved:
            aside.rename(path)
        raise


@contextmanager
def locked(path: Path, *, wait: bool = False) -> Iterator[bool]:
    """Hold a lock for the length of a block; yield False when another process holds it, or `wait` for that to end.

    The system frees it when the process ends, however it ends; the file stays. Where
    there are no locks (some network file systems), everybody gets one.
    """
    try:
        import fcntl
    except ImportError:
        yield True
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            mine = True
        except BlockingIOError:
            mine = False
        except OSError:
            mine = True
        yield mine


def write_text(path: Path, text: str) -> None:
    """Write a text file (UTF-8, newline as given) whole or not at all."""
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def tsv(table: "DataFrame") -> str:
    """Return a table as tab-separated values, numbers to six digits."""
    text: str = table.to_csv(sep="\t", index=False, float_format="%.6g", lineterminator="\n")
    return text


def read_tsv(path: Path) -> "DataFrame":
    """Read what `tsv` made; of text nothing but an empty cell is taken for missing."""
    import pandas as pd

    return pd.read_csv(path, sep="\t", keep_default_na=False, na_values=[""])
