import json
import os
import shutil
import signal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from genome_ac_gan.checkpoint import load_training, read_card
from genome_ac_gan.errors import ConfigError, GenomeACGANError, PanelError
from genome_ac_gan.experiment import (
    InterruptedTrainingError,
    RunDir,
    begin,
    read_config,
    run_stages,
    split,
    train,
)
from genome_ac_gan.panel import load_panel, save_panel
from genome_ac_gan.simulate import two_population_toy

pytestmark = pytest.mark.usefixtures("one_thread")


def events(folder, kind):
    lines = [json.loads(line) for line in folder.log.read_text().splitlines()]
    return [line for line in lines if line["event"] == kind]


def timeless(lines):
    return [{key: value for key, value in line.items() if key != "seconds"} for line in lines]


def people(folder, name):
    return set(load_panel(folder.panel(name)).sample_id.tolist())


def test_a_run_leaves_everything_the_folder_promises(started):
    folder, config = started
    split(folder, config)
    run_stages(folder, config)
    sides = [people(folder, name) for name in ("train", "validation", "holdout")]
    assert [len(side) for side in sides] == [56, 24, 20]
    assert not sides[0] & sides[1] | sides[0] & sides[2] | sides[1] & sides[2]
    assert dict(load_panel(folder.panel("synthetic")).counts) == {"A": 56, "B": 56}
    table = pd.read_csv(folder.evaluation / "table.tsv", sep="\t")
    assert set(table["source"]) == {"synthetic", "train", "real", "independent"}
    assert json.loads((folder.evaluation / "metrics.json").read_text())["rows"]
    assert "<html" in (folder.folder / "report.html").read_text()
    assert list(folder.record()["stages"]) == ["split", "train", "generate", "evaluate", "report"]
    assert not list(folder.folder.glob(".tmp*"))


def test_the_kept_model_is_the_one_with_the_best_score(started):
    folder, config = started
    split(folder, config)
    train(folder, config)
    scores = {line["step"]: line["score"] for line in events(folder, "score")}
    assert list(scores) == [20, 40, 60]
    card = read_card(folder.model)
    assert card["step"] == min(scores, key=scores.get)
    assert card["score"] == pytest.approx(min(scores.values()), rel=1e-5)
    assert len(events(folder, "step")) == 12


def test_the_holdout_never_enters_the_choice(started, monkeypatch):
    folder, config = started
    split(folder, config)
    folder.panel("holdout").unlink()
    train(folder, config)
    assert folder.model.is_dir()


def weights(folder):
    return load_training(folder.training)["net"]


def test_a_signal_writes_a_checkpoint_and_resuming_equals_a_straight_run(tmp_path, tiny):
    straight, broken = RunDir(tmp_path / "a"), RunDir(tmp_path / "b")
    for folder in (straight, broken):
        folder.start(tiny())
        split(folder, tiny())
    train(straight, tiny())

    def kill_at_25(model, settings, clock):
        return lambda step, losses: os.kill(os.getpid(), signal.SIGTERM) if step == 25 else None

    with pytest.raises(
        InterruptedTrainingError, match="stopped by SIGTERM at step 25; --resume continues"
    ) as stopped:
        train(broken, tiny(), progress=kill_at_25)
    assert stopped.value.exit_code == 143
    assert not broken.done("train")
    train(broken, tiny(), resume=True)
    for name, tensor in weights(straight).items():
        assert torch.equal(tensor, weights(broken)[name]), name
    assert [line["step"] for line in events(broken, "step")] == [
        line["step"] for line in events(straight, "step")
    ]
    assert [line["score"] for line in events(broken, "score")] == [
        line["score"] for line in events(straight, "score")
    ]
    assert read_card(broken.model)["step"] == read_card(straight.model)["step"]


def test_a_longer_training_goes_on_from_a_finished_one(tmp_path, tiny):
    straight, longer = RunDir(tmp_path / "a"), RunDir(tmp_path / "b")
    short = tiny(train={**tiny().train.model_dump(), "n_steps": 25})
    straight.start(tiny())
    longer.start(short)
    for folder, config in ((straight, tiny()), (longer, short)):
        split(folder, config)
        train(folder, config)
    longer.reopen(tiny())
    assert longer.done("split")
    assert not longer.done("train")
    train(longer, tiny(), resume=True)
    for name, tensor in weights(straight).items():
        assert torch.equal(tensor, weights(longer)[name]), name


def test_a_spent_budget_ends_the_training_with_a_kept_model(started, tiny):
    folder, _ = started
    config = tiny(train={**tiny().train.model_dump(), "budget": 1e-6})
    split(folder, config)
    train(folder, config)
    assert read_card(folder.model)["step"] == 1
    assert folder.record()["stages"]["train"]["steps"] == 1


