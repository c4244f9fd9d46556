"""Time each score on a full-size table, and check MIG's integration against a finer grid.

    OMP_NUM_THREADS=1 python benchmarks/score_speed.py

The table is made up: 737,280 rows with the factors of dSprites, and ten codes like those of a
trained beta-VAE. Prints the median seconds of three runs, and the largest error of I(z; v) in nats.
"""

import statistics
import time

import jax
import numpy as np

from dbench.base import Table
from dbench.metrics import METRICS
from dbench.metrics.mig import mutual_information

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


def seconds(name: str, table: Table) -> float:
    """Median time of three runs of a score."""
    times = []
    for seed in range(3):
        start = time.perf_counter()
        METRICS[name](table, jax.random.key(seed))
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    table = synthetic()
    times = {name: seconds(name, table) for name in METRICS}
    for name, value in times.items():
        print(f"{name:14s} {value:.2f} s")
    coarse = mutual_information(table)
    fine = mutual_information(table, cells=16, width=0.02)
    error = np.abs(coarse - fine)
    print("error of I(z; v) by code, nats:", " ".join(f"{e:.0e}" for e in error.max(axis=1)))
    line = " ".join(f"{name}={value:.2f}s" for name, value in times.items())
    print(f"score_speed {line} mig_error={error.max():.1e}")


if __name__ == "__main__":
    main()
