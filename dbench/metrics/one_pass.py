"""A table scored by many metrics in one pass."""

from collections.abc import Sequence

import jax
from tqdm import tqdm

from dbench import environment
from dbench.base import Score, Table
from dbench.errors import choose
from dbench.metrics.registry import METRICS
from dbench.metrics.shared.metric import Work, combine, repeat_keys
from dbench.metrics.shared.tables import labelled
from dbench.metrics.shared.validate import check, check_draws


@environment.fixed()
def evaluate(
    table: Table,
    key: jax.Array,
    metrics: Sequence[str],
    repeats: int = 1,
    progress: bool = False,
) -> dict[str, Score]:
    """Check the table, then score it by each metric id, in one pass.

    What metrics share (samples, information, fits) is computed once; a score is still the same
    whichever others are asked for, and the same as the metric gives by itself with this key. Raises
    InputError for an unknown id and for a table that cannot be scored (see `validate.check`)
    before any work is done. `progress` shows a bar on a terminal.
    """
    for name in metrics:
        choose("metric", name, METRICS)
    table = labelled(table)
    check(table)
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
                draws[name].append(METRICS[name].score(work))
                bar.update()
    return {name: combine(scores) for name, scores in draws.items()}
