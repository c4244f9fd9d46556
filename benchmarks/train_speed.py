"""Speed of training against PyTorch: any of the VAEs, batch 64, with the conv net of Locatello et
al. or the net compact of the laptop scale; or InfoGAN with the paper's nets for MNIST, images of 28
x 28, batch 128.

    python benchmarks/train_speed.py [--model factor_vae|infogan|...] [--net compact] [--channels 3]

Both sides may use every core in the way that suits them best. Ours trains one model on each
core (the real trainer, as a study does). PyTorch (eager) is the better of one process on all
cores and one process a core, first as it comes, then with settings of malloc that keep its
memory (see race.py), which few know but which matter. All draw batches of images
from memory and take Adam steps. Contestants take turns; the ratio is that of the medians, in
steps of a model per second. Needs the `bench` extra (PyTorch).
"""

import numpy as np
import race

from dbench.base import Dataset
from dbench.data import DATASETS
from dbench.training import devices

GAN = "infogan"
VAES = ("beta_vae", "annealed_vae", "beta_tcvae", "dip_vae_i", "dip_vae_ii", "factor_vae")
SIZE = 4096  # of the matrices that measure the peak

# Of each model in a round, one call of ours, which asks for its memory anew; a study's have 100 and
# more. Of a small net so few would be all call.
STEPS = {"conv": 10, "mnist": 10, "compact": 100}

CORES = devices.cores()
OURS, ALONE, APART, PEAK = "ours", "PyTorch, one process", "PyTorch, a process a core", "peak"
KEPT = ", memory kept"


def add_options(parser):
    parser.add_argument("--model", default="beta_vae", choices=(*VAES, GAN))
    parser.add_argument("--net", default="conv", choices=("conv", "compact"), help="of a VAE")
    parser.add_argument("--channels", type=int, default=1, choices=(1, 3))


def batch(model: str) -> int:
    return 128 if model == GAN else 64


def net(args) -> str:
    return "mnist" if args.model == GAN else args.net


def tinted(rows: np.ndarray) -> np.ndarray:
    """uint8 images [n, 64, 64, 3]: sprites, each in a colour of its own."""
    bits = np.unpackbits(rows, axis=1).reshape(-1, 64, 64, 1)
    return bits * np.random.default_rng(0).integers(127, 256, (len(bits), 1, 1, 3), np.uint8)


def gather_bytes(arrays, rows):
    return arrays[rows].astype("float32") / 255.0


def dataset(model: str, channels: int) -> Dataset:
    sprites = DATASETS["dsprites_tiny"](None)
    rows = np.asarray(sprites.arrays)
    if model == GAN:  # every other pixel, without the border
        images = tinted(rows)[:, 4:-4:2, 4:-4:2, :channels].copy()
        return sprites._replace(shape=(28, 28, channels), arrays=images, gather=gather_bytes)
    if channels == 1:
        return sprites
    return sprites._replace(shape=(64, 64, 3), arrays=tinted(rows), gather=gather_bytes)


def forward(net: str, channels: int) -> tuple[list[int], list[int]]:
    """Multiplications of each layer of an encoder and a decoder, of one image."""
    if net == "compact":
        patches, over = 64 * 64 * channels * 16, 16 * 16 * 16 * 32
        return [patches, over, 512 * 256, 256 * 20], [10 * 256, 256 * 512, over, patches]
    sides = [(32, 16, channels, 32), (16, 16, 32, 32), (8, 4, 32, 64), (4, 4, 64, 64)]
    down = [side**2 * taps * c * o for side, taps, c, o in sides]
    up = [(8, 64, 64), (16, 64, 32), (32, 32, 32), (64, 32, channels)]
    decoder = [10 * 256, 256 * 1024, *(side**2 * 4 * c * o for side, c, o in up)]
    return [*down, 1024 * 256, 256 * 20], decoder


def gflop(model: str, net: str, channels: int) -> float:
    """Of a step: products of the forward pass three times, but no gradient of the images."""
    if model == GAN:
        return gan_gflop(channels)
    encoder, decoder = forward(net, channels)
    products = 3 * sum(encoder) + 3 * sum(decoder) - encoder[0]
    if model == "factor_vae":
        # Two forward passes, weights' gradients of both, inputs' of both and once more for the VAE.
        first, rest = 10 * 1000, 5 * 1000**2 + 2 * 1000
        products += sum(encoder) + 7 * rest + 5 * first
    return 2 * batch(model) * products / 1e9


