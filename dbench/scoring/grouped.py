"""Scores with each group of codes that a model declares as one code: `mig_histogram_grouped`.

For studies, where a score without the suffix sees single codes: InfoGAN's ten probabilities of a
category are ten codes of one and one code of the other. What a group becomes is in
`metrics.shared.code_groups`. Of a model that declares no groups both scores are the same.
"""

from collections.abc import Iterable, Sequence

from dbench.base import Score, Table
from dbench.errors import InputError
from dbench.scoring import evaluate
from dbench.tables.directions import GROUPED, base, suffix

Groups = tuple[tuple[str, tuple[int, ...]], ...]  # as of a Table


def wanted(metrics: Sequence[str]) -> list[str]:
    """Those that take groups of codes."""
    return [name for name in metrics if suffix(name) == GROUPED]


def scores(table: Table, groups: Groups, metrics: Sequence[str], seed: int) -> dict[str, Score]:
    """Scores of a table by their names with the suffix, each of `groups` one code."""
    if not metrics:
        return {}
    names = [base(name) for name in metrics]
    found = evaluate.scores(table._replace(groups=groups), names, seed)
    return {name + GROUPED: score for name, score in found.items()}


def check(model: str, groups: Groups, codes: int, metrics: Sequence[str]) -> None:
    """An InputError if all codes of a model are in one group: scores need two codes."""
    if wanted(metrics) and any(len(numbers) == codes for _, numbers in groups):
        raise InputError(
            f"all {codes} codes of {model} are in one group, which is one code, and "
            f"{wanted(metrics)[0]} needs two"
        )


def require(declared: Iterable[Groups], metrics: Sequence[str]) -> None:
    """An InputError if none of a study's models declares groups, and some score takes them."""
    if (some := wanted(metrics)) and not any(declared):
        raise InputError(
            f"{some[0]} takes groups of codes as one code, and no model of this study declares "
            f"groups: name {base(some[0])}"
        )
