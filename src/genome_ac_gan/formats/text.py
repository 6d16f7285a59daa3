"""Bytes of small text files, plain, gzipped or zipped, and lines of single-character alleles."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from genome_ac_gan.errors import PanelError

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK"


def require_file(path: Path) -> None:
    """Raise when a path is no readable file with something in it."""
    if path.is_dir():
        raise PanelError(f"{path} is a folder, not a file")
    if not path.exists():
        raise PanelError(f"{path}: no such file")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise PanelError(f"{path}: {error.strerror}") from None
    if empty:
        raise PanelError(f"{path} is empty")


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file, unpacked when it is gzip or a zip archive of one file."""
    require_file(path)
    data = path.read_bytes()
    try:
        if data.startswith(GZIP_MAGIC):
            return gzip.decompress(data)
        if data.startswith(ZIP_MAGIC):
            return _only_member(path, data)
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
        raise PanelError(f"{path} is truncated or corrupt: {error}") from None
    return data


def read_lines(path: Path) -> list[bytes]:
    """Return the lines of a file as bytes, without line ends and blank lines at the end."""
    lines = read_bytes(path).splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def read_text_lines(path: Path) -> list[str]:
    """Return the lines of a UTF-8 file."""
    try:
        return [line.decode() for line in read_lines(path)]
    except UnicodeDecodeError:
        raise PanelError(f"{path} is no text file (UTF-8)") from None


def _only_member(path: Path, data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/") and "__MACOSX" not in name]
        if len(names) != 1:
            raise PanelError(f"{path} holds {len(names)} files; expected one")
        return archive.read(names[0])


def allele_characters(path: Path, lines: Sequence[bytes], n: int, n_head: int) -> npt.NDArray[np.uint8]:
    """Return the last `n` single-character fields of each line, as character codes.

    Parameters
    ----------
    path
        For messages.
    lines
        Fields separated by one blank (or tab) each; blanks at the end are ignored.
    n
        Fields to take from the end.
    n_head
        Fields that stand before them.

    Returns
    -------
    (n_lines, n) uint8

    Raises
    ------
    PanelError
        When a line has another number of fields; the message names line and numbers.
    """
    width = 2 * n - 1
    tails = [line.rstrip()[-width:] for line in lines]
    if all(len(tail) == width for tail in tails):
        text = np.frombuffer(b"".join(tails), dtype=np.uint8).reshape(len(lines), width)
        characters, blanks = text[:, ::2], text[:, 1::2]
        good = ((blanks == ord(" ")) | (blanks == ord("\t"))).all(axis=1)
        good &= (characters > ord(" ")).all(axis=1)
        heads = [line.rstrip()[:-width] for line in lines]
        if good.all() and all(len(head.split()) == n_head and head[-1:].strip() == b"" for head in heads):
            return characters
    _explain(path, lines, n, n_head)
    raise PanelError(f"{path}: alleles must be single characters with one blank between them")


def _explain(path: Path, lines: Sequence[bytes], n: int, n_head: int) -> None:
    for number, line in enumerate(lines, start=1):
        fields = line.split()
        if len(fields) != n + n_head:
            found = max(len(fields) - n_head, 0)
            raise PanelError(f"{path}, line {number}: {found} alleles, expected {n}")
        long = next((field for field in fields[n_head:] if len(field) != 1), None)
        if long is not None:
            raise PanelError(
                f"{path}, line {number}: {long.decode(errors='replace')!r} is no allele (0 or 1)"
            )


def require_zero_or_one(path: Path, characters: npt.NDArray[np.uint8], allowed: bytes = b"01") -> None:
    """Raise when a character is no allele; the message names line and column of the first."""
    bad = ~np.isin(characters, np.frombuffer(allowed, dtype=np.uint8))
    if bad.any():
        line, column = np.argwhere(bad)[0]
        raise PanelError(
            f"{path}: {np.count_nonzero(bad)} alleles are neither 0 nor 1; the first is "
            f"{chr(characters[line, column])!r}, line {line + 1}, allele {column + 1}"
        )
