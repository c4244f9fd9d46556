"""`dbench study --on`: the same study by an engine of a cluster."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dbench import bounds
from dbench.cli import options
from dbench.cli.options import PATH
from dbench.errors import InputError, choose

if TYPE_CHECKING:
    from dbench.cluster.engine import Engine
    from dbench.study import Study

ENGINES = ("slurm", "ray", "other")
FILE = Path("cluster.toml")

OPTIONS: list[Callable] = [
    click.option(
        "--on",
        metavar="slurm|ray=ADDRESS|other",
        help="Train on many machines: what starts the jobs. ADDRESS: auto or HOST:PORT. `other` "
        "writes the plan, for which another engine then runs `dbench work`.",
    ),
    click.option(
        "--cluster",
        type=PATH,
        metavar="FILE|new",
        help="Of --on: cluster.toml, what the machines are; `new` writes an example of it.",
    ),
    click.option(
        "--part",
        type=options.Whole(1, bounds.RUNS),
        help="Of --on: runs of a part, which one machine does [default: 50].",
    ),
    click.option(
        "--score",
        type=click.Choice(["apart"]),
        help="Of --on: parts that train hand their codes to parts that score, on processors alone.",
    ),
    click.option(
        "--keep-states",
        is_flag=True,
        help="Of --on: keep what training goes on from, also of runs that are scored.",
    ),
    click.option(
        "--no-wait", is_flag=True, help="Of --on: end when all is begun, and not when it is done."
    ),
]


def example() -> None:
    """Writes cluster.toml here."""
    from dbench.cluster import settings

    settings.write_example(FILE)
    click.echo(f"{FILE}: an example, whose lines say what they are")


def engine(on: str, cluster: Path | None, no_wait: bool, **_) -> "Engine":
    """The engine of a name. Before `options.start`: jobs get the environment as it is."""
    from dbench.cluster import other, ray, settings, slurm

    kind = choose("engine of --on", on.partition("=")[0], ENGINES)
    if kind != "ray" and on != kind:
        raise InputError(f"--on is {on}: {kind} has no address, say --on {kind}")
    if kind == "ray" and no_wait:
        raise InputError(
            "--no-wait is of Slurm: the parts of Ray end with the command that began them; leave "
            "it out, and start the command by `ray job submit` if you want to go"
        )
    if kind == "other":
        return other.Other()
    given = settings.read(cluster)
    if kind == "ray":
        return ray.Tasks(given.ray, ray.address(on))
    return slurm.Arrays(given.slurm, os.environ)


def start() -> None:
    """What `options.start` is to those who train. A driver leaves accelerators to others."""
    import jax

    from dbench.data import cache
    from dbench.training import devices

    devices.setup(cache.folder() / "compiled", 1)
    jax.config.update("jax_platforms", "cpu")


def drive(
    study: "Study",
    results: Path,
    engine: "Engine",
    *,
    data: Path | None,
    part: int | None,
    at_once: int | None,
    score: str | None,
    keep_states: bool,
    no_wait: bool,
    **_,
) -> dict[str, str] | None:
    """The study by an engine; the runs that failed, name -> reason, None if nobody waited."""
    from dbench.cluster import driver, parts

    if engine.name == "ray":
        refuse_parts(results / study.name, study.scale)
    wait = not no_wait and engine.name != "other"
    given = driver.Given(data, part or parts.MOST, at_once, wait, keep_states, score == "apart")
    return driver.drive(study, results, engine, given, lambda line: click.echo(line, err=True))


def refuse_parts(folder: Path, scale: str) -> None:
    """An InputError if parts of a study wait for machines: they would train what is trained here.

    Those at work hold the study's folder.
    """
    from dbench.cluster import slurm, written
    from dbench.cluster.settings import Slurm

    plans = written.plans(folder, scale)
    try:
        engine = slurm.Arrays(Slurm())
    except InputError:  # no Slurm here: who began them has gone elsewhere
        return
    try:
        said = engine.left(plans)
    except InputError:  # it does not answer
        if any(map(slurm.arrays, plans)):
            raise
        return
    if said:
        raise InputError(f"parts of this study are in Slurm's queue ({said}): wait for them")


def check(plan: bool, on: str | None, **given: Any) -> None:
    """An InputError for options that mean nothing without --on, or --plan."""
    planned = ("cluster", "part", "score") if plan else ()
    named = {name for name, value in given.items() if value and name not in planned}
    alone = [f"--{name.replace('_', '-')}" for name in given if name in named]
    if alone and on is None:
        raise InputError(f"{alone[0]} is of --on: say --on slurm too, or leave it out")
