"""What `dbench evaluate` writes: scores, codes and pictures, all of it checked before the work."""

from pathlib import Path
from typing import Any

from dbench import extras
from dbench.cli import outputs, taken
from dbench.errors import InputError

OF_ROWS = {  # options that say what rows of --output say
    "model_name": "--model-name",
    "dataset_name": "--dataset-name",
    "seed_of_model": "--seed-of-model",
    "setting": "--setting",
    "append": "--append",
}


def checked(given: dict) -> dict[str, Path | None]:
    """output, save_codes and plots as whole paths; an InputError if one cannot be, or costs a file.

    They are absolute: what a user's function does to the current folder changes nothing.
    """
    output, plots, codes = (given[name] for name in ("output", "plots", "save_codes"))
    if output is None and (
        said := [o for name, o in OF_ROWS.items() if given[name] not in (None, ())]
    ):
        raise InputError(f"{said[0]} is for the rows that --output NAME.csv writes: give that too")
    read = taken.named(given["encoder"], given["dataset"])
    read += [given["representation"]] if given["representation"] else []
    read += taken.of_runs([given["checkpoint"]] if given["checkpoint"] else [], given["data"])
    three: list[Path] = []
    if output is not None:
        output = outputs.scores(output, read, given["data"]).absolute()
        three = [output.with_suffix(end) for end in (".csv", ".npz", ".json")]
    if codes is not None:
        codes = outputs.codes(codes, read, given["data"]).absolute()
        if taken.alike(codes) in map(taken.alike, three):
            raise InputError(f"--save-codes {codes} is what --output would write: choose another")
    if plots is not None:
        extras.need("matplotlib")
        taken.folder("--plots", plots := plots.absolute(), read)
        for option, some in (("--output", three), ("--save-codes", [codes] if codes else [])):
            if taken.alike(plots) in map(taken.alike, some):
                raise InputError(
                    f"--plots {plots} is what {option} would write: choose another name"
                )
    found = {"output": output, "save_codes": codes, "plots": plots}
    _check_rows_options(given | found)
    return found


def _check_rows_options(given: dict) -> None:
    """What is wrong with the rows of a user's own model, as far as the options tell it."""
    if given["append"] and (given["model_name"] is None or given["seed_of_model"] is None):
        raise InputError("--append needs --model-name and --seed-of-model: they tell rows apart")
    if given["output"] is None or given["checkpoint"] is not None:
        return
    from dbench.scoring import own_table

    own_model(given, "")
    if not given["append"]:
        own_table.check_alone(given["output"])


def own_model(given: dict, dataset: str) -> Any:
    """The user's own model; `dataset` is what its data set is called if no option says it."""
    from dbench.scoring import own_model as models

    name = given["model_name"]
    if name is None:
        name = given["encoder"] or given["representation"].stem
    called = given["dataset_name"]
    return models.named(
        dataset if called is None else called, name, given["seed_of_model"] or 0, given["setting"]
    )


def check_rows(given: dict, dataset: str, info: dict) -> None:
    """An InputError if the rows do not go into the table that --append adds to."""
    from dbench.scoring import own_table

    if given["append"]:
        own_table.check_new(given["output"], own_model(given, dataset), info)


def warned(given: dict) -> set[tuple[str, str]]:
    """What was warned of the models of the table that --append adds to, and is not said again."""
    from dbench.scoring import own_table

    return own_table.warned(given["output"]) if given["append"] else set()


def save_codes(given: dict, table, dataset: str, drawn: tuple[int, int] | None) -> None:
    """Writes --save-codes, before the scores: they may still fail."""
    from dbench.codes import to_file

    if given["save_codes"] is not None:
        to_file.write(given["save_codes"], table, dataset, drawn)


def write(given: dict, table, scores: dict, dataset: str, info: dict) -> None:
    """Writes --plots and --output."""
    from dbench.scoring import own_table, score_files

    if given["plots"] is not None:
        import numpy as np

        from dbench.metrics.shared.information import entropy
        from dbench.metrics.shared.validate import factor_names
        from dbench.pictures.plots import draw

        counts = [np.unique(factor, return_counts=True)[1] for factor in table.factors.T]
        most = max(map(entropy, counts), default=0.0)
        draw(scores, factor_names(table), given["plots"], most)
    if given["output"] is None:
        return
    if given["checkpoint"] is not None:  # last: where it is, all is there
        score_files.write_scores(given["output"], scores, info)
    else:
        model = own_model(given, dataset)
        own_table.write(given["output"], scores, info, model, bool(given["append"]))
