"""The record of a part of long work that failed, so that the other parts can go on."""

import traceback
from pathlib import Path
from typing import Any

from genome_ac_gan.errors import GenomeACGANError
from genome_ac_gan.files import write_text
from genome_ac_gan.provenance import now, to_json

# What a part may die of without the others being to blame: its own refusal, and the numbers or the memory of torch.
FAILURES = (GenomeACGANError, MemoryError, RuntimeError, ValueError)


def record_failure(path: Path, error: BaseException, **more: Any) -> str:
    """Write what went wrong, and of an error that was not foreseen also where; return the message, one line."""
    foreseen = isinstance(error, GenomeACGANError)
    lines = " ".join(str(error).split())
    message = lines if foreseen else f"{type(error).__name__}: {lines}"
    where = {} if foreseen else {"traceback": "".join(traceback.format_exception(error))}
    write_text(path, to_json({**more, "message": message, "failed": now(), **where}))
    return message
