"""`python -m genome_ac_gan` is the command `genome-ac-gan`."""

from genome_ac_gan.cli import main

if __name__ == "__main__":
    main(prog_name="genome-ac-gan")
