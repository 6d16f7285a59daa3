"""The generator and the critic: stacks along the genome with their ends."""

from torch import Tensor, nn

from genome_ac_gan.models.wgan_gp.config import WGANGPConfig
from genome_ac_gan.nn.genomic_conv import ConvPlan, DownStack, UpStack


class Generator(nn.Module):
    """Noise, and a label where there are any, to one logit a site."""

    def __init__(self, config: WGANGPConfig, plan: ConvPlan, n_labels: int) -> None:
        super().__init__()
        self.stack = UpStack(
            plan,
            width=config.width,
            in_channels=config.noise,
            noise_channels=config.noise,
            slope=config.slope,
            n_labels=n_labels,
        )
        self.noise_shapes = [(config.noise, plan.start), *self.stack.noise_shapes]

    def forward(self, noise: list[Tensor], codes: Tensor | None) -> Tensor:
        """Return logits (n, l) for noise tensors (n, *shape) of the `noise_shapes` and class codes (n,)."""
        logits: Tensor = self.stack(noise[0], noise=noise[1:], codes=codes)
        return logits.float()

    def features(self, noise: list[Tensor], codes: Tensor | None) -> Tensor:
        """Return what the last layer reads, (n, channels, positions)."""
        return self.stack.features(noise[0], noise=noise[1:], codes=codes)


class Critic(nn.Module):
    """Packs of rows, and their label where there are any, to a score each."""

    def __init__(self, config: WGANGPConfig, plan: ConvPlan, n_labels: int) -> None:
        super().__init__()
        features = config.critic_features
        self.stack = DownStack(
            plan,
            width=config.width,
            in_channels=config.packing,
            out_channels=features,
            norm=config.critic_norm,
            slope=config.slope,
            n_labels=n_labels,
        )
        layers: list[nn.Module] = [
            nn.LeakyReLU(config.slope),
            nn.Flatten(),
            nn.Linear(features * plan.end, 1),
        ]
        if config.critic_norm == "instance":
            layers.insert(0, nn.InstanceNorm1d(features, affine=True))
        self.head = nn.Sequential(*layers)

    def forward(self, packs: Tensor, codes: Tensor | None) -> Tensor:
        """Return scores (p,) of packs (p, packing, l) and class codes (p,)."""
        score: Tensor = self.head(self.stack(packs, codes=codes))
        return score.squeeze(1).float()