def gan_gflop(channels: int) -> float:
    """D learns of two batches; G makes two and learns of one, through D."""
    first, second = 14**2 * 16 * channels * 64, 7**2 * 16 * 64 * 128
    units, q = 7**2 * 128 * 1024, 1024 * 128
    d = first + second + units + q
    g = 74 * 1024 + units + second + first  # the same convolutions, upwards
    products = 2 * 3 * d - 2 * first - 3 * q + g + (3 * g - 74 * 1024) + 2 * d
    return 2 * batch(GAN) * products / 1e9


def ours(args):
    """A model on each core, trained by the real trainer."""
    devices.setup()
    from dbench.training import steps

    options = [{"net": net(args)}] * CORES
    data, size = dataset(args.model, args.channels), batch(args.model)
    cohort = steps.cohort(
        data, args.model, options, list(range(CORES)), devices.mesh(), batch_size=size
    )
    states = steps.start(cohort)

    def work():
        nonlocal states
        states, _ = steps.advance(cohort, states, STEPS[net(args)])

    return work


def pytorch(args, threads: int):
    import torch
    import torch_gan
    import torch_net

    torch.set_num_threads(threads)
    arrays, size = np.asarray(dataset(args.model, args.channels).arrays), batch(args.model)
    if arrays.ndim == 2:
        images = torch.from_numpy(np.unpackbits(arrays, axis=1).reshape(-1, 1, 64, 64))
        scale = 1.0
    else:
        images, scale = torch.from_numpy(arrays).permute(0, 3, 1, 2).contiguous(), 255.0

    def draw():
        some = images[torch.randint(len(images), (size,))].float()
        return some if scale == 1.0 else some / scale

    if args.model == GAN:
        trainer = torch_gan.InfoGan(args.channels)
    else:
        trainer = torch_net.trainer(args.model, args.channels, args.net)

    def work():
        for _ in range(STEPS[net(args)]):
            trainer.step(draw)

    return work


def peak(_):
    """A large float32 product on each core."""
    devices.setup()
    import jax
    import jax.numpy as jnp

    matrices = [jax.device_put(jnp.ones((SIZE, SIZE)), device) for device in jax.devices()]
    product = jax.jit(jnp.matmul)
    return lambda: jax.block_until_ready([product(m, m) for m in matrices])


def main():
    args = race.arguments(__doc__, rounds=12, add=add_options)
    torch = {ALONE: lambda args: pytorch(args, CORES), APART: lambda args: pytorch(args, 1)}
    workers = {OURS: ours, PEAK: peak, **torch, **{name + KEPT: w for name, w in torch.items()}}
    if args.worker:
        return race.serve(workers[args.worker](args))

    one, cost = STEPS[net(args)], gflop(args.model, args.net, args.channels)
    first = race.Contestant(OURS, 1, one * CORES)
    plain = [race.Contestant(ALONE, 1, one), race.Contestant(APART, CORES, one * CORES)]
    kept = [
        race.Contestant(ALONE + KEPT, 1, one, race.KEEP_MEMORY),
        race.Contestant(APART + KEPT, CORES, one * CORES, race.KEEP_MEMORY),
    ]
    floor = race.Contestant(PEAK, 1, CORES * 2 * SIZE**3 / 1e9 / cost)
    race.run([first, *plain, *kept, floor], args.rounds)

    print(
        f"{args.model}, net {net(args)}, {args.channels} channel(s), {CORES} cores, "
        f"batch {batch(args.model)}",
        end=", ",
    )
    print(f"{args.rounds} rounds in turn")
    race.report([first, *plain, *kept, floor], "model steps")
    best, tuned = (max(c.median for c in torches) for torches in (plain, kept))
    print(f"peak: {floor.median * cost:.0f} GFLOP/s of products; a step is {cost:.2f} GFLOP")
    print(f"fraction of peak: ours {first.median / floor.median:.2f}", end=", ")
    print(f"PyTorch {best / floor.median:.2f}, memory kept {tuned / floor.median:.2f}")
    print(f"with PyTorch's memory kept: ratio={first.median / tuned:.2f}")
    print(f"train_speed model={args.model} net={net(args)} channels={args.channels}", end=" ")
    print(f"ratio={first.median / best:.2f}")


if __name__ == "__main__":
    main()
