"""Time and memory of the baselines on full dSprites: made, and all images encoded.

    python benchmarks/baselines.py [--net small]

Each in a process of its own, one after the other: seconds to make it, seconds to encode the 737,280
images (of raw pixels the rows that a table takes), and the most memory that the process had, images
and the program itself included. The supervised encoder is trained for 5,000 steps of 64, as in the
study higgins2017. The images are drawn before, if they were not.
"""

import argparse
import contextlib
import io
import multiprocessing
import resource
import time

import numpy as np

STEPS = 5_000
NETS = ("untrained_vae", "supervised")


def measure(name: str, net: str) -> tuple[float, float, float]:
    """Seconds to make and to encode, GB at most."""
    from dbench import data
    from dbench.data import cache
    from dbench.scoring import evaluate
    from dbench.training import devices, programs, steps

    devices.setup(cache.folder() / "compiled")
    import jax

    from dbench.codes.encode import encode
    from dbench.models import split

    mesh = devices.mesh()
    dataset = steps.place_data(data.load("dsprites", None), mesh)
    options = {"net": net} if name in NETS else {}
    program = programs.program(dataset, name, options)
    began, fit = time.monotonic(), program.build().fit
    if fit:
        params = jax.device_get(fit(dataset, jax.random.key(0)))
    else:
        cohort = steps.cohort(dataset, name, [options] * mesh.size, [0] * mesh.size, mesh)
        states, _ = steps.advance(cohort, steps.start(cohort), STEPS)
        params = jax.device_get(jax.tree.map(lambda leaf: leaf[0], states.params))
    made = time.monotonic() - began
    count, _ = programs.codes(program, len(dataset.names))
    size = evaluate.rows_of(count, dataset.size)
    numbers, _ = split(name, options)
    rows = None if size == dataset.size else np.arange(size)
    with contextlib.redirect_stderr(io.StringIO()):
        encode(dataset, program, [numbers], [params], mesh, rows=rows)
    encoded = time.monotonic() - began - made
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    return made, encoded, most


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--net", default="small", help="of the untrained and the supervised one")
    net = parser.parse_args().net
    from dbench import data

    data.load("dsprites", None)
    names = ("ground_truth", "random_codes", "raw_pixels", "pca", "ica", *NETS)
    print(f"{'':16}{'made, s':>10}{'encoded, s':>12}{'memory, GB':>12}")
    total, most = 0.0, 0.0
    for name in names:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            made, encoded, memory = pool.apply(measure, (name, net))
        print(f"{name:16}{made:>10.1f}{encoded:>12.1f}{memory:>12.2f}", flush=True)
        total, most = total + made + encoded, max(most, memory)
    print(f"all: {total:.0f} s, at most {most:.2f} GB")


if __name__ == "__main__":
    main()
