"""Statistics of haplotype arrays: pure functions on (n_haplotypes, n_variants) arrays of 0 and 1, no panels."""
