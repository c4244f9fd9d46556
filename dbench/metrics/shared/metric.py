"""What a metric is: a pure function of a table, and the two ways to call it.

    @metric(need_two_factors)
    def factor_vae(work: Work, *, train: int = 10_000, ...) -> Score:

`Work` holds one table and what has been computed of it, so that metrics that are scored together
share samples, information matrices and fits, and still each gives what it gives alone.
"""

import functools
import inspect
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jax
import numpy as np

from dbench import environment
from dbench.base import Once, Score, Table, numpy_rng
from dbench.metrics.shared.code_groups import enter
from dbench.metrics.shared.tables import labelled
from dbench.metrics.shared.tables import table as make_table
from dbench.metrics.shared.validate import check_draws, check_options


class ScoreWarning(UserWarning):
    """A score may mislead, and why."""


class Work(Once):
    """A table being scored with one key."""

    def __init__(
        self,
        table: Table,
        key: jax.Array,
        progress: bool = False,
        rows: Mapping[str, np.ndarray] | None = None,
    ):
        super().__init__()
        self.table = table
        self.progress = progress  # whether long work shows a bar on a terminal
        self.rows = rows or {}  # "train", "test": those of the table that such samples are from
        self._key = key

    def rng(self, purpose: str) -> np.random.Generator:
        """A generator for one purpose: the same draws whoever asks, and whatever came before."""
        return numpy_rng(jax.random.fold_in(self._key, zlib.crc32(purpose.encode())))


class Metric:
    """A score of a table. Call it with a Table and a key, or with arrays.

        metric(table, key, **options)
        metric(codes, factors, logvar, seed=0, names=None, continuous=(), cyclic=(), groups=(),
               **options)

    `groups`, {name: numbers of codes}, are taken as one code each, see `code_groups`. Both take
    `repeats`: score that often with different draws; the value is then the mean and
    stderr the spread of the draws over sqrt(repeats).
    """

    __name__: str  # its id, that of the function

    def __init__(
        self, function: Callable[..., Score], needs: tuple[Callable, ...], better: str | None = None
    ):
        functools.update_wrapper(self, function)
        self.better = better  # "higher" or "lower", of a user's own; else in tables/directions.py
        self.score = function  # (work, **options) -> Score
        self.needs = needs  # each raises InputError if a table lacks what the metric needs
        parameters = list(inspect.signature(function).parameters.values())[1:]
        self.options = {p.name: p.default for p in parameters}
        own = list(inspect.signature(self.__call__).parameters.values())[:-1]
        self.__signature__ = inspect.Signature([*own, *parameters], return_annotation=Score)

    def __call__(
        self,
        codes,
        factors=None,
        logvar=None,
        *,
        seed: int = 0,
        names=None,
        continuous=(),
        cyclic=(),
        groups=(),
        repeats: int = 1,
        **options,
    ) -> Score:
        if isinstance(codes, Table):
            table, key = labelled(codes), factors
        else:
            table, key = make_table(codes, factors, logvar, names, continuous), None
            table = table._replace(cyclic=(cyclic,) if isinstance(cyclic, str) else tuple(cyclic))
        table, said = enter(table._replace(groups=groups) if groups else table)
        self.check(table)
        check_options(self.__name__, self.options, options)
        check_draws(seed, repeats)
        with environment.fixed():
            key = jax.random.key(seed) if key is None else key
            draws = [self.score(Work(table, k), **options) for k in repeat_keys(key, repeats)]
        result = combine(draws, said)
        for sentence in result.warnings:
            warnings.warn(f"{self.__name__}: {sentence}", ScoreWarning, stacklevel=2)
        return result

    def __get__(self, instance, owner=None) -> "Metric":
        """Itself. It makes `help` show a metric as a function is shown.

        pydoc gives what is a descriptor its whole signature, and cuts that of any other object.
        """
        return self

    def __repr__(self) -> str:
        return f"<metric {self.__name__}{self.__signature__}>"

    def check(self, table: Table) -> None:
        """Raise InputError unless the table has all that the metric needs."""
        for need in self.needs:
            need(table, self.__name__)


def metric(*needs: Callable, better: str | None = None) -> Callable[[Callable[..., Score]], Metric]:
    """Makes a Metric of a function `(work, **options) -> Score`. `needs` as in `validate`.

    `better` is "higher" or "lower", for a metric of your own. One that is added to dbench has its
    direction in dbench/tables/directions.py.
    """
    return lambda function: Metric(function, needs, better)


def variant(base: Metric, name: str, what: str, **options) -> Metric:
    """`base` under another id, with other defaults; `what` is its one-line description."""

    def function(work, **others):
        return base.score(work, **options | others)

    function.__name__ = function.__qualname__ = name
    settings = ", ".join(f"{k}={v!r}" for k, v in options.items())
    function.__doc__ = f"{what}\n\n    `{base.__name__}` with {settings}; see there."
    parameters = [
        p.replace(default=options.get(p.name, p.default))
        for p in inspect.signature(base.score).parameters.values()
    ]
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # inspect reads it
    made = Metric(function, base.needs)
    made.__module__ = base.__module__
    return made


def repeat_keys(key: jax.Array, repeats: int) -> Iterator[jax.Array]:
    """One key a repeat; the first is `key` itself, so that one repeat changes nothing."""
    return (key if i == 0 else jax.random.fold_in(key, i) for i in range(repeats))


def combine(draws: list[Score], said: tuple[str, ...] = ()) -> Score:
    """The mean of scores of one table with different draws, its error from their spread.

    `said` stands before what the scores say of themselves.
    """
    if len(draws) == 1:
        return draws[0]._replace(warnings=(*said, *draws[0].warnings)) if said else draws[0]
    values = np.array([score.value for score in draws])
    parts: dict[str, Any] = {}
    for name, first in draws[0].parts.items():
        found = [score.parts[name] for score in draws if name in score.parts]
        if len({np.shape(part) for part in found}) == 1:  # else the draws differ in kind
            mean = np.mean(found, axis=0)
            parts[name] = mean if np.ndim(first) else float(mean)
    sentences = (*said, *dict.fromkeys(s for score in draws for s in score.warnings))
    spread = float(values.std(ddof=1) / np.sqrt(len(values)))
    return Score(float(values.mean()), spread, parts | {"draws": values}, sentences)
