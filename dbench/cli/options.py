"""What the commands share. Quick to import."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from dbench import bounds
from dbench.errors import InputError, short


class PathType(click.Path):
    """A file or a folder; an empty name is none, and not the current folder, and - is none.

    ~ is the home folder also where the shell leaves it, as in --output=~/a.csv.
    """

    def convert(self, value, option, context):
        if not str(value).strip():
            self.fail("it is empty: name a file or a folder", option, context)
        if str(value) == "-":
            self.fail("- is none: name a file or a folder", option, context)
        return super().convert(os.path.expanduser(value), option, context)


PATH = PathType(path_type=Path)


def there(path: Path | None) -> None:
    """Raise InputError for --data that are not there, also where none are needed."""
    if path is not None and ":" not in str(path) and not path.expanduser().exists():
        raise InputError(
            f"--data is {path}, which does not exist: name a file or folder that is there, or "
            "leave it out"
        )


def _data(context, _option, path: Path | None) -> Path | None:
    """For click, where a command is run (below `dbench`) and not only parsed.

    `evaluate` first says which options go together.
    """
    if context.parent is not None and context.info_name != "evaluate":
        there(path)
    return path


def data(said: str) -> Callable:
    """The option --data; `said` is what it means to a command."""
    return click.option("--data", type=PATH, callback=_data, help=said)


OFFICIAL = (
    "the official file of a data set, or a folder with such files (of scream_dsprites a picture of "
    "the painting) [default: $DBENCH_DATA; what dbench can draw needs none]."
)
DATA = data(f"{OFFICIAL[0].upper()}{OFFICIAL[1:]}")
PLACE = (
    "where a run's images are, if dbench does not draw them: the official file or its folder "
    "[default: $DBENCH_DATA], your own file if it has moved, or your own MODULE:FUNCTION."
)
DATA_OF_RUN = data(f"{PLACE[0].upper()}{PLACE[1:]}")


MODEL = click.option(
    "--model",
    metavar="MODULE:FUNCTION",
    help="The constructor of a run's model, where it is yours: code is not run because a file "
    "names it.",
)
SAID_BETTER = "mymetrics:error=lower"


def _ways(_context, _option, given: Sequence[str]) -> dict[str, str]:
    """ "m:f=lower" -> {"m:f": "lower"}. For click."""
    found = {}
    for each in given:
        name, _, way = each.rpartition("=")
        if not name or way not in ("higher", "lower"):
            raise InputError(f"--better is {short(each)}: give a score and a way, as {SAID_BETTER}")
        found[name] = way
    return found


BETTER = click.option(
    "--better",
    multiple=True,
    callback=_ways,
    metavar="SCORE=higher|lower",
    help="Which way a score of your own is better, where neither its function nor its table says.",
)
SCALE = click.option(
    "--scale", default="laptop", show_default=True, help="smoke, quick, laptop or paper."
)
RESULTS = click.option(
    "--results",
    type=PATH,
    default=Path("results"),
    show_default=True,
    help="Folder to work in: each study gets a folder of its name there.",
)


class Whole(click.IntRange):
    """A range of whole numbers; what is none is "no valid integer", and no "integer range"."""

    name = "integer"


SEEDS = Whole(0, 2**31 - 1)
AT_ONCE = click.option(
    "--at-once",
    type=Whole(1, bounds.RUNS),
    help="Runs that train together [default: one a core on a CPU, elsewhere as many as fit].",
)


class Between(click.FloatRange):
    """A range of numbers that NaN, which is neither above nor below anything, is not in."""

    name = "number"

    def convert(self, value, param, ctx):
        number = super().convert(value, param, ctx)
        return number if number == number else self.fail(f"{value} is no number", param, ctx)


def listed(_context, option, text: str | None) -> list[str] | None:
    """ "a, b" -> ["a", "b"]; "" alone -> [""]. For click."""
    if text is None:
        return None
    names = [name.strip() for name in text.split(",")]
    if len(names) > 1 and "" in names:
        raise InputError(
            f"{option.opts[0]} {short(text)} has an empty name: a comma stands between two names"
        )
    return names


def given(chosen: list[Callable]) -> Callable:
    """Gives a click command these options, in this order."""

    def decorate(command: Callable) -> Callable:
        for option in reversed(chosen):
            command = option(command)
        return command

    return decorate


def figure(name: str) -> Callable:
    """The option --output of a command that draws one picture."""
    said = f"The picture [default: {name}.png in the folder of the first run]."
    return click.option("--output", type=PATH, metavar="FILE.png", help=said)


def start() -> None:
    """Spreads JAX over all cores; compiled programs are kept in the cache folder."""
    from dbench.data import cache
    from dbench.training import devices

    devices.setup(cache.folder() / "compiled")
    # Else there is one: that of the processor.
    if any(os.environ.get(f"JAX_{name}") for name in devices.CHOICES):
        devices.found()


def say_coverage(dataset) -> None:
    """On stderr, what changes where a data set is no full grid."""
    from dbench.data.views import coverage

    for sentence in coverage.sentences(dataset):
        click.echo(f"warning: {sentence}", err=True)


def say_given_up(folders) -> None:
    """On stderr, which of these runs their study has given up: its table does not have them.

    One without parameters is refused where it is read.
    """
    if not (folders := list(folders)):
        return
    from dbench.study import stages
    from dbench.training import checkpoint

    for folder in folders:
        there = checkpoint.paths(folder)[1].exists()
        if there and (reason := stages.failure(folder)):
            said = f"its study has given {folder} up, and its table lacks it: {reason}"
            click.echo(f"warning: {said}", err=True)


def own_model(name: str | None) -> None:
    """Makes the model of --model known. After `start`: its module may start devices."""
    if name is None:
        return
    from dbench.inputs.own_metrics import is_own
    from dbench.models import own

    if not is_own(name):
        raise InputError(f"--model is {name!r}: give your own model as {own.EXAMPLE}")
    own.register([name])
