"""Metrics: `(table, key, **options) -> Score`. To add one: a file, a line here, a test row."""

import zlib
from collections.abc import Sequence

import jax

from dbench.base import Score, Table
from dbench.errors import InputError, choose
from dbench.metrics.factor_vae import factor_vae
from dbench.metrics.higgins import higgins
from dbench.metrics.mig import mig
from dbench.metrics.mig_histogram import mig_histogram
from dbench.metrics.validate import check, need_logvar, need_two_factors

METRICS = {
    "higgins": higgins,
    "factor_vae": factor_vae,
    "mig": mig,
    "mig_histogram": mig_histogram,
}
NEEDS = {"higgins": need_two_factors, "factor_vae": need_two_factors, "mig": need_logvar}


def evaluate(table: Table, key: jax.Array, metrics: Sequence[str]) -> dict[str, Score]:
    """Check the table, then score it by each metric id.

    A metric's key depends on `key` and its id alone, so that a score is the same whichever
    others are asked for. Raises InputError for an unknown id and for a table that cannot be
    scored (see `validate.check`) before any work is done.
    """
    for name in metrics:
        choose("metric", name, METRICS)
    check(table)
    for name in metrics:
        if name in NEEDS:
            NEEDS[name](table)
    return {
        name: METRICS[name](table, jax.random.fold_in(key, zlib.crc32(name.encode())))
        for name in metrics
    }


def allowed(table: Table) -> list[str]:
    """The ids of the metrics that this table can be scored by, in the order of METRICS."""

    def fits(name):
        try:
            NEEDS.get(name, lambda _: None)(table)
        except InputError:
            return False
        return True

    return [name for name in METRICS if fits(name)]
