"""A table scored by many metrics in one pass."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
from tqdm import tqdm

from dbench import environment
from dbench.base import Score, Table
from dbench.errors import choose, some
from dbench.metrics.registry import METRICS
from dbench.metrics.shared.code_groups import enter
from dbench.metrics.shared.metric import Work, combine, repeat_keys
from dbench.metrics.shared.tables import labelled
from dbench.metrics.shared.validate import check_draws, check_options


@environment.fixed()
def evaluate(
    table: Table,
    key: jax.Array,
    metrics: Sequence[str],
    repeats: int = 1,
    progress: bool = False,
    options: Mapping[str, Any] | None = None,
) -> dict[str, Score]:
    """Check the table, then score it by each metric id, in one pass.

    What metrics share (samples, information, fits) is computed once; a score is still the same
    whichever others are asked for, and the same as the metric gives by itself with this key. Raises
    InputError for an unknown id and for a table that cannot be scored
    (`dbench.metrics.shared.validate`) before any work is done. `progress` shows a bar on a
    terminal. `options` (train=2000, ...) go to each metric that has an option of that name.
    """
    for name in metrics:
        choose("metric", name, METRICS)
    own = _options(metrics, options or {})
    table, said = enter(labelled(table))
    for name in metrics:
        METRICS[name].check(table)
    check_draws(0, repeats)
    draws: dict[str, list[Score]] = {name: [] for name in metrics}
    with tqdm(
        total=repeats * len(draws), desc="score", leave=False, disable=None if progress else True
    ) as bar:
        for each in repeat_keys(key, repeats):
            work = Work(table, each, progress)
            for name in draws:
                bar.set_postfix_str(name)
                draws[name].append(METRICS[name].score(work, **own[name]))
                bar.update()
    return {name: combine(scores, said) for name, scores in draws.items()}


def _options(metrics: Sequence[str], options: Mapping[str, Any]) -> dict[str, dict]:
    """Metric -> those of the options that it has; an InputError for one that none has."""
    known = {name: METRICS[name].options for name in metrics}
    for option in options:
        choose(f"option of {some(metrics)}", option, {o for each in known.values() for o in each})
    own = {name: {k: v for k, v in options.items() if k in known[name]} for name in known}
    for name, given in own.items():
        check_options(name, known[name], given)
    return own
