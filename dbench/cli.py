"""The command line. Bad input is one sentence and exit code 2."""

import os
import sys
from pathlib import Path

import click

from dbench import __version__, options, showing
from dbench.cli_claims import equivariance, utilisation
from dbench.cli_compare import compare
from dbench.errors import InputError, choose
from dbench.options import DATA

# Everything that starts JAX is imported inside the commands, so that help is quick.


class Group(click.Group):
    """Unknown commands get a suggestion."""

    def resolve_command(self, context, args):
        choose("command", args[0], self.list_commands(context))
        return super().resolve_command(context, args)


@click.group(
    cls=Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__)
@click.pass_context
def cli(context):
    """Benchmark suite for disentangled representations.

    Trains models over seeds and strengths, scores their representations, and writes tidy tables.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def start() -> None:
    """Spreads JAX over all cores; compiled programs are kept in the cache folder."""
    from dbench import devices
    from dbench.data import cache

    devices.setup(cache.folder() / "compiled")


@cli.command()
@click.argument("name")
@click.option("--scale", default="laptop", show_default=True, help="smoke, laptop or paper.")
@click.option(
    "--results",
    type=click.Path(path_type=Path),
    default=Path("results"),
    show_default=True,
    help="Folder to work in: the study gets a folder of its name there.",
)
@click.option(
    "--at-once",
    type=click.IntRange(1),
    help="Runs that train together [default: one a core on a CPU, elsewhere as many as fit].",
)
@click.option(
    "--tensorboard",
    is_flag=True,
    help="Write the training logs for TensorBoard too, at the end; it must be installed.",
)
@DATA
def study(
    name: str,
    scale: str,
    results: Path,
    at_once: int | None,
    tensorboard: bool,
    data: Path | None,
) -> None:
    """Train, encode and score all runs of the study NAME; write its table.

    NAME is a study of `dbench list` or a .gin file. A study that was stopped goes on where it
    was; one that is finished only prints its table. Exit code 1 if runs failed.
    """
    start()
    from dbench import board
    from dbench import results as tables
    from dbench.runner import run_study
    from dbench.study import load

    chosen = load(name, scale)
    if tensorboard:
        board.require()
    failed = run_study(chosen, results, data, at_once)
    folder = results / chosen.name
    frame = tables.load(folder, scale)
    if len(frame):
        click.echo(f"\n{chosen.name} at scale {scale}: mean ± standard error over seeds\n")
        click.echo(tables.text(frame))
    click.echo(f"\ntable: {folder / tables.TABLE}")
    if tensorboard:
        click.echo(f"see the training: tensorboard --logdir {board.write(folder)}")
    for run, reason in failed.items():
        click.echo(f"failed, not in the table: {folder / run}: {reason}", err=True)
    if failed:
        click.echo("(a failed run is not tried again unless its folder is deleted)", err=True)
    sys.exit(1 if failed else 0)


@cli.command()
@options.evaluate
def evaluate(**given) -> None:
    """Score one checkpoint, codes from any framework, or an encoder of your own.

    A checkpoint gets the very numbers that its study wrote, unless --seed is another. Why a score
    may mislead is said on stderr.
    """
    options.check(given)
    output, plots = given["output"], given["plots"]
    if output is not None:
        output = options.output(output, given["representation"])
    if plots is not None:
        options.writable(plots, "--plots")
    start()
    from dbench import devices
    from dbench import evaluate as evaluation
    from dbench.metrics import select
    from dbench.metrics.validate import check, check_active
    from dbench.reconstruction import MODEL_METRICS

    folder = given["checkpoint"]
    names = given["metrics"] or ["default"]
    of_model = [name for name in names if name in MODEL_METRICS]
    if of_model and not folder:
        raise InputError(f"{of_model[0]} is a score of a model: it needs --checkpoint")
    names = [name for name in names if name not in of_model]
    select(names)  # an unknown one is better said before the work
    table, own_seed, *run = read_table(given)
    if folder and not given["metrics"]:
        of_model = evaluation.model_metrics(*run)
    check(table)
    check_active(table)
    seed = own_seed if given["seed"] is None else given["seed"]
    repeats = given["repeats"]
    scores = {}
    if names:
        scores = evaluation.scores(table, select(names, table), seed, repeats, progress=True)
    if of_model:
        scores |= evaluation.model_scores(folder, *run, devices.mesh(), of_model, seed)
    if plots is not None:
        from dbench.metrics.validate import factor_names
        from dbench.plots import draw

        draw(scores, factor_names(table), plots)
    if output is not None:  # last: where it is, all is there
        evaluation.write_scores(output, scores, evaluation.about(table, seed, repeats))
    click.echo(evaluation.frame(scores).to_string(index=False, float_format="{:.6g}".format))
    for line in evaluation.warnings(scores):
        click.echo(f"warning: {line}", err=True)


def read_table(given: dict):
    """The table that `evaluate` is to score and its seed; of a run also its config and data."""
    from dbench import data, devices, encoder, functions, representation
    from dbench import evaluate as evaluation

    if given["checkpoint"] is not None:
        table, config, dataset = evaluation.read_checkpoint(
            given["checkpoint"], devices.mesh(), given["data"]
        )
        say_coverage(dataset)
        return table, config["seed"], config, dataset
    if given["representation"] is not None:
        columns = {kind: given[kind] for kind in ("codes", "factors", "logvars")}
        continuous = given["continuous"] or ()
        return representation.read(given["representation"], **columns, continuous=continuous), 0
    name = given["dataset"] or "dsprites"
    data.check_name(name)
    function = functions.find(given["encoder"])
    dataset = data.load(name, given["data"])
    evaluation.require(dataset, [])
    say_coverage(dataset)
    return encoder.encode(function, dataset, batch=given["batch"] or 64, name=given["encoder"]), 0


def say_coverage(dataset) -> None:
    """On stderr, what changes where a data set is no full grid."""
    from dbench.data import coverage

    if sentence := coverage.said(dataset):
        click.echo(f"warning: {sentence}", err=True)


@cli.command()
@click.argument("runs", nargs=-1, metavar="RUN...", type=click.Path(path_type=Path))
@click.option(
    "--method",
    type=click.Choice(["lasso", "spearman"]),
    help="[default: both, and Lasso ranks]",
)
@click.option(
    "--rows",
    type=click.IntRange(20),
    default=1_000,
    show_default=True,
    help="Images to compare on, drawn once for all runs.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=0,
    show_default=True,
    help="Of the drawn images; 0 gives the numbers of a study.",
)
@click.option("--output", type=click.Path(path_type=Path), help="CSV file for the scores.")
@DATA
def udr(runs, method, rows, seed, output, data) -> None:
    """Rank runs without any factor, by how far their codes are found again in other runs.

    RUN is a run's folder or a file of codes as `evaluate --representation` takes it, two or more of
    the same images. Runs that differ in their seed alone give the UDR of the paper.
    """
    if output is not None and output.resolve() in [path.resolve() for path in runs]:
        raise InputError(f"--output {output} would replace one of the runs: choose another name")
    start()
    from dbench import devices, ranking
    from dbench.metrics.udr import METHODS
    from dbench.sets import write

    tables = ranking.read(runs, devices.mesh(), seed=seed, rows=rows, source=data)
    metrics = [f"udr_{name}" for name in ([method] if method else METHODS)]
    frame, active, said = ranking.compare(runs, tables, metrics, seed)
    if output is not None:
        write(output, frame)
    click.echo(ranking.text(frame, active))
    for line in said:
        click.echo(f"warning: {line}", err=True)


@cli.command()
@showing.options(showing.REPORT)
def report(studies, output, metric, scale, data) -> None:
    """Write one HTML page of results that opens with no network, and its figures.

    STUDY is a study's results folder; methods of several are set beside each other. What the page
    lacks, and why, is said on it and on stderr.
    """
    folder = showing.report_folder(studies, output)
    start()
    from dbench.report import write

    page, lacks = write(list(studies), folder, metric, scale, data)
    for sentence in lacks:
        click.echo(f"lacks: {sentence}", err=True)
    click.echo(f"report: {page}")


@cli.command()
@showing.options(showing.TRAVERSE)
def traverse(checkpoint, output, span, images, seed, data) -> None:
    """Draw what each latent of a run does: traversal sheets and an animated GIF.

    Latents are sorted by KL, beside each stands the factor that it knows most of.
    """
    folder = output or checkpoint / "traversals"
    if not checkpoint.is_dir():
        raise InputError(f"there is no checkpoint folder {checkpoint}")
    options.writable(folder, "--output")
    start()
    from dbench import devices
    from dbench import traverse as traversals

    run = traversals.read(checkpoint, devices.mesh(), data, seed)
    for path in traversals.write(run, folder, images, span):
        click.echo(f"wrote {path}")


@cli.command(name="list")
def list_() -> None:
    """Show the models, metrics, data sets and studies there are."""
    from dbench import tables_in
    from dbench.data import DATASETS, own
    from dbench.gan_nets import GAN_NETS
    from dbench.metrics import GROUPS, METRICS
    from dbench.metrics.udr import SET_METRICS
    from dbench.models import MODELS
    from dbench.nets import NETS
    from dbench.reconstruction import MODEL_METRICS
    from dbench.study import question, studies

    kinds = {"models": MODELS, "nets": NETS, "nets of GANs": GAN_NETS, "metrics": METRICS}
    kinds |= {"metrics of a model (checkpoints, studies)": MODEL_METRICS}
    kinds |= {"metrics of several runs (dbench udr)": SET_METRICS, "data sets": DATASETS}
    lines = {
        kind: {name: first_line(thing) for name, thing in table.items()}
        for kind, table in kinds.items()
    }
    lines["data sets"]["your own"] = own.FORMS
    lines["groups of metrics"] = {
        "default": "all but downstream_lr_*, as far as the table allows",
        "all": "every metric that the table allows",
    } | {name: ", ".join(ids) for name, ids in GROUPS.items() if name not in ("default", "all")}
    lines["published numbers (dbench compare paper:NAME)"] = {
        name: tables_in.sources(path) for name, path in tables_in.papers().items()
    }
    lines["studies"] = {name: question(path) for name, path in studies().items()}
    width = max(len(name) for table in lines.values() for name in table)
    for kind, table in lines.items():
        click.echo(kind)
        for name, line in table.items():
            click.echo(f"  {name:{width}}  {line}")


def first_line(thing) -> str:
    return (thing.__doc__ or "").strip().split("\n")[0]


@cli.group(name="data", invoke_without_command=True)
@click.pass_context
def data_(context) -> None:
    """Look at data sets, and check them against the official files."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@data_.command()
