"""What this process may use of the machine: threads and memory (standard library only).

A container or a batch job sees all processors of its machine but may use only
its share. More threads than that share make numerical libraries slower, not
faster, so the defaults follow the share.
"""

import os
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")
LARGE_PAGES = "THP_MEM_ALLOC_ENABLE"
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def available_threads(
    environment: Mapping[str, str] = os.environ, cgroups: Path = CGROUPS, membership: Path = MEMBERSHIP
) -> int:
    """Return how many threads can really run at once, at least 1.

    It is the least of the processors of the affinity mask, the CPU quota of the
    process's control groups (v1 or v2, the tightest of the group and its
    parents, rounded down) and ``SLURM_CPUS_PER_TASK`` when that is set to a
    positive whole number.

    Parameters
    ----------
    environment
        Environment variables.
    cgroups
        Where the control groups are mounted.
    membership
        The file that lists the control groups of the process.
    """
    limits = [_affinity(), *_quotas(cgroups, membership), _slurm_threads(environment)]
    return max(1, int(min(limit for limit in limits if limit is not None)))


def limit_threads(threads: int | None = None, environment: MutableMapping[str, str] = os.environ) -> int:
    """Tell numerical libraries that are not loaded yet how many threads to use, and return the number.

    OpenMP, OpenBLAS and MKL read their environment variables once, when they are
    loaded: call this before NumPy or torch is imported.

    Parameters
    ----------
    threads
        The number; None for `available_threads`, and then variables that are
        set already stay as they are.
    environment
        Environment variables.
    """
    number = threads or available_threads(environment)
    for name in THREAD_VARIABLES:
        environment[name] = str(number) if threads else environment.get(name, str(number))
    return number


def use_large_pages(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let torch ask Linux for pages of 2 MB under its large arrays, unless the variable is set already.

    Large arrays come and go, and a system hands out memory page by page. torch reads the
    variable once: call this before it is imported.

    Parameters
    ----------
    environment
        Environment variables.
    """
    environment.setdefault(LARGE_PAGES, "1")


def memory_limit(cgroups: Path = CGROUPS, membership: Path = MEMBERSHIP) -> int | None:
    """Return the bytes of memory this process may use: the machine's or its control group's, or None."""
    limits = [_physical_memory(), *_memory_quotas(cgroups, membership)]
    known = [limit for limit in limits if limit is not None]
    return min(known) if known else None


def _affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _slurm_threads(environment: Mapping[str, str]) -> int | None:
    text = environment.get("SLURM_CPUS_PER_TASK", "")
    return int(text) if text.isdecimal() and int(text) > 0 else None


def _physical_memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _quotas(cgroups: Path, membership: Path) -> Iterator[float]:
    """Yield every CPU quota that holds for the process, in processors."""
    for folder in _folders(cgroups, membership, "cpu"):
        quota, _, period = _read(folder / "cpu.max").partition(" ")  # v2: "200000 100000" or "max 100000"
        if not quota:
            quota, period = _read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")
        if quota.isdecimal() and period.isdecimal() and int(period) > 0:  # no limit: "max" or "-1"
            yield int(quota) / int(period)


def _memory_quotas(cgroups: Path, membership: Path) -> Iterator[int]:
    for folder in _folders(cgroups, membership, "memory"):
        text = _read(folder / "memory.max") or _read(folder / "memory.limit_in_bytes")
        if text.isdecimal():
            yield int(text)


def _folders(cgroups: Path, membership: Path, controller: str) -> Iterator[Path]:
    """Yield the folders of the process's groups for a controller, each group before its parents.

    A line of `membership` is ``0::/path`` (v2) or ``4:cpu,cpuacct:/path`` (v1,
    mounted under the name of the controllers). Inside a container the path is
    often the host's and does not exist; its parents end at the mount, which does.
    """
    for line in _read(membership).splitlines():
        _, names, path = (*line.split(":", 2), "", "")[:3]
        if names and controller not in names.split(","):
            continue
        for mount in [cgroups / names, cgroups / controller] if names else [cgroups, cgroups / "unified"]:
            group = mount / path.lstrip("/")
            yield from (folder for folder in (group, *group.parents) if folder.is_relative_to(mount))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
