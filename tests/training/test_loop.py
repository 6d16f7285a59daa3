import math

import pytest
import torch

from genome_ac_gan.errors import ConfigError
from genome_ac_gan.training.loop import Batches, TrainingError, train
from genome_ac_gan.training.parallel import World

ALONE = World()


class Counting:
    """A model whose loss is its step, or not a number from some step on."""

    def __init__(self, bad_from: int = 10**9) -> None:
        self.step, self.bad_from, self.seen = 0, bad_from, []

    def training_step(self, x, y):
        self.seen.append(x[:, 0].tolist())
        return {
            "good": torch.tensor(1.0),
            "loss": torch.tensor(math.nan if self.step >= self.bad_from else 0.0),
        }


def batches(n=10, size=3, sampling="epochs", world=ALONE, seed=0):
    x = torch.arange(n, dtype=torch.uint8)[:, None].repeat(1, 2)
    return Batches(
        x,
        torch.arange(n),
        batch_size=size,
        sampling=sampling,
        rng=torch.Generator().manual_seed(seed),
        world=world,
    )


def test_a_loss_that_is_not_finite_ends_the_training_and_is_named():
    model = Counting(bad_from=4)
    with pytest.raises(TrainingError, match=r"loss is nan at step 5"):
        train(model, batches(), n_steps=9)


def test_a_hook_ends_the_training():
    model = Counting()
    train(model, batches(), n_steps=100, on_step=lambda step, losses: step == 7)
    assert model.step == 7


def test_epochs_visit_each_row_once_and_drop_the_remainder():
    stream = batches(n=10, size=3)
    rows = [row for _ in range(3) for row in next(stream)[1].tolist()]
    assert len(set(rows)) == 9


def test_a_batch_larger_than_the_panel_is_the_panel():
    assert sorted(next(batches(n=4, size=64))[1].tolist()) == [0, 1, 2, 3]


@pytest.mark.parametrize("sampling", ["epochs", "replacement"])
def test_batches_continue_from_their_state(sampling):
    stream = batches(sampling=sampling)
    for _ in range(5):
        next(stream)
    state = stream.state()
    expected = [next(stream)[1].tolist() for _ in range(8)]
    again = batches(sampling=sampling, seed=99)
    again.load_state(state)
    assert [next(again)[1].tolist() for _ in range(8)] == expected


def test_processes_share_a_joint_batch():
    alone = next(batches(n=12, size=6))[1]
    shares = [next(batches(n=12, size=6, world=World(rank=rank, size=2)))[1] for rank in (0, 1)]
    assert torch.equal(torch.cat(shares), alone)


def test_a_batch_that_processes_cannot_share_evenly_is_refused():
    with pytest.raises(ConfigError, match="a batch of 4 rows cannot be shared by 3 processes"):
        batches(size=4, world=World(rank=0, size=3))
