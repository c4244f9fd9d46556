"""What the making of a batch costs: a training step of each data set against one on ready images.

    python benchmarks/data_speed.py [--data-sets dsprites,rooms] [--rounds 15]

Both are the small net, batch 64, one model on one CPU device; the other step gets the same batch
of images each time, already there. They take turns in one process, so that noise of the machine
hits both. Also printed: bytes of a data set's arrays, and the seconds to open it when it is kept in
the cache (once before, untimed, where it is drawn if need be).
"""

import argparse
import statistics
import time

from dbench.training import devices

STEPS = 50  # of a turn


def main() -> None:
    options = arguments()
    devices.setup(cpus=1)
    from dbench.data import DATASETS

    names = options.data_sets.split(",") if options.data_sets else list(DATASETS)
    columns = ("a batch costs", "quartiles", "step ms", "MB", "opens s")
    print(f"{'data set':20} {columns[0]:>14} {columns[1]:>15}", *(f"{c:>8}" for c in columns[2:]))
    for name in names:
        try:
            DATASETS[name](None)
        except Exception as error:  # an official file that is not there
            print(f"{name:20} left out: {error}")
            continue
        began = time.perf_counter()
        dataset = DATASETS[name](None)
        opened = time.perf_counter() - began
        shares, step = compare(dataset, options.rounds)
        low, high = statistics.quantiles(shares, n=4)[::2]
        median = statistics.median(shares)
        print(
            f"{name:20} {median:14.1%} {low:7.1%}{high:8.1%} {1e3 * step:8.2f} "
            f"{size(dataset) / 1e6:8.1f} {opened:8.3f}",
            flush=True,
        )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data-sets", help="comma-separated [default: all that can be opened]")
    parser.add_argument("--rounds", type=int, default=15, help="default: %(default)s")
    return parser.parse_args()


def size(dataset) -> int:
    import jax

    return sum(leaf.nbytes for leaf in jax.tree.leaves(dataset.arrays))


def compare(dataset, rounds: int) -> tuple[list[float], float]:
    """By round, by how much a step is longer than one on ready images; seconds of the latter."""
    import jax
    import numpy as np

    batch = jax.jit(dataset.gather)(dataset.arrays, np.arange(64, dtype=np.int32) % dataset.size)
    ready = dataset._replace(arrays=jax.block_until_ready(batch), gather=there)
    turns = [turn(dataset), turn(ready)]
    times = [[work() for work in turns] for _ in range(rounds)]
    return [real / other - 1 for real, other in times], statistics.median(t for _, t in times)


def there(images, rows):
    """The images that are already there, whatever the rows."""
    return images


def turn(dataset):
    """A function that trains some steps and gives the seconds of one; compiled and warm."""
    import jax

    from dbench.training import steps

    mesh = devices.mesh()
    cohort = steps.cohort(dataset, "beta_vae", [{"net": "small"}], [0], mesh)
    states = [steps.start(cohort)]

    def work() -> float:
        began = time.perf_counter()
        states[0], _ = steps.advance(cohort, states[0], STEPS)
        jax.block_until_ready(states[0])
        return (time.perf_counter() - began) / STEPS

    work()
    work()
    return work


if __name__ == "__main__":
    main()
