"""`dbench study NAME --plan`: what a study would cost. It is no command of its own."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dbench.cli import options
from dbench.errors import InputError

if TYPE_CHECKING:
    from dbench.cost.page import Site
    from dbench.cost.speeds import Known
    from dbench.study import Run, Study

OPTIONS: list[Callable] = [
    click.option(
        "--plan",
        is_flag=True,
        help="Only say what it would cost: hours, memory, disk. No device is used, nothing "
        "written.",
    ),
    click.option(
        "--measure",
        is_flag=True,
        help="With --plan: time a chunk of each program on the devices here.",
    ),
]


def check(plan: bool, measure: bool, tensorboard: bool) -> None:
    """An InputError for options that do not go together."""
    if measure and not plan:
        raise InputError("--measure goes with --plan: give both, or leave it out")
    if plan and tensorboard:
        raise InputError("--plan trains nothing, and --tensorboard shows training: leave one out")


def said(
    name: str,
    scale: str | None,
    results: Path,
    data: Path | None,
    measure: bool,
    at_once: int | None,
    *,
    on: str | None,
    cluster: Path | None,
    part: int | None,
    score: str | None,
    **_,
) -> str:
    """The page. No device is started and nothing written, unless to `measure`."""
    if measure:
        options.start()
    from dbench import files
    from dbench.cluster import parts
    from dbench.cost import estimate, page, records, sources
    from dbench.data.cache import shapes_alone
    from dbench.study import load, runner, runs
    from dbench.study.find import default_scale
    from dbench.study.plan import plan

    site = _site(on, cluster)._replace(apart=score == "apart")
    study = load(name, scale or default_scale(name, results))
    with contextlib.nullcontext() if measure else shapes_alone():
        todo = plan(results / runner.named(study), study, data)
    places = [results, results / "reference", *files.shipped("results/reference")]
    groups = estimate.kinds(todo)
    measured = _measured(study, groups, at_once) if measure else {}
    known = [*records.found([results]), *sources.found(places)]
    lines = estimate.estimate(todo, known, measured)
    counts = [len(parts.split(some, part or parts.MOST)) for _, some in groups]
    return page.text(study, lines, len(runs(study)), counts, site)


def _site(on: str | None, cluster: Path | None) -> "Site":
    """The machines of cluster.toml, as the engine of --on uses them [Slurm]."""
    from dbench.cluster import settings
    from dbench.cost.page import UNKNOWN, Site

    if cluster is None:
        return UNKNOWN
    given = settings.read(cluster)
    slurm, ray = given.slurm, given.ray
    if on and on.startswith("ray"):
        return Site(None, max(1, int(ray.num_cpus)), given.price_per_gpu_hour, ray.num_gpus > 0)
    gpus = "gpu" in " ".join([slurm.gres or "", *slurm.options])
    return Site(slurm.parts_at_once, slurm.cpus, given.price_per_gpu_hour, gpus)


def _measured(study: "Study", groups: list[tuple["Known", list["Run"]]], at_once: int | None):
    """Program -> how it trains here."""
    from dbench.cost import measure

    found: dict = {}
    for i, (of, some) in enumerate(groups, 1):
        if of.sums.update and of.program not in found:
            click.echo(f"measuring {i} of {len(groups)}: {of.run.model} on {of.run.data}", err=True)
            found[of.program] = measure.measure(of, some, study.chunk, at_once)
    return found
