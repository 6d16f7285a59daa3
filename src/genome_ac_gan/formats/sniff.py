"""The format of a file by its first bytes, for names that do not tell."""

import gzip
import zipfile
import zlib
from pathlib import Path

from genome_ac_gan.formats.text import GZIP_MAGIC, ZIP_MAGIC


def sniff(path: Path) -> str | None:
    """Return the name of a reader, or None when the content is none of theirs."""
    with path.open("rb") as file:
        head = file.read(1024)
    if head.startswith(ZIP_MAGIC):
        return _sniff_zip(path)
    if head.startswith(GZIP_MAGIC):
        try:
            with gzip.open(path) as unpacked:
                head = unpacked.read(1024)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            return None
    if head.startswith((b"##fileformat=VCF", b"BCF\2")):
        return "vcf"
    return "hapt" if head.startswith((b"Real ", b"AG ")) else None


def _sniff_zip(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return None
    if any(name.endswith(".npy") for name in names):
        return "npz"
    return "hapt" if any(name.endswith(".hapt") for name in names) else None
