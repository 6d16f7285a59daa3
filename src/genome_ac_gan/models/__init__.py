"""The models by name, and how to make one."""

from collections.abc import Mapping
from typing import Any

from genome_ac_gan.config import merge, validate
from genome_ac_gan.errors import ConfigError
from genome_ac_gan.models.base import GradientModel, Model
from genome_ac_gan.models.genome_ac_gan import PRESETS, GenomeACGAN, preset_settings

MODELS: dict[str, type[Model]] = {
    "genome-ac-gan": GenomeACGAN,
}

__all__ = ["MODELS", "PRESETS", "GradientModel", "Model", "create_model", "model_settings"]


def model_settings(name: str, preset: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return all settings of a model: those of its preset, with `settings` on top.

    Raises
    ------
    ConfigError
        For an unknown model, preset or setting.
    """
    if name not in MODELS:
        raise ConfigError(f"model {name!r}: unknown; known: {', '.join(MODELS)}")
    if preset not in PRESETS:
        raise ConfigError(f"preset {preset!r} of {name}: unknown; known: {', '.join(PRESETS)}")
    merged = merge(preset_settings(preset), settings)
    return validate(MODELS[name].Config, merged, f"model {name}").model_dump(mode="json")


def create_model(name: str, *, preset: str = "stable", **settings: Any) -> Model:
    """Return an untrained model.

    Parameters
    ----------
    name
        A key of `MODELS`.
    preset
        Named set of settings to start from.
    **settings
        Settings that replace the preset's, nested as in its file:
        ``create_model("genome-ac-gan", generator={"latent": 64})``.
    """
    resolved = model_settings(name, preset, settings)
    return MODELS[name](MODELS[name].Config.model_validate(resolved))
