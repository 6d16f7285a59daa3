"""One update of a hidden Chow-Liu tree over the whole panel, by levels of the tree and node by node.

    PYTHONPATH=src python benchmarks/hclt.py [--states 32] [--slow]

On the training people of the paper's split, 4,006 haplotypes of 10,000 SNPs and five continents: seconds for the tree,
for the clusters that states start from, for counting (the pass over the data; the median of three) and for
maximisation, and the peak memory of the process so far in 1e9 bytes. The pass is in the format of a training, bfloat16
where the processor has it, and then in float32. `--slow` counts node by node too, in float32 and the same process, and
compares the counts. A table on stdout. `THP_MEM_ALLOC_ENABLE=1` before the command gives large arrays large pages, as
the command line does.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from evaluate import peak_gb

DATA = Path("data")


def training_panel():
    """Return the training haplotypes of the paper's split, labelled by continent."""
    from genome_ac_gan.formats import read_panel
    from genome_ac_gan.formats.labels import read_split
    from genome_ac_gan.panel import split_by_file

    panel = read_panel(DATA / "kgp3_chr15_10k.vcf.gz", labels=DATA / "kgp3_samples.panel", label="super_pop")
    return split_by_file(panel, read_split(DATA / "kgp3_chr15_10k.split.tsv")).train


def seconds(work):
    """Return how long a call takes, and what it returns."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def counted_by_node(model, x, y):
    """Return the same, one node after the other, children before parents and back."""
    from genome_ac_gan.nn.latent_tree import Counts

    tree, counts = model.tree, Counts.none(model.tree)
    order = tree.order.tolist()
    place = {column: i for i, column in enumerate(order)}
    parent = [place.get(int(tree.parent[column]), -1) for column in order]
    for label, rows in model._parts(y):
        seen = x[rows][:, tree.order].T.float()
        own = tree.transition[label]
        message = [
            torch.addcmul(1 - c[:, None], s[None], 2 * c[:, None] - 1)
            for c, s in zip(tree.carry, seen, strict=True)
        ]
        heard = [torch.empty(0)] * len(order)
        for i in reversed(range(len(order))):
            message[i] /= message[i].mean(dim=0)
            heard[i] = own[i] @ message[i]
            if parent[i] >= 0:
                message[parent[i]] *= heard[i]
        belief = []
        for i, above in enumerate(parent):
            if above >= 0:
                towards = belief[above] / heard[i]
            else:
                towards = torch.zeros_like(heard[i])
                towards[0] = 1 / heard[i][0]
            here = (own[i].T @ towards) * message[i]
            belief.append(here / here.sum(dim=0))
            counts.pairs[label, i] += (towards @ message[i].T) * own[i]
            counts.shown[1, i] += belief[i] @ seen[i]
            counts.shown[0, i] += belief[i] @ (1 - seen[i])
    return counts


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--states", type=int, default=32)
    parser.add_argument("--slow", action="store_true")
    options = parser.parse_args()

    from genome_ac_gan.models import create_model
    from genome_ac_gan.nn.latent_tree_learning import clustered, expected_counts, maximise
    from genome_ac_gan.popgen.dependence import chow_liu_tree
    from genome_ac_gan.training.device import product_dtype

    torch.set_flush_denormal(True)
    panel = training_panel()
    model = create_model("hclt", n_states=options.states)
    model.prepare(panel, seed=1)
    x, y = model.encode(panel)
    found = {}
    found["tree_s"], parent = seconds(
        lambda: chow_liu_tree(panel.haplotypes, y.numpy(), panel.variants.contig)
    )
    model._plant(parent)
    found["levels"] = len(model.tree.levels)
    start = torch.Generator().manual_seed(1)
    found["clusters_s"], counts = seconds(
        lambda: clustered(model.tree, x, x, y, start, window=model.config.window)
    )
    found["maximise_s"], _ = seconds(lambda: maximise(model.tree, counts, model.groups, model.shrinkage))
    formats = {"": product_dtype(torch.device("cpu"), "auto"), "fp32_": torch.float32}
    for name, dtype in formats.items():
        passes = [seconds(lambda dtype=dtype: expected_counts(model.tree, x, y, dtype)[0]) for _ in range(3)]
        found[f"{name}pass_s"] = float(np.median([time for time, _ in passes]))
        found[f"{name}peak_gb"] = peak_gb()
    if options.slow:
        found["by_node_s"], slow = seconds(lambda: counted_by_node(model, x, y))
        found["times_faster"] = found["by_node_s"] / found["pass_s"]
        found["fp32_times_faster"] = found["by_node_s"] / found["fp32_pass_s"]
        found["largest_difference"] = float((passes[-1][1].pairs - slow.pairs).abs().max())
    print("\t".join(["states", *found]))
    print("\t".join([str(options.states), *(f"{value:.3g}" for value in found.values())]))


if __name__ == "__main__":
    main()
