"""What a table must be before it is scored. Every fault is one sentence, an InputError."""

import numpy as np

from dbench.base import Table
from dbench.errors import InputError, choose

MANY = 50  # values that a factor may have however few the rows are
CODE_LIMIT = 1e30  # squares and fourth powers of larger codes leave the range of float64
LOGVAR_LIMIT = 50  # a scale of exp(-25): below what a difference of float32 codes can show


def check(table: Table) -> None:
    """Raise InputError unless every metric's assumptions about the table hold."""
    check_shapes(table)
    check_codes("mean", table.mean)
    for what, array in (("mean", table.mean), ("factors", table.values)):
        if array is not None and np.size(array) and max(array.max(), -array.min()) > CODE_LIMIT:
            raise InputError(f"{what} goes beyond +-{CODE_LIMIT:g}: rescale it")
    if table.logvar is not None:
        check_codes("logvar", table.logvar)
        far = np.flatnonzero((np.abs(table.logvar) > LOGVAR_LIMIT).any(axis=0))
        if len(far):
            raise InputError(
                f"logvar of code {far[0]} goes beyond +-{LOGVAR_LIMIT}: it must be the log of the "
                "variance; leave logvar out if the encoder is deterministic"
            )
    if table.names is not None and len(set(table.names)) < len(table.names):
        raise InputError(f"two factors have the same name: {', '.join(table.names)}")
    if len(table.mean) == 1:
        raise InputError("the table has one row, and scores are of many: give more rows")
    for j, column in enumerate(table.factors.T):
        values = len(np.unique(column))
        if values > max(MANY, len(column) // 2):
            raise InputError(
                f"factor {factor_names(table)[j]!r} has {values:,} different values in "
                f"{len(column):,} rows, so it numbers the rows: remove it, or declare it continuous"
            )
        if (column == column[0]).all():
            raise InputError(
                f"factor {factor_names(table)[j]!r} has the same value in all "
                f"{len(column)} rows: remove it from the table"
            )


def check_shapes(table: Table) -> None:
    """Raise InputError unless the arrays are [n, d], [n, k] int and, if given, [n, d] and (k,)."""
    mean, factors, logvar = table.mean, table.factors, table.logvar
    if np.ndim(mean) != 2 or np.ndim(factors) != 2:
        raise InputError(
            "mean must be [rows, codes] and factors [rows, factors], not "
            f"{list(np.shape(mean))} and {list(np.shape(factors))}"
        )
    if len(mean) != len(factors):
        raise InputError(f"mean has {len(mean)} rows and factors {len(factors)}: they must agree")
    if not len(mean):
        raise InputError("the table has no rows")
    if mean.shape[1] < 2:
        raise InputError(f"the table has {mean.shape[1]} code(s): at least two are needed")
    if factors.dtype.kind not in "iu":
        raise InputError(
            f"factors must be integers, not {factors.dtype}: give the index of each value"
        )
    if logvar is not None and np.shape(logvar) != mean.shape:
        raise InputError(
            f"logvar is {list(np.shape(logvar))} and mean {list(mean.shape)}: they must agree"
        )
    if table.names is not None and len(table.names) != factors.shape[1]:
        raise InputError(f"{len(table.names)} names are given for {factors.shape[1]} factors")


def check_codes(what: str, values: np.ndarray) -> None:
    """Raise InputError if an [n, d] array holds NaN or infinity."""
    bad = (~np.isfinite(values)).sum(axis=0)  # [d]
    if bad.any():
        code = int(bad.argmax())
        raise InputError(
            f"{what} of code {code} is NaN or infinite in {bad[code]} of {len(values)} rows"
        )


def check_active(table: Table) -> None:
    """Raise InputError if no code varies: scores have a value for that, but the table is wrong."""
    if (np.ptp(table.mean, axis=0) == 0).all():
        raise InputError(
            f"all {table.mean.shape[1]} codes are constant over all {len(table.mean)} rows: there "
            "is nothing to score; look at the encoder"
        )


def factor_names(table: Table) -> tuple[str, ...]:
    """(k,) the factors' names, or factor0, factor1, ... where the table gives none."""
    return table.names or tuple(f"factor{j}" for j in range(table.factors.shape[1]))


LEAST = {  # of options that are whole numbers; 1 for the others
    "rows": 2,
    "train": 20,  # four for each of the groups that give the standard error
    "test": 20,
    "batch": 2,
    "points": 2,
    "bins": 2,
    "folds": 2,
}


def check_draws(seed: int, repeats: int) -> None:
    """Raise InputError for a seed or a number of repeats that is none."""
    for name, value, least, most in (("seed", seed, 0, 2**31 - 1), ("repeats", repeats, 1, 10**6)):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or not least <= value <= most:
            raise InputError(f"{name} must be a whole number of {least} to {most:,}, not {value!r}")


def check_options(metric: str, defaults: dict, given: dict) -> None:
    """Raise InputError for an option that is not there or out of its range."""
    for name, value in given.items():
        choose(f"option of {metric}", name, defaults)
        default = defaults[name]
        if value is None and name in ("rows", "train", "test"):
            continue
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if name in ("rows", "train", "test") or type(default) is int:
            least = LEAST.get(name, 1)
            if not whole or value < least:
                raise InputError(
                    f"{metric}: {name} must be a whole number of at least {least}, not {value!r}"
                )
        elif type(default) is float and not (
            isinstance(value, int | float | np.floating) and np.isfinite(value) and value >= 0
        ):
            raise InputError(f"{metric}: {name} must be a number of at least 0, not {value!r}")


# What a metric may ask of a table: `@metric(need_logvar)`. Each is given the metric's id.


def need_logvar(table: Table, metric: str) -> None:
    """Raise InputError if the table has no posterior variances."""
    if table.logvar is None:
        instead = "; use mig_histogram" if metric == "mig" else ""
        raise InputError(
            f"{metric} needs logvar, the log variances of the posterior, and this table has "
            f"none{instead}"
        )


def need_gaussian(table: Table, metric: str) -> None:
    """Raise InputError if a code has no Gaussian posterior, as a group that is a category."""
    need_logvar(table, metric)
    if table.symbols:
        raise InputError(
            f"{metric} is of Gaussian posteriors, and code {table.symbols[0]}, a group of codes, "
            "is a category: leave that group out"
        )


def logvar_of(table: Table) -> np.ndarray:
    """Its logvar [n, d], for a metric that asks for it by `need_logvar`."""
    assert table.logvar is not None
    return table.logvar


def need_factors(table: Table, metric: str) -> None:
    """Raise InputError if there is no factor."""
    if not table.factors.shape[1]:
        raise InputError(f"{metric} needs the factors of the rows, and this table has no factors")


def need_two_factors(table: Table, metric: str) -> None:
    """Raise InputError if there are fewer than two factors, where one makes a score trivial."""
    if table.factors.shape[1] < 2:
        has = "one" if table.factors.shape[1] else "no factors"
        raise InputError(f"{metric} needs at least two factors, and this table has {has}")
