"""`dbench imagine`: what a model of symbols makes of words."""

import click

from dbench.cli import options, outputs, taken
from dbench.cli.options import DATA_OF_RUN, PATH
from dbench.errors import InputError

IMAGINE = [
    click.argument("phrases", nargs=-1, metavar="PHRASE..."),
    click.option("--checkpoint", type=PATH, required=True, help="A run's folder."),
    click.option(
        "--samples",
        type=options.Whole(1, 100),
        default=10,
        show_default=True,
        help="Images of each phrase.",
    ),
    click.option("--seed", type=options.SEEDS, default=0, show_default=True, help="Of the images."),
    options.figure("imagined"),
    options.MODEL,
    DATA_OF_RUN,
]


@click.command(short_help="Draw what a model of symbols imagines of a phrase.")
@options.given(IMAGINE)
def imagine(phrases, checkpoint, samples, seed, output, model, data) -> None:
    """Draw what a model of symbols imagines of a phrase, as "red wall AND hat".

    A PHRASE is symbols with a comma between them (one concept), or concepts with AND, IN COMMON or
    IGNORE between them, which the model's own operators join. Each gets a row of the sheet. A green
    border: a classifier that was trained on real images finds all that is said.
    """
    if not phrases:
        raise InputError('say what to imagine, as "red wall AND hat"')
    path = output or checkpoint / "imagined.png"
    path = outputs.picture(path, data, taken.of_runs([checkpoint], data))
    options.start()
    options.own_model(model)
    from dbench import files
    from dbench.pictures import symbols

    options.say_given_up([checkpoint])
    figure, counts = symbols.imagine(symbols.load(checkpoint, data), phrases, samples, seed)
    with files.replacing(path) as temporary:
        figure.savefig(temporary, format="png")
    for phrase, count in zip(phrases, counts, strict=True):
        click.echo(f"{phrase}: {count} of {samples} right")
    click.echo(f"wrote {path}")
