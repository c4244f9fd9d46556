"""Speed of encoding against PyTorch: posterior means and log variances of the conv net.

    python benchmarks/encode_speed.py

Ours is the real encoder of a whole data set, its batches split over the cores. PyTorch
(eager, inference mode) is the best of one process on all cores, at several batch sizes, and
one process a core, first as it comes, then with settings of malloc that keep its memory (see
race.py). All start from images in memory, packed or bytes. Contestants take
turns; the ratio is that of the medians, in images per second. Needs the `bench` extra.
"""

import contextlib
import io
from collections.abc import Callable
from functools import partial

import numpy as np
import race

from dbench.data import DATASETS
from dbench.training import devices, programs

COPIES = 2  # of the small data set, 5,760 images a round
BATCHES = (32, 64, 128)  # of PyTorch

CORES = devices.cores()
OURS, APART, KEPT = "ours", "PyTorch, a process a core", ", memory kept"


def images():
    """The data set, several times over."""
    dataset = DATASETS["dsprites_tiny"](None)
    return dataset._replace(
        arrays=np.tile(dataset.arrays, (COPIES, 1)), factors=np.tile(dataset.factors, (COPIES, 1))
    )


def ours():
    devices.setup()
    import jax

    from dbench.codes import encode

    dataset = images()
    program = programs.program(dataset, "beta_vae", {"net": "conv"})
    numbers = {"beta": 4.0, "learning_rate": 1e-4}
    params = jax.device_get(program.build(numbers).init(jax.random.key(0)).params)

    def work():
        with contextlib.redirect_stderr(io.StringIO()):
            encode.encode(dataset, program, [numbers], [params], devices.mesh())

    return work


def pytorch(batch: int, threads: int, share: int = 1):
    """Encodes one part in `share` of the images."""
    import torch
    import torch_net

    torch.set_num_threads(threads)
    packed = images().arrays[::share]  # [n, 512]
    pixels = torch.from_numpy(np.unpackbits(packed, axis=1).reshape(-1, 1, 64, 64))
    net = torch_net.ConvNet().eval()

    def work():
        with torch.inference_mode():
            parts = [net.encode(rows.float()) for rows in pixels.split(batch)]
            return [torch.cat(codes).numpy() for codes in zip(*parts, strict=True)]

    return work


def main():
    args = race.arguments(__doc__, rounds=12)
    torch: dict[str, Callable] = {
        f"PyTorch, batch {b}": partial(pytorch, b, CORES) for b in BATCHES
    }
    torch[APART] = partial(pytorch, 64, 1, CORES)
    workers: dict[str, Callable] = {
        OURS: ours,
        **torch,
        **{name + KEPT: worker for name, worker in torch.items()},
    }
    if args.worker:
        return race.serve(workers[args.worker]())

    size = images().size
    first = race.Contestant(OURS, 1, size)
    processes = {name: CORES if name == APART else 1 for name in torch}
    plain = [race.Contestant(name, count, size) for name, count in processes.items()]
    kept = [
        race.Contestant(name + KEPT, count, size, race.KEEP_MEMORY)
        for name, count in processes.items()
    ]
    race.run([first, *plain, *kept], args.rounds)

    print(f"{CORES} cores, {size:,} images, {args.rounds} rounds in turn")
    race.report([first, *plain, *kept], "images")
    best, tuned = (max(c.median for c in torches) for torches in (plain, kept))
    print(f"with PyTorch's memory kept: ratio={first.median / tuned:.2f}")
    print(f"encode_speed ratio={first.median / best:.2f}")


if __name__ == "__main__":
    main()
