"""The versions of this program and of what decides its numbers, without importing any of it."""

import platform
import re
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from genome_ac_gan import __version__

LIBRARIES = ("torch", "numpy", "scikit-learn", "cyvcf2", "pysam")


def versions() -> str:
    """Return one line for each version."""
    lines = [f"genome-ac-gan {__version__}", f"Python {platform.python_version()}"]
    lines += [f"{name} {_version(name)}" for name in LIBRARIES]
    return "\n".join([*lines, f"htslib {_htslib()}"])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _htslib() -> str:
    """Read the version of the htslib that pysam brings from the file in which pysam notes it."""
    spec = find_spec("pysam")
    if spec is None or spec.origin is None:
        return "not installed"
    notes = Path(spec.origin).with_name("version.py")
    match = re.search(r'__htslib_version__ = "([^"]+)"', notes.read_text() if notes.is_file() else "")
    return match[1] if match else "unknown"
