"""`dbench status`: how far a study is."""

from pathlib import Path

import click

from dbench.cli.options import PATH


@click.command(short_help="Say what of a study is done, running, waiting and failed.")
@click.argument("folder", type=PATH)
def status(folder: Path) -> None:
    """Say what is done, running, waiting and failed of a study, and about how long the rest takes.

    FOLDER is the study's in the folder of results, as results/beta_sweep. Nothing is written.
    """
    from dbench.cluster.status import lines

    for line in lines(folder):
        click.echo(line)
