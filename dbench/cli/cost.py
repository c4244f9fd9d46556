"""`dbench study NAME --plan`: what a study would cost. It is no command of its own."""

from pathlib import Path

import click

from dbench.cli import options
from dbench.study import Run, Study


def said(study: Study, results: Path, data: Path | None, measure: bool, at_once: int | None) -> str:
    """The page. No device is started and nothing written, unless to `measure`."""
    import contextlib

    from dbench import files
    from dbench.cost import estimate, page, sources
    from dbench.data.cache import shapes_alone
    from dbench.study import runner, runs
    from dbench.study.plan import plan

    if measure:
        options.start()
    with contextlib.nullcontext() if measure else shapes_alone():
        todo = plan(results / runner.named(study), study, data)
    places = [results, results / "reference", *files.shipped("results/reference")]
    groups = estimate.kinds(todo)
    measured = _measured(study, groups, at_once) if measure else {}
    lines = estimate.estimate(todo, list(sources.found(places)), measured)
    parts = [-(-len(some) // 50) for _, some in groups]
    return page.text(study, lines, len(runs(study)), parts)


def _measured(study: Study, groups: list[tuple], at_once: int | None) -> dict:
    from dbench.cost import measure

    found = {}
    for i, (of, some) in enumerate(groups, 1):
        if of.sums.update and of.program not in found:
            first: Run = some[0]
            click.echo(f"measuring {i} of {len(groups)}: {first.model} on {first.data}", err=True)
            found[of.program] = measure.measure(of, some, study.chunk, at_once)
    return found
