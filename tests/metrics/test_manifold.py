"""Precision, recall, density and coverage of sets that are wrong in a known way."""

from dataclasses import replace
from math import comb

import numpy as np
import pytest

from genome_ac_gan.metrics import METRICS, evaluate
from genome_ac_gan.popgen.distance import hamming, within
from genome_ac_gan.popgen.manifold import manifold_verdicts

NAMES = ("precision", "recall", "density", "coverage")


def judged(data, population="all"):
    table = evaluate(data, ["manifold"], seed=1).table
    rows = table[table.population == population]
    return dict(zip(rows.statistic, rows.value, strict=True))


def with_rows(data, chosen):
    synthetic = data.synthetic
    return replace(data, synthetic=replace(synthetic, haplotypes=synthetic.haplotypes[chosen]))


def test_one_draw_of_everything_is_the_mean_of_the_verdicts(comparison):
    synthetic = comparison.synthetic[np.r_[0:120, 240:320]]
    found = manifold_verdicts(
        within(comparison.holdout.haplotypes), within(synthetic.haplotypes),
        hamming(comparison.holdout.haplotypes, synthetic.haplotypes), 5,
    )  # fmt: skip
    ours = judged(replace(comparison, synthetic=synthetic))
    assert ours == pytest.approx({name: getattr(found, name).mean() for name in NAMES})


def test_fresh_people_score_what_the_docstring_promises(comparison):
    ours = judged(comparison)
    assert METRICS["manifold"].ideal == 1 - 2**-5
    assert ours["coverage"] == pytest.approx(1 - comb(199, 5) / comb(399, 5), abs=0.03)
    assert ours["density"] == pytest.approx(1, abs=0.15)
    assert min(ours["precision"], ours["recall"]) > 0.9


def test_few_kinds_are_precise_and_cover_little(comparison):
    ours = judged(with_rows(comparison, np.resize(np.r_[0:4, 240:244], 400)))
    assert ours["precision"] > 0.8
    assert ours["coverage"] < 0.3
    assert ours["recall"] < 0.3


def test_noise_is_not_among_real_people(comparison):
    noise = np.random.default_rng(0).integers(0, 2, comparison.synthetic.haplotypes.shape, dtype=np.uint8)
    ours = judged(replace(comparison, synthetic=replace(comparison.synthetic, haplotypes=noise)))
    assert ours["precision"] == ours["density"] == ours["coverage"] == 0


def test_copies_of_the_people_judged_by_cover_more_than_fresh_people(comparison):
    holdout = comparison.holdout
    copies = replace(holdout, sample_id=np.char.add("copy", holdout.sample_id))
    ours = judged(replace(comparison, synthetic=copies))
    assert ours["coverage"] == ours["precision"] == ours["recall"] == 1
    assert ours["coverage"] > METRICS["manifold"].ideal


def test_a_population_is_judged_among_its_own_people(comparison):
    swapped = {"AFR": "EUR", "EUR": "AFR"}
    synthetic = comparison.synthetic
    labels = {"pop": np.array([swapped[name] for name in synthetic.population])}
    ours = judged(replace(comparison, synthetic=replace(synthetic, labels=labels)), "EUR")
    assert ours["coverage"] < 0.2
    assert judged(comparison, "EUR")["coverage"] > 0.9
