"""The verb `inspect`: what a panel, a model folder or a run folder holds."""

from collections.abc import Mapping
from typing import Any

import click

from genome_ac_gan.cli import options
from genome_ac_gan.cli.console import verbosity


@click.command()
@options.panel_input
@options.threads
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@verbosity
def inspect(panel: options.PanelInput, threads: int | None, as_json: bool) -> None:
    """Show what a panel (without PANEL the embedded one), a model folder or a run folder holds.

    Of a panel: people and haplotypes of each population, contigs, and variants
    by the frequency of their rarer allele.
    """
    from genome_ac_gan.cli.folders import describe
    from genome_ac_gan.cli.text import nested, panel_text
    from genome_ac_gan.provenance import to_json

    is_folder = panel.path is not None and panel.path.is_dir()
    record = describe(panel.path) if is_folder and panel.path else _panel_record(panel, threads)
    text = to_json(record) if as_json else nested(record) if is_folder else panel_text(record)
    click.echo(text, nl=False)


def _panel_record(panel: options.PanelInput, threads: int | None) -> Mapping[str, Any]:
    from genome_ac_gan.panel import summarise

    name = "the embedded panel" if panel.path is None else str(panel.path)
    return {"kind": "panel", "path": name, **summarise(panel.read(threads))}