def test_other_settings_in_the_same_folder_are_refused(started, tiny):
    folder, config = started
    split(folder, config)
    with pytest.raises(
        GenomeACGANError, match=r"was made with another \[seed\]: use --force or a new folder"
    ):
        folder.reopen(tiny(seed=7))
    with pytest.raises(GenomeACGANError, match=r"another \[model\]"):
        folder.reopen(tiny(model={"preset": "paper"}))


def test_other_metrics_undo_only_the_evaluation(started, tiny):
    folder, config = started
    split(folder, config)
    run_stages(folder, config)
    folder.reopen(tiny(evaluate={"repeats": 3}))
    assert list(folder.record()["stages"]) == ["split", "train", "generate"]


def test_a_quick_look_in_a_run_says_so(started, tiny):
    folder, _ = started
    config = tiny(evaluate={"fast": True, "metrics": ["allele-frequency"]})
    split(folder, config)
    said, told = [], []
    run_stages(folder, config, on_notice=said.append, on_judging=lambda *each: told.append(each))
    assert any("not to be cited" in line for line in said)
    assert told[0] == (0, 4, "synthetic", "allele-frequency")
    assert told[-1] == (4, 4, "", "")
    record = json.loads((folder.evaluation / "metrics.json").read_text())
    assert (record["fast"], record["repeats"]) == (True, 3)
    assert folder.record()["stages"]["evaluate"]["repeats"] == 3
    assert "Do not cite these values" in (folder.folder / "report.html").read_text()


def test_few_people_keep_the_last_checkpoint_with_a_notice(tmp_path, panel_file):
    said = []
    few = two_population_toy(np.random.default_rng(0), n_people=4)
    save_panel(few, tmp_path / "few.npz")
    config = read_config(settings={"data": {"panel": str(tmp_path / "few.npz")}, "train": {"n_steps": 3}})
    folder = RunDir(tmp_path / "run")
    folder.start(config)
    split(folder, config)
    train(folder, config, on_notice=said.append)
    assert any("the last checkpoint is kept" in line for line in said)
    assert read_card(folder.model)["step"] == 3


def test_nobody_is_told_that_the_last_checkpoint_is_kept_who_asked_for_it(tmp_path, tiny):
    said = []
    config = tiny(train={"n_steps": 3, "validation": 0})
    folder = RunDir(tmp_path / "run")
    folder.start(config)
    split(folder, config)
    train(folder, config, on_notice=said.append)
    assert not any("the last checkpoint is kept" in line for line in said)
    assert read_card(folder.model)["step"] == 3


def test_a_population_of_one_person_cannot_be_split(tmp_path):
    toy = two_population_toy(np.random.default_rng(0), n_people=10)
    lonely = toy[:22]
    save_panel(lonely, tmp_path / "lonely.npz")
    config = read_config(settings={"data": {"panel": str(tmp_path / "lonely.npz")}})
    folder = RunDir(tmp_path / "run")
    folder.start(config)
    with pytest.raises(PanelError, match="population B has one person"):
        split(folder, config)
    assert not folder.panel("train").exists()


def test_a_signal_in_the_last_step_still_leads_to_a_kept_model(started):
    folder, config = started
    split(folder, config)

    def kill_at_the_end(model, settings, clock):
        return lambda step, losses: os.kill(os.getpid(), signal.SIGTERM) if step == 60 else None

    with pytest.raises(InterruptedTrainingError):
        train(folder, config, progress=kill_at_the_end)
    shutil.rmtree(folder.model)
    train(folder, config, resume=True)
    assert read_card(folder.model)["step"] == 60
    assert folder.done("train")


def test_what_would_fail_after_the_training_is_refused_before(tmp_path, tiny):
    with pytest.raises(ConfigError, match=r"generate.counts: no population XXX in the panel; it has A, B"):
        begin(RunDir(tmp_path / "a"), tiny(generate={"counts": {"XXX": 3}}))
    sides = tmp_path / "split.tsv"
    ids = load_panel(Path(tiny().data.panel)).sample_id[::2].tolist()
    sides.write_text(
        "sample\tsplit\n" + "".join(f"{s}\t{'test' if s in ids[:50] else 'train'}\n" for s in ids)
    )
    with pytest.raises(PanelError, match="the split leaves A, B without people on one side"):
        begin(RunDir(tmp_path / "b"), tiny(data={**tiny().data.model_dump(), "split": str(sides)}))
    assert not (tmp_path / "a").exists()
    assert not (tmp_path / "b").exists()


def test_populations_that_were_not_asked_for_are_left_out_of_the_judgement(started, tiny):
    folder, _ = started
    config = tiny(generate={"counts": {"B": 30}})
    split(folder, config)
    said = []
    run_stages(folder, config, on_notice=said.append)
    assert "judged without A: the set synthetic has none of them" in said
    table = pd.read_csv(folder.evaluation / "table.tsv", sep="\t")
    assert set(table["population"]) == {"all", "B"}
