"""What was run: software, platform, inputs, seed and time (standard library only)."""

import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("genome-ac-gan", "torch", "numpy", "scipy", "scikit-learn", "cyvcf2", "pysam")


def software() -> dict[str, str]:
    """Return the versions of Python, this package and the libraries that decide its numbers."""
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    return versions


def machine() -> dict[str, str]:
    """Return the operating system, the processor kind and the number of processors."""
    return {"system": platform.platform(), "processor": processor(), "byteorder": sys.byteorder}


def processor() -> str:
    """Return the processor's own name where the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def now() -> str:
    """Return the present time in UTC, to the second, in ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_parts(parts: Iterable[bytes]) -> str:
    """Return one SHA-256 over several byte strings, each preceded by its length."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def to_json(record: Mapping[str, Any]) -> str:
    """Write a record as indented JSON with a final newline; NaN is refused, since JSON has none."""
    return json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
