"""One training step of some models; the first process saves what came of it. Run alone or by torchrun."""

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


def in_step(world, name, *, buffers=False, **settings):
    """Return how far the weights of the processes are apart after some steps of a model's default preset.

    Buffers may be statistics of each process: they count if they are said to be alike too.
    """
    model = create_model(name, n_steps=5, **settings)
    model.world = world
    model.fit(two_population_toy(np.random.default_rng(0)), seed=3)
    found = [*model.network.parameters(), *(model.network.buffers() if buffers else [])]
    weights = torch.cat([tensor.detach().double().flatten() for tensor in found])
    mean = weights.clone()
    if world.size > 1:
        torch.distributed.all_reduce(mean)
    return (weights - mean / world.size).abs().max()


def machine_step(world, name, **settings):
    """Return what a Boltzmann machine, and its chains where they last, are after one step."""
    model = create_model(name, n_hidden=12, init_sd=0.1, gibbs_steps=3, **settings)
    model.precision, model.world = "fp32", world
    model.fit(two_population_toy(np.random.default_rng(0)), seed=3, on_step=lambda step, losses: True)
    return model.state()


torch.set_num_threads(1)
with process_group(torch.device("cpu")) as world:
    gradients = one_step("code", world) | one_step("paper", world)
    apart = [
        in_step(
            world,
            "genome-ac-gan",
            buffers=True,
            generator={"latent": 8, "widths": [16]},
            batch_size=32,
            likelihood={"n_steps": 2, "calibrate_every": 2},
            discriminator={"first": 1},
        ),
        in_step(world, "wgan-gp", width=1, noise=4, batch_size=24, micro_batch=9, critic_first=1),
    ]
    machines = {
        "persistent": machine_step(world, "rbm", preset="pcd", chains=40),
        "rbm": machine_step(world, "rbm", chains=40, batch_size=40),
        "crbm": machine_step(world, "crbm", chunk=12, context=7, batch_size=40),
    }
    if world.first:
        torch.save({"gradients": gradients, "apart": torch.stack(apart), "machines": machines}, sys.argv[1])
