"""What is said on standard error, and how much of it."""

import logging
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

PROGRAMME = "genome-ac-gan"
FAILED = 1  # exit code when a part of the work failed and the rest was done
logger = logging.getLogger("genome_ac_gan")

F = TypeVar("F", bound=Callable[..., Any])


def complain(message: str) -> None:
    """Write an error as one line."""
    click.echo(f"{PROGRAMME}: error: {message}", err=True)


def notice(message: str) -> None:
    """Write a notice as one line, unless `--quiet` was given."""
    if not is_quiet():
        click.echo(f"{PROGRAMME}: {' '.join(message.split())}", err=True)


def is_quiet() -> bool:
    """Return whether `--quiet` was given, before or after the verb."""
    return bool(_settings().get("quiet", False))


def verbosity(command: F) -> F:
    """Add `-v` and `-q`; both are understood before and after the verb."""
    verbose = click.option("-v", "--verbose", count=True, expose_value=False, callback=_set_verbose,
                           help="Log what is done; twice, with details.")  # fmt: skip
    quiet = click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=_set_quiet,
                         help="No notices and no progress.")  # fmt: skip
    return verbose(quiet(command))


def _settings() -> dict[str, Any]:
    context = click.get_current_context(silent=True)
    return context.meta if context is not None else {}  # one mapping for the context and its parents


def _set_verbose(_: click.Context, __: click.Parameter, times: int) -> None:
    if times:
        logger.setLevel(logging.INFO if times == 1 else logging.DEBUG)
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter(f"{PROGRAMME}: %(levelname)s: %(message)s"))
        logger.handlers = [handler]


def _set_quiet(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        context.meta["quiet"] = True
