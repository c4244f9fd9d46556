"""Time and memory of every score on a full-size table, and how exact the integrated ones are.

    python benchmarks/metric_speed.py [--metrics study] [--one-core]

The table is made up: 737,280 rows with the factors of dSprites, and ten codes like those of a
trained beta-VAE. Each score runs in turn in one process, as `dbench evaluate` runs them, so that
one that shares a fit with an earlier one takes next to no time; compiled loops are warmed up first.
The last line has the seconds of the study's set, alone and with nothing shared before.
"""

import argparse
import os
import resource
import sys
import time

import jax
import numpy as np

from dbench.base import Table
from dbench.metrics import METRICS, evaluate, select
from dbench.metrics.mig import mutual_information
from dbench.metrics.shared.metric import Work

SIZES = (3, 6, 40, 32, 32)  # shape, scale, orientation, posX, posY


def synthetic(seed: int = 0) -> Table:
    """A table of 737,280 x 10: five codes that follow factors, two that mix, three unused."""
    rng = np.random.default_rng(seed)
    factors = np.stack([a.ravel() for a in np.meshgrid(*map(np.arange, SIZES), indexing="ij")], 1)
    shape, scale, turn, x, y = (factors / (np.array(SIZES) - 1)).T
    angle = 2 * np.pi * turn * np.array([4, 2, 1])[factors[:, 0]]  # square, ellipse, heart
    codes = np.stack(
        [
            3.4 * (x - 0.5) + 0.1 * np.sin(6 * y),
            3.4 * (y - 0.5) * (0.9 + 0.1 * scale),
            2.5 * (scale - 0.5) + 0.4 * shape,
            1.5 * np.sin(angle) + 0.3 * shape,
            1.5 * np.cos(angle) * (0.7 + 0.3 * scale),
            (x + y - 1) * 1.5 + shape,
            (x - y) * 1.5 + 0.5 * np.cos(angle),
            *np.zeros((3, len(factors))),
        ],
        axis=1,
    )
    sigma = np.array([0.05, 0.06, 0.15, 0.2, 0.25, 0.1, 0.3, 1, 1, 1])
    # Posterior scales vary by row with the factors and with a heavy tail; means are jittered.
    used, noise = sigma < 1, rng.standard_normal((2, *codes.shape))
    codes += np.where(used, 0.3 * sigma, 0.02) * noise[0]
    log_sigma = np.log(sigma) + np.where(used, 0.3, 0.01) * noise[1]
    log_sigma += 0.3 * used * (scale[:, None] - 0.5)
    return Table(codes.astype(np.float32), factors, (2 * log_sigma).astype(np.float32))


def small(table: Table) -> Table:
    """A few rows of a table, to compile on."""
    rows = np.random.default_rng(0).choice(len(table.mean), 500, replace=False)
    logvar = None if table.logvar is None else table.logvar[rows]
    return table._replace(mean=table.mean[rows], factors=table.factors[rows], logvar=logvar)


def peak() -> float:
    """Most memory this process has held so far, in GB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def each(table: Table, names: list[str]) -> None:
    """Seconds, CPU seconds, value and error of each score, and the memory held by then."""
    work = Work(table, jax.random.key(0))
    print(f"{'metric':28s} {'wall s':>7s} {'CPU s':>7s} {'GB':>5s}  score")
    for name in names:
        wall, cpu = time.perf_counter(), time.process_time()
        score = METRICS[name].score(work)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(
            f"{name:28s} {wall:7.2f} {cpu:7.2f} {peak():5.2f}  {score.value:.4f} "
            f"± {score.stderr:.4f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--metrics", default="all", help="ids or groups, comma-separated")
    parser.add_argument("--one-core", action="store_true", help="hold this process to one core")
    chosen = parser.parse_args()
    if chosen.one_core:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    table = synthetic()
    evaluate(small(table), jax.random.key(0), select(["default"]))
    began, before = time.perf_counter(), peak()
    evaluate(table, jax.random.key(0), select(["study"]))
    study, held = time.perf_counter() - began, peak()
    print(f"table {table.mean.shape[0]:,} x {table.mean.shape[1]}, {before:.2f} GB before scoring")
    print(f"the study's set: {study:.1f} s, {held:.2f} GB at most")
    each(table, select(chosen.metrics.split(",")))
    error = np.abs(mutual_information(table) - mutual_information(table, cells=16, width=0.02))
    print("error of I(z; v) by code, nats:", " ".join(f"{e:.0e}" for e in error.max(axis=1)))
    print(f"metric_speed seconds={study:.1f}")


if __name__ == "__main__":
    main()
