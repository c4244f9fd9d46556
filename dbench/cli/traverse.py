"""`dbench traverse`: what each latent of a run does."""

import re

import click

from dbench import bounds, files
from dbench.cli import options, taken
from dbench.cli.options import DATA_OF_RUN, PATH
from dbench.errors import InputError, short


def _count(_context, option, text: str) -> int | None:
    """ "15" -> 15, "all" -> None. For click."""
    if text == "all":
        return None
    if not re.fullmatch("[0-9]{1,6}", text) or not 0 < int(text) <= bounds.COUNT:
        raise InputError(
            f"{option.opts[0]} takes a number from 1, or all, and no more than {bounds.COUNT:,}, "
            f"not {short(text)}"
        )
    return int(text)


TRAVERSE = [
    click.option("--checkpoint", type=PATH, required=True, help="A run's folder."),
    click.option(
        "--output",
        type=PATH,
        metavar="DIR",
        help="Folder for the pictures [default: traversals in the run's folder].",
    ),
    click.option(
        "--range",
        "span",
        type=options.Between(0, 100, min_open=True),
        default=2.0,
        show_default=True,
        help="Each latent goes from minus this to this, no further than codes can be (units "
        "of disbm: 0 to 1); 1 is the prior's standard deviation.",
    ),
    click.option(
        "--images",
        type=options.Whole(1, 100),
        default=3,
        show_default=True,
        help="Images to start from, a sheet each.",
    ),
    click.option(
        "--latents",
        callback=_count,
        default="15",
        metavar="N|all",
        show_default=True,
        help="Latents to show at most, those with most KL.",
    ),
    click.option(
        "--seed",
        type=options.SEEDS,
        default=0,
        show_default=True,
        help="Of the drawn images.",
    ),
    options.MODEL,
    DATA_OF_RUN,
]


@click.command(short_help="Draw what each latent of a run does.")
@options.given(TRAVERSE)
def traverse(checkpoint, output, span, images, latents, seed, model, data) -> None:
    """Draw what each latent of a run does: traversal sheets and an animated GIF.

    Latents are sorted by KL. Beside each stands the factor of which it knows the largest share
    (100%: all of its entropy), and a second one if that is close. A sheet says how many it leaves
    out; the GIF has 24 of them at most. Of a model that acts (icf) also what the policy of each
    code chooses, and how each action changes each code. Of a model whose codes come in groups
    (disbm, dc_ign, infogan) also analogies, one group of an image with all other codes of another,
    and each group as it moves.
    """
    folder = output or checkpoint / "traversals"
    files.run_folder(checkpoint)
    taken.folder("--output", folder, taken.of_runs([checkpoint], data))
    options.start()
    options.own_model(model)
    from dbench.pictures import runs
    from dbench.pictures import traverse as traversals
    from dbench.training import devices

    options.say_given_up([checkpoint])
    run = runs.read(checkpoint, devices.mesh(), data, seed)
    for path in traversals.write(run, folder, images, span, latents):
        click.echo(f"wrote {path}")
