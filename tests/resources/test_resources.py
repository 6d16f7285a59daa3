"""Threads and memory, on control groups made of plain files."""

import os

import pytest

from genome_ac_gan import resources
from genome_ac_gan.resources import available_threads, limit_threads, memory_limit, use_large_pages


@pytest.fixture
def many_processors(monkeypatch):
    monkeypatch.setattr(resources, "_affinity", lambda: 64)


@pytest.fixture
def groups(tmp_path):
    """Return a function that writes the files of a machine and gives the arguments that point there."""

    def write(membership, files):
        (tmp_path / "membership").write_text(membership)
        for name, text in files.items():
            path = tmp_path / "cgroup" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return {"cgroups": tmp_path / "cgroup", "membership": tmp_path / "membership"}

    return write


def test_without_limits_the_affinity_mask_counts(tmp_path):
    nowhere = {"cgroups": tmp_path / "none", "membership": tmp_path / "none"}
    expected = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert available_threads({}, **nowhere) == expected


@pytest.mark.parametrize(
    ("membership", "files", "threads"),
    [
        ("0::/\n", {"cpu.max": "max 100000\n"}, 64),
        ("0::/\n", {"cpu.max": "200000 100000\n"}, 2),
        ("0::/\n", {"cpu.max": "350000 100000\n"}, 3),
        ("0::/\n", {"cpu.max": "50000 100000\n"}, 1),
        ("0::/job/step\n", {"job/cpu.max": "400000 100000\n", "job/step/cpu.max": "max 100000\n"}, 4),
        ("0::/on/the/host\n", {"cpu.max": "800000 100000\n"}, 8),
        ("0::/\n", {"cpu.max": "not a quota\n"}, 64),
        (
            "4:cpu,cpuacct:/docker/abc\n",
            {"cpu,cpuacct/cpu.cfs_quota_us": "150000\n", "cpu,cpuacct/cpu.cfs_period_us": "50000\n"},
            3,
        ),
        ("4:cpu,cpuacct:/\n", {"cpu/cpu.cfs_quota_us": "200000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 2),
        (
            "4:cpu,cpuacct:/\n1:memory:/\n",
            {"cpu,cpuacct/cpu.cfs_quota_us": "-1\n", "cpu,cpuacct/cpu.cfs_period_us": "100000\n"},
            64,
        ),
        ("no colons\n", {"cpu.max": "100000 100000\n"}, 1),
    ],
)
def test_quota_of_control_groups(many_processors, groups, membership, files, threads):
    assert available_threads({}, **groups(membership, files)) == threads


@pytest.mark.parametrize(
    ("text", "threads"), [("4", 4), ("1", 1), ("0", 64), ("", 64), ("many", 64), ("-2", 64), ("100", 64)]
)
def test_slurm_gives_the_threads_of_a_task(many_processors, groups, text, threads):
    assert available_threads({"SLURM_CPUS_PER_TASK": text}, **groups("", {})) == threads


def test_memory_is_the_tightest_group(groups, monkeypatch):
    monkeypatch.setattr(resources, "_physical_memory", lambda: 10**12)
    files = {"job/memory.max": "max\n", "memory.max": "2147483648\n"}
    assert memory_limit(**groups("0::/job\n", files)) == 2**31


def test_memory_of_version_1_and_of_a_machine_without_groups(groups, monkeypatch):
    monkeypatch.setattr(resources, "_physical_memory", lambda: None)
    assert memory_limit(**groups("", {})) is None
    assert memory_limit(**groups("9:memory:/\n", {"memory/memory.limit_in_bytes": "1024\n"})) == 1024


def test_libraries_are_told_the_number_of_threads(monkeypatch):
    monkeypatch.setattr(resources, "available_threads", lambda environment: 6)
    environment = {"OMP_NUM_THREADS": "1"}
    assert limit_threads(environment=environment) == 6
    assert (environment["OMP_NUM_THREADS"], environment["MKL_NUM_THREADS"]) == ("1", "6")
    assert limit_threads(3, environment) == 3
    assert set(environment.values()) == {"3"}


def test_large_pages_are_asked_for_unless_the_variable_is_set():
    environment: dict[str, str] = {}
    use_large_pages(environment)
    assert environment == {"THP_MEM_ALLOC_ENABLE": "1"}
    environment["THP_MEM_ALLOC_ENABLE"] = "0"
    use_large_pages(environment)
    assert environment == {"THP_MEM_ALLOC_ENABLE": "0"}
