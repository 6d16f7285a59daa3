"""Resampled rows are rows of the training panel, of the population asked for."""

import numpy as np
import pytest
import torch

from genome_ac_gan.models import create_model
from genome_ac_gan.models.resample import packed, unpacked


def test_every_row_is_a_training_row_of_its_population(toy):
    shuffled = toy[
        np.random.default_rng(0).permutation(toy.n_people).repeat(2) * 2 + np.tile([0, 1], toy.n_people)
    ]
    model = create_model("resample").fit(shuffled, seed=1)
    drawn = model.sample({"B": 300, "A": 200}, seed=2)
    for name in ("A", "B"):
        known = {row.tobytes() for row in toy.of(name).haplotypes}
        assert {row.tobytes() for row in drawn.of(name).haplotypes} <= known


def test_rows_of_a_population_are_equally_likely(toy):
    numbered = np.unpackbits(np.arange(toy.n_haplotypes, dtype=np.uint8)[:, None], axis=1)
    panel = toy.select_variants(slice(0, 8))._with(haplotypes=numbered)
    n = 80_000
    drawn = np.packbits(create_model("resample").fit(panel, seed=1).sample({"A": n}, seed=1).haplotypes)
    times = np.bincount(drawn, minlength=toy.n_haplotypes)
    of_a = np.flatnonzero(toy.population == "A")
    assert times.sum() == times[of_a].sum() == n
    assert np.abs(times[of_a] - n / 80).max() < 4.5 * np.sqrt(n / 80)


@pytest.mark.parametrize("n_variants", [1, 7, 8, 9, 34])
def test_bits_are_read_back_as_alleles(n_variants):
    x = torch.randint(0, 2, (5, n_variants), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    bits = packed(x)
    assert bits.shape == (5, -(-n_variants // 8))
    assert torch.equal(unpacked(bits, n_variants), x)


def test_its_folder_says_what_is_in_it():
    assert create_model("resample").stores_training_data
