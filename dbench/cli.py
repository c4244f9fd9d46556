"""The command line. Bad input is one sentence and exit code 2."""

import os
import sys
from pathlib import Path

import click

from dbench import __version__
from dbench.errors import InputError, choose

# Everything that starts JAX is imported inside the commands, so that help is quick.
DATA = click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Official data file, or the folder it is in [default: $DBENCH_DATA, else drawn].",
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


def start() -> None:
    """Spreads JAX over all cores; compiled programs are kept in the cache folder."""
    from dbench import devices
    from dbench.data import cache

    devices.setup(cache.folder() / "compiled")


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
@DATA
def study(name: str, scale: str, results: Path, data: Path | None) -> None:
    """Train, encode and score all runs of the study NAME; write its table.

    NAME is a study of `dbench list` or a .gin file. A study that was stopped goes on where it
    was; one that is finished only prints its table. Exit code 1 if runs failed.
    """
    start()
    from dbench import results as tables
    from dbench.runner import run_study
    from dbench.study import load

    chosen = load(name, scale)
    failed = run_study(chosen, results, data)
    folder = results / chosen.name
    frame = tables.load(folder, scale)
    if len(frame):
        click.echo(f"\n{chosen.name} at scale {scale}: mean ± standard error over seeds\n")
        click.echo(tables.text(frame))
    click.echo(f"\ntable: {folder / tables.TABLE}")
    for run, reason in failed.items():
        click.echo(f"failed, not in the table: {folder / run}: {reason}", err=True)
    if failed:
        click.echo("(a failed run is not tried again unless its folder is deleted)", err=True)
    sys.exit(1 if failed else 0)


@cli.command()
@click.option("--checkpoint", type=click.Path(path_type=Path), help="A run's folder.")
@click.option(
    "--representation",
    type=click.Path(path_type=Path),
    help=".npz of any model: mean [N, D], factors int [N, K]; optional logvar, factor_names.",
)
@click.option("--metrics", help="Ids, comma-separated [default: all that the table allows].")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    help="Of the sampled scores [default: the run's own, or 0].",
)
@click.option("--output", type=click.Path(path_type=Path), help="CSV file for the scores.")
@DATA
def evaluate(checkpoint, representation, metrics, seed, output, data) -> None:
    """Score one checkpoint, or codes from any framework.

    A checkpoint gets the very numbers that its study wrote, unless --seed is another.
    """
    if (checkpoint is None) == (representation is None):
        raise InputError("give either --checkpoint DIR or --representation FILE.npz")
    start()
    from dbench import devices
    from dbench import evaluate as evaluation
    from dbench.metrics import METRICS, allowed

    names = [name.strip() for name in metrics.split(",")] if metrics else None
    for name in names or ():
        choose("metric", name, METRICS)
    if checkpoint is not None:
        table, config = evaluation.read_checkpoint(checkpoint, devices.mesh(), data)
    else:
        table, config = evaluation.read_representation(representation), {"seed": 0}
    seed = config["seed"] if seed is None else seed
    scores = evaluation.score(table, names or allowed(table), seed)
    if output is not None:
        evaluation.write_scores(output, scores)
    click.echo(scores.to_string(index=False, float_format="{:.6f}".format))


@cli.command(name="list")
def list_() -> None:
    """Show the models, metrics, data sets and studies there are."""
    from dbench.data import DATASETS
    from dbench.metrics import METRICS
    from dbench.models import MODELS
    from dbench.nets import NETS
    from dbench.study import question, studies

    kinds = {"models": MODELS, "nets": NETS, "metrics": METRICS, "data sets": DATASETS}
    lines = {
        kind: {name: first_line(thing) for name, thing in table.items()}
        for kind, table in kinds.items()
    }
    lines["studies"] = {name: question(path) for name, path in studies().items()}
    width = max(len(name) for table in lines.values() for name in table)
    for kind, table in lines.items():
        click.echo(kind)
        for name, line in table.items():
            click.echo(f"  {name:{width}}  {line}")


def first_line(thing) -> str:
    return (thing.__doc__ or "").strip().split("\n")[0]


@cli.group(name="data", invoke_without_command=True)
@click.pass_context
def data_(context) -> None:
    """Check data sets against the official files."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@data_.command()
@click.argument("name")
@DATA
def check(name: str, data: Path | None) -> None:
    """Compare the official file of the data set NAME with the images drawn here.

    Exit code 1 if they differ.
    """
    from dbench.data.check import check_dsprites

    choose("data set with an official file", name, ["dsprites"])
    comparison = check_dsprites(data)
    click.echo(comparison.text())
    sys.exit(1 if len(comparison.rows) else 0)


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
        click.echo("\nstopped; the same command goes on from the last checkpoint", err=True)
        # Not sys.exit: JAX's threads may be in the middle of a chunk that nobody waits for.
        os._exit(130)


def fail(sentence: str) -> None:
    click.echo(f"dbench: {sentence}", err=True)
    sys.exit(2)
