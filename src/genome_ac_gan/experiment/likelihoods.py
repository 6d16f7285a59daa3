"""How probable the haplotypes of a panel are to a kept model, and to which population they belong."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from genome_ac_gan.checkpoint import require_variants
from genome_ac_gan.errors import PanelError, some
from genome_ac_gan.experiment.kept import open_kept
from genome_ac_gan.experiment.train import Notice, silent
from genome_ac_gan.models import MODELS, LikelihoodModel
from genome_ac_gan.panel import HaplotypePanel

if TYPE_CHECKING:
    from pandas import DataFrame


def likelihoods(
    path: Path,
    panel: HaplotypePanel,
    *,
    device: str = "auto",
    threads: int | None = None,
    on_notice: Notice = silent,
) -> "DataFrame":
    """Return a row for each haplotype of a panel, in its order.

    Parameters
    ----------
    path
        Model or run folder of a `LikelihoodModel`.
    panel
        Haplotypes over the model's variants; labels are not needed.

    Returns
    -------
    Columns `sample`, `haplotype` (1, 2, ... within the sample), `population` (of the panel);
    `log_likelihood`, the natural log of the mixture of all populations of the model by their
    training shares; `likeliest` population; and for each population `log_likelihood_NAME`,
    given it, and `posterior_NAME`, its probability given the haplotype. For models with a
    bound on the likelihood all of it rests on the bounds.

    Raises
    ------
    PanelError
        When the model knows no likelihood.
    CheckpointError
        When the variants are not its own.
    """
    import pandas as pd

    kept = open_kept(path, device=device, threads=threads, on_notice=on_notice)
    model = kept.model
    if not isinstance(model, LikelihoodModel):
        able = [name for name, kind in MODELS.items() if issubclass(kind, LikelihoodModel)]
        raise PanelError(f"{kept.folder}: {model.name} knows no likelihood; models that do: {some(able, 9)}")
    require_variants(model, panel.variants, kept.folder)
    if model.likelihood == "bound":
        on_notice(f"{model.name} knows a lower bound of the likelihood: posteriors are approximate")
    given = model.log_likelihood_by_population(panel)
    joint = given + model.log_prior
    mixture = np.logaddexp.reduce(joint, axis=1)
    columns = {
        "sample": panel.sample_id,
        "haplotype": np.arange(panel.n_haplotypes) - panel.first_rows[panel.person] + 1,
        "population": panel.population,
        "log_likelihood": mixture,
        "likeliest": np.array(model.populations)[joint.argmax(axis=1)],
    }
    for code, name in enumerate(model.populations):
        columns[f"log_likelihood_{name}"] = given[:, code]
    for code, name in enumerate(model.populations):
        columns[f"posterior_{name}"] = np.exp(joint[:, code] - mixture)
    return pd.DataFrame(columns)
