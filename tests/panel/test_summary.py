"""The people table, contigs and frequency classes, on a panel small enough to count by hand."""

import json

import numpy as np
import pytest

from genome_ac_gan.panel import HaplotypePanel, VariantTable, summarise
from genome_ac_gan.panel.summary import nested_levels

POP = ["GBR", "GBR", "GBR", "YRI", "YRI", "TSI", "TSI", "TSI"]  # by person; the last one is haploid
CONTINENT = {"GBR": "EUR", "TSI": "EUR", "YRI": "AFR"}


@pytest.fixture
def people():
    people = np.append(np.repeat(np.arange(7), 2), 7)  # 15 rows
    pop = np.array(POP)[people]
    alleles = np.zeros((15, 4), dtype=np.uint8)
    alleles[0, 1] = 1  # a singleton
    alleles[1:, 2] = 1  # a singleton of the reference allele
    alleles[:7, 3] = 1
    labels = {"pop": pop, "super_pop": np.array([CONTINENT[name] for name in pop.tolist()])}
    variants = VariantTable(
        contig=np.array(["1", "1", "1", "X"]), position=np.array([10, 20, 90, 5]), ref=np.array(["A"] * 4),
        alt=np.array(["G"] * 4), cm=np.array([1.0, 1.5, 3.25, 7.0]),
    )  # fmt: skip
    ids = np.array([f"p{number}" for number in people])
    return HaplotypePanel(
        haplotypes=alleles, sample_id=ids, labels=labels, label="super_pop", variants=variants
    )


def test_people_and_haplotypes_by_continent(people):
    assert summarise(people)["populations"] == [
        {"group": "AFR", "population": "YRI", "people": 2, "haplotypes": 4},
        {"group": "EUR", "population": "GBR", "people": 3, "haplotypes": 6},
        {"group": "EUR", "population": "TSI", "people": 3, "haplotypes": 5},
    ]


def test_either_level_may_be_the_label(people):
    assert nested_levels(people) == ("super_pop", "pop")
    assert nested_levels(people.with_population("pop")) == ("super_pop", "pop")


def test_one_level_has_no_groups(people):
    alone = HaplotypePanel(
        haplotypes=people.haplotypes, sample_id=people.sample_id,
        labels={"pop": people.labels["pop"]}, label="pop", variants=people.variants,
    )  # fmt: skip
    assert [row["haplotypes"] for row in summarise(alone)["populations"]] == [6, 5, 4]
    assert "group" not in summarise(alone)["populations"][0]


def test_crossed_columns_are_not_nested(people):
    sex = np.where(people.person % 2 == 0, "f", "m")
    crossed = HaplotypePanel(
        haplotypes=people.haplotypes, sample_id=people.sample_id,
        labels={"pop": people.labels["pop"], "sex": sex}, label="pop", variants=people.variants,
    )  # fmt: skip
    assert nested_levels(crossed) == (None, "pop")


def test_contigs_and_frequency_classes(people):
    record = summarise(people)
    assert record["contigs"] == [
        {"contig": "1", "variants": 3, "first": 10, "last": 90, "cm": 2.25},
        {"contig": "X", "variants": 1, "first": 5, "last": 5, "cm": 0.0},
    ]
    assert record["maf_classes"] == {
        "monomorphic": 1,
        "singletons": 2,
        "< 1%": 0,
        "1% to < 5%": 0,
        ">= 5%": 3,
    }
    assert record["people"] == 8
    assert record["haplotypes"] == 15


def test_the_record_is_json(people):
    assert json.loads(json.dumps(summarise(people))) == summarise(people)
