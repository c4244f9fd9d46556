"""`dbench work`: one part of a plan, where an engine starts it."""

import os
import signal
import sys
from pathlib import Path

import click

from dbench import bounds
from dbench.cli import options, process
from dbench.cli.options import PATH


@click.command(short_help="Do one part of a study's plan, as engines of clusters start it.")
@click.argument("plan", type=PATH)
@click.argument("index", type=options.Whole(0, bounds.RUNS))
@click.option(
    "--cpus",
    type=options.Whole(1, bounds.COUNT),
    help="Processor cores to use [default: all that the process may].",
)
def work(plan: Path, index: int, cpus: int | None) -> None:
    """Train and score part INDEX of PLAN, a plan.json that `dbench study --on` wrote.

    It uses the devices that it sees, goes on from the checkpoints that are there, and does nothing
    for a part that is done. At SIGTERM and SIGUSR1 it saves a checkpoint and ends; after SIGUSR1,
    as a job of Slurm, it is queued again.
    """
    from dbench.cluster import commands
    from dbench.cluster import work as cluster
    from dbench.study import stop

    cluster.setup(cpus, whole_gpu="CUDA_VISIBLE_DEVICES" in os.environ)
    process.going_on()
    try:
        cluster.work(plan, index, commands.job())
    except stop.Stopped as stopped:
        click.echo(f"{stopped}; what was trained is saved", err=True)
        if stopped.signal == signal.SIGUSR1:
            commands.requeue()
        sys.exit(128 + stopped.signal)
