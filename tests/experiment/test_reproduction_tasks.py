"""Tasks of an experiment of the paper: in order, once, and shared by processes that wait for each other."""

import threading

import pytest

from genome_ac_gan.config import Config
from genome_ac_gan.errors import GenomeACGANError
from genome_ac_gan.experiment.reproduction import Experiment, Task, run, run_tasks
from genome_ac_gan.experiment.ways import Ways
from genome_ac_gan.files import locked


class Nothing(Config):
    """No settings."""


class Three(Experiment[Nothing]):
    """Three tasks, of which the second needs the first."""

    name, Config = "three", Nothing

    def __init__(self, folder):
        super().__init__(Nothing(), folder)
        self.ran = []

    def tasks(self):
        return [
            Task("one", lambda folder, ways: self.ran.append("one")),
            Task("two", lambda folder, ways: self.ran.append("two"), needs=("one",)),
            Task("three", lambda folder, ways: self.ran.append("three")),
        ]

    def tables(self):
        return {}

    def compared(self):
        raise NotImplementedError


@pytest.fixture
def experiment(tmp_path):
    return Three(tmp_path)


def test_tasks_are_done_in_order_and_once(experiment):
    run_tasks(experiment, experiment.tasks(), Ways())
    run_tasks(experiment, experiment.tasks(), Ways())
    assert experiment.ran == ["one", "two", "three"]


def test_a_task_alone_is_refused_until_what_it_needs_is_done(experiment):
    one, two, _ = experiment.tasks()
    with pytest.raises(GenomeACGANError, match=r"^task two needs one, which is not done$"):
        run_tasks(experiment, [two], Ways())
    run_tasks(experiment, [one], Ways())
    run_tasks(experiment, [two], Ways())
    assert experiment.ran == ["one", "two"]


def test_a_task_at_work_elsewhere_is_left_there_when_nobody_needs_it(experiment):
    said = []
    with locked(experiment.place("three").parent / ".three.lock") as mine:
        assert mine
        run_tasks(experiment, experiment.tasks(), Ways(on_notice=said.append))
    assert experiment.ran == ["one", "two"]
    assert said[-1] == "task 3/3 three: at work elsewhere"


def test_a_task_waits_for_one_at_work_elsewhere_and_takes_it_over_when_that_ends_without_it(
    experiment, monkeypatch
):
    monkeypatch.setattr(run, "PAUSE", 0.05)
    begun = threading.Event()

    def hold():
        with locked(experiment.place("one").parent / ".one.lock"):
            begun.set()
            freed.wait(5)

    freed = threading.Event()
    holder = threading.Thread(target=hold)
    holder.start()
    begun.wait(5)
    threading.Timer(0.3, freed.set).start()
    run_tasks(experiment, experiment.tasks(), Ways())
    holder.join()
    assert experiment.ran == ["three", "one", "two"]
