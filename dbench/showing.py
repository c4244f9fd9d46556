"""The options of `dbench report` and `dbench traverse`. Quick to import."""

from collections.abc import Callable
from pathlib import Path

import click

from dbench.errors import InputError
from dbench.options import DATA, writable

REPORT = [
    click.argument("studies", nargs=-1, metavar="STUDY...", type=click.Path(path_type=Path)),
    click.option(
        "--output",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder for the page, report.html, and all figures [default: report in the folder of "
        "the study; of several studies, report in the current folder].",
    ),
    click.option(
        "--metric",
        help="Score by which the best, median and worst runs are chosen [default: the first of the "
        "table that sees factors].",
    ),
    click.option("--scale", help="smoke, laptop or paper [default: the largest in the tables]."),
    DATA,
]
TRAVERSE = [
    click.option(
        "--checkpoint", type=click.Path(path_type=Path), required=True, help="A run's folder."
    ),
    click.option(
        "--output",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder for the pictures [default: traversals in the run's folder].",
    ),
    click.option(
        "--range",
        "span",
        type=click.FloatRange(0, 100, min_open=True),
        default=2.0,
        show_default=True,
        help="Each latent goes from minus this to this; 1 is the prior's standard deviation.",
    ),
    click.option(
        "--images",
        type=click.IntRange(1, 100),
        default=3,
        show_default=True,
        help="Images to start from, a sheet each.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(0, 2**31 - 1),
        default=0,
        show_default=True,
        help="Of the drawn images.",
    ),
    DATA,
]


def options(chosen: list[Callable]) -> Callable:
    """Gives a click command these options, in this order."""

    def decorate(command: Callable) -> Callable:
        for option in reversed(chosen):
            command = option(command)
        return command

    return decorate


def report_folder(studies: tuple[Path, ...], output: Path | None) -> Path:
    """Where a report goes; an InputError if that cannot be, or there is nothing to report."""
    if not studies:
        raise InputError("name the folder of a study, as results/beta_sweep, or of several")
    for folder in studies:
        if not folder.is_dir():
            raise InputError(f"there is no folder {folder}: give that of a study's results")
    own = studies[0] / "report" if len(studies) == 1 else Path("report")
    folder = output or own
    writable(folder, "--output")
    return folder
