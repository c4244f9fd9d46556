"""`dbench describe`: the symbols that a model finds in an image."""

import click

from dbench.cli import options
from dbench.cli.options import DATA_OF_RUN, PATH
from dbench.errors import InputError

DESCRIBE = [
    click.option("--checkpoint", type=PATH, required=True, help="A run's folder."),
    click.option("--image", type=PATH, help="A picture, of the size of the data set's images."),
    click.option("--row", type=options.Whole(0, 2**31 - 1), help="An image of the data set."),
    options.MODEL,
    DATA_OF_RUN,
]


@click.command(short_help="Print the symbols that a model finds in an image.")
@options.given(DESCRIBE)
def describe(checkpoint, image, row, model, data) -> None:
    """Print the symbols that a model of symbols finds in an image, each with its chance.

    The chance is that of being said. A model that is taught concepts of one to four symbols leaves
    much unsaid, so that of a symbol that surely holds it may be near a half.
    """
    if (image is None) == (row is None):
        raise InputError("give an image: either --image FILE or --row N")
    options.start()
    options.own_model(model)
    from dbench.pictures import symbols

    options.say_given_up([checkpoint])
    speaker = symbols.load(checkpoint, data)
    dataset = speaker.dataset
    pixels = symbols.picture(image, dataset) if row is None else symbols.of_row(dataset, row)
    for factor, found in symbols.describe(speaker, pixels):
        said = ", ".join(f"{name} {chance:.2f}" for name, chance in found)
        click.echo(f"{factor}: {said}")
    if row is not None:
        told = dataset.factors[row][list(speaker.words.columns)]
        click.echo(f"in truth: {speaker.words.said(told)}")
