"""Nearest-neighbour adversarial accuracy: our code against scipy's city-block distances, in one run.

    PYTHONPATH=src python benchmarks/aats.py [--rows 1000] [--variants 10000] [--rounds 3]

From two arrays of alleles to the accuracy: ours, and the usual way of the field, three full matrices of
`scipy.spatial.distance.cdist(..., "cityblock")` on floats. Both must give the same verdicts. Bound: ours is at least
30 times as fast. OPENBLAS_* variables slow NumPy down on some machines and are left out of the measured process.
"""

import argparse
import sys
import time

import numpy as np
from evaluate import without_openblas_settings

LEAST_RATIO = 30


def haplotypes(n_rows, n_variants, rng, n_founders=200, segments=20):
    """Return mosaics of random founders, so that neighbours are as uneven as those of people."""
    founders = (rng.random((n_founders, n_variants)) < rng.beta(0.3, 1.2, n_variants)).astype(np.uint8)
    rows = np.empty((n_rows, n_variants), np.uint8)
    for row in rows:
        cuts = np.sort(rng.integers(n_variants, size=segments - 1))
        for start, stop in zip([0, *cuts], [*cuts, n_variants], strict=True):
            row[start:stop] = founders[rng.integers(n_founders), start:stop]
    return rows


def ours(real, synthetic):
    from genome_ac_gan.popgen.distance import nearest_neighbour_verdicts

    verdicts = nearest_neighbour_verdicts(real, synthetic)
    return verdicts.truth, verdicts.syn


def usual(real, synthetic):
    from scipy.spatial.distance import cdist

    real, synthetic = real.astype(float), synthetic.astype(float)
    within, own = (cdist(x, x, "cityblock") for x in (real, synthetic))
    across = cdist(real, synthetic, "cityblock")
    for matrix in (within, own):
        np.fill_diagonal(matrix, np.inf)

    def nearer(same, other):
        return np.where(same == other, 0.5, same < other)

    return nearer(within.min(axis=1), across.min(axis=1)), nearer(own.min(axis=1), across.min(axis=0))


def timed(function, *arrays):
    """Return seconds of the clock, seconds of all processors, and the result."""
    start, cpu = time.perf_counter(), time.process_time()
    result = function(*arrays)
    return time.perf_counter() - start, time.process_time() - cpu, result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1000, help="of either set")
    parser.add_argument("--variants", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3, help="of ours, before and after the usual way")
    options = parser.parse_args()
    without_openblas_settings()
    both = haplotypes(2 * options.rows, options.variants, np.random.default_rng(1))
    real, synthetic = both[: options.rows], both[options.rows :]
    ours(real[:50], synthetic[:50])  # starts the threads
    rounds = [timed(ours, real, synthetic) for _ in range(options.rounds)]
    slow, slow_cpu, expected = timed(usual, real, synthetic)
    rounds += [timed(ours, real, synthetic) for _ in range(options.rounds)]
    fast, fast_cpu = (float(np.median([each[index] for each in rounds])) for index in (0, 1))
    found = rounds[0][2]
    same = all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))
    print(
        f"{options.rows} + {options.rows} haplotypes x {options.variants} variants, AATS {np.mean(found):.4f}"
    )
    print(f"ours {fast:.3f} s, cdist {slow:.2f} s: {slow / fast:.0f} times (bound {LEAST_RATIO})")
    print(f"CPU of all threads {fast_cpu:.3f} s, {slow_cpu:.2f} s: {slow_cpu / fast_cpu:.0f} times")
    print(f"same verdicts: {same}")
    sys.exit(slow < LEAST_RATIO * fast or not same)


if __name__ == "__main__":
    main()
