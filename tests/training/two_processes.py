"""One training step of two presets; the first process saves the gradients. Run alone or by torchrun."""

import sys

import numpy as np
import torch

from genome_ac_gan.models import create_model
from genome_ac_gan.simulate import two_population_toy
from genome_ac_gan.training.parallel import process_group


def one_step(preset, world):
    model = create_model(
        "genome-ac-gan",
        preset=preset,
        generator={"latent": 8},
        # one update of the discriminator and no dropout: masks are each process's own
        discriminator={"dropout": [0, 0, 0], "batches": "joint"},
        # a step too small to matter: RMSprop's first one would blow rounding up to its sign
        optimiser={"generator_lr": 1e-12, "discriminator_lr": 1e-12},
        batch_size=32,
    )
    model.precision, model.world = "fp32", world
    model.fit(two_population_toy(np.random.default_rng(0)), seed=3, on_step=lambda step, losses: True)
    return {f"{preset}/{name}": p.grad for name, p in model.network.named_parameters() if p.grad is not None}


torch.set_num_threads(1)
with process_group(torch.device("cpu")) as world:
    gradients = one_step("code", world) | one_step("paper", world)
    if world.first:
        torch.save(gradients, sys.argv[1])
