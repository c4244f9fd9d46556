"""Speed of training against PyTorch: beta-VAE, the conv net of Locatello et al., batch 64.

    python benchmarks/train_speed.py

Both sides may use every core in the way that suits them best. Ours trains one model on each
core (the real trainer, as a study does). PyTorch (eager) is the better of one process on all
cores and one process a core, first as it comes, then with settings of malloc that keep its
memory (see race.py), which few know but which matter. All draw batches of 64 x 64 x 1 images
from memory and take Adam steps. Contestants take turns; the ratio is that of the medians, in
steps of a model per second. Needs the `bench` extra (PyTorch).
"""

import numpy as np
import race

from dbench import devices
from dbench.data import DATASETS

BATCH = 64
STEPS = 10  # of each model in a round
GFLOP = 5.27  # of a step: products of the forward pass three times, but no gradient of the images
SIZE = 4096  # of the matrices that measure the peak

CORES = devices.cores()
OURS, ALONE, APART, PEAK = "ours", "PyTorch, one process", "PyTorch, a process a core", "peak"
KEPT = ", memory kept"


def ours():
    """A model on each core, trained by the real trainer."""
    devices.setup()
    from dbench import train

    dataset = DATASETS["dsprites_tiny"](None)
    options, seeds = [{"net": "conv"}] * CORES, list(range(CORES))
    cohort = train.cohort(dataset, "beta_vae", options, seeds, devices.mesh(), batch_size=BATCH)
    states = train.start(cohort)

    def work():
        nonlocal states
        states, _ = train.advance(cohort, states, STEPS)

    return work


def pytorch(threads: int):
    import torch
    import torch_net

    torch.set_num_threads(threads)
    packed = DATASETS["dsprites_tiny"](None).arrays  # [n, 512]
    images = torch.from_numpy(np.unpackbits(packed, axis=1).reshape(-1, 1, 64, 64))
    net = torch_net.ConvNet()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)

    def work():
        for _ in range(STEPS):
            rows = torch.randint(len(images), (BATCH,))
            torch_net.step(net, optimizer, images[rows].float())

    return work


def peak():
    """A large float32 product on each core."""
    devices.setup()
    import jax
    import jax.numpy as jnp

    matrices = [jax.device_put(jnp.ones((SIZE, SIZE)), device) for device in jax.devices()]
    product = jax.jit(jnp.matmul)
    return lambda: jax.block_until_ready([product(m, m) for m in matrices])


def main():
    args = race.arguments(__doc__, rounds=12)
    torch = {ALONE: lambda: pytorch(CORES), APART: lambda: pytorch(1)}
    workers = {OURS: ours, PEAK: peak, **torch, **{name + KEPT: w for name, w in torch.items()}}
    if args.worker:
        return race.serve(workers[args.worker]())

    steps = STEPS * CORES
    first = race.Contestant(OURS, 1, steps)
    plain = [race.Contestant(ALONE, 1, STEPS), race.Contestant(APART, CORES, steps)]
    kept = [
        race.Contestant(ALONE + KEPT, 1, STEPS, race.KEEP_MEMORY),
        race.Contestant(APART + KEPT, CORES, steps, race.KEEP_MEMORY),
    ]
    floor = race.Contestant(PEAK, 1, CORES * 2 * SIZE**3 / 1e9 / GFLOP)
    race.run([first, *plain, *kept, floor], args.rounds)

    print(f"{CORES} cores, batch {BATCH}, {args.rounds} rounds in turn")
    race.report([first, *plain, *kept, floor], "model steps")
    best, tuned = (max(c.median for c in torches) for torches in (plain, kept))
    print(f"peak: {floor.median * GFLOP:.0f} GFLOP/s of matrix products; a step is {GFLOP} GFLOP")
    print(f"fraction of peak: ours {first.median / floor.median:.2f}", end=", ")
    print(f"PyTorch {best / floor.median:.2f}, memory kept {tuned / floor.median:.2f}")
    print(f"with PyTorch's memory kept: ratio={first.median / tuned:.2f}")
    print(f"train_speed ratio={first.median / best:.2f}")


if __name__ == "__main__":
    main()
