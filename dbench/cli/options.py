"""What the commands share, and the options of `dbench evaluate`. Quick to import."""

import os
from collections.abc import Callable
from pathlib import Path

import click

from dbench import bounds
from dbench.errors import InputError

SOURCES = {
    "checkpoint": "--checkpoint DIR",
    "representation": "--representation FILE",
    "encoder": "--encoder module:function",
}
ONLY_FOR = {  # option -> the sources that it goes with
    "codes": ["representation"],
    "factors": ["representation"],
    "logvars": ["representation"],
    "continuous": ["representation"],
    "dataset": ["encoder"],
    "batch": ["encoder"],
    "rows": ["encoder"],
    "save_codes": ["encoder", "checkpoint"],
    "dataset_name": ["encoder", "representation"],
    "model_name": ["encoder", "representation"],
    "seed_of_model": ["encoder", "representation"],
    "setting": ["encoder", "representation"],
    "append": ["encoder", "representation"],
    "data": ["checkpoint", "encoder"],
}


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


DATA = click.option(
    "--data",
    type=PATH,
    callback=_data,
    help="Official data file, or a folder with those of one or more data sets (for "
    "scream_dsprites: a picture of the painting) [default: $DBENCH_DATA, else drawn where that "
    "can be]. Of a run whose images a function of yours draws: its MODULE:FUNCTION.",
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
AT_ONCE = click.option(
    "--at-once",
    type=click.IntRange(1, bounds.RUNS),
    help="Runs that train together [default: one a core on a CPU, elsewhere as many as fit].",
)

SEEDS = click.IntRange(0, 2**31 - 1)


class Between(click.FloatRange):
    """A range of numbers that NaN, which is neither above nor below anything, is not in."""

    def convert(self, value, param, ctx):
        number = super().convert(value, param, ctx)
        return number if number == number else self.fail(f"{value} is no number", param, ctx)


def listed(_context, _option, text: str | None) -> list[str] | None:
    """ "a, b" -> ["a", "b"]. For click."""
    return None if text is None else [name.strip() for name in text.split(",")]


EVALUATE = [
    click.option("--checkpoint", type=PATH, help="A run's folder."),
    click.option(
        "--representation",
        type=PATH,
        help=".npz of any model: mean [N, D], factors [N, K]; optional logvar, factor_names. "
        "Or a .csv or .parquet with columns mean_* (else z0, z1, ...), factor_*, and optional "
        "logvar_*.",
    ),
    click.option(
        "--encoder",
        metavar="MODULE:FUNCTION",
        help="A Python function, found from the current folder: images [B, H, W, C] float32 in "
        "[0, 1] -> codes [B, D], or mean and logvar.",
    ),
    click.option(
        "--dataset",
        help="Data set that --encoder encodes: of `dbench list`, or your own folder, file, "
        "MODULE:FUNCTION or tfds:NAME [default: dsprites].",
    ),
    click.option(
        "--rows",
        type=click.IntRange(2, bounds.ROWS),
        help="Encode and score so many of the images, drawn by --seed [default: all].",
    ),
    click.option(
        "--save-codes",
        type=PATH,
        metavar="FILE.npz",
        help="Keep the codes, for --representation: they score to the same numbers.",
    ),
    click.option(
        "--batch",
        type=click.IntRange(1, bounds.BATCH),
        help="Images that --encoder gets at a time [default: 64].",
    ),
    click.option(
        "--codes",
        callback=listed,
        help="Columns of a .csv or .parquet, comma-separated names or wildcards.",
    ),
    click.option("--factors", callback=listed, help="Likewise, of the factors."),
    click.option("--logvars", callback=listed, help="Likewise, of the log variances; '' for none."),
    click.option(
        "--continuous",
        callback=listed,
        help="Names or numbers of factors that are numbers and no labels, comma-separated.",
    ),
    click.option(
        "--metrics",
        callback=listed,
        help="Ids or groups of `dbench list`, comma-separated [default: all that the "
        "table allows but downstream_lr_*, which take as long as the rest together].",
    ),
    click.option(
        "--repeats",
        type=click.IntRange(1, bounds.REPEATS),
        default=1,
        show_default=True,
        help="Score so often with other draws: mean, and standard error from their spread.",
    ),
    click.option(
        "--seed",
        type=SEEDS,
        help="Of the sampled scores [default: the run's own, or 0].",
    ),
    click.option(
        "--output",
        type=PATH,
        metavar="NAME.csv",
        help="Write the scores there and, beside it, NAME.npz (all that is behind them) and "
        "NAME.json (numbers, warnings, versions). Each is written whole, NAME.csv last.",
    ),
    click.option(
        "--model-name",
        metavar="NAME",
        help="What --output calls your model [default: MODULE:FUNCTION, or the name of the file].",
    ),
    click.option(
        "--dataset-name",
        metavar="NAME",
        help="What --output calls the data set [default: that of --dataset, or what --save-codes "
        "wrote]. Tables are compared where they call it alike.",
    ),
    click.option(
        "--seed-of-model",
        type=SEEDS,
        help="Seed that your model was trained with, for --output [default: 0].",
    ),
    click.option(
        "--setting",
        multiple=True,
        metavar="NAME=NUMBER",
        help="Strength of your model, for --output, as beta=4; and steps=N of its training.",
    ),
    click.option(
        "--append",
        is_flag=True,
        default=None,
        help="Add the rows to the table that --output names; needs --model-name and "
        "--seed-of-model.",
    ),
    click.option(
        "--plots",
        type=PATH,
        metavar="DIR",
        help="Draw the matrices behind the scores there, as .png.",
    ),
    DATA,
]


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


def check(given: dict) -> None:
    """Raise InputError for options that do not go together, before any work."""
    sources = [name for name in SOURCES if given[name] is not None]
    if len(sources) != 1:
        raise InputError(f"give either {', '.join(SOURCES.values())}: one of them")
    for option, allowed in ONLY_FOR.items():
        if given[option] not in (None, ()) and sources[0] not in allowed:
            said = " or ".join(f"--{name}" for name in allowed)
            raise InputError(
                f"--{option.replace('_', '-')} goes with {said}, not with --{sources[0]}"
            )
    there(given["data"])


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
    from dbench.study import stages
    from dbench.training import checkpoint

    for folder in folders:
        there = checkpoint.paths(folder)[1].exists()
        if there and (reason := stages.failure(folder)):
            said = f"its study has given {folder} up, and its table lacks it: {reason}"
            click.echo(f"warning: {said}", err=True)
