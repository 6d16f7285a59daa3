"""Metrics of what synthetic haplotypes give away about the people a model was trained on."""
