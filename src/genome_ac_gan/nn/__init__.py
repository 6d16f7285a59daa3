"""Parts of networks: layers, losses and the step from real numbers to alleles; tensors only."""
