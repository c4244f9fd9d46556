"""`dbench evaluate`: a checkpoint, codes or an encoder to scores."""

import shutil
import sys
from typing import Any, NamedTuple

import click

from dbench.cli import evaluate_options, evaluate_outputs, options
from dbench.errors import InputError, some


@click.command(
    short_help="Score a checkpoint, a file of codes, or a function.",
    context_settings={"allow_extra_args": True},  # to say which option they should have had
)
@options.given(evaluate_options.EVALUATE)
def evaluate(**given) -> None:
    """Score one checkpoint, codes from any framework, or an encoder of your own.

    A checkpoint gets the very numbers that its study wrote, unless --seed is another. Scores of
    your own model are rows that `dbench compare` and `dbench report` take. Why a score may mislead
    is said on stderr.
    """
    if bare := click.get_current_context().args:
        raise InputError(
            f"what is {bare[0]!r}? Give a file of codes as --representation FILE, the folder of a "
            "run as --checkpoint DIR, a function as --encoder MODULE:FUNCTION"
        )
    evaluate_options.check(given)
    given |= evaluate_outputs.checked(given)
    options.start()
    options.own_model(given["model"])
    from dbench.inputs import own_metrics
    from dbench.metrics import select
    from dbench.metrics.shared.validate import check, check_active
    from dbench.scoring import evaluate as evaluation
    from dbench.scoring import score_text
    from dbench.scoring.registry import MODEL_METRICS
    from dbench.training import devices

    folder = given["checkpoint"]
    names = given["metrics"] or ["default"]
    own_metrics.register(names)
    of_model = [name for name in names if name in MODEL_METRICS]
    if of_model and not folder:
        raise InputError(f"{of_model[0]} is a score of a model: it needs --checkpoint")
    names = [name for name in names if name not in of_model]
    learning = _learning(given, select(names))  # what is wrong is better said before the work
    options.say_given_up([folder] if folder else [])
    source = read(given, names, learning)
    table = source.table
    if folder and not given["metrics"]:
        of_model = evaluation.model_metrics(source.config, source.dataset)
    check(table)
    check_active(table)
    seed = source.seed if given["seed"] is None else given["seed"]
    repeats = given["repeats"]
    info = evaluation.about(table, seed, repeats)
    info |= learning
    info |= {"drawn_of": source.drawn[0], "drawn_by": source.drawn[1]} if source.drawn else {}
    evaluate_outputs.save_codes(given, table, source.name, source.drawn)
    evaluate_outputs.check_rows(given, source.name, info)
    scores = {}
    if names:
        chosen = select(names, table)
        scores = evaluation.scores(table, chosen, seed, repeats, True, learning.get("options"))
    if of_model:
        mesh = devices.mesh()
        scores |= evaluation.model_scores(
            folder, source.config, source.dataset, mesh, of_model, seed
        )
    warned = evaluate_outputs.warned(given)
    evaluate_outputs.write(given, table, scores, source.name, info)
    size = shutil.get_terminal_size() if sys.stdout.isatty() else None
    click.echo(source.said(len(table.mean)) + score_text.text(scores, size))
    for line in evaluation.warnings(scores, warned):
        click.echo(f"warning: {line}", err=True)
    if warned & {(name, line) for name, score in scores.items() for line in score.warnings}:
        text = given["output"].with_suffix(".json")
        click.echo(f"warnings that {text} has of other models already are left out", err=True)


class Source(NamedTuple):
    """What `evaluate` is to score."""

    table: Any
    seed: int  # of the scores, where none is given
    name: str = ""  # of the data set, as tables have it
    drawn: tuple[int, int] | None = None  # of rows that were drawn: of how many, by which seed
    config: dict = {}  # of a run
    dataset: Any = None

    def said(self, rows: int) -> str:
        """A line on rows that are not all."""
        if not self.drawn:
            return ""
        of = f" of {self.name}" if self.name else ""
        return f"{rows:,} of {self.drawn[0]:,} images{of}, drawn by seed {self.drawn[1]}\n"


def _learning(given: dict, names: list[str]) -> dict:
    """What --train and --test say, for the .json; an InputError if no score has the option."""
    from dbench.metrics import METRICS

    found = {name: given[name] for name in ("train", "test") if given[name] is not None}
    for option in found:
        if not any(option in METRICS[name].options for name in names):
            raise InputError(f"--{option} is of scores that learn, and {some(names)} does not")
    return {"options": found} if found else {}


def read(given: dict, names: list[str], learning: dict) -> Source:
    """The table that `evaluate` is to score by `names`, and what is known of it."""
    from dbench import data
    from dbench.codes import from_file
    from dbench.scoring import evaluate as evaluation
    from dbench.training import devices

    if given["checkpoint"] is not None:
        table, config, dataset = evaluation.read_checkpoint(
            given["checkpoint"], devices.mesh(), given["data"]
        )
        options.say_coverage(dataset)
        table = table._replace(groups=grouped(given, table, config, dataset))
        name = config.get("view") or data.label(config["dataset"])
        return Source(table, config["seed"], name, None, config, dataset)
    if path := given["representation"]:
        columns = {kind: given[kind] for kind in ("codes", "factors", "logvars")}
        kinds = {kind: given[kind] or () for kind in ("continuous", "cyclic")}
        table = from_file.read(path, **columns, **kinds, groups=given["groups"])
        return Source(table, 0, *from_file.origin(path))
    return encoded(given, names, learning)


def grouped(given: dict, table, config: dict | None = None, dataset=None) -> tuple:
    """What --groups says of the codes of a table; of a checkpoint, with its config, maybe model."""
    from dbench.inputs import code_groups
    from dbench.scoring import evaluate as evaluation

    if given["groups"] != ["model"]:
        return code_groups.chosen(given["groups"] or [""], table.mean.shape[1])
    if config is None:
        raise InputError("--groups model is for --checkpoint: of an encoder give NAME=0-9, ...")
    return evaluation.model_groups(config, dataset)


def encoded(given: dict, names: list[str], learning: dict) -> Source:
    """The codes of a user's function. What can be wrong is said first, or after one batch."""
    from dbench import data
    from dbench.codes import from_function, tabled, to_file
    from dbench.inputs import functions
    from dbench.metrics import METRICS, select
    from dbench.metrics.shared.validate import check_shapes
    from dbench.scoring import evaluate as evaluation

    name = given["dataset"] or "dsprites"
    data.check_name(name)
    function = functions.find(given["encoder"])
    dataset = data.load(name, given["data"])
    called, seed = data.label(name), given["seed"] or 0
    asked = select([each for each in names if each not in ("default", "all")])
    rows = tabled.drawn_rows(dataset, given["rows"], seed)
    blank = evaluation.require(dataset, asked, rows)
    evaluate_outputs.check_rows(given, called, evaluation.about(blank, seed) | learning)
    options.say_coverage(dataset)

    def first(table) -> None:
        check_shapes(table)
        grouped(given, table)
        for each in asked:
            METRICS[each].check(table)
        if given["save_codes"]:
            to_file.check_space(given["save_codes"], table)

    table = from_function.encode(
        function,
        dataset,
        batch=given["batch"] or 64,
        name=given["encoder"],
        rows=rows,
        first=first,
    )
    table = table._replace(groups=grouped(given, table))
    return Source(table, 0, called, None if rows is None else (dataset.size, seed))
