"""benchmark: what the options become, what is printed, and how it ends."""

import os
import signal

import numpy as np
import pytest
import yaml
from calling import call

import genome_ac_gan.experiment.benchmark as benchmarks
from genome_ac_gan.cli import progress
from genome_ac_gan.cli.progress import TrainingProgress
from genome_ac_gan.experiment.benchmark import BenchmarkDir, Cell
from genome_ac_gan.models.genome_ac_gan import GenomeACGAN
from genome_ac_gan.panel import save_panel
from genome_ac_gan.simulate import two_population_toy
from genome_ac_gan.training.loop import TrainingError

NETWORK = {"batch_size": 16, "generator": {"latent": 4, "widths": [16]},
           "discriminator": {"widths": [8], "dropout": [0.2]}}  # fmt: skip


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """A file of two cheap cells."""
    folder = tmp_path_factory.mktemp("settings")
    save_panel(two_population_toy(np.random.default_rng(0), n_people=50), folder / "toy.npz")
    config = {
        "seeds": [1],
        "panels": {"toy": {"panel": str(folder / "toy.npz")}},
        "models": {"gan": {"name": "genome-ac-gan", "settings": NETWORK}, "markov": {}},
        "train": {"n_steps": 10, "validation": 0.3},
        "evaluate": {"repeats": 2, "metrics": ["allele-frequency"]},
    }
    (folder / "b.yaml").write_text(yaml.safe_dump(config))
    return folder / "b.yaml"


