"""The conditional GAN: the plain one with the label as an input of both networks."""

from collections.abc import Mapping
from typing import Any, ClassVar

from torch import Tensor

from genome_ac_gan.models.gan import GAN, PlainGANConfig
from genome_ac_gan.nn.losses import one_hot


class CGANConfig(PlainGANConfig):
    """A cGAN in every number."""


class CGAN(GAN):
    """Conditional GAN (cGAN): the label is an input of generator and discriminator.

    There is no class loss: that a row belongs to its population is a part of what the
    discriminator calls real, for it sees the pair of both.

    References
    ----------
    Mirza & Osindero 2014, arXiv 1411.1784.
    """

    name = "cgan"
    Config = CGANConfig
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"default": {}}

    def build(self, n_variants: int, n_populations: int) -> None:
        """Set `net` to networks that see the label."""
        self._build(n_variants, n_labels=n_populations)

    def _label(self, codes: Tensor) -> Tensor:
        """Return what both networks see of class codes (n,): one-hot rows (n, k)."""
        return one_hot(codes, len(self.populations))
