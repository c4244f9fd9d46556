"""`dbench utilisation`: what a capacity is spent on."""

import click

from dbench.cli import options, outputs, taken
from dbench.cli.options import DATA_OF_RUN, MODEL, PATH
from dbench.errors import InputError


@click.command(short_help="Show which factors a capacity is spent on.")
@click.argument("runs", nargs=-1, metavar="RUN...", type=PATH)
@options.figure("utilisation")
@MODEL
@DATA_OF_RUN
def utilisation(runs, output, model, data) -> None:
    """Show which factors a capacity is spent on, of runs of a capacity_generator.

    Or of a model of your own whose log has its columns: capacity, kl_latent_0, ...

    Written are a picture and, to stdout, the nats of each factor at some capacities and from which
    capacity on it is coded (half a nat or more to the end), with the spread over runs.
    """
    if not runs:
        raise InputError("name the folder of a run of capacity_generator, or of several")
    path = output or runs[0] / "utilisation.png"
    path = outputs.picture(path, data, taken.of_runs(runs, data))
    options.start()
    options.own_model(model)
    from dbench.pictures import utilisation as spending

    options.say_given_up(runs)
    frame = spending.read(runs, data)
    spending.draw(frame, path)
    click.echo(spending.summary(frame).to_string(float_format="{:.2f}".format))
    click.echo(f"wrote {path}")
