"""Codes in groups: a table in which several codes are one, for scores that ask for single codes.

A group is a name and the numbers of its codes. It becomes one code, where its first code stood:

    category    if its codes are the probabilities of categories (none below 0, their sum 1 in each
                row, as of a softmax or a one-hot vector): the number of the most likely one.
                Scores that count codes in bins count the categories as they are, however many.
    component   else the first principal component of the codes over the rows of the table: w . z,
                w the first eigenvector of their covariance, its largest entry positive. Posteriors
                N(mean, exp(logvar)) of single codes make N(w . mean, sum_j w_j^2 exp(logvar_j)),
                exactly, so that `mig` stays exact.

A code in no group, or alone in one, stays as it is. A component keeps one direction of the group
and drops the others; its share of the group's variance is said with each score. The number of a
category has no order that means anything: scores that fit lines or measure distances see one.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dbench.base import Table
from dbench.errors import InputError, short
from dbench.metrics.shared.validate import check

SUM = 0.01  # how far probabilities that a file has rounded may be from a sum of 1

Groups = tuple[tuple[str, tuple[int, ...]], ...]


def declared(given: Mapping[str, Iterable[int]] | Sequence, codes: int) -> Groups:
    """Groups of a table of so many codes, checked: {name: numbers of codes}, or pairs of these."""
    try:
        items = given.items() if isinstance(given, Mapping) else given
        pairs = [(str(name), [*numbers]) for name, numbers in items]
    except (TypeError, ValueError) as error:
        raise InputError(
            "groups must be a dict of names and numbers of codes, as {'digit': range(10)}, not "
            f"{short(given)}"
        ) from error
    if len({name for name, _ in pairs}) < len(pairs):
        raise InputError(f"two groups of codes have one name: {', '.join(n for n, _ in pairs)}")
    owner: dict[int, str] = {}
    for name, numbers in pairs:
        if not numbers:
            raise InputError(f"the group {name!r} has no codes: give it some, or leave it out")
        for j in numbers:
            whole = isinstance(j, int | np.integer) and not isinstance(j, bool)
            if not whole or not 0 <= j < codes:
                raise InputError(
                    f"the group {name!r} has a code {short(j)}, and codes are numbered 0 to "
                    f"{codes - 1}: correct it"
                )
            if (other := owner.setdefault(int(j), name)) != name or numbers.count(j) > 1:
                both = f"the groups {other!r} and {name!r}" if other != name else f"{name!r} twice"
                raise InputError(f"code {j} is in {both}: a code belongs to one group at most")
    return tuple((name, tuple(map(int, numbers))) for name, numbers in pairs)


class One(NamedTuple):
    """A code that stands for a group of them."""

    mean: np.ndarray  # [n, 1]
    logvar: np.ndarray | None  # [n, 1]
    how: str  # what it is, in words; "" for a single code
    category: bool = False


def enter(table: Table) -> tuple[Table, tuple[str, ...]]:
    """The table as scores see it, checked, each group one code; and a sentence a group.

    Without groups it is the table itself.
    """
    check(table)
    if not table.groups:
        return table, ()
    known = declared(table.groups, table.mean.shape[1])
    at = {numbers[0]: (name, numbers) for name, numbers in known}
    later = {j for _, numbers in known for j in numbers[1:]}
    taken = [at.get(j, ("", (j,))) for j in range(table.mean.shape[1]) if j not in later]
    if len(taken) < 2:
        raise InputError(
            f"all {table.mean.shape[1]} codes are in one group, which is one code: at least two "
            "are needed"
        )
    ones = [one(table, numbers) for _, numbers in taken]
    said = tuple(
        f"group {name!r} of {len(numbers)} codes is one code, {j}: {found.how}"
        for j, ((name, numbers), found) in enumerate(zip(taken, ones, strict=True))
        if found.how
    )
    logvars = [found.logvar for found in ones if found.logvar is not None]
    reduced = table._replace(
        mean=np.concatenate([found.mean for found in ones], axis=1),
        logvar=np.concatenate(logvars, axis=1) if logvars else None,
        groups=(),
        symbols=tuple(j for j, found in enumerate(ones) if found.category),
    )
    return reduced, said


def one(table: Table, numbers: tuple[int, ...]) -> One:
    """The code that stands for some codes of a table."""
    mean = table.mean[:, numbers]
    logvar = None if table.logvar is None else table.logvar[:, numbers]
    if len(numbers) == 1:
        return One(mean, logvar, "")
    if probabilities(mean):
        category = mean.argmax(axis=1)[:, None]
        blank = None if logvar is None else np.zeros(category.shape)  # see `need_gaussian`
        return One(category, blank, "the number of its most likely category", True)
    weights, share = component(mean)
    if logvar is not None:
        logvar = np.log(np.exp(logvar.astype(np.float64)) @ weights[:, None] ** 2)
    how = f"its first principal component, {share:.0%} of its variance"
    return One(mean.astype(np.float64) @ weights[:, None], logvar, how)


def probabilities(codes: np.ndarray) -> bool:
    """Whether codes [n, d] are probabilities of d categories."""
    return bool((codes >= 0).all() and (np.abs(codes.sum(axis=1) - 1) <= SUM).all())


def component(codes: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights [d] of the first principal component of codes [n, d], and its share of variance."""
    covariance = np.atleast_2d(np.cov(codes.astype(np.float64), rowvar=False, bias=True))
    values, vectors = np.linalg.eigh(covariance)
    first, whole = vectors[:, -1], values.sum()
    sign = np.sign(first[np.abs(first).argmax()])
    return first * sign, float(values[-1] / whole) if whole > 0 else 1.0
