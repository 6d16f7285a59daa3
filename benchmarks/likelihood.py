"""How probable held-out haplotypes are to the exact model of a run, as a mixture over populations too.

    PYTHONPATH=src python benchmarks/likelihood.py runs/exact/cells/chr15/hclt/seed-1 [--alone AFR --rows 800]

A table on stdout, nats a haplotype (natural logarithm): given the population, in all and each; `mixture`, the log of
the sum over populations of its share of training haplotypes times the probability given it; and the share of
haplotypes whose population is the likeliest. `--alone` trains another model of the same settings on so many haplotypes
of one population, whole people, for as many passes as validation people of it gain by (20 at most), and tells what
held-out haplotypes of it have there.
"""

import argparse
from pathlib import Path

import numpy as np
import torch


def alone(model, panels, name, n_rows):
    """Return what validation and held-out haplotypes of a population have when it is learned alone, and the pass."""
    from genome_ac_gan.models import model_from_config

    train, validation, holdout = (panel.of(name) for panel in panels)
    people = np.random.default_rng(1).permutation(train.n_people)[: n_rows // 2]
    best = (-np.inf, 0, 0.0)

    def on_step(step, losses):
        nonlocal best
        found = float(own.log_likelihood(validation).mean())
        best = max(best, (found, step, float(own.log_likelihood(holdout).mean())))
        return step - best[1] >= 3

    own = model_from_config(model.name, model.config.model_dump(mode="json"))
    own.last_step = 20
    own.fit(train[np.isin(train.person, people)], seed=1, on_step=on_step)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--alone", metavar="POPULATION")
    parser.add_argument("--rows", type=int, default=800)
    options = parser.parse_args()

    from genome_ac_gan.checkpoint import load_model
    from genome_ac_gan.panel import load_panel

    torch.set_flush_denormal(True)
    model = load_model(options.run / "model")
    panels = [load_panel(options.run / f"{name}.npz") for name in ("train", "validation", "holdout")]
    holdout = panels[-1]
    found = model.log_likelihood_by_population(holdout)
    own = found[np.arange(holdout.n_haplotypes), np.searchsorted(model.populations, holdout.population)]
    joint = found + model.log_prior
    print("what\tnats")
    print(f"given the population\t{own.mean():.2f}")
    for name in model.populations:
        print(f"{name}\t{own[holdout.population == name].mean():.2f}")
    print(f"mixture\t{np.logaddexp.reduce(joint, axis=1).mean():.2f}")
    right = np.array(model.populations)[joint.argmax(axis=1)] == holdout.population
    print(f"population told\t{right.mean():.3f}")
    if options.alone:
        validation, step, test = alone(model, panels, options.alone, options.rows)
        print(f"{options.alone} alone, validation, pass {step}\t{validation:.2f}")
        print(f"{options.alone} alone\t{test:.2f}")


if __name__ == "__main__":
    main()
