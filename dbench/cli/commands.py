"""The command line. Bad input is one sentence and exit code 2."""

import os
import sys
from pathlib import Path

import click

from dbench import __version__
from dbench.cli.claims import claims
from dbench.cli.compare import compare
from dbench.cli.data import data_
from dbench.cli.evaluate import evaluate
from dbench.cli.options import DATA, start
from dbench.cli.show import equivariance, report, traverse, utilisation
from dbench.errors import InputError, choose

# Everything that starts JAX is imported inside the commands, so that help is quick.


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


@cli.command()
@click.argument("name")
@click.option("--scale", default="laptop", show_default=True, help="smoke, laptop or paper.")
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    default=Path("results"),
    show_default=True,
    help="Folder to work in: the study gets a folder of its name there.",
)
@click.option(
    "--at-once",
    type=click.IntRange(1),
    help="Runs that train together [default: one a core on a CPU, elsewhere as many as fit].",
)
@click.option(
    "--tensorboard",
    is_flag=True,
    help="Write the training logs for TensorBoard too, at the end; it must be installed.",
)
@DATA
def study(
    name: str,
    scale: str,
    results: Path,
    at_once: int | None,
    tensorboard: bool,
    data: Path | None,
) -> None:
    """Train, encode and score all runs of the study NAME; write its table.

    NAME is a study of `dbench list` or a .gin file. A study that was stopped goes on where it
    was; one that is finished only prints its table. Exit code 1 if runs failed.
    """
    start()
    from dbench.study import board
    from dbench.study.runner import run_study
    from dbench.study.study import load
    from dbench.tables import results as tables

    chosen = load(name, scale)
    if tensorboard:
        board.require()
    failed = run_study(chosen, results, data, at_once)
    folder = results / chosen.name
    frame = tables.load(folder, scale)
    if len(frame):
        click.echo(f"\n{chosen.name} at scale {scale}: mean ± standard error over seeds\n")
        click.echo(tables.text(frame))
    click.echo(f"\ntable: {folder / tables.TABLE}")
    if tensorboard:
        click.echo(f"see the training: tensorboard --logdir {board.write(folder)}")
    for run, reason in failed.items():
        click.echo(f"failed, not in the table: {folder / run}: {reason}", err=True)
    if failed:
        click.echo("(a failed run is not tried again unless its folder is deleted)", err=True)
    sys.exit(1 if failed else 0)


@cli.command()
@click.argument("runs", nargs=-1, metavar="RUN...", type=click.Path(path_type=Path))
@click.option(
    "--method",
    type=click.Choice(["lasso", "spearman"]),
    help="[default: both, and Lasso ranks]",
)
@click.option(
    "--rows",
    type=click.IntRange(20),
    default=1_000,
    show_default=True,
    help="Images to compare on, drawn once for all runs.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=0,
    show_default=True,
    help="Of the drawn images; 0 gives the numbers of a study.",
)
@click.option("--output", type=click.Path(path_type=Path), help="CSV file for the scores.")
@DATA
def udr(runs, method, rows, seed, output, data) -> None:
    """Rank runs without any factor, by how far their codes are found again in other runs.

    RUN is a run's folder or a file of codes as `evaluate --representation` takes it, two or more of
    the same images. Runs that differ in their seed alone give the UDR of the paper.
    """
    if output is not None and output.resolve() in [path.resolve() for path in runs]:
        raise InputError(f"--output {output} would replace one of the runs: choose another name")
    start()
    from dbench.metrics.udr import METHODS
    from dbench.scoring import ranking
    from dbench.study.sets import write
    from dbench.training import devices

    tables = ranking.read(runs, devices.mesh(), seed=seed, rows=rows, source=data)
    metrics = [f"udr_{name}" for name in ([method] if method else METHODS)]
    frame, active, said = ranking.compare(runs, tables, metrics, seed)
    if output is not None:
        write(output, frame)
    click.echo(ranking.text(frame, active))
    for line in said:
        click.echo(f"warning: {line}", err=True)


@cli.command(name="list")
def list_() -> None:
    """Show the models, metrics, data sets and studies there are."""
    from dbench.data import DATASETS, own
    from dbench.metrics import GROUPS, METRICS
    from dbench.metrics.udr import SET_METRICS
    from dbench.models import MODELS
    from dbench.nets.gans import GAN_NETS
    from dbench.nets.vaes import NETS
    from dbench.scoring.reconstruction import MODEL_METRICS
    from dbench.study.study import question, studies
    from dbench.tables import reading

    kinds = {"models": MODELS, "nets": NETS, "nets of GANs": GAN_NETS, "metrics": METRICS}
    kinds |= {"metrics of a model (checkpoints, studies)": MODEL_METRICS}
    kinds |= {"metrics of several runs (dbench udr)": SET_METRICS, "data sets": DATASETS}
    lines = {
        kind: {name: first_line(thing) for name, thing in table.items()}
        for kind, table in kinds.items()
    }
    lines["data sets"]["your own"] = own.FORMS
    lines["groups of metrics"] = {
        "default": "all but downstream_lr_*, as far as the table allows",
        "all": "every metric that the table allows",
    } | {name: ", ".join(ids) for name, ids in GROUPS.items() if name not in ("default", "all")}
    lines["published numbers (dbench compare paper:NAME)"] = {
        name: reading.sources(path) for name, path in reading.papers().items()
    }
    lines["studies"] = {name: question(path) for name, path in studies().items()}
    width = max(len(name) for table in lines.values() for name in table)
    for kind, table in lines.items():
        click.echo(kind)
        for name, line in table.items():
            click.echo(f"  {name:{width}}  {line}")


def first_line(thing) -> str:
    return (thing.__doc__ or "").strip().split("\n")[0]


for command in (evaluate, compare, claims, report, traverse, equivariance, utilisation, data_):
    cli.add_command(command)


def main() -> None:
    try:
        cli(standalone_mode=False)
    except InputError as error:
        fail(str(error))
    except click.UsageError as error:
        fail(error.format_message())
    except click.ClickException as error:
        fail(error.format_message())
    except (KeyboardInterrupt, click.Abort):
        click.echo("\nstopped; a study goes on from its last checkpoint when given again", err=True)
        # Not sys.exit: JAX's threads may be in the middle of a chunk that nobody waits for.
        os._exit(130)


def fail(sentence: str) -> None:
    click.echo(f"dbench: {sentence}", err=True)
    sys.exit(2)
