"""`dbench study`: a study to its table."""

import signal
import sys
from pathlib import Path
from typing import Any

import click

from dbench.cli import cluster as machines
from dbench.cli import cost, options, process
from dbench.cli.options import AT_ONCE, DATA, RESULTS


@click.command(short_help="Train and score all runs of a study.")
@click.argument("name", required=False)
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
@options.given(cost.OPTIONS)
@DATA
@options.given(machines.OPTIONS)
def study(
    name: str | None,
    scale: str | None,
    results: Path,
    at_once: int | None,
    tensorboard: bool,
    plan: bool,
    measure: bool,
    data: Path | None,
    **given: Any,
) -> None:
    """Train, encode and score all runs of the study NAME; write its table.

    NAME is a study of `dbench list` or a .gin file. A study that was stopped goes on where it
    was; one that is finished only prints its table. Exit code 1 if runs failed. With --on the runs
    are trained on the machines of a cluster, to the same table.
    """
    cost.check(plan, measure, tensorboard)
    machines.check(plan, **given)
    if str(given["cluster"]) == "new":
        return machines.example()
    if name is None:
        raise click.UsageError("Missing argument 'NAME'.")
    if plan:
        return click.echo(cost.said(name, scale, results, data, measure, at_once, **given))
    engine = machines.engine(**given) if given["on"] else None
    machines.start() if engine else options.start()
    from dbench.study import board, load
    from dbench.study.find import default_scale

    scale = scale or default_scale(name, results)
    chosen = load(name, scale)
    if tensorboard:
        board.require()
    process.going_on()
    if engine:
        given |= {"data": data, "at_once": at_once}
        failed = machines.drive(chosen, results, engine, **given)
    else:
        failed = _here(chosen, results, data, at_once)
    if failed is not None:
        _say(chosen, results, failed, tensorboard)
        sys.exit(1 if failed else 0)


def _here(chosen, results: Path, data: Path | None, at_once: int | None) -> dict[str, str]:
    """The study on this machine; the runs that failed, name -> reason."""
    from dbench.study import held, run_study, stop

    if (results / chosen.name / held.PARTS).exists():
        machines.refuse_parts(results / chosen.name, chosen.scale)
    try:
        with stop.watching(signal.SIGTERM):
            return run_study(chosen, results, data, at_once)
    except stop.Stopped as stopped:
        process.stop(process.GOES_ON, 128 + stopped.signal)
        raise


def _say(chosen, results: Path, failed: dict[str, str], tensorboard: bool) -> None:
    """The table on stdout, what failed on stderr."""
    from dbench.study import board
    from dbench.tables import results as tables
    from dbench.training import checkpoint

    folder = results / chosen.name
    frame = tables.load(folder, chosen.scale)
    if len(frame):
        click.echo(f"\n{chosen.name} at scale {chosen.scale}: mean ± standard error over seeds\n")
        click.echo(tables.text(frame))
    click.echo(f"\ntable: {folder / tables.TABLE}")
    if tensorboard:
        click.echo(f"see the training: tensorboard --logdir {board.write(folder)}")
    for run, reason in failed.items():
        click.echo(f"failed, not in the table: {folder / run}: {reason}", err=True)
    if any((folder / run / "failed.json").exists() for run in failed):
        click.echo(f"({checkpoint.GIVEN_UP})", err=True)
