"""The errors a user can cause and mend; the command line shows them as one line and exits with 2."""

from collections.abc import Iterable


class GenomeACGANError(Exception):
    """Base of every error whose message is meant for the user."""


class PanelError(GenomeACGANError):
    """A panel, or the file it should come from, breaks a promise."""


class ConfigError(GenomeACGANError):
    """A setting is unknown, has a wrong value or contradicts another."""


class NotFittedError(GenomeACGANError):
    """A model was asked for something it can only do after `fit`."""


class CheckpointError(GenomeACGANError):
    """A model or run folder is missing, damaged or made for something else."""


def some(names: Iterable[object], limit: int = 8) -> str:
    """Join names for a message, cut after `limit` of them with a count of the rest."""
    listed = [str(name) for name in names]
    rest = len(listed) - limit
    return ", ".join(listed[:limit]) + (f" and {rest} more" if rest > 0 else "")
