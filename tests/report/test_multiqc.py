"""What MultiQC picks up."""

import json

import yaml

from genome_ac_gan.report import write_multiqc


def written(folder):
    return {path.name: path.read_text(encoding="utf-8") for path in write_multiqc(folder)}


def test_there_is_a_table_for_each_group_that_was_computed(side_by_side):
    files = written(side_by_side)
    assert set(files) == {
        "genome-ac-gan_fidelity_mqc.json", "genome-ac-gan_privacy_mqc.json",
        "genome-ac-gan_generalstats_mqc.tsv",
    }  # fmt: skip
    content = json.loads(files["genome-ac-gan_fidelity_mqc.json"])
    assert {"id", "section_name", "plot_type", "pconfig", "data"} <= set(content)
    assert set(content["data"]) == {f"both_{name}" for name in ("gan", "rbm", "train", "real", "independent")}
    assert set(content["headers"]) == {key for values in content["data"].values() for key in values}
    assert content["data"]["both_gan"]["ld_decay_corrected"] == 0.9


def test_general_statistics_are_those_of_the_overview(side_by_side):
    lines = written(side_by_side)["genome-ac-gan_generalstats_mqc.tsv"].splitlines()
    head = yaml.safe_load("\n".join(line[2:] for line in lines if line.startswith("#")))
    assert head["plot_type"] == "generalstats"
    columns, *rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert columns == ["Sample", "ld_decay_corrected", "nearest_neighbour_accuracy_privacy_loss"]
    assert [next(iter(one)) for one in head["pconfig"]] == columns[1:]
    assert rows[0] == ["both_gan", "0.9", "0.9"]
    assert len(rows) == 5


def test_writing_again_gives_the_same_files_and_nothing_else(side_by_side):
    first = written(side_by_side)
    table = side_by_side / "evaluation" / "table.tsv"
    kept = [line for line in table.read_text().splitlines() if "\tprivacy\t" not in line]
    assert written(side_by_side) == first
    table.write_text("\n".join(kept) + "\n")
    assert set(written(side_by_side)) == {"genome-ac-gan_fidelity_mqc.json"}
