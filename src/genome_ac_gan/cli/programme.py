"""A click group that loads its commands late and turns errors a user can mend into one line."""

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from genome_ac_gan.cli.console import complain, logger
from genome_ac_gan.errors import GenomeACGANError

BAD_INPUT = 2
INTERRUPTED = 130  # what a shell reports after SIGINT
BROKEN_PIPE = 141  # and after SIGPIPE


class Programme(click.Group):
    """The outermost command.

    Parameters
    ----------
    commands_by_name
        `module:attribute` of each command, in the order of the help. The module
        is imported when its command is called or its help is wanted, and must
        itself import nothing heavy.
    """

    def __init__(self, *args: Any, commands_by_name: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commands_by_name = dict(commands_by_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the help."""
        return list(self.commands_by_name)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None when there is none of that name."""
        if cmd_name not in self.commands_by_name:
            return None
        module, _, attribute = self.commands_by_name[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what a user can mend becomes one line and exit code 2."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except BrokenPipeError:
            _forget_stdout()
            ctx.exit(BROKEN_PIPE)
        except KeyboardInterrupt:
            complain("interrupted")
            ctx.exit(INTERRUPTED)
        except (click.UsageError, GenomeACGANError, OSError) as error:
            if isinstance(error, click.UsageError) and "\n" in error.format_message():
                raise  # a group called without a command: the message is its help
            logger.debug("raised here", exc_info=True)
            complain(one_line(error))
            ctx.exit(getattr(error, "exit_code", BAD_INPUT))


def one_line(error: Exception) -> str:
    """Return the message of an error on one line, with the file it is about where the error tells it."""
    if isinstance(error, click.UsageError):
        seek = f" (see {error.ctx.command_path} --help)" if error.ctx else ""
        text = error.format_message() + seek
    elif isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    else:
        text = str(error) or type(error).__name__
    return " ".join(text.split())


def _forget_stdout() -> None:
    """Let the interpreter's last flush go nowhere: the reader of the pipe is gone."""
    if sys.stdout is sys.__stdout__:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
