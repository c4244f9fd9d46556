"""`dbench equivariance` and `dbench utilisation`: what two papers show of their models."""

from pathlib import Path

import click

from dbench import options
from dbench.errors import InputError
from dbench.options import DATA


def _output(name: str):
    said = f"The picture [default: {name}.png in the folder of the first run]."
    return click.option("--output", type=click.Path(path_type=Path), metavar="FILE.png", help=said)


@click.command()
@click.option(
    "--checkpoint", type=click.Path(path_type=Path), required=True, help="A run's folder."
)
@click.option(
    "--factors",
    callback=options.listed,
    help="Comma-separated [default: the extrinsic ones of a dc_ign, else all].",
)
@_output("equivariance")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=0,
    show_default=True,
    help="Of the drawn images.",
)
@DATA
def equivariance(checkpoint, factors, output, seed, data) -> None:
    """Show how codes follow factors: code against value, and images rendered again.

    The code of a factor is that which a dc_ign was given, of another model the one that knows most
    of it. Written are a picture and, to stdout, how well each code follows, and the squared pixel
    error of images rendered at other values of the factor (unmoved: with the code as it was).
    """
    if not checkpoint.is_dir():
        raise InputError(f"there is no checkpoint folder {checkpoint}")
    path = options.picture(output or checkpoint / "equivariance.png", data)
    _start()
    from dbench import devices
    from dbench import equivariance as following

    run = following.read(checkpoint, devices.mesh(), factors, data, seed)
    chosen = following.pairs(run, factors)
    frame = following.measure(run, chosen)
    following.draw(run, chosen, frame, path)
    click.echo(frame.to_string(index=False, float_format="{:.3f}".format))
    click.echo(f"wrote {path}")


@click.command()
@click.argument("runs", nargs=-1, metavar="RUN...", type=click.Path(path_type=Path))
@_output("utilisation")
@DATA
def utilisation(runs, output, data) -> None:
    """Show which factors a capacity is spent on, of runs of a capacity_generator.

    Written are a picture and, to stdout, the nats of each factor at some capacities and from which
    capacity on it is coded (half a nat or more to the end), with the spread over runs.
    """
    if not runs:
        raise InputError("name the folder of a run of capacity_generator, or of several")
    path = options.picture(output or runs[0] / "utilisation.png", data)
    _start()
    from dbench import utilisation as spending

    frame = spending.read(runs, data)
    spending.draw(frame, path)
    click.echo(spending.summary(frame).to_string(float_format="{:.2f}".format))
    click.echo(f"wrote {path}")


def _start() -> None:
    from dbench import devices
    from dbench.data import cache

    devices.setup(cache.folder() / "compiled")
