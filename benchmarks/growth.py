"""How an update and the memory of the default recipe grow with variants, populations and haplotypes, and a plot of it.

    PYTHONPATH=src python benchmarks/growth.py [--work runs/growth] [--plot docs/models/growth.svg]

One panel is simulated (the extra `sim`; 50,000 variants of 50 Mb, 2,000 people of five populations, some eight
minutes) and kept in the working folder; each measurement takes a part of it, in a process of its own. While one size
grows the others stay: 5,000 variants, 5 populations, 4,000 haplotypes. Populations are dealt out to the people in
turn, because how many there are costs, not which. A table on stdout, one row a measurement; `--from TABLE` draws the
plot from such a table again.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from training import in_process

PEOPLE = dict.fromkeys(("YRI", "CEU", "CHB", "JPT", "ADMIX"), 400)
SIZES = {"variants": 5000, "populations": 5, "haplotypes": 4000}
SERIES = {
    "variants": (805, 2000, 5000, 10_000, 20_000, 50_000),
    "populations": (1, 5, 26, 100),
    "haplotypes": (500, 1000, 2000, 4000),
}
FEW = ("likelihood.n_steps=25", "likelihood.calibrations=1", "discriminator.first=0")
KINDS = {"negative_log_likelihood": "likelihood", "discriminator_validity": "game"}


def simulated(work: Path):
    """Return the largest panel, simulated once."""
    from genome_ac_gan.panel import load_panel, save_panel
    from genome_ac_gan.simulate import simulate_panel

    path = work / "panel.npz"
    if not path.exists():
        print(f"simulating {path}", file=sys.stderr)
        panel = simulate_panel(PEOPLE, n_variants=max(SERIES["variants"]), length=50_000_000, seed=1)
        save_panel(panel, path)
    return load_panel(path)


def part_of(panel, *, variants: int, populations: int, haplotypes: int):
    """Return people from all over the panel, its first variants, and populations dealt out in turn."""
    from genome_ac_gan.panel import HaplotypePanel

    people = np.linspace(0, panel.n_haplotypes // 2 - 1, haplotypes // 2).round().astype(int)
    part = panel[(2 * people[:, None] + [0, 1]).ravel()].select_variants(slice(variants))
    name = np.char.add("P", (np.arange(haplotypes) // 2 % populations).astype(str))
    return HaplotypePanel(
        haplotypes=part.haplotypes, sample_id=part.sample_id, labels={"population": name},
        label="population", variants=part.variants,
    )  # fmt: skip


def measured(panel, work: Path, growing: str, size: int) -> list[dict[str, object]]:
    """Return the rows of the table for one size: one a kind of update."""
    from genome_ac_gan.panel import save_panel

    sizes = SIZES | {growing: size}
    save_panel(part_of(panel, **sizes), work / "part.npz")
    settings = [word for pair in FEW for word in ("--set", pair)]
    found = in_process("ours", ["--panel", str(work / "part.npz"), "--updates", "40", *settings])
    times = [(KINDS[name], ms) for name, ms in found["phases"].items()]
    return [
        {"growing": growing, **sizes, "update": kind, "ms": ms, "peak_gb": found["gb"]} for kind, ms in times
    ]


def plot(table: pd.DataFrame, target: Path) -> None:
    """Draw time and memory over each size, with a line of even growth through the smallest, and save it as SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    plt.rcParams |= {
        "svg.hashsalt": "growth",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    figure, axes = plt.subplots(2, 3, figsize=(9.5, 5.2), sharex="col", layout="constrained")
    for column, growing in enumerate(SERIES):
        part = table[table["growing"] == growing]
        for kind, colour in (("likelihood", "#0072B2"), ("game", "#D55E00")):
            own = part[part["update"] == kind]
            axes[0, column].plot(own[growing], own["ms"], "o-", color=colour, label=kind)
        memory = part.drop_duplicates(growing)
        axes[1, column].plot(memory[growing], memory["peak_gb"], "o-", color="#555555")
        if growing == "variants":
            own = part[(part["update"] == "game") & (part["variants"] >= SIZES["variants"])]
            even = own["ms"].iloc[0] * own["variants"] / own["variants"].iloc[0]
            axes[0, column].plot(
                own["variants"], even, ":", color="#999999", label="as many times as variants"
            )
        for row in (0, 1):
            axes[row, column].set(xscale="log", ylim=(0, None))
            axes[row, column].set_xticks(
                SERIES[growing], [f"{size:,}" for size in SERIES[growing]], rotation=30
            )
            axes[row, column].minorticks_off()
        axes[1, column].set_xlabel(growing)
        if growing == "variants":
            axes[0, column].set(yscale="log", ylim=(None, None))
    axes[0, 0].set_ylabel("milliseconds an update")
    axes[1, 0].set_ylabel("peak memory, GB")
    axes[0, 0].legend(frameon=False)
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, default=Path("runs/growth"))
    parser.add_argument("--plot", type=Path, help="where to save the plot, an SVG")
    parser.add_argument("--from", type=Path, dest="table", help="draw this table instead of measuring")
    options = parser.parse_args()
    if options.table:
        table = pd.read_table(options.table)
    else:
        options.work.mkdir(parents=True, exist_ok=True)
        panel, rows = simulated(options.work), []
        for growing, sizes in SERIES.items():
            for size in sizes:
                rows += measured(panel, options.work, growing, size)
                print(f"{growing} {size}: {rows[-1]['ms']:.0f} ms", file=sys.stderr)
        table = pd.DataFrame(rows)
        table.to_csv(sys.stdout, sep="\t", index=False, float_format="%.3g")
    if options.plot:
        plot(table, options.plot)


if __name__ == "__main__":
    main()
