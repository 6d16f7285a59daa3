"""The command `genome-ac-gan`: it translates options into calls, and nothing more."""

import click

from genome_ac_gan.cli.console import verbosity
from genome_ac_gan.cli.programme import Programme
from genome_ac_gan.cli.versions import versions

COMMANDS = {
    "run": "genome_ac_gan.cli.runs:run",
    "simulate": "genome_ac_gan.cli.panels:simulate",
    "import": "genome_ac_gan.cli.panels:import_panel",
    "export": "genome_ac_gan.cli.panels:export",
    "train": "genome_ac_gan.cli.runs:train",
    "generate": "genome_ac_gan.cli.judging:generate",
    "complete": "genome_ac_gan.cli.judging:complete",
    "likelihood": "genome_ac_gan.cli.judging:likelihood",
    "evaluate": "genome_ac_gan.cli.judging:evaluate",
    "benchmark": "genome_ac_gan.cli.benchmark:benchmark",
    "reproduce": "genome_ac_gan.cli.reproduction:reproduce",
    "report": "genome_ac_gan.cli.runs:report",
    "inspect": "genome_ac_gan.cli.inspection:inspect",
    "list": "genome_ac_gan.cli.settings:list_names",
    "config": "genome_ac_gan.cli.settings:config",
}


def _show_versions(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(versions())
        context.exit()


@click.command(
    cls=Programme, commands_by_name=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_show_versions,
              help="Show the versions of this program and of what decides its numbers.")  # fmt: skip
@verbosity
def main() -> None:
    """Learn phased human haplotypes by population; generate, judge and report artificial genomes.

    Results go to files or standard output, notices to standard error. Bad input
    ends in one line and exit code 2.
    """
