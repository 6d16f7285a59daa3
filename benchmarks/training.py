r"""Speed and memory of one update of a model: our update against the same one in plain fp32, in turns, in one run.

    python benchmarks/training.py --model genome-ac-gan --preset code --variants 805
    python benchmarks/training.py --all --variants 805 2000 10000
    python benchmarks/training.py --preset code --variants 805 --aging 10000
    python benchmarks/training.py --model wgan-gp --preset wgan23 --variants 65536 --rows 400 --updates 1 --rounds 1 \
        --ours-only --set batch_size=24 --set micro_batch=24

The plain update is the same model without what makes ours fast: fp32 products, denormal numbers kept, torch's own
optimisers, dropout and random numbers. Each measurement is a process of its own, since threads inherit how they treat
denormal numbers, and memory is the process's peak. Without --panel the rows are random: 4,006 haplotypes of five
populations. For a model without updates the whole fit is the update. Of a model whose updates are of several kinds,
one after the other, the last kind is measured, which the last column names by its losses.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from evaluate import peak_gb

KINDS = ("ours", "plain")
WARM_UP = 2  # updates that are not counted: they allocate
COLUMNS = (
    "model",
    "preset",
    "variants",
    "rows",
    "ms/update",
    "updates/s",
    "peak GB",
    "plain ms",
    "plain / ours",
    "update",
)


def measure(options: argparse.Namespace) -> dict[str, object]:
    """Train in this process; return milliseconds an update, of each kind and of the last, and the peak of memory."""
    from genome_ac_gan.training.device import prepare_cpu

    prepare_cpu(options.threads)
    if options.measure == "plain":
        make_plain()
    from genome_ac_gan.config import assignments
    from genome_ac_gan.models import GradientModel, create_model
    from genome_ac_gan.training.loop import UNLIMITED

    panel = read(options)
    model = create_model(options.model, preset=options.preset, **assignments(options.set))
    if options.measure == "plain":
        model.precision = "fp32"
    times, kinds = [time.perf_counter()], []
    end = times[0] + options.seconds

    def on_step(step, losses):
        times.append(time.perf_counter())
        kinds.append(" ".join(losses))
        enough = options.updates and step >= options.updates
        return bool(enough or (not options.updates and step > WARM_UP and times[-1] > end))

    if isinstance(model, GradientModel):
        model.last_step = UNLIMITED
    model.fit(panel, seed=1, on_step=on_step)
    taken = np.diff(times if len(times) > 1 else [times[0], time.perf_counter()]) * 1e3
    phases = {kind: warm(taken[[each == kind for each in kinds]]) for kind in dict.fromkeys(kinds)}
    updates = phases[kinds[-1]] if kinds else warm(taken)
    tenth = max(1, len(updates) // 10)
    return {
        "ms": float(np.median(updates)),
        "first_ms": float(np.median(updates[:tenth])),
        "last_ms": float(np.median(updates[-tenth:])),
        "phases": {name: float(np.median(each)) for name, each in phases.items()},
        "first": {name: float(taken[kinds.index(name)]) for name in phases},
        "gb": peak_gb(),
    }


def warm(updates: np.ndarray) -> np.ndarray:
    """Leave the first updates out, as far as there are others."""
    return updates[WARM_UP:] if len(updates) > WARM_UP else updates[-1:]


def make_plain() -> None:
    """Take away what makes an update fast, before any model is imported."""
    import torch

    from genome_ac_gan.nn import blocks, boltzmann
    from genome_ac_gan.training import optimisers

    torch.set_flush_denormal(False)
    blocks.Dropout = torch.nn.Dropout
    boltzmann.bernoulli = lambda p, noise, dtype: (torch.rand(p.shape, generator=noise.rng) < p).to(dtype)
    optimisers.fused_adam = torch.optim.Adam
    optimisers.RMSprop = lambda groups, *, lr, rho, eps: torch.optim.RMSprop(
        groups, lr=lr, alpha=rho, eps=eps
    )


def read(options: argparse.Namespace):
    """Return the panel to train on: a file's, or random rows."""
    from genome_ac_gan.formats import read_panel
    from genome_ac_gan.panel import HaplotypePanel, VariantTable

    if options.panel:
        return read_panel(options.panel, labels=options.labels, label=options.label, legend=options.legend)
    rng = np.random.default_rng(1)
    n, m = options.rows, options.variants[0]
    population = np.sort(rng.integers(5, size=n)).astype(str)
    variants = VariantTable(
        contig=np.full(m, "1"), position=np.arange(1, m + 1) * 200, ref=np.full(m, "A"), alt=np.full(m, "G"), cm=None
    )  # fmt: skip
    rows = rng.random((n, m), np.float32) < rng.beta(0.3, 1, m).astype(np.float32)
    return HaplotypePanel(
        haplotypes=rows.astype(np.uint8), sample_id=np.arange(n).astype(str), labels={"population": population},
        label="population", variants=variants,
    )  # fmt: skip


