"""The options of `dbench evaluate`, and which of them go together. Quick to import."""

import click

from dbench import bounds
from dbench.cli import options
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
    "cyclic": ["representation"],
    "dataset": ["encoder"],
    "batch": ["encoder"],
    "model": ["checkpoint"],
    "rows": ["encoder"],
    "save_codes": ["encoder", "checkpoint"],
    "dataset_name": ["encoder", "representation"],
    "model_name": ["encoder", "representation"],
    "seed_of_model": ["encoder", "representation"],
    "setting": ["encoder", "representation"],
    "append": ["encoder", "representation"],
    "data": ["checkpoint", "encoder"],
}

EVALUATE = [
    click.option("--checkpoint", type=options.PATH, help="A run's folder."),
    click.option(
        "--representation",
        type=options.PATH,
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
        type=options.Whole(2, bounds.ROWS),
        help="Encode and score so many of the images, drawn by --seed [default: all].",
    ),
    click.option(
        "--save-codes",
        type=options.PATH,
        metavar="FILE.npz",
        help="Keep the codes, for --representation: they score to the same numbers.",
    ),
    click.option(
        "--batch",
        type=options.Whole(1, bounds.BATCH),
        help="Images that --encoder gets at a time [default: 64].",
    ),
    click.option(
        "--codes",
        callback=options.listed,
        help="Columns of a .csv or .parquet, comma-separated names or wildcards.",
    ),
    click.option("--factors", callback=options.listed, help="Likewise, of the factors."),
    click.option(
        "--logvars", callback=options.listed, help="Likewise, of the log variances; '' for none."
    ),
    click.option(
        "--groups",
        callback=options.listed,
        help="Groups of codes, comma-separated, each one code for every score: NAME=0-9 (numbers), "
        "NAME='mean_p*' (columns), or model, those of the checkpoint's own model; '' for none "
        "[default: what the file says].",
    ),
    click.option(
        "--continuous",
        callback=options.listed,
        help="Names or numbers of factors that are numbers and no labels, comma-separated.",
    ),
    click.option(
        "--cyclic",
        callback=options.listed,
        help="Names or numbers of factors whose last value is followed by the first, which d_lsbd "
        "asks for; comma-separated.",
    ),
    click.option(
        "--metrics",
        callback=options.listed,
        help="Ids or groups of `dbench list`, or your own as MODULE:FUNCTION, comma-separated "
        "[default: all that the table allows but downstream_lr_*, which take as long as the rest "
        "together].",
    ),
    *(
        click.option(
            f"--{name}",
            type=options.Whole(20, bounds.ROWS),
            help=f"Rows that scores which learn {what}, of those that have the option "
            f"[default: {default}].",
        )
        for name, what, default in (
            ("train", "are trained on", "10,000"),
            ("test", "are tested on", "5,000"),
        )
    ),
    click.option(
        "--repeats",
        type=options.Whole(1, bounds.REPEATS),
        default=1,
        show_default=True,
        help="Score so often with other draws: mean, and standard error from their spread.",
    ),
    click.option(
        "--seed",
        type=options.SEEDS,
        help="Of the sampled scores [default: the run's own, or 0].",
    ),
    click.option(
        "--output",
        type=options.PATH,
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
        type=options.SEEDS,
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
        type=options.PATH,
        metavar="DIR",
        help="Draw the matrices behind the scores there, as .png.",
    ),
    options.MODEL,
    options.data(f"Of --encoder: {options.OFFICIAL} Of --checkpoint: {options.PLACE}"),
]


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
    options.there(given["data"])
