"""`dbench equivariance`: does each code follow its factor?"""

import textwrap

import click

from dbench import files
from dbench.cli import options, outputs, taken
from dbench.cli.options import DATA_OF_RUN, PATH


@click.command(short_help="Show whether codes follow factors.")
@click.option("--checkpoint", type=PATH, required=True, help="A run's folder.")
@click.option(
    "--factors",
    callback=options.listed,
    help="Comma-separated [default: the extrinsic ones of a dc_ign, else all].",
)
@options.figure("equivariance")
@click.option(
    "--seed",
    type=options.SEEDS,
    default=0,
    show_default=True,
    help="Of the drawn images.",
)
@options.MODEL
@DATA_OF_RUN
def equivariance(checkpoint, factors, output, seed, model, data) -> None:
    """Show how codes follow factors: code against value, and images rendered again.

    The code of a factor is that which a dc_ign was given, of another model the one that knows most
    of it. Written are a picture and, beside it as .csv and to stdout, how well each code follows,
    and the squared pixel error of images rendered at other values of the factor. What each column
    is stands below the table.
    """
    files.run_folder(checkpoint)
    own, read = checkpoint / "equivariance.png", taken.of_runs([checkpoint], data)
    path = output or own
    beside = [] if taken.alike(path.with_suffix(".png")) == taken.alike(own) else [".csv"]
    path = outputs.picture(path, data, read, beside)
    options.start()
    options.own_model(model)
    from dbench.pictures import equivariance as following
    from dbench.training import devices

    options.say_given_up([checkpoint])
    frame = following.write(checkpoint, devices.mesh(), path, factors, data, seed)
    click.echo(frame.to_string(index=False, float_format="{:.3f}".format))
    click.echo(f"wrote {path}")
    for name, said in following.COLUMNS.items():
        click.echo(textwrap.fill(f"{name}: {said}", 100, subsequent_indent="  "))
