"""Speed of one training step: our step against the same step in plain fp32, in turns, in one run.

    python benchmarks/training.py --panel PANEL [--labels FILE --label COLUMN] [--preset code]
    python benchmarks/training.py --panel PANEL --aging 10000
    python benchmarks/training.py --panel PANEL --steps 6 --rounds 1 --ours-only

The plain step is the same model without what makes ours fast: fp32 products, denormal numbers kept,
`torch.optim.RMSprop`. Each measurement is a process of its own, since threads inherit how they treat
denormal numbers.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

KINDS = ("ours", "plain")


def measure(options: argparse.Namespace) -> dict[str, float]:
    """Train in this process; return milliseconds a step and the peak of memory."""
    import torch

    from genome_ac_gan.formats import read_panel
    from genome_ac_gan.models import create_model
    from genome_ac_gan.resources import available_threads
    from genome_ac_gan.training.device import prepare_cpu

    prepare_cpu(options.threads)
    panel = read_panel(options.panel, labels=options.labels, label=options.label, legend=options.legend)
    model = create_model("genome-ac-gan", preset=options.preset)
    model.last_step = options.steps
    if options.measure == "plain":
        torch.set_flush_denormal(False)
        model.precision = "fp32"
        model._optimiser = plain_optimiser(model)
    times = [time.perf_counter()]
    model.fit(panel, seed=1, on_step=lambda step, losses: times.append(time.perf_counter()))
    steps = np.diff(times)[1:] * 1e3  # the first step allocates
    tenth = max(1, len(steps) // 10)
    return {
        "ms": float(np.median(steps)),
        "first_ms": float(np.median(steps[:tenth])),
        "last_ms": float(np.median(steps[-tenth:])),
        "gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        "threads": options.threads or available_threads(),
    }


def plain_optimiser(model):
    """Return a maker of torch's own RMSprop with the preset's numbers."""
    import torch

    from genome_ac_gan.models.genome_ac_gan.networks import kernels
    from genome_ac_gan.training.optimisers import with_decay

    settings = model.config.optimiser

    def make(network, lr):
        groups = with_decay(*kernels(network, model.config.loss.l2_on), model.config.loss.l2)
        if settings.name == "rmsprop":
            return torch.optim.RMSprop(groups, lr=lr, alpha=settings.decay, eps=settings.eps)
        return torch.optim.Adam(groups, lr=lr, betas=(settings.first_decay, settings.decay), eps=settings.eps)

    return make


def in_process(kind: str, arguments: list[str]) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, *arguments, "--measure", kind], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--panel", type=Path, required=True)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--label")
    parser.add_argument("--legend", type=Path)
    parser.add_argument("--preset", default="code")
    parser.add_argument("--steps", type=int, default=200, help="updates in each measurement")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each kind, in turns")
    parser.add_argument(
        "--aging", type=int, metavar="N", help="one measurement of N updates: first and last tenth"
    )
    parser.add_argument("--ours-only", action="store_true")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--measure", choices=KINDS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options)))
        return
    arguments = sys.argv[1:]
    if options.aging:
        arguments, options.rounds = [*arguments, "--steps", str(options.aging)], 1
    kinds = KINDS[:1] if options.ours_only or options.aging else KINDS
    rounds = [{kind: in_process(kind, arguments) for kind in kinds} for _ in range(options.rounds)]
    print("kind\tms/update\tfirst tenth\tlast tenth\tpeak GB\tthreads")
    for kind in kinds:
        rows = [each[kind] for each in rounds]
        numbers = [
            np.median([row[key] for row in rows]) for key in ("ms", "first_ms", "last_ms", "gb", "threads")
        ]
        print(kind, *(f"{number:.1f}" for number in numbers), sep="\t")
    if len(kinds) == 2:
        ratios = [each["plain"]["ms"] / each["ours"]["ms"] for each in rounds]
        print(f"plain / ours: median {np.median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}")


if __name__ == "__main__":
    main()