def in_process(kind: str, arguments: list[str]) -> dict:
    command = [sys.executable, __file__, *arguments, "--measure", kind]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def compare(options: argparse.Namespace, model: str, preset: str, variants: int) -> None:
    """Measure one model at one size in turns with its plain form, and print a row of the table."""
    arguments = [
        "--model",
        model,
        "--preset",
        preset,
        "--variants",
        str(variants),
        "--rows",
        str(options.rows),
    ]
    arguments += ["--seconds", str(options.seconds)]
    for name in ("panel", "labels", "label", "legend", "threads", "updates"):
        if getattr(options, name) is not None:
            arguments += [f"--{name}", str(getattr(options, name))]
    for pair in options.set:
        arguments += ["--set", pair]
    kinds = KINDS[:1] if options.ours_only else KINDS
    rounds = [{kind: in_process(kind, arguments) for kind in kinds} for _ in range(options.rounds)]
    ours = np.median([each["ours"]["ms"] for each in rounds])
    cells = [f"{ours:.1f}", f"{1e3 / ours:.2f}", f"{max(each['ours']['gb'] for each in rounds):.2f}"]
    if len(kinds) == 2:
        ratios = [each["plain"]["ms"] / each["ours"]["ms"] for each in rounds]
        plain = np.median([each["plain"]["ms"] for each in rounds])
        cells += [f"{plain:.1f}", f"{np.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"]
    else:
        cells += ["", ""]
    cells.append(list(rounds[0]["ours"]["phases"] or ["the whole fit"])[-1])
    print(model, preset, variants, options.rows, *cells, sep="\t", flush=True)
    if options.aging:
        first, last = rounds[0]["ours"]["first_ms"], rounds[0]["ours"]["last_ms"]
        print(f"last tenth against first tenth: {last / first:.2f} ({last:.1f} ms, {first:.1f} ms)")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="genome-ac-gan")
    parser.add_argument("--preset", help="the model's first when left out")
    parser.add_argument("--all", action="store_true", help="every preset of every model")
    parser.add_argument("--variants", type=int, nargs="+", default=[805], help="of the random panel")
    parser.add_argument("--rows", type=int, default=4006, help="haplotypes of the random panel")
    parser.add_argument("--panel", type=Path, help="train on this file instead of random rows")
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--label")
    parser.add_argument("--legend", type=Path)
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--updates", type=int, help="a measurement of so many updates instead")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each kind, in turns")
    parser.add_argument(
        "--aging", type=int, metavar="N", help="one measurement of N updates: first and last tenth"
    )
    parser.add_argument("--ours-only", action="store_true")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the model"
    )
    parser.add_argument("--threads", type=int)
    parser.add_argument("--measure", choices=KINDS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options)))
        return
    if options.aging:
        options.updates, options.rounds, options.ours_only = options.aging, 1, True
    from genome_ac_gan.models import MODELS, default_preset

    chosen = [(options.model, options.preset or default_preset(options.model))]
    if options.all:
        chosen = [(name, preset) for name, kind in MODELS.items() for preset in kind.presets]
    print(*COLUMNS, sep="\t")
    for variants in options.variants:
        for model, preset in chosen:
            compare(options, model, preset, variants)


if __name__ == "__main__":
    main()
