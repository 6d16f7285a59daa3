"""Figures drawn by several processes."""

from dataclasses import replace

import numpy as np
import pytest

from genome_ac_gan.plots import Chart, Facet, Mark, Style, batch, save_chart
from genome_ac_gan.plots.batch import save_charts


def charts(n):
    def mark(index):
        return Mark(
            name="A", x=np.arange(3), y=np.arange(3) * index, kind="line", style=Style(colour="#000000")
        )

    return [
        Chart(name=f"c{index}", title="", caption="", x_label="x", y_label="y",
              facets=[Facet(title="t", marks=[mark(index)])])
        for index in range(n)
    ]  # fmt: skip


def test_the_bytes_do_not_depend_on_the_number_of_processes(tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(batch, "available_threads", lambda: 2)
    monkeypatch.setattr(batch.subprocess, "Popen", recorded(batch.subprocess.Popen, started))
    (tmp_path / "alone").mkdir()
    paths = save_charts(charts(12), tmp_path, [".svg"])
    assert len(started) == 2
    assert [path.name for path in paths] == [f"c{index}.svg" for index in range(12)]
    for chart, path in zip(charts(12), paths, strict=True):
        assert save_chart(chart, tmp_path / "alone", [".svg"])[0].read_bytes() == path.read_bytes()


def recorded(function, calls):
    def call(*args, **kwargs):
        calls.append(args)
        return function(*args, **kwargs)

    return call


def test_few_charts_need_no_process(tmp_path, monkeypatch):
    monkeypatch.setattr(batch.subprocess, "Popen", None)
    assert len(save_charts(charts(2), tmp_path, [".svg", ".png"])) == 4
    assert len(list(tmp_path.iterdir())) == 4


def test_a_process_that_fails_is_no_silence(tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "available_threads", lambda: 2)
    broken = [replace(chart, facets=[]) for chart in charts(12)]
    with pytest.raises(RuntimeError, match="2 of 2 processes that draw figures failed"):
        save_charts(broken, tmp_path, [".svg"])
