"""`dbench study`: a study to its table."""

import sys
from pathlib import Path

import click

from dbench.cli import options, process
from dbench.cli.options import AT_ONCE, DATA, RESULTS
from dbench.errors import InputError


@click.command(short_help="Train and score all runs of a study.")
@click.argument("name")
@click.option(
    "--scale",
    help="smoke, quick, laptop or paper [default: laptop; own, of a file without scales].",
)
@RESULTS
@AT_ONCE
@click.option(
    "--tensorboard",
    is_flag=True,
    help="Write the training logs for TensorBoard too, at the end; it must be installed.",
)
@click.option(
    "--plan",
    is_flag=True,
    help="Only say what it would cost: hours, memory, disk. No device is used, nothing written.",
)
@click.option(
    "--measure", is_flag=True, help="With --plan: time a chunk of each program on the devices here."
)
@DATA
def study(
    name: str,
    scale: str | None,
    results: Path,
    at_once: int | None,
    tensorboard: bool,
    plan: bool,
    measure: bool,
    data: Path | None,
) -> None:
    """Train, encode and score all runs of the study NAME; write its table.

    NAME is a study of `dbench list` or a .gin file. A study that was stopped goes on where it
    was; one that is finished only prints its table. Exit code 1 if runs failed.
    """
    if measure and not plan:
        raise InputError("--measure goes with --plan: give both, or leave it out")
    if plan and tensorboard:
        raise InputError("--plan trains nothing, and --tensorboard shows training: leave one out")
    if plan:
        return _plan(name, scale, results, data, measure, at_once)
    options.start()
    from dbench.study import board, load, run_study
    from dbench.study.find import default_scale
    from dbench.tables import results as tables
    from dbench.training import checkpoint

    scale = scale or default_scale(name, results)
    chosen = load(name, scale)
    if tensorboard:
        board.require()
    process.going_on()
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
        click.echo(f"({checkpoint.GIVEN_UP})", err=True)
    sys.exit(1 if failed else 0)


def _plan(name: str, scale: str | None, results: Path, *given) -> None:
    """Prints what the study would cost."""
    from dbench.cli import cost
    from dbench.study import load
    from dbench.study.find import default_scale

    click.echo(cost.said(load(name, scale or default_scale(name, results)), results, *given))
