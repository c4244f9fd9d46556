"""`dbench udr`: runs ranked without factors."""

from pathlib import Path

import click

from dbench import bounds, files
from dbench.cli import options, taken
from dbench.cli.options import DATA_OF_RUN, MODEL, PATH
from dbench.errors import InputError


@click.command(short_help="Rank runs without factors, by how far they agree.")
@click.argument("runs", nargs=-1, metavar="RUN...", type=PATH)
@click.option(
    "--method",
    type=click.Choice(["lasso", "spearman"]),
    help="[default: both, and Lasso ranks]",
)
@click.option(
    "--rows",
    type=options.Whole(20, bounds.ROWS),
    default=1_000,
    show_default=True,
    help="Images to compare on, drawn once for all runs.",
)
@click.option(
    "--seed",
    type=options.SEEDS,
    default=0,
    show_default=True,
    help="Of the drawn images; 0 gives the numbers of a study.",
)
@click.option("--output", type=PATH, help="CSV file for the scores.")
@MODEL
@DATA_OF_RUN
def udr(runs, method, rows, seed, output, model, data) -> None:
    """Rank runs without any factor, by how far their codes are found again in other runs.

    RUN is a run's folder or a file of codes as `evaluate --representation` takes it, two or more of
    the same images. Runs that differ in their seed alone give the UDR of the paper.
    """
    if output is not None:
        _check(output, runs, data)
    options.start()
    options.own_model(model)
    from dbench.metrics.udr import METHODS
    from dbench.scoring import ranking
    from dbench.tables import spreadsheet
    from dbench.training import devices

    options.say_given_up(path for path in runs if path.is_dir())
    tables = ranking.read(runs, devices.mesh(), seed=seed, rows=rows, source=data)
    metrics = [f"udr_{name}" for name in ([method] if method else METHODS)]
    frame, active, said = ranking.compare(runs, tables, metrics, seed)
    if output is not None:
        files.write_bytes(output, spreadsheet.csv(frame).encode())
    click.echo(ranking.text(frame, active))
    for line in said:
        click.echo(f"warning: {line}", err=True)


def _check(output: Path, runs: tuple[Path, ...], data: Path | None) -> None:
    """An InputError if the file to write is not free, before the work."""
    if any(path.is_file() and taken.alike(path) == taken.alike(output) for path in runs):
        raise InputError(f"--output {output} would replace one of the runs: choose another name")
    if output.is_dir() or not output.name:
        raise InputError(f"--output {output} is a folder: name a file")
    taken.free(f"--output {output}", [output], taken.of_runs(runs, data))
    taken.data(data, [output], f"--output {output}")
    taken.writable(output.parent, "--output")
