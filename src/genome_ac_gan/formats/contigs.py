"""Lengths of the human chromosomes in the two assemblies in use."""

from collections.abc import Mapping

from genome_ac_gan.errors import PanelError
from genome_ac_gan.formats.region import bare
from genome_ac_gan.panel import VariantTable

_NAMES = (*map(str, range(1, 23)), "X", "Y", "M")

LENGTHS: Mapping[str, Mapping[str, int]] = {
    "GRCh37": dict(zip(_NAMES, (
        249250621, 243199373, 198022430, 191154276, 180915260, 171115067, 159138663, 146364022, 141213431,
        135534747, 135006516, 133851895, 115169878, 107349540, 102531392, 90354753, 81195210, 78077248,
        59128983, 63025520, 48129895, 51304566, 155270560, 59373566, 16569,
    ), strict=True)),
    "GRCh38": dict(zip(_NAMES, (
        248956422, 242193529, 198295559, 190214555, 181538259, 170805979, 159345973, 145138636, 138394717,
        133797422, 135086622, 133275309, 114364328, 107043718, 101991189, 90338345, 83257441, 80373285,
        58617616, 64444167, 46709983, 50818468, 156040895, 57227415, 16569,
    ), strict=True)),
}  # fmt: skip


def assembly_of(lengths: Mapping[str, int]) -> str | None:
    """Return the assembly whose lengths these are, judged by the nuclear contigs known in both; None if neither's."""
    for assembly, known in LENGTHS.items():
        shared = [(known[bare(name)], length) for name, length in lengths.items() if bare(name) in known]
        nuclear = [pair for pair in shared if pair[0] != known["M"]]
        if nuclear and all(mine == theirs for mine, theirs in nuclear):
            return assembly
    return None


def contig_lengths(variants: VariantTable, assembly: str | None) -> tuple[dict[str, int], str | None]:
    """Return a length for each contig of a table, and the assembly they are of.

    Without an assembly named, bare names (`15`) are taken for GRCh37 and `chr15`
    for GRCh38 where every contig is known there and long enough. Where neither
    is so, the length is the last position and the assembly None.

    Raises
    ------
    PanelError
        When a variant lies beyond the end of its contig in the assembly named.
    """
    last = {contig: int(variants.position[variants.contig == contig].max()) for contig in variants.contigs}
    if assembly is not None:
        return _named(last, assembly), assembly
    guess = "GRCh38" if all(contig.startswith("chr") for contig in last) else "GRCh37"
    known = LENGTHS[guess]
    if all(position <= known.get(bare(contig), 0) for contig, position in last.items()):
        return {contig: known[bare(contig)] for contig in last}, guess
    return last, None


def _named(last: Mapping[str, int], assembly: str) -> dict[str, int]:
    if assembly not in LENGTHS:
        raise PanelError(f"assembly {assembly!r} is unknown; known: {', '.join(LENGTHS)}")
    known = LENGTHS[assembly]
    for contig, position in last.items():
        if position > known.get(bare(contig), position):
            raise PanelError(
                f"{contig}:{position} lies beyond the end of {contig} in {assembly} ({known[bare(contig)]})"
            )
    return {contig: known.get(bare(contig), position) for contig, position in last.items()}