def test_options_become_arguments(settings, tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(
        benchmarks, "run_benchmark", lambda *args, **kwargs: calls.append((args, kwargs)) or []
    )
    monkeypatch.setattr(benchmarks, "collect", lambda folder, config: folder.report)
    words = ["--synthetic", "toy:a=a.npz", "--synthetic", "b=b.npz", "--set", "seeds=[4]", "--device", "cpu"]
    outcome = call(
        "benchmark", settings, "-o", tmp_path / "out", *words, "--retry", "--force", "--threads", "1"
    )
    ((folder, config), kwargs) = calls[0]
    assert folder == BenchmarkDir(tmp_path / "out")
    assert (config.panels["toy"].synthetic, config.seeds) == ({"a": "a.npz", "b": "b.npz"}, (4,))
    assert (kwargs["only"], kwargs["force"], kwargs["retry"]) == (None, True, True)
    assert (kwargs["ways"].device.type, kwargs["ways"].progress) == ("cpu", TrainingProgress)
    assert outcome.stdout == f"{tmp_path / 'out' / 'report.html'}\n"

    call("benchmark", settings, "-o", tmp_path / "out", "--cell", "toy/markov/1", "-q")
    assert calls[1][1]["only"] == Cell("toy", "markov", 1)
    assert calls[1][1]["ways"].progress is None


def test_a_panel_alone_and_what_is_done_already(settings, tmp_path, monkeypatch):
    panels, collected = [], []
    monkeypatch.setattr(benchmarks, "run_panel", lambda *args, **kwargs: panels.append(args[2]))
    monkeypatch.setattr(
        benchmarks, "collect", lambda folder, config: collected.append(folder) or folder.report
    )
    outcome = call("benchmark", settings, "-o", tmp_path / "out", "--panel", "toy")
    assert (panels, outcome.stdout) == (["toy"], f"{tmp_path / 'out' / 'panels' / 'toy'}\n")
    call("benchmark", settings, "-o", tmp_path / "out", "--collect")
    assert (panels, collected) == (["toy"], [BenchmarkDir(tmp_path / "out")])


def test_a_whole_benchmark_and_the_commands_around_it(settings, tmp_path):
    folder = tmp_path / "out"
    listed = call("benchmark", settings, "-o", folder, "--list").stdout
    assert listed == "panel\tmodel\tseed\tstatus\ntoy\tgan\t1\tpending\ntoy\tmarkov\t1\tpending\n"
    assert not folder.exists()

    alone = call("benchmark", settings, "-o", folder, "--cell", "toy/markov/seed-1", "-q")
    assert alone.stdout == f"{folder / 'cells' / 'toy' / 'markov' / 'seed-1'}\n"
    assert "toy\tmarkov\t1\tdone" in call("benchmark", "-o", folder, "--list").stdout

    partial = call("benchmark", "-o", folder, "--collect")
    assert partial.stdout == f"{folder / 'report.html'}\n"
    assert "The benchmark is not finished: 1 of 2 cells" in (folder / "report.html").read_text()

    whole = call("benchmark", "-o", folder)
    assert whole.stdout == partial.stdout
    assert "cell 1/2 toy/gan/seed-1: train" in whole.stderr
    assert "step 10/10" in whole.stderr
    assert "cell 2/2" not in whole.stderr
    cell = folder / "cells" / "toy" / "gan" / "seed-1"
    call("report", cell)
    call("generate", cell, "-n", "A=4", "-o", tmp_path / "ag.npz")
    assert '"kind": "run"' in call("inspect", cell, "--json").stdout


def test_failed_cells_end_in_code_1_until_they_are_retried(settings, tmp_path, monkeypatch):
    def diverge(model, x, y):
        raise TrainingError("loss is nan at step 1")

    with monkeypatch.context() as patch:
        patch.setattr(GenomeACGAN, "training_step", diverge)
        failed = call("benchmark", settings, "-o", tmp_path / "out", code=1)
    assert failed.stdout == f"{tmp_path / 'out' / 'report.html'}\n"
    assert "cell 1/2 toy/gan/seed-1: failed: loss is nan at step 1" in failed.stderr
    assert "1 of the cells failed" in failed.stderr.splitlines()[-1]
    assert "loss is nan at step 1" in (tmp_path / "out" / "report.html").read_text()
    again = call("benchmark", settings, "-o", tmp_path / "out", code=1)
    assert "train" not in again.stderr
    call("benchmark", settings, "-o", tmp_path / "out", "--retry")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--set", "models.rbn={}"], "models.rbn: model 'rbn': unknown; known:"),
        (["--set", "panels.toy.panel=none.vcf"], "none.vcf: no such file"),
        (["--synthetic", "x:a=b.npz"], "no panel 'x'; there are: toy"),
        (["--synthetic", "b.npz"], "expected NAME=FILE or PANEL:NAME=FILE"),
        (["--synthetic", "a=none.npz"], "none.npz: no such file"),
        (["--cell", "toy/rbm/1"], "no cell 'toy/rbm/1'"),
        (["--panel", "x"], "no panel 'x'"),
        (["--list", "--collect"], "give one of --list, --cell, --panel, --collect"),
        (["--panel", "toy", "--force"], "--force and --retry compute cells: give --cell or none"),
        (["--collect", "--retry"], "--force and --retry compute cells"),
        (["--device", "tpu"], "device 'tpu': unknown"),
    ],
)
def test_wrong_input_is_one_line(settings, tmp_path, words, message):
    refused = call("benchmark", settings, "-o", tmp_path / "out", "-q", *words, code=2)
    assert message in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_without_settings_the_folder_must_hold_some(tmp_path):
    refused = call("benchmark", "-o", tmp_path / "out", code=2)
    assert "benchmark.yaml: no such file" in refused.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_in_its_code_and_says_how_to_go_on(settings, tmp_path, monkeypatch, number, code):
    def killing(model, config, clock):
        return lambda step, losses: os.kill(os.getpid(), number) if step == 4 else None

    monkeypatch.setattr(progress, "TrainingProgress", killing)
    words = ["benchmark", settings, "-o", tmp_path / "out", "--cell", "toy/gan/1"]
    stopped = call(*words, code=code)
    assert stopped.stderr.splitlines()[-1] == (
        f"genome-ac-gan: error: stopped by {number.name} in cell toy/gan/seed-1: the same command goes on from there"
    )
    assert "toy\tgan\t1\tbegun" in call(*words[:4], "--list").stdout
    monkeypatch.undo()
    call(*words)
    assert "toy\tgan\t1\tdone" in call(*words[:4], "--list").stdout
