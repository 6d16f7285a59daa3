"""The training loop and what surrounds it: devices, batches, optimisers, logs, the choice of a checkpoint."""
