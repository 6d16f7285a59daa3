"""The verbs that make, read and write panels: simulate, import, export."""

from collections.abc import Mapping

import click

from genome_ac_gan.cli import options
from genome_ac_gan.cli.console import verbosity


@click.command()
@options.counts("-n", "--people",
                help="People of a population (YRI, CEU, CHB, JPT, ADMIX); may be repeated.")  # fmt: skip
@click.option("--n-variants", type=click.IntRange(min=1), metavar="N", help="Variants to keep.")
@click.option("--length", type=click.IntRange(min=1), metavar="BP", help="Length of the region.")
@click.option("--min-minor-count", type=click.IntRange(min=0), metavar="N",
              help="Copies of the rarer allele that a variant needs.")  # fmt: skip
@options.seed
@options.panel_output
@verbosity
def simulate(people: Mapping[str, int], target: options.PanelOutput, **settings: int | None) -> None:
    """Simulate a panel out of Africa with an admixed population (needs the extra `sim`).

    \b
    genome-ac-gan simulate -n YRI=100 -n CEU=100 --seed 1 -o simulated.npz
    """
    from genome_ac_gan.simulate import simulate_panel

    target.require_free()
    target.write(simulate_panel(**options.given(people=people, **settings)))


@click.command(name="import")
@options.panel_input
@options.panel_output
@options.threads
@verbosity
def import_panel(panel: options.PanelInput, target: options.PanelOutput, threads: int | None) -> None:
    """Read haplotypes with their labels, check them, and keep them as a panel.

    PANEL is VCF or BCF (- reads standard input), .hapt, IMPUTE .hap or our .npz.
    What is left out is counted on standard error.

    \b
    genome-ac-gan import chr15.vcf.gz --labels samples.panel --label super_pop -o chr15.npz
    """
    if panel.path is None:
        raise click.UsageError("name the file to read", click.get_current_context())
    target.require_free()
    target.write(panel.read(threads), threads=threads)


@click.command()
@options.panel_input
@options.panel_output
@options.threads
@verbosity
def export(panel: options.PanelInput, target: options.PanelOutput, threads: int | None) -> None:
    """Write a panel (without PANEL the embedded one) for other tools.

    \b
    genome-ac-gan export synthetic.npz -o synthetic.vcf.gz
    genome-ac-gan export synthetic.npz -r 15:27500000-28000000 -o - | bcftools view -H | head
    """
    target.require_free()
    target.write(panel.read(threads), threads=threads)
