"""Figure 12 in the paper's reading: decay of LD over variants polymorphic in every set."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from genome_ac_gan.panel import HaplotypePanel
from genome_ac_gan.popgen.frequency import polymorphic
from genome_ac_gan.popgen.ld import Decay, compat_bins, decay, decay_rmse, longest_distance

if TYPE_CHECKING:
    from pandas import DataFrame


def published_decay(
    holdout: HaplotypePanel, sets: Mapping[str, Callable[[], HaplotypePanel]]
) -> "tuple[DataFrame, DataFrame]":
    """Return the RMSE of the decay of each set, and the curves.

    As published: the variants with two alleles in the test people and in all of the
    sets, so that a set that lost variants takes them from all; the bins of
    `popgen.ld.compat_bins`, empty ones left out; full sets, whose different
    sizes move r2 by 1 / (n - 1).

    Parameters
    ----------
    sets
        Name -> what reads the set; one at a time is held in memory.

    Returns
    -------
    errors : DataFrame
        Columns set, value (RMSE), n (variants); a set without one has no row.
    curves : DataFrame
        Columns set, panel (`holdout` or `synthetic`), distance (bp, geometric
        middle of the bin), r2, sem (standard error over pairs), n_pairs; the
        test people under the first set's name.
    """
    import pandas as pd

    kept = polymorphic(holdout.haplotypes)
    for read in sets.values():
        kept &= polymorphic(read().haplotypes)
    variants = holdout.variants
    edges = compat_bins(longest_distance(variants.contig, variants.position))

    def of(panel: HaplotypePanel) -> Decay:
        x = np.compress(kept, panel.haplotypes, axis=1)
        return decay(x, variants.contig[kept], variants.position[kept], edges)

    real = of(holdout)
    errors: list[dict[str, object]] = []
    curves: list[DataFrame] = []
    for name, read in sets.items():
        found = of(read())
        error = decay_rmse(real.mean, found.mean)
        if np.isfinite(error):
            errors.append({"set": name, "value": error, "n": int(kept.sum())})
        curves += [_curve(name, "holdout", real)] if not curves else []
        curves.append(_curve(name, "synthetic", found))
    table = pd.DataFrame(errors, columns=["set", "value", "n"])
    return table, pd.concat(curves, ignore_index=True)


def _curve(name: str, panel: str, sums: Decay) -> "DataFrame":
    import pandas as pd

    filled = sums.n_pairs > 0
    middle = np.sqrt(sums.edges[:-1] * sums.edges[1:])
    return pd.DataFrame({
        "set": name, "panel": panel, "distance": middle[filled], "r2": sums.mean[filled],
        "sem": sums.sem[filled], "n_pairs": sums.n_pairs[filled],
    })  # fmt: skip
