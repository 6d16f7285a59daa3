"""Children of two haplotypes: a mosaic of both, with crossovers in between."""

import numpy as np
import numpy.typing as npt

from genome_ac_gan.popgen.ld import contig_blocks

Alleles = npt.NDArray[np.uint8]


def recombined(
    first: Alleles, second: Alleles, contig: npt.NDArray[np.str_], n_crossovers: int, rng: np.random.Generator
) -> Alleles:
    """Return a child of each pair of haplotypes.

    A contig begins with either parent, a coin flip of its own, and changes to the
    other at `n_crossovers` gaps between neighbouring variants, each of them equally
    likely however wide it is. Two crossovers in one gap undo each other; a contig
    of one variant has none.

    Parameters
    ----------
    first, second : (n, n_variants) uint8
        The parents.
    contig : (n_variants,) str
        Equal ones are neighbours.
    n_crossovers
        Of each contig.
    rng
        Decides who comes first and where the crossovers are.

    Returns
    -------
    (n, n_variants) uint8
    """
    from_second = np.empty(first.shape, dtype=bool)
    rows = np.arange(len(first))[:, None]
    for block in contig_blocks(contig):
        width = block.stop - block.start
        changes = np.zeros((len(first), width), dtype=np.uint8)  # how often; parity is what counts
        changes[:, 0] = rng.integers(2, size=len(first))
        if width > 1:
            np.add.at(changes, (rows, rng.integers(1, width, size=(len(first), n_crossovers))), 1)
        from_second[:, block] = np.cumsum(changes, axis=1, dtype=np.uint8) % 2
    return np.where(from_second, second, first)
