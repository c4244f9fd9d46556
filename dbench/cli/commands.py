"""The command line. Bad input is one sentence and exit code 2."""

import sys

import click

from dbench import __version__, environment, extras
from dbench.cli import process
from dbench.cli.claims import claims
from dbench.cli.compare import compare
from dbench.cli.data import data_
from dbench.cli.describe import describe
from dbench.cli.equivariance import equivariance
from dbench.cli.evaluate import evaluate
from dbench.cli.imagine import imagine
from dbench.cli.list import list_
from dbench.cli.play import play
from dbench.cli.reference import reference
from dbench.cli.report import report
from dbench.cli.status import status
from dbench.cli.study import study
from dbench.cli.traverse import traverse
from dbench.cli.udr import udr
from dbench.cli.utilisation import utilisation
from dbench.cli.work import work
from dbench.errors import InputError, choose

# Everything that starts JAX is imported inside the commands, so that help is quick.
COMMANDS = (
    study,
    status,
    reference,
    udr,
    list_,
    evaluate,
    compare,
    claims,
    report,
    traverse,
    equivariance,
    utilisation,
    imagine,
    describe,
    play,
    data_,
    work,
)


class Group(click.Group):
    """Unknown commands get a suggestion."""

    def resolve_command(self, context, args):
        choose("command", args[0], self.list_commands(context))
        return super().resolve_command(context, args)


@click.group(
    cls=Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__)
@click.pass_context
def cli(context):
    """Benchmark suite for disentangled representations.

    Trains models over seeds and strengths, scores their representations, and writes tidy tables.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in COMMANDS:
    cli.add_command(command)


def main() -> None:
    try:
        with process.stopping(), environment.fixed(), extras.said():
            process.prepare(sys.argv[1:])
            environment.check()
            cli(standalone_mode=False)
    except InputError as error:
        fail(str(error))
    except click.ClickException as error:
        fail(error.format_message())
    except OSError as error:  # the rest of what may be wrong with a file, a name too long say
        fail(process.told(error))
    except MemoryError as error:
        fail(f"there is not enough memory ({' '.join(str(error).split()) or 'none is left'})")
    except (KeyboardInterrupt, click.Abort):
        process.interrupted()


def fail(sentence: str) -> None:
    click.echo(f"dbench: {InputError(sentence)}", err=True)
    sys.exit(2)
