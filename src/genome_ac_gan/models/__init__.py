"""The models by name, and how to make one."""

from collections.abc import Mapping
from typing import Any

from genome_ac_gan.config import merge, validate
from genome_ac_gan.errors import ConfigError
from genome_ac_gan.models.base import CONDITIONING, GradientModel, Model
from genome_ac_gan.models.cgan import CGAN
from genome_ac_gan.models.crbm import CRBM
from genome_ac_gan.models.gan import GAN
from genome_ac_gan.models.genome_ac_gan import GenomeACGAN
from genome_ac_gan.models.hclt import HCLT
from genome_ac_gan.models.independent import Independent
from genome_ac_gan.models.labelled import WAYS
from genome_ac_gan.models.li_stephens import LiStephens
from genome_ac_gan.models.likelihood import ConditionalModel, LikelihoodModel
from genome_ac_gan.models.markov import Markov
from genome_ac_gan.models.rbm import RBM
from genome_ac_gan.models.resample import Resample
from genome_ac_gan.models.vae import VAE
from genome_ac_gan.models.wgan_gp import WGANGP

MODELS: dict[str, type[Model]] = {
    "genome-ac-gan": GenomeACGAN,
    "gan": GAN,
    "cgan": CGAN,
    "wgan-gp": WGANGP,
    "vae": VAE,
    "rbm": RBM,
    "crbm": CRBM,
    "hclt": HCLT,
    "markov": Markov,
    "independent": Independent,
    "li-stephens": LiStephens,
    "resample": Resample,
}

__all__ = [
    "CONDITIONING",
    "MODELS",
    "ConditionalModel",
    "GradientModel",
    "LikelihoodModel",
    "Model",
    "create_model",
    "default_preset",
    "model_from_config",
    "model_kind",
    "model_settings",
]


def model_kind(name: str) -> type[Model]:
    """Return the class of a registered model, or a ConfigError that lists the known ones."""
    if name not in MODELS:
        raise ConfigError(f"model {name!r}: unknown; known: {', '.join(MODELS)}")
    return MODELS[name]


def default_preset(name: str) -> str:
    """Return the preset of a model that is meant when none is named."""
    return next(iter(model_kind(name).presets))


def model_settings(name: str, preset: str | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return all settings of a model: those of its preset (None: its first), with `settings` on top.

    Raises
    ------
    ConfigError
        For an unknown model, preset or setting.
    """
    kind = model_kind(name)
    preset = default_preset(name) if preset is None else preset
    if preset not in kind.presets:
        raise ConfigError(f"preset {preset!r} of {name}: unknown; known: {', '.join(kind.presets)}")
    return validate(kind.Config, merge(kind.preset(preset), settings), f"model {name}").model_dump(
        mode="json"
    )


def create_model(name: str, *, preset: str | None = None, **settings: Any) -> Model:
    """Return an untrained model.

    Parameters
    ----------
    name
        A key of `MODELS`.
    preset
        Named set of settings to start from; the model's first when left out.
    **settings
        Settings that replace the preset's, nested as in its file:
        ``create_model("genome-ac-gan", generator={"latent": 64})``.
    """
    return model_from_config(name, model_settings(name, preset, settings))


def model_from_config(name: str, settings: Mapping[str, Any], where: str = "") -> Model:
    """Return an untrained model of complete settings; an unconditional one in what makes it obey labels.

    `where` is the prefix of the places in an error message.
    """
    kind = model_kind(name)
    config = validate(kind.Config, settings, where)
    way = WAYS.get(getattr(config, "conditioning", "network"))
    if way is None:
        return kind(config)
    assert issubclass(kind, GradientModel)
    return way(kind, config)
