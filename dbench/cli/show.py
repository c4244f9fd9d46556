"""`dbench report`, `traverse`, `equivariance`, `utilisation`: results as pictures."""

from pathlib import Path

import click

from dbench.cli import options
from dbench.cli.options import DATA
from dbench.errors import InputError

REPORT = [
    click.argument("studies", nargs=-1, metavar="STUDY...", type=click.Path(path_type=Path)),
    click.option(
        "--output",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder for the page, report.html, and all figures [default: report in the folder of "
        "the study; of several studies, report in the current folder].",
    ),
    click.option(
        "--metric",
        help="Score by which the best, median and worst runs are chosen [default: the first of the "
        "table that sees factors].",
    ),
    click.option("--scale", help="smoke, laptop or paper [default: the largest in the tables]."),
    DATA,
]


def _count(_context, option, text: str) -> int | None:
    """ "15" -> 15, "all" -> None. For click."""
    if text == "all":
        return None
    if not text.isdecimal() or int(text) < 1:
        raise InputError(f"{option.opts[0]} takes a number from 1, or all, not {text!r}")
    return int(text)


TRAVERSE = [
    click.option(
        "--checkpoint", type=click.Path(path_type=Path), required=True, help="A run's folder."
    ),
    click.option(
        "--output",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder for the pictures [default: traversals in the run's folder].",
    ),
    click.option(
        "--range",
        "span",
        type=click.FloatRange(0, 100, min_open=True),
        default=2.0,
        show_default=True,
        help="Each latent goes from minus this to this; 1 is the prior's standard deviation.",
    ),
    click.option(
        "--images",
        type=click.IntRange(1, 100),
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
        type=click.IntRange(0, 2**31 - 1),
        default=0,
        show_default=True,
        help="Of the drawn images.",
    ),
    DATA,
]


@click.command()
@options.given(REPORT)
def report(studies, output, metric, scale, data) -> None:
    """Write one HTML page of results that opens with no network, and its figures.

    STUDY is a study's results folder; methods of several are set beside each other. What the page
    lacks, and why, is said on it and on stderr.
    """
    folder = report_folder(studies, output)
    options.start()
    from dbench.report import write

    page, lacks = write(list(studies), folder, metric, scale, data)
    for sentence in lacks:
        click.echo(f"lacks: {sentence}", err=True)
    click.echo(f"report: {page}")


@click.command()
@options.given(TRAVERSE)
def traverse(checkpoint, output, span, images, latents, seed, data) -> None:
    """Draw what each latent of a run does: traversal sheets and an animated GIF.

    Latents are sorted by KL, beside each stands the factor that it knows most of. A sheet says how
    many it leaves out.
    """
    folder = output or checkpoint / "traversals"
    if not checkpoint.is_dir():
        raise InputError(f"there is no checkpoint folder {checkpoint}")
    options.writable(folder, "--output")
    options.start()
    from dbench.pictures import traverse as traversals
    from dbench.training import devices

    run = traversals.read(checkpoint, devices.mesh(), data, seed)
    for path in traversals.write(run, folder, images, span, latents):
        click.echo(f"wrote {path}")


def report_folder(studies: tuple[Path, ...], output: Path | None) -> Path:
    """Where a report goes; an InputError if that cannot be, or there is nothing to report."""
    if not studies:
        raise InputError("name the folder of a study, as results/beta_sweep, or of several")
    for folder in studies:
        if folder.is_file():
            raise InputError(f"{folder} is a file: give the folder of a study's results")
        if not folder.is_dir():
            raise InputError(f"there is no folder {folder}: give that of a study's results")
    own = studies[0] / "report" if len(studies) == 1 else Path("report")
    folder = output or own
    options.writable(folder, "--output")
    if (folder / "report.html").is_dir():
        raise InputError(f"--output: {folder / 'report.html'} is a folder; choose another place")
    return folder


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
    of it. Written are a picture and, beside it as .csv and to stdout, how well each code follows,
    and the squared pixel error of images rendered at other values of the factor (unmoved: with the
    code as it was).
    """
    if not checkpoint.is_dir():
        raise InputError(f"there is no checkpoint folder {checkpoint}")
    path = options.picture(output or checkpoint / "equivariance.png", data)
    options.start()
    from dbench.pictures import equivariance as following
    from dbench.training import devices

    frame = following.write(checkpoint, devices.mesh(), path, factors, data, seed)
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
    options.start()
    from dbench.pictures import utilisation as spending

    frame = spending.read(runs, data)
    spending.draw(frame, path)
    click.echo(spending.summary(frame).to_string(float_format="{:.2f}".format))
    click.echo(f"wrote {path}")
