"""The central object: phased haplotypes with their people, populations and variants."""

from genome_ac_gan.panel.haplotypes import MISSING, UNLABELLED, HaplotypePanel, concat
from genome_ac_gan.panel.npz import load_panel, load_variants, save_panel, save_variants
from genome_ac_gan.panel.split import Split, split_by_file, split_by_person
from genome_ac_gan.panel.summary import summarise
from genome_ac_gan.panel.variants import VariantTable

__all__ = [
    "MISSING",
    "UNLABELLED",
    "HaplotypePanel",
    "Split",
    "VariantTable",
    "concat",
    "load_panel",
    "load_variants",
    "save_panel",
    "save_variants",
    "split_by_file",
    "split_by_person",
    "summarise",
]
