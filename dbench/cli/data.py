"""`dbench data`: look at data sets, check them."""

import sys
from pathlib import Path

import click

from dbench.cli import options, outputs, taken
from dbench.cli.options import DATA, PATH
from dbench.errors import choose


@click.group(
    name="data", short_help="Look at data sets, and check them.", invoke_without_command=True
)
@click.pass_context
def data_(context) -> None:
    """Look at data sets, and check them against the official files."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@data_.command(short_help="Compare the official file with the images drawn here.")
@click.argument("name")
@options.data("The official file, or its folder [default: $DBENCH_DATA].")
def check(name: str, data: Path | None) -> None:
    """Compare the official file of the data set NAME with the images drawn here.

    dsprites: every pixel; exit code 1 if any differs. shapes3d: how near shapes3d_drawn is, which
    claims no more.
    """
    options.start()
    from dbench.data.official.check import CHECKS

    choose("data set with an official file to compare", name, CHECKS)
    comparison = CHECKS[name](data)
    click.echo(comparison.text())
    sys.exit(1 if comparison.differs else 0)


@data_.command(short_help="Draw samples of a data set, and what factors do.")
@click.argument("name")
@click.option(
    "--output",
    type=PATH,
    metavar="FILE.png",
    help="The picture [default: NAME.png in the current folder].",
)
@click.option(
    "--seed",
    type=options.SEEDS,
    default=0,
    show_default=True,
    help="Of the drawn samples.",
)
@DATA
def show(name: str, output: Path | None, seed: int, data: Path | None) -> None:
    """Draw a sheet of the data set NAME: samples, and each factor as it varies.

    NAME is a data set of `dbench list` or your own: a folder or file, MODULE:FUNCTION, tfds:NAME.
    """
    from dbench import data as datasets

    datasets.check_name(name)
    path = output or Path(f"{datasets.label(name)}.png")
    path = outputs.picture(path, data, taken.named(name))
    options.start()
    import jax

    from dbench.pictures import sheet

    replaced = path.exists()
    dataset = datasets.load(name, data)
    sheet.draw(dataset, jax.random.key(seed), path)
    options.say_coverage(dataset)
    click.echo(f"{'replaced' if replaced else 'wrote'} {path}")
