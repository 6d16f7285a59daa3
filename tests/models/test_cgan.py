"""The conditional GAN: the label is an input of both networks, and it matters."""

import numpy as np
import pytest
import torch
from small_models import drawn, small

from genome_ac_gan.models import create_model, model_settings
from genome_ac_gan.models.gan import GAN


@pytest.fixture
def model(toy):
    return small("cgan").fit(toy, seed=1, on_step=lambda step, losses: True)


def array(tensor):
    return tensor.detach().numpy()


def labels(model, *codes):
    return model._label(torch.tensor(codes))


def test_both_networks_have_an_input_for_each_population_and_no_class_head(model, toy):
    assert isinstance(model, GAN)
    assert model.generator.hidden[0].in_features == model.config.generator.latent + 2
    assert model.discriminator.hidden[0].in_features == toy.n_variants + 2
    outputs = [
        layer.out_features for layer in model.discriminator.modules() if hasattr(layer, "out_features")
    ]
    assert outputs == [*model.config.discriminator.widths, 1]


def test_swapping_labels_changes_scores_and_rows(model, toy):
    x, y = model.encode(toy)
    rows = model._real_rows(x)
    model.network.eval()
    own, swapped = (model._score(rows, labels(model, *codes)) for codes in (y, 1 - y))
    assert (own != swapped).all()
    z = torch.randn(6, model.config.generator.latent, generator=torch.Generator().manual_seed(1))
    a, b = (model.generator(z, labels(model, *[code] * 6)) for code in (0, 1))
    assert ((a - b).abs().max(dim=1).values > 0.01).all()


def test_the_label_stands_after_noise_and_alleles(model):
    """Zeroing the weights of the last k inputs makes either network blind to the label, and to nothing else."""
    model.network.eval()
    with torch.no_grad():
        for network in (model.generator, model.discriminator):
            network.hidden[0].weight[:, -2:] = 0
    z = torch.randn(4, model.config.generator.latent, generator=torch.Generator().manual_seed(1))
    rows = torch.ones(4, len(model.variants))
    a, b = labels(model, 0, 0, 0, 0), labels(model, 1, 1, 1, 1)
    assert torch.equal(model.generator(z, a), model.generator(z, b))
    assert torch.equal(model._score(rows, a), model._score(rows, b))
    assert not torch.equal(model.generator(z, a), model.generator(z + 1, a))


def test_the_discriminator_meets_rows_with_their_labels_and_synthetic_rows_with_those_asked_for(model, toy):
    asked, shown = [], []
    make, step = model._synthetic_rows, model._discriminator_step
    model._synthetic_rows = lambda codes: asked.append(codes) or make(codes)
    model._discriminator_step = lambda rows, validity, given, real: (
        shown.append((given, real)) or step(rows, validity, given, real)
    )
    x, y = model.encode(toy)
    model._update_discriminator(x[40:120], y[40:120], *drawn(model, 80))
    ((given, real),) = shown
    assert torch.equal(given[real], model._label(y[40:120]))
    assert torch.equal(given[~real], model._label(asked[0]))
    assert 0 < int(asked[0].sum()) < 80  # of both populations


def test_labels_of_synthetic_rows_are_as_common_as_in_the_panel(toy):
    unequal = toy[np.concatenate([np.arange(20), np.arange(80, 160)])]  # 20 of A, 80 of B
    model = small("cgan").fit(unequal, seed=1, on_step=lambda step, losses: True)
    assert float(model._synthetic_labels(8000).float().mean()) == pytest.approx(0.8, abs=0.03)


def test_a_discriminator_learns_which_label_belongs_to_a_row_without_a_class_loss(toy):
    """Synthetic rows that are real but of any label: D* gives log(p(x, y) / (p(x) p(y))), here log 2 or less."""
    model = small(
        "cgan", discriminator={"dropout": [0, 0, 0], "r1": 0}, optimiser={"discriminator_lr": 0.005}
    )
    model.fit(toy, seed=1, on_step=lambda step, losses: True)
    x, y = model.encode(toy)
    rows = model._real_rows(x)
    model._synthetic_rows = lambda codes: rows
    for _ in range(120):
        model._update_discriminator(x, y, *drawn(model, len(x)))
    model.network.eval()
    own, swapped = (array(model._score(rows, labels(model, *codes))) for codes in (y, 1 - y))
    assert own.mean() == pytest.approx(np.log(2), abs=0.2)
    assert swapped.max() < -1


def test_five_populations_add_five_inputs_to_either_network_and_nothing_else():
    sizes = []
    for name, settings in (("gan", {"generator": {"output_start": "glorot"}}), ("cgan", {})):
        with torch.device("meta"):
            kind = create_model(name, **settings)
            kind = kind.kind(kind.config) if name == "gan" else kind
            kind.build(100, 5)
        sizes.append(sum(p.numel() for net in (kind.generator, kind.discriminator) for p in net.parameters()))
    widths = kind.config.generator.widths[0] + kind.config.discriminator.widths[0]
    assert sizes[1] - sizes[0] == 5 * widths


def test_the_default_is_the_dense_genome_ac_gan_without_a_class_loss():
    cgan, dense = model_settings("cgan", None, {}), model_settings("genome-ac-gan", "dense", {})
    for section, value in cgan.items():
        if isinstance(value, dict):
            shared = (value.keys() & dense[section].keys()) - {"target_noise"}
            assert len(shared) >= 3
            assert {key: value[key] for key in shared} == {key: dense[section][key] for key in shared}
        else:
            assert value == dense[section]
    assert not cgan["loss"]["target_noise"]
    assert not cgan["discriminator"]["input_noise"]
