"""How an update and the memory of the default recipe grow with variants, populations and haplotypes, and a plot of it.

    PYTHONPATH=src python benchmarks/growth.py [--work runs/growth] [--plot docs/models/growth.svg]

One panel is simulated (the extra `sim`; 50,000 variants of 50 Mb, 2,000 people of five populations, some eight
minutes) and kept in the working folder; each measurement takes a part of it, in a process of its own. While one size
grows the others stay: 5,000 variants, 5 populations, 4,000 haplotypes. Populations are dealt out to the people in
turn, because how many there are costs, not which. Told apart: an update by likelihood and one of the game (medians of
23 and some 13), and what is done once, in seconds (screening before the first update; axes and calibrations before the
game). One further calibration, an eighth of that or less, falls on every 50th update of the game. A table on stdout, a
row a measurement; `--from TABLE` draws the plot from such a table again.
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
    "populations": (1, 5, 26, 52),
    "haplotypes": (500, 1000, 2000, 4000),
}
FEW = ("likelihood.n_steps=25", "discriminator.first=0")
COLUMNS = ("growing", *SIZES, "likelihood_ms", "game_ms", "once_s", "peak_gb")


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


def measured(panel, work: Path, growing: str, size: int) -> list:
    """Return the row of the table for one size."""
    from genome_ac_gan.panel import save_panel

    sizes = SIZES | {growing: size}
    save_panel(part_of(panel, **sizes), work / "part.npz")
    settings = [word for pair in FEW for word in ("--set", pair)]
    found = in_process("ours", ["--panel", str(work / "part.npz"), "--updates", "40", *settings])
    game = next(name for name in found["phases"] if "generator_validity" in name)
    likelihood, played = found["phases"]["negative_log_likelihood"], found["phases"][game]
    once = found["first"]["negative_log_likelihood"] + found["first"][game] - likelihood - played
    return [growing, *sizes.values(), likelihood, played, once / 1e3, found["gb"]]


def plot(table: pd.DataFrame, target: Path) -> None:
    """Draw time and memory over each size, beside a line of even growth from 5,000 variants, and save it as SVG."""
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
    for (upper, lower), growing in zip(axes.T, SERIES, strict=True):
        part = table[table["growing"] == growing]
        for column, colour in (("likelihood_ms", "#0072B2"), ("game_ms", "#D55E00")):
            upper.plot(part[growing], part[column], "o-", color=colour, label=column.removesuffix("_ms"))
        lower.plot(part[growing], part["peak_gb"], "o-", color="#555555")
        if growing != "variants":
            upper.set_ylim(0, 1.1 * part["game_ms"].max())
        lower.set(xscale="log", xlabel=growing, ylim=(0, 1.1 * part["peak_gb"].max()))
        lower.set_xticks(SERIES[growing], [f"{size:,}" for size in SERIES[growing]], rotation=30)
        lower.minorticks_off()
    large = table[(table["growing"] == "variants") & (table["variants"] >= SIZES["variants"])]
    even = large["game_ms"].iloc[0] * large["variants"] / large["variants"].iloc[0]
    axes[0, 0].plot(large["variants"], even, ":", color="#999999", label="as variants grow")
    axes[0, 0].set(yscale="log", ylabel="milliseconds an update")
    axes[0, 0].legend(frameon=False)
    axes[1, 0].set_ylabel("peak memory, GB")
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
        print(*COLUMNS, sep="\t", flush=True)
        for growing, sizes in SERIES.items():
            for size in sizes:
                rows.append(measured(panel, options.work, growing, size))
                print(*rows[-1][:4], *(f"{value:.4g}" for value in rows[-1][4:]), sep="\t", flush=True)
        table = pd.DataFrame(rows, columns=COLUMNS)
    if options.plot:
        plot(table, options.plot)


if __name__ == "__main__":
    main()
