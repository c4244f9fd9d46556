"""`dbench reference`: every study of a scale, its report, and the claims of the papers."""

import sys
from pathlib import Path

import click

from dbench.cli import options, outputs, process
from dbench.cli.claims import follow
from dbench.cli.options import AT_ONCE, DATA, RESULTS, SCALE
from dbench.errors import InputError, choose


@click.command(short_help="Make every reference table of a scale.")
@click.argument("names", nargs=-1, metavar="[STUDY]...")
@SCALE
@RESULTS
@AT_ONCE
@DATA
def reference(
    names: tuple[str, ...], scale: str, results: Path, at_once: int | None, data: Path | None
) -> None:
    """Make every reference table of a scale: each study that has it, its report, the claims.

    STUDY is one or more studies of `dbench list` [all that have the scale]. It goes on where it
    was stopped. A study whose data are not here is said and left out. Writes what `dbench study`
    and `dbench report` write of each, and claims.md and claims.csv. Exit code 1 if a run failed or
    a study was left out.
    """
    options.start()
    from dbench.kept import SCALES
    from dbench.study import load, scales_of, studies
    from dbench.study.several import run_studies

    choose("scale", scale, SCALES)
    chosen = names or tuple(name for name in studies() if scale in scales_of(name))
    if not chosen:
        raise InputError(f"no study has the scale {scale}: see `dbench list`")
    loaded = [load(name, scale, code=bool(names)) for name in chosen]
    process.going_on()
    failed = run_studies(loaded, results, data, at_once, say=_say)
    folders = [results / study.name for study in loaded if study.name not in failed]
    _written(folders, results, scale, data)
    for name, why in failed.items():
        _say(f"failed: {name}: {why}")
    sys.exit(1 if failed else 0)


def _written(folders: list[Path], results: Path, scale: str, data: Path | None) -> None:
    """The reports, and the claims that the tables here answer."""
    from dbench.claims import CLAIMS, Evidence, table, words
    from dbench.report import write
    from dbench.tables import spreadsheet

    for folder in folders:
        try:
            page, _ = write([folder], folder / "report", None, scale, data)
        except InputError as error:  # the table stands all the same
            _say(f"no report of {folder}: {error}")
        else:
            click.echo(f"report: {page}")
    evidence = Evidence([results], scale)
    try:
        follow(CLAIMS, evidence, data)
    except InputError as error:
        _say(f"not measured, how codes follow their factors: {error}")
    frame = table(CLAIMS, evidence)
    outputs.write(
        {
            str(results / "claims.csv"): spreadsheet.csv(frame),
            str(results / "claims.md"): words.markdown(frame),
        },
        words.text(frame),
    )
    click.echo(f"claims: {results / 'claims.md'}")


def _say(line: str) -> None:
    click.echo(line, err=True)
