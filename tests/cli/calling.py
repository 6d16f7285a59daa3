"""The command line called from within a test."""

from click.testing import CliRunner

from genome_ac_gan.cli import main


def call(*words, code=0):
    """Return the outcome of a call, which has to end with a code."""
    outcome = CliRunner().invoke(main, [str(word) for word in words])
    assert outcome.exit_code == code, outcome.output + repr(outcome.exception)
    return outcome
