"""Small forms of every registered model and preset, for the tests."""

import torch

from genome_ac_gan.models import MODELS, create_model

# What makes each preset of each model small enough for a test; one that is missing here fails the contract.
SMALL = {
    ("genome-ac-gan", "stable"): {
        "generator": {"latent": 8, "widths": [24], "span": 9},
        "likelihood": {"n_steps": 12, "calibrations": 1, "calibrate_every": 3},
        "discriminator": {"widths": [32, 16, 8], "first": 2},
    },
    ("genome-ac-gan", "dense"): {
        "generator": {"latent": 8, "widths": [24, 32]},
        "discriminator": {"widths": [32, 16, 8]},
    },
    ("genome-ac-gan", "paper"): {"generator": {"latent": 8}},
    ("genome-ac-gan", "code"): {"generator": {"latent": 8}},
    ("genome-ac-gan", "cce"): {
        "generator": {"latent": 8, "widths": [24], "span": 9},
        "likelihood": {"n_steps": 12, "calibrations": 1, "calibrate_every": 3},
        "discriminator": {"widths": [32, 16, 8], "first": 2},
    },
    ("gan", "default"): {
        "generator": {"latent": 8, "widths": [24, 32]},
        "discriminator": {"widths": [32, 16, 8]},
    },
    ("gan", "yelmen2021"): {},
    ("cgan", "default"): {
        "generator": {"latent": 8, "widths": [24, 32]},
        "discriminator": {"widths": [32, 16, 8]},
    },
    ("wgan-gp", "default"): {"width": 1, "noise": 8, "batch_size": 30, "critic_steps": 2, "critic_first": 2},
    ("wgan-gp", "wgan23"): {"width": 2, "batch_size": 30, "critic_steps": 2},
    ("vae", "default"): {"latent": 8, "widths": [32]},
    # A few updates teach it one row, whatever the noise, so that rounding would hide the seed.
    ("vae", "yelmen2023"): {"width": 2, "output_noise": 1},
    ("rbm", "default"): {"n_hidden": 12, "chains": 32},
    ("rbm", "rbm23"): {"n_hidden": 12, "chains": 32, "gibbs_steps": 5},
    ("rbm", "pcd"): {"n_hidden": 12, "chains": 50, "gibbs_steps": 2, "sampling_steps": 10},
    ("crbm", "default"): {"n_hidden": 12, "chunk": 12, "context": 7},
    ("crbm", "genomator"): {"n_hidden": 12, "chunk": 17, "context": 17, "gibbs_steps": 5},
    ("hclt", "default"): {"n_states": 4, "window": 6},
    ("hclt", "kinds"): {"n_states": 4, "window": 6, "n_components": 2},
    ("hclt", "large"): {"n_states": 5, "window": 6},
    ("markov", "default"): {},
    ("markov", "order-5"): {},
    ("markov", "order-10"): {},
    ("independent", "default"): {},
    ("li-stephens", "default"): {},
    ("li-stephens", "hapgen"): {},
    ("li-stephens", "private"): {},
    ("resample", "default"): {},
}
STEPS = {"batch_size": 32, "n_steps": 60, "n_epochs": None}  # on top, for models that have such settings
EVERY = [(name, preset) for name, kind in MODELS.items() for preset in kind.presets]


def small(name, preset=None, **settings):
    """Make a small model of a preset, with settings on top."""
    preset = next(iter(MODELS[name].presets)) if preset is None else preset
    steps = {key: value for key, value in STEPS.items() if key in MODELS[name].Config.model_fields}
    chosen = {**steps, **SMALL[name, preset]}
    for key, value in settings.items():
        chosen[key] = {**chosen.get(key, {}), **value} if isinstance(value, dict) else value
    if "n_steps" not in MODELS[name].Config.model_fields:
        chosen.pop("n_steps", None)  # nothing to count
    model = create_model(name, preset=preset, **chosen)
    model.precision = "fp32"
    return model


def drawn(model, n):
    """Return what a GAN shows its discriminator: class codes (n,) and rows (n, l)."""
    with torch.no_grad():
        return model._synthetic_batch(n)
