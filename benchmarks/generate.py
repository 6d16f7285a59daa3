"""Artificial genomes generated and written as indexed vcf.gz, against bcftools compressing the same file again.

    python benchmarks/generate.py RUN_OR_MODEL [--like PANEL] [--rounds 3]

Both are whole processes, one after the other in each round; the start of Python and torch is in ours.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model")
    parser.add_argument("--like", help="panel whose label counts to draw")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder) / "ag.vcf.gz", Path(folder) / "again.vcf.gz"
        generate = [
            sys.executable,
            "-m",
            "genome_ac_gan",
            "generate",
            options.model,
            "--force",
            "-o",
            str(ours),
        ]
        generate += ["--like", options.like] if options.like else []
        compress = ["bcftools", "view", "--no-version", "-Oz", "-o", str(theirs), str(ours)]
        rounds = [(seconds(generate), seconds(compress)) for _ in range(options.rounds)]
    times = np.array(rounds)
    ratios = times[:, 0] / times[:, 1]
    print(
        f"generate and write: {np.median(times[:, 0]):.2f} s; bcftools view -Oz: {np.median(times[:, 1]):.2f} s"
    )
    print(f"ratio: median {np.median(ratios):.2f}, from {ratios.min():.2f} to {ratios.max():.2f}")


if __name__ == "__main__":
    main()
