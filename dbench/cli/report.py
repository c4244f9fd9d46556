"""`dbench report`: one page of results, and its figures."""

from pathlib import Path

import click

from dbench import files, kept
from dbench.cli import options, taken
from dbench.cli.options import DATA_OF_RUN, PATH
from dbench.errors import InputError, choose

REPORT = [
    click.argument("studies", nargs=-1, metavar="STUDY...", type=PATH),
    click.option(
        "--output",
        type=PATH,
        metavar="DIR",
        help="Folder for the page, report.html, and all figures [default: report in the folder of "
        "the study; of several studies, or of a .csv, report in the current folder].",
    ),
    click.option(
        "--metric",
        help="Score by which the best, median and worst runs are chosen [default: the first of the "
        "table that sees factors].",
    ),
    click.option("--scale", help="smoke, quick, laptop or paper [default: the largest there is]."),
    options.BETTER,
    options.MODEL,
    DATA_OF_RUN,
]


@click.command(short_help="Write one HTML page of results.")
@options.given(REPORT)
def report(studies, output, metric, scale, better, model, data) -> None:
    """Write one HTML page of results that opens with no network, and its figures.

    STUDY is a study's results folder, or a .csv that `dbench evaluate --output` wrote of models of
    your own; methods of several are set beside each other. What the page lacks, and why, is said on
    it and on stderr.
    """
    if scale is not None:
        choose("scale", scale, kept.ORDER)
    folder = report_folder(studies, output, data)
    studies = tuple(map(files.reference, studies))
    options.start()
    options.own_model(model)
    from dbench.report import write

    _require_runs(studies)
    page, lacks = write(list(studies), folder, metric, scale, data, better)
    for sentence in lacks:
        click.echo(f"lacks: {sentence}", err=True)
    click.echo(f"report: {page}")


def _require_runs(studies: tuple[Path, ...]) -> None:
    """An InputError where there is neither a score to show nor a run that failed."""
    from dbench.tables import load
    from dbench.tables.results import table_of

    if any(len(load(folder)) or any(folder.rglob("failed.json")) for folder in studies):
        return
    raise InputError(f"{table_of(studies[0])} has no rows: there is nothing to report")


def report_folder(studies: tuple[Path, ...], output: Path | None, data: Path | None = None) -> Path:
    """Where a report goes; an InputError if that cannot be, or there is nothing to report."""
    if not studies:
        raise InputError("name the folder of a study, as results/beta_sweep, or of several")
    given, studies = studies, tuple(map(files.reference, studies))
    for folder in studies:
        if folder.is_file() and (folder.suffix != ".csv" or folder.name == "scores.csv"):
            raise InputError(f"{folder} is a file: give the folder of a study's results")
        if not folder.exists():
            raise InputError(f"there is no folder {folder}: give that of a study's results")
    alone = len(studies) == 1 and studies[0].is_dir() and studies == given  # ours is not to change
    own = studies[0] / "report" if alone else Path("report")
    folder = output or own
    runs = [path.parent for study in studies for path in study.rglob("config.json")]
    taken.folder("--output", folder, taken.of_runs(runs, data))
    if (folder / "report.html").is_dir():
        raise InputError(f"--output: {folder / 'report.html'} is a folder; choose another place")
    return folder
