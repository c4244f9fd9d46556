"""Speed of Karatsuba's strided convolutions against taps, by channels: whether `pays` is right.

    NPROC=1 python benchmarks/conv_speed.py [--rounds 7]

Each form goes down, up and takes the kernel's gradient on one device, batch 64, inside a scan as
in a training step; the two take turns in one process. A ratio is taps' time over Karatsuba's,
of medians: above 1 where Karatsuba is faster.
"""

import argparse
import statistics
import time

from dbench.training import devices

BATCH, LOOP = 64, 10
# Side of the smaller image, channels of the larger, channels of the smaller.
SHAPES = [
    (16, 32, 32),
    (8, 32, 64),
    (8, 64, 64),
    (8, 128, 64),
    (8, 16, 128),
    (8, 32, 128),
    (7, 64, 128),
    (8, 128, 128),
    (4, 128, 256),
]


def repeated(function):
    """`function` of arrays, LOOP times one after another in one compiled program."""
    import jax

    @jax.jit
    def run(*arrays):
        def step(arrays, _):
            y = function(*arrays)
            # The next turn depends on this one, so none can be left out.
            return tuple(x + 1e-12 * y[..., 0].sum() for x in arrays), None

        return jax.lax.scan(step, arrays, None, length=LOOP)[0]

    return run


def forms(kind, side, c, o):
    """Name -> what is timed and its arrays."""
    import jax

    keys = jax.random.split(jax.random.key(0), 4)
    large = jax.random.normal(keys[0], (BATCH, 2 * side, 2 * side, c))
    small = jax.random.normal(keys[1], (BATCH, side, side, o))
    to_small = jax.random.normal(keys[2], (4, 4, c, o))
    to_large = jax.random.normal(keys[3], (4, 4, o, c))

    def kernel_gradient(x, y):
        return jax.vjp(lambda kernel: kind.down(x, kernel, (2, 2)), to_small)[1](y)[0]

    return {
        "down": (lambda x, kernel: kind.down(x, kernel, (2, 2)), (large, to_small)),
        "up": (lambda x, kernel: kind.up(x, kernel, (2, 2)), (small, to_large)),
        "kernel": (kernel_gradient, (large, small)),
    }


def milliseconds(run, arrays):
    import jax

    began = time.perf_counter()
    jax.block_until_ready(run(*arrays))
    return (time.perf_counter() - began) / LOOP * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=7, help="default: %(default)s")
    args = parser.parse_args()
    devices.setup(cpus=1)
    from dbench.nets.conv import karatsuba, taps

    print("side    c    o  form      taps  Karatsuba  ratio  pays")
    for side, c, o in SHAPES:
        both = [forms(kind, side, c, o) for kind in (taps, karatsuba)]
        for form in both[0]:
            runs = [(repeated(kind[form][0]), kind[form][1]) for kind in both]
            times = [[milliseconds(*run) for run in runs] for _ in range(args.rounds + 1)][1:]
            one, other = (statistics.median(column) for column in zip(*times, strict=True))
            pays = "yes" if karatsuba.pays(c, o) else "no"
            print(f"{side:4d} {c:4d} {o:4d}  {form:6s}", end="")
            print(f" {one:7.2f}ms {other:7.2f}ms  {one / other:5.2f}  {pays}", flush=True)


if __name__ == "__main__":
    main()
