"""Many charts as files, drawn by several processes: matplotlib uses one core only.

Processes of their own kind rather than `multiprocessing`, which would fork a
process with torch's threads or run the user's script a second time.
"""

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from genome_ac_gan.plots.chart import Chart
from genome_ac_gan.plots.static import SUFFIXES, save_chart
from genome_ac_gan.resources import available_threads

WORTH_A_PROCESS = 6  # charts; starting one costs about as much as drawing two


def save_charts(charts: Sequence[Chart], folder: Path, suffixes: Sequence[str] = SUFFIXES) -> list[Path]:
    """Write charts into `folder`, once for each suffix, and return the paths.

    The bytes are those of `save_chart`, however many processes there are.
    """
    n = min(available_threads(), max(1, len(charts) // WORTH_A_PROCESS))
    if n > 1:
        _shared_out(charts, folder, suffixes, n)
    else:
        for chart in charts:
            save_chart(chart, folder, suffixes)
    return [folder / f"{chart.name}{suffix}" for chart in charts for suffix in suffixes]


def _shared_out(charts: Sequence[Chart], folder: Path, suffixes: Sequence[str], n: int) -> None:
    home = str(Path(__file__).parents[2])  # where this package was found
    paths = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH", "")]))
    with tempfile.TemporaryDirectory(prefix="genome-ac-gan-charts-") as room:
        running = []
        for index in range(n):
            part = Path(room) / f"{index}.pickle"
            part.write_bytes(pickle.dumps((charts[index::n], folder, suffixes)))
            command = [sys.executable, "-m", "genome_ac_gan.plots.batch", str(part)]
            running.append(subprocess.Popen(command, env={**os.environ, "PYTHONPATH": paths}))
        failed = [process.args for process in running if process.wait() != 0]
    if failed:
        raise RuntimeError(f"{len(failed)} of {n} processes that draw figures failed: see above")


def _main(part: Path) -> None:
    charts, folder, suffixes = pickle.loads(part.read_bytes())
    for chart in charts:
        save_chart(chart, folder, suffixes)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
