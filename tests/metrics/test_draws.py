import numpy as np
import pytest

from genome_ac_gan.metrics.base import weighted_row
from genome_ac_gan.metrics.draws import drawn_people, weightings


def test_the_first_weighting_is_equal_and_draws_without_a_value_do_not_count(comparison):
    weights = weightings(comparison.holdout, 3, np.random.default_rng(0))
    assert weights.shape == (4, 200)
    assert (weights[0] == 1).all()
    assert np.array_equal(weights[:, ::2], weights[:, 1::2])  # both haplotypes of a person
    row = weighted_row("all", "x", np.array([2.0, np.nan, 1.0, 3.0]), 7)
    assert (row["value"], row["n"]) == (2, 7)
    assert row["lower"] == pytest.approx(1.05)
    alone = weighted_row("all", "x", np.array([2.0, np.nan]), 7)
    assert alone["lower"] == alone["upper"] == 2


def test_people_are_drawn_by_population_and_whole(comparison):
    panel = comparison.holdout
    chosen = drawn_people(panel, panel.population, {"AFR": 7, "EUR": 40}, np.random.default_rng(0))
    population = panel.population[panel.first_rows]
    assert chosen.shape == (100,)
    assert chosen[population == "AFR"].sum() == 7
    assert chosen[population == "EUR"].all()
