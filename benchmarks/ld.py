"""Decay of linkage disequilibrium over all pairs of variants, against scikit-allel in the same run.

    PYTHONPATH=src python benchmarks/ld.py [--data ../shared/data] [--variants N] [--rounds 1]
    PYTHONPATH=src python benchmarks/ld.py --large

The 1,000 holdout haplotypes of the 10K panel, the variants that are polymorphic among them (`--variants`: N evenly
spaced ones), 49 bins of distance. The common way: `allel.rogers_huff_r` on the haplotypes as homozygous genotypes, all
distances by `scipy.spatial.distance.pdist`, bins by `numpy.digitize`, means by `numpy.bincount`. Both must find the
same curve; ours must be at least 5 times as fast. `--large` is ours alone on 65,536 variants x 5,008 random
haplotypes, bound 8 GB. OPENBLAS_* variables slow NumPy down on some machines and are left out of the process.
"""

import argparse
import sys
import time
from pathlib import Path

from evaluate import ROOT, peak_gb, read, without_openblas_settings

TARGET_RATIO, LARGE_GB = 5, 8


def ours(x, position, edges):
    import numpy as np

    from genome_ac_gan.popgen.ld import decay

    return decay(x, np.full(len(position), "15"), position, edges).mean


def common_way(x, position, edges):
    import allel
    import numpy as np
    from scipy.spatial.distance import pdist

    r2 = allel.rogers_huff_r(2 * x.T.astype(np.int8)) ** 2
    where = np.digitize(pdist(position[:, None].astype(float), "cityblock"), edges) - 1
    where[where == len(edges) - 1] -= 1  # the last bin is closed
    with np.errstate(invalid="ignore"):
        return np.bincount(where, weights=r2, minlength=len(edges) - 1) / np.bincount(
            where, minlength=len(edges) - 1
        )


def seconds(function, *arguments):
    start = time.perf_counter()
    result = function(*arguments)
    return time.perf_counter() - start, result


def compared(data, n_variants, rounds):
    """Print the times of both ways and their ratio; return whether ours was fast enough."""
    import numpy as np

    from genome_ac_gan.popgen.frequency import polymorphic
    from genome_ac_gan.popgen.ld import log_bins

    if not data.is_dir():
        sys.exit(f"{data} is absent: nothing to measure")
    holdout = read(data).holdout
    kept = np.flatnonzero(polymorphic(holdout.haplotypes))
    if n_variants:
        kept = kept[np.linspace(0, len(kept) - 1, n_variants).astype(int)]
    x, position = np.ascontiguousarray(holdout.haplotypes[:, kept]), holdout.variants.position[kept]
    edges = log_bins(position[-1] - position[0])
    ours(x[:, :500], position[:500], edges)  # libraries are loaded
    ratios = []
    for _ in range(rounds):
        (fast, curve), (slow, expected) = (seconds(way, x, position, edges) for way in (ours, common_way))
        np.testing.assert_allclose(curve, expected, atol=1e-4)
        ratios.append(slow / fast)
        print(
            f"{len(kept):,} variants x {len(x):,}: ours {fast:.2f} s, scikit-allel {slow:.2f} s", flush=True
        )
    ratio = float(np.median(ratios))
    print(f"ratio: median {ratio:.1f} of {TARGET_RATIO}, from {min(ratios):.1f} to {max(ratios):.1f}")
    return ratio >= TARGET_RATIO


def large(n_haplotypes=5008, n_variants=65_536):
    """Print time and peak memory of the decay over all pairs of random haplotypes; return whether memory sufficed."""
    import numpy as np

    from genome_ac_gan.popgen.ld import log_bins

    rng = np.random.default_rng(1)
    x = rng.integers(0, 2, (n_haplotypes, n_variants), dtype=np.uint8)
    position = np.cumsum(rng.integers(1, 500, n_variants))
    taken, curve = seconds(ours, x, position, log_bins(position[-1] - position[0]))
    print(
        f"{n_variants:,} variants x {n_haplotypes:,}: {taken:.0f} s, peak {peak_gb():.2f} GB of {LARGE_GB} GB"
    )
    np.testing.assert_allclose(curve[-1], 1 / (n_haplotypes - 1), rtol=0.01)  # what chance alone gives
    return peak_gb() <= LARGE_GB


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--variants", type=int, default=0, help="evenly spaced ones; all by default")
    parser.add_argument("--rounds", type=int, default=1, help="some four minutes each")
    parser.add_argument("--large", action="store_true", help="65,536 variants, ours alone")
    options = parser.parse_args()
    without_openblas_settings()
    sys.exit(not (large() if options.large else compared(options.data, options.variants, options.rounds)))


if __name__ == "__main__":
    main()
