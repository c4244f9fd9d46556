"""`dbench evaluate`: a checkpoint, codes or an encoder to scores."""

import click

from dbench.cli import options, outputs, taken
from dbench.errors import InputError


@click.command()
@options.given(options.EVALUATE)
def evaluate(**given) -> None:
    """Score one checkpoint, codes from any framework, or an encoder of your own.

    A checkpoint gets the very numbers that its study wrote, unless --seed is another. Why a score
    may mislead is said on stderr.
    """
    options.check(given)
    output, plots = given["output"], given["plots"]
    read = taken.named(given["encoder"], given["dataset"])
    read += [given["representation"]] if given["representation"] else []
    read += taken.of_runs([given["checkpoint"]] if given["checkpoint"] else [], given["data"])
    if output is not None:
        output = outputs.scores(output, read, given["data"]).absolute()
    if plots is not None:
        taken.folder("--plots", plots := plots.absolute(), read)
        three = [output.with_suffix(end) for end in (".csv", ".npz", ".json")] if output else []
        if taken.alike(plots) in map(taken.alike, three):
            raise InputError(f"--plots {plots} is what --output would write: choose another name")
    options.start()
    from dbench.metrics import select
    from dbench.metrics.shared.validate import check, check_active
    from dbench.scoring import evaluate as evaluation
    from dbench.scoring import score_files
    from dbench.scoring.reconstruction import MODEL_METRICS
    from dbench.training import devices

    folder = given["checkpoint"]
    names = given["metrics"] or ["default"]
    of_model = [name for name in names if name in MODEL_METRICS]
    if of_model and not folder:
        raise InputError(f"{of_model[0]} is a score of a model: it needs --checkpoint")
    names = [name for name in names if name not in of_model]
    select(names)  # an unknown one is better said before the work
    options.say_given_up([folder] if folder else [])
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
        config, dataset = run
        scores |= evaluation.model_scores(folder, config, dataset, devices.mesh(), of_model, seed)
    if plots is not None:
        from dbench.metrics.shared.validate import factor_names
        from dbench.pictures.plots import draw

        draw(scores, factor_names(table), plots)
    if output is not None:  # last: where it is, all is there
        score_files.write_scores(output, scores, evaluation.about(table, seed, repeats))
    click.echo(score_files.frame(scores).to_string(index=False, float_format="{:.6g}".format))
    for line in evaluation.warnings(scores):
        click.echo(f"warning: {line}", err=True)


def read_table(given: dict):
    """The table that `evaluate` is to score and its seed; of a run also its config and data."""
    from dbench import data
    from dbench.codes import from_file, from_function
    from dbench.inputs import functions
    from dbench.scoring import evaluate as evaluation
    from dbench.training import devices

    if given["checkpoint"] is not None:
        table, config, dataset = evaluation.read_checkpoint(
            given["checkpoint"], devices.mesh(), given["data"]
        )
        options.say_coverage(dataset)
        return table, config["seed"], config, dataset
    if given["representation"] is not None:
        columns = {kind: given[kind] for kind in ("codes", "factors", "logvars")}
        continuous = given["continuous"] or ()
        return from_file.read(given["representation"], **columns, continuous=continuous), 0
    name = given["dataset"] or "dsprites"
    data.check_name(name)
    function = functions.find(given["encoder"])
    dataset = data.load(name, given["data"])
    evaluation.require(dataset, [])
    options.say_coverage(dataset)
    return from_function.encode(
        function, dataset, batch=given["batch"] or 64, name=given["encoder"]
    ), 0