@click.argument("name")
@DATA
def check(name: str, data: Path | None) -> None:
    """Compare the official file of the data set NAME with the images drawn here.

    dsprites: every pixel; exit code 1 if any differs. shapes3d: how near shapes3d_drawn is, which
    claims no more.
    """
    start()
    from dbench.data.check import CHECKS

    choose("data set with an official file to compare", name, CHECKS)
    comparison = CHECKS[name](data)
    click.echo(comparison.text())
    sys.exit(1 if comparison.differs else 0)


@data_.command()
@click.argument("name")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.png",
    help="The picture [default: NAME.png in the current folder].",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=0,
    show_default=True,
    help="Of the drawn samples.",
)
@DATA
def show(name: str, output: Path | None, seed: int, data: Path | None) -> None:
    """Draw a sheet of the data set NAME: samples, and each factor as it varies.

    NAME is a data set of `dbench list` or your own: a folder or file, MODULE:FUNCTION, tfds:NAME.
    """
    from dbench import data as datasets

    datasets.check_name(name)
    path = options.picture(output or Path(f"{datasets.label(name)}.png"), data, own=Path(name))
    start()
    import jax

    from dbench import sheet

    replaced = path.exists()
    dataset = datasets.load(name, data)
    sheet.draw(dataset, jax.random.key(seed), path)
    say_coverage(dataset)
    click.echo(f"{'replaced' if replaced else 'wrote'} {path}")


for command in (compare, equivariance, utilisation):
    cli.add_command(command)


def main() -> None:
    try:
        cli(standalone_mode=False)
    except InputError as error:
        fail(str(error))
    except click.UsageError as error:
        fail(error.format_message())
    except click.ClickException as error:
        fail(error.format_message())
    except (KeyboardInterrupt, click.Abort):
        click.echo("\nstopped; a study goes on from its last checkpoint when given again", err=True)
        # Not sys.exit: JAX's threads may be in the middle of a chunk that nobody waits for.
        os._exit(130)


def fail(sentence: str) -> None:
    click.echo(f"dbench: {sentence}", err=True)
    sys.exit(2)
