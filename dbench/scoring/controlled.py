"""Scores of codes by what an agent controls: the factors that its actions move, and the others."""

import numpy as np

from dbench.base import Dataset, Score, Table, numpy_rng
from dbench.data import actions
from dbench.errors import InputError
from dbench.metrics import METRICS, evaluate
from dbench.metrics.infomec import RANGE
from dbench.metrics.shared.stderr import binomial
from dbench.scoring.moves import acts
from dbench.scoring.trained_model import TrainedModel
from dbench.training.programs import Program

NEIGHBOURS = 10


def two_moved(program: Program, dataset: Dataset) -> None:
    """An InputError unless the actions of the model move two factors or more."""
    acts(program, dataset)
    if len(names := actions.moved(dataset, program.build().actions)) < 2:
        raise InputError(
            f"modularity over the factors that actions move needs two of them, and {program.model} "
            f"moves {names[0]} alone"
        )


def some_left(program: Program, dataset: Dataset) -> None:
    """An InputError if the actions of the model move every factor."""
    acts(program, dataset)
    if not others(program, dataset):
        raise InputError(
            f"the actions of {program.model} move every factor of {dataset.name}: nothing is left "
            "uncontrolled"
        )


def others(program: Program, dataset: Dataset) -> list[str]:
    """Names of the factors that vary and that no action moves."""
    moved = actions.moved(dataset, program.build().actions)
    return [dataset.names[j] for j in dataset.varying if dataset.names[j] not in moved]


def table_of(run: TrainedModel, rows: int, names) -> Table:
    """Codes of some images, with the factors of these names alone."""
    some = run.distinct(rows)
    table = run.codes("controlled", some)
    columns = [(table.names or ()).index(name) for name in names]
    values = None if table.values is None else table.values[:, columns]
    return table._replace(factors=table.factors[:, columns], names=tuple(names), values=values)


def _over(metric: str, line: str):
    """A score of METRICS over the factors that the model's actions move."""

    def score(
        run: TrainedModel,
        *,
        rows: int = 10_000,
    ) -> Score:
        two_moved(run.program, run.dataset)
        names = actions.moved(run.dataset, run.program.build().actions)
        table = table_of(run, rows, names)
        whole = f"{metric}_all"  # of all images there is nothing to draw
        name = whole if len(table.mean) == run.dataset.size and whole in METRICS else metric
        return evaluate(table, run.key, [name])[name]

    score.__name__ = score.__qualname__ = f"controlled_{metric}"
    score.__doc__ = f"""{line}

    `{metric}` of a table with the factors alone that the model's actions move: what its codes know
    of others is not held against them here (see `uncontrolled`). `rows` distinct images, drawn by
    the key; where these are all, each counts once. Range, parts and stderr are those of `{metric}`;
    higher is better.
    """
    return score


controlled_modularity = _over(
    "modularity", "Modularity of codes over the factors that the model's actions move."
)
controlled_infomec_m = _over("infomec_m", "InfoM over the factors that the model's actions move.")


def uncontrolled(
    run: TrainedModel,
    *,
    rows: int = 10_000,
) -> Score:
    """What codes know of factors that no action moves, lower is better.

        mean_f (accuracy_f - chance_f) / (1 - chance_f)

    over the factors that vary and that no action of the model moves: accuracy of the 10 nearest
    neighbours among the codes, chance that of the most frequent value. Neighbours are of images
    whose controlled factors are others: of half of their combinations, for the images of the other
    half. So what it takes to know a factor is a code that means the same elsewhere. About 0 if
    codes know nothing of them (below it by chance), 1 if all. Codes are scaled to one variance; one
    whose range is less than 1/20 of the largest is left out. It sees any kind of dependence, where
    a linear classifier would not. Of dbench.

    `rows` distinct images, drawn by the key. Parts: share/<factor>. stderr: over images, as if
    those of one combination were independent.
    """
    some_left(run.program, run.dataset)
    names, moved = (
        others(run.program, run.dataset),
        actions.moved(run.dataset, run.program.build().actions),
    )
    both = table_of(run, rows, [*names, *moved])
    labels, state = np.split(both.factors, [len(names)], axis=1)
    table = Table(both.mean, labels, names=tuple(names))
    group = np.unique(state, axis=0, return_inverse=True)[1].ravel()
    return known(table, numpy_rng(run.key).permutation(group.max() + 1)[group] % 2 == 0)


def known(table: Table, train: np.ndarray) -> Score:
    """The score of a table, rows [n] bool of it the neighbours."""
    from sklearn.neighbors import KNeighborsClassifier

    codes, names = table.mean.astype(np.float64), table.names or ()
    extent = np.ptp(codes, axis=0)
    active = extent > extent.max() / RANGE
    shares, errors = {}, []
    for name, labels in zip(names, table.factors.T, strict=True):
        test = labels[~train]
        chance = np.bincount(test).max() / len(test)
        accuracy = chance
        if active.any():
            scaled = codes[:, active] / codes[:, active].std(axis=0)
            fitted = KNeighborsClassifier(NEIGHBOURS).fit(scaled[train], labels[train])
            accuracy = float((fitted.predict(scaled[~train]) == test).mean())
        shares[f"share/{name}"] = float((accuracy - chance) / (1 - chance))
        errors.append(binomial(accuracy, len(test)) / (1 - chance))
    value = float(np.mean(list(shares.values())))
    return Score(value, float(np.sqrt(np.square(errors).sum()) / len(errors)), shares)
