import json

from genome_ac_gan.training.log import Log


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_new_log_is_empty_and_grows_by_lines(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text("old\n")
    log = Log(path)
    log.write("step", 5, loss=0.123456789, parts={"a": 1 / 3})
    assert lines(path) == [{"event": "step", "step": 5, "loss": 0.123457, "parts": {"a": 0.333333}}]


def test_a_resumed_log_drops_what_will_come_again_and_a_cut_line(tmp_path):
    path = tmp_path / "log.jsonl"
    log = Log(path)
    for step in (25, 50, 75):
        log.write("step", step, loss=1.0)
    with path.open("a") as file:
        file.write('{"event": "st')
    Log(path, after=50)
    assert [line["step"] for line in lines(path)] == [25, 50]
