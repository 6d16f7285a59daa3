# A benchmark as a workflow of Snakemake 8 or newer: a job for each panel and each cell, on one machine or on a cluster.
#   snakemake -s examples/benchmark.smk --cores 2 --config settings=examples/benchmark.yaml out=runs/benchmark
#   snakemake -s examples/benchmark.smk --executor slurm --jobs 20 --config settings=... out=... threads=4
# A cell that fails is recorded and shown in the report; it does not stop the others. One that was killed goes on where
# it stood when the workflow is run again.
import csv
import os
import subprocess

settings, out = config["settings"], config["out"]

# Jobs on this machine inherit the list, so that it is made once.
if "GENOME_AC_GAN_CELLS" not in os.environ:
    words = ["genome-ac-gan", "benchmark", settings, "-o", out, "--list"]
    os.environ["GENOME_AC_GAN_CELLS"] = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout
cells = list(csv.DictReader(os.environ["GENOME_AC_GAN_CELLS"].splitlines(), delimiter="\t"))


wildcard_constraints:
    panel="[^/]+",
    model="[^/]+",
    seed=r"\d+",


localrules:
    all,


rule all:
    input:
        f"{out}/report.html",


# Reads and splits the panel, judges its anchors and the sets made elsewhere.
rule panel:
    output:
        touch(f"{out}/.ended/{{panel}}/panel"),
    params:
        panel=lambda wildcards: wildcards.panel,
    threads: config.get("threads", 1)
    shell:
        "genome-ac-gan benchmark {settings:q} -o {out:q} --panel {params.panel:q} --threads {threads}"


# An ordinary run folder: train, generate, evaluate.
rule cell:
    input:
        f"{out}/.ended/{{panel}}/panel",
    output:
        touch(f"{out}/.ended/{{panel}}/{{model}}/seed-{{seed}}"),
    params:
        cell=lambda wildcards: f"{wildcards.panel}/{wildcards.model}/{wildcards.seed}",
        failure=lambda wildcards: f"{out}/cells/{wildcards.panel}/{wildcards.model}/seed-{wildcards.seed}/failure.json",
    threads: config.get("threads", 1)
    shell:
        "genome-ac-gan benchmark {settings:q} -o {out:q} --cell {params.cell:q} --threads {threads}"
        " || test -f {params.failure:q}"


# Tables and report.
rule collect:
    input:
        [f"{out}/.ended/{cell['panel']}/panel" for cell in cells],
        [f"{out}/.ended/{cell['panel']}/{cell['model']}/seed-{cell['seed']}" for cell in cells],
    output:
        f"{out}/report.html",
        f"{out}/benchmark.tsv",
        f"{out}/cells.tsv",
        f"{out}/costs.tsv",
    shell:
        "genome-ac-gan benchmark {settings:q} -o {out:q} --collect"
