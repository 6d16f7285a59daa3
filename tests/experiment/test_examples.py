"""The settings files in examples/ are settings, and name metrics that exist; the workflow is one of Snakemake."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from genome_ac_gan.config import read_yaml, to_yaml
from genome_ac_gan.experiment import read_config
from genome_ac_gan.experiment.benchmark import BenchmarkDir, all_cells, read_benchmark
from genome_ac_gan.experiment.reproduction import EXPERIMENTS, SCALES, read_settings
from genome_ac_gan.metrics import METRICS
from genome_ac_gan.models import create_model

FOLDER = Path(__file__).parents[2] / "examples"
BENCHMARKS = sorted(FOLDER.glob("benchmark*.yaml"))
REPRODUCTIONS = sorted(FOLDER.glob("reproduce-*.yaml"))
EXAMPLES = sorted(set(FOLDER.glob("*.yaml")) - set(BENCHMARKS) - set(REPRODUCTIONS))
WORKFLOW = FOLDER / "benchmark.smk"
TINY = {
    "batch_size": 16,
    "generator": {"latent": 4, "widths": [16]},
    "discriminator": {"widths": [8], "dropout": [0.2]},
}


def test_there_are_examples():
    assert EXAMPLES


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_loads_and_reads_back_equal(path, tmp_path):
    config = read_config(path)
    written = tmp_path / "config.yaml"
    written.write_text(to_yaml(config))
    assert read_config(written) == config
    assert set(config.evaluate.metrics or ()) <= set(METRICS)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_makes_its_model(path):
    model = read_config(path).model
    made = create_model(model.name, preset=model.preset, **model.settings)
    assert made.config.model_dump(mode="json") == model.settings


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda path: path.stem)
def test_an_example_of_a_benchmark_loads_and_reads_back_equal(path, tmp_path):
    config = read_benchmark(path)
    written = tmp_path / "benchmark.yaml"
    written.write_text(to_yaml(config))
    assert read_benchmark(written) == config


def scales_of_reproductions():
    return [(path, scale) for path in REPRODUCTIONS for scale in read_yaml(path)["scales"]]


def test_every_experiment_of_the_paper_has_an_example_of_both_scales():
    assert {path.stem for path in REPRODUCTIONS} == {f"reproduce-{name}" for name in EXPERIMENTS}
    found = scales_of_reproductions()
    assert {(path, scale) for path in REPRODUCTIONS for scale in SCALES} <= set(found)


@pytest.mark.parametrize(
    ("path", "scale"), scales_of_reproductions(), ids=lambda each: getattr(each, "stem", each)
)
def test_an_experiment_of_the_paper_loads_at_its_scales_and_has_tasks(path, scale, tmp_path):
    kind = EXPERIMENTS[path.stem.removeprefix("reproduce-")]
    config = read_settings(kind.Config, path, scale)
    written = tmp_path / "reproduction.yaml"
    written.write_text(to_yaml(config))
    assert read_settings(kind.Config, written) == config
    names = [task.name for task in kind(config, tmp_path).tasks()]
    assert names
    assert len(set(names)) == len(names)


def snakemake(folder, *words):
    """Run the workflow on the local machine; Python's own commands come first on the path."""
    program = Path(sys.executable).parent / "snakemake"
    if not program.exists():
        pytest.skip("no snakemake")
    path = os.pathsep.join([str(program.parent), os.environ["PATH"]])
    return subprocess.run(
        [program, "-s", WORKFLOW, "--cores", "1", *words],
        cwd=folder, env={**os.environ, "PATH": path, "HOME": str(folder)}, text=True, capture_output=True, check=False,
    )  # fmt: skip


def test_the_workflow_has_a_job_for_each_panel_and_cell(tmp_path):
    shutil.copy(FOLDER / "benchmark.yaml", tmp_path / "b.yaml")
    outcome = snakemake(tmp_path, "--dry-run", "--config", "settings=b.yaml", "out=out")
    assert outcome.returncode == 0, outcome.stderr
    jobs = dict(line.split() for line in outcome.stdout.splitlines() if len(line.split()) == 2)
    counts = {name: int(jobs[name]) for name in ("panel", "cell", "collect", "all", "total")}
    n_cells = len(all_cells(read_benchmark(tmp_path / "b.yaml")))
    assert counts == {"panel": 1, "cell": n_cells, "collect": 1, "all": 1, "total": n_cells + 3}
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_workflow_runs_through_with_a_cell_that_fails(tmp_path, panel_file):
    settings = {
        "seeds": [1],
        "panels": {"toy": {"panel": str(panel_file)}},
        "models": {
            "good": {"name": "genome-ac-gan", "preset": "dense", "settings": TINY},
            "bad": {
                "name": "genome-ac-gan",
                "preset": "dense",
                "settings": {**TINY, "optimiser": {"discriminator_lr": 1e30}},
            },
        },
        "train": {"n_steps": 20, "validation": 0.3},
        "evaluate": {"repeats": 2, "metrics": ["copies"]},
    }
    (tmp_path / "b.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
    outcome = snakemake(tmp_path, "--config", "settings=b.yaml", "out=out")
    assert outcome.returncode == 0, outcome.stderr
    folder, config = BenchmarkDir(tmp_path / "out"), read_benchmark(tmp_path / "b.yaml")
    assert [folder.status(cell, config) for cell in all_cells(config)] == ["done", "failed"]
    assert "training has diverged" in folder.costs.read_text()
    assert folder.report.is_file()
