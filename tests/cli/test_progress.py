"""What is told while artificial genomes are judged."""

import pytest

from genome_ac_gan.cli import progress
from genome_ac_gan.cli.progress import EvaluationProgress


@pytest.fixture
def clock(monkeypatch):
    """Return a list whose only member is the present time."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def judge(clock, seconds, sources=("ours", "train")):
    """Tell of metrics that take `seconds[metric]`, and return what is said about the time left after each."""
    said, left = EvaluationProgress(), []
    steps = [(source, metric) for source in sources for metric in seconds]
    for done, (source, metric) in enumerate(steps):
        said(done, len(steps), source, metric)
        left.append(said.left(done, len(steps)) if done else None)
        clock[0] += seconds[metric]
    said(len(steps), len(steps), "", "")
    return left


def test_the_time_left_is_that_of_the_metrics_to_come(clock):
    left = judge(clock, {"quick": 1.0, "slow": 9.0})
    assert left == [None, 3.0, 10.0, 9.0]  # after one metric it is a guess, after one source it is known


def test_a_file_gets_a_line_now_and_then_and_one_at_the_end(clock, capsys):
    judge(clock, {"quick": 1.0, "slow": 9.0}, sources=("ours", "train", "real"))
    assert capsys.readouterr().err.splitlines() == [
        "judging 5/6  real: quick  0:20 spent, 0:10 left",
        "judged 6 of 6 in 0:30",
    ]


def test_a_terminal_gets_one_line_that_is_written_anew(clock, capsys, monkeypatch):
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True, raising=False)
    judge(clock, {"quick": 1.0})
    assert capsys.readouterr().err == (
        "\r\033[Kjudging 1/2  ours: quick  0:00 spent"
        "\r\033[Kjudging 2/2  train: quick  0:01 spent, 0:01 left"
        "\r\033[Kjudged 2 of 2 in 0:02\n"
    )
