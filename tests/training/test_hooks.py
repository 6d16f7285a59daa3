import os
import signal

from genome_ac_gan.training.hooks import Clock, Every, LogLosses, in_turn, stop_signal
from genome_ac_gan.training.log import Log
from genome_ac_gan.training.parallel import World


def test_a_spent_budget_ends_the_training():
    assert Clock(budget=0.0)(1, {}) is True
    assert Clock(budget=None)(1, {}) is False
    assert Clock(budget=100.0, before=101.0)(1, {}) is True


def test_losses_are_logged_as_means(tmp_path):
    hook = LogLosses(Log(tmp_path / "log.jsonl"), Clock(None), every=2)
    for step, loss in ((1, 1.0), (2, 3.0), (3, 9.0)):
        hook(step, {"loss": loss})
    text = (tmp_path / "log.jsonl").read_text()
    assert text.count("\n") == 1
    assert '"loss": 2.0' in text


def test_all_hooks_are_called_even_when_one_ends_the_training():
    called = []
    hooks = [lambda step, losses: True, lambda step, losses: called.append(step)]
    assert in_turn(hooks, World())(4, {}) is True
    assert called == [4]


def test_an_action_waits_for_its_time():
    called = []
    Every(1000.0, lambda: called.append(1))(1, {})
    assert called == []
    Every(0.0, lambda: called.append(1))(1, {})
    assert called == [1]


def test_an_action_can_also_follow_the_steps():
    called = []
    hook = Every(1000.0, lambda: called.append(1), steps=3)
    for step in range(1, 8):
        hook(step, {})
    assert len(called) == 2


def test_a_first_signal_is_noted_and_the_old_handlers_come_back():
    before = signal.getsignal(signal.SIGTERM)
    with stop_signal() as stop:
        assert stop(1, {}) is False
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop(1, {}) is True
        assert stop.received is signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is before
