"""The model behind a run, in plain words: what it is, how it obeys labels, how it is fitted, where it is from."""

import inspect
from typing import Any

from genome_ac_gan.models import CONDITIONING, MODELS, GradientModel, LikelihoodModel
from genome_ac_gan.report.about import dois_in


def idea(name: str) -> str:
    """Return what a registered model is, in one sentence without its full stop; empty for others."""
    return _documentation(name).partition("\n")[0].removesuffix(".")


def obedience(conditioning: str) -> str:
    """Return how a model comes to obey labels, from the key on its card; empty when the key is unknown."""
    return CONDITIONING.get(conditioning, "")


def takes_updates(name: str) -> bool:
    """Return whether a model is trained step by step; unknown ones are taken to be."""
    return name not in MODELS or issubclass(MODELS[name], GradientModel)


def likelihood(name: str) -> str:
    """Return `exact` or `bound` for a model that knows how probable a haplotype is; empty for others."""
    kind = MODELS.get(name)
    return kind.likelihood if kind is not None and issubclass(kind, LikelihoodModel) else ""


def sources(name: str) -> list[str]:
    """Return the DOIs that a registered model's documentation names; none for others."""
    return dois_in(_documentation(name))


def cited(name: str) -> dict[str, Any] | None:
    """Return name and DOIs of a registered model, but not of the one that the page cites anyway."""
    found = sources(name)
    return {"name": name, "dois": found} if found and name != "genome-ac-gan" else None


def _documentation(name: str) -> str:
    return inspect.getdoc(MODELS[name]) or "" if name in MODELS else ""
