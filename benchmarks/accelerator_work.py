"""What benchmarks/accelerator.py measures, each in a process of its own: the worker's side."""

import time

import train_speed

from dbench.training import devices

# JAX's own (None) is TF32 on NVIDIA devices of 2020 and later, float32 on a CPU.
PRECISIONS = {"float32": "float32", "TF32": "tensorfloat32", "bfloat16": "bfloat16"}
SCORED = ("mig_histogram", "factor_vae", "reconstruction")
SECONDS = 3.0  # that a rate is measured for, at least


def rate(work, count: float) -> float:
    """Calls of `work`, each worth `count`, per second; the first one compiles and is not timed."""
    work()
    began, done = time.perf_counter(), 0
    while (took := time.perf_counter() - began) < SECONDS:
        work()
        done += 1
    return done * count / took


def peak(precision: str) -> dict:
    """FLOP/s of one large product on one device."""
    import jax
    import jax.numpy as jnp

    size = 8192 if on_accelerator() else 2048
    kind = jnp.bfloat16 if precision == "bfloat16" else jnp.float32
    matrix = jnp.ones((size, size), kind)
    product = jax.jit(lambda a: jnp.matmul(a, a, precision=PRECISIONS[precision]))
    return {"flops": rate(lambda: jax.block_until_ready(product(matrix)), 2 * size**3)}


def cohort(args, members: int, learning_rate: float = 1e-4):
    """Members of seeds 0, 1, ... on as many devices as they share out evenly."""
    from dbench.data import load
    from dbench.training import steps

    data = load("dsprites" if on_accelerator() else "dsprites_tiny")
    options = [{"net": args.net, "learning_rate": learning_rate}] * members
    mesh = devices.mesh(min(members, len(devices.found())))
    some = steps.cohort(
        data, args.model, options, list(range(members)), mesh, batch_size=args.batch
    )
    return data, some


def train(args, members: int, precision: str) -> dict:
    """Model steps per second, and bytes: a member's as compiled, the device's most."""
    import jax

    from dbench.training import steps

    set_precision(precision)
    _, some = cohort(args, members)
    count = 20 if on_accelerator() else 2
    states = [steps.start(some)]

    def work():
        states[0], _ = steps.advance(some, states[0], count)

    found = rate(work, count * members)
    stats = jax.devices()[0].memory_stats() or {}
    _, member = steps.footprint(some, count)
    return {"steps": found, "member": member, "most": stats.get("peak_bytes_in_use")}


def scores(args, precision: str) -> dict:
    """Scores of models trained and encoded with products of this precision: mean over members."""
    import jax
    import numpy as np

    from dbench.codes import encode
    from dbench.scoring import evaluate
    from dbench.training import programs, steps

    set_precision(precision)
    members, length = (8, 5000) if on_accelerator() else (devices.cores(), 20)
    data, some = cohort(args, members, learning_rate=1e-3)
    states, logs = steps.advance(some, steps.start(some), length)
    options = {"net": args.net, "learning_rate": 1e-3}
    program = programs.program(data, args.model, options, batch_size=args.batch)
    host = jax.device_get(states.params)
    params = [jax.tree.map(lambda leaf, i=i: leaf[i], host) for i in range(members)]
    numbers = [{"learning_rate": 1e-3}] * members
    began = time.perf_counter()
    tables = encode.encode(data, program, numbers, params, devices.mesh())
    encoded = time.perf_counter() - began
    began = time.perf_counter()
    found = [evaluate.scores(table, SCORED[:2], seed) for seed, table in enumerate(tables)]
    scored = time.perf_counter() - began
    values = {name: [one[name].value for one in found] for name in SCORED[:2]}
    values["reconstruction"] = np.asarray(logs["reconstruction"]).tolist()
    return {
        "members": members,
        "length": length,
        "encode": members * data.size / encoded,
        "score": scored / members,
        "scores": {
            name: [float(np.mean(v)), float(np.std(v, ddof=1) / len(v) ** 0.5)]
            for name, v in values.items()
        },
    }


def pytorch(args, how: str) -> dict:
    """Steps per second of one model, images on the device; the nets of benchmarks/torch_net.py."""
    import numpy as np
    import torch
    import torch_net

    place = "cuda" if torch.cuda.is_available() else "cpu"
    packed = np.asarray(train_speed.dataset(args.model, 1).arrays)
    images = torch.from_numpy(np.unpackbits(packed, axis=1).reshape(-1, 1, 64, 64)).to(place)
    torch.set_default_device(place)
    trainer = torch_net.trainer(args.model)
    if how == "compiled":
        trainer.net.encoder = torch.compile(trainer.net.encoder)
        trainer.net.decoder = torch.compile(trainer.net.decoder)

    def draw():
        return images[torch.randint(len(images), (args.batch,))].float()

    def work():
        for _ in range(20):
            trainer.step(draw)
        if place == "cuda":
            torch.cuda.synchronize()

    return {"steps": rate(work, 20)}


def on_accelerator() -> bool:
    import jax

    return jax.default_backend() != "cpu"


def set_precision(name: str) -> None:
    import jax

    jax.config.update("jax_default_matmul_precision", PRECISIONS[name])


def where() -> dict:
    import jax

    device = jax.devices()[0]
    stats = device.memory_stats() or {}
    return {
        "kind": device.device_kind,
        "count": len(jax.devices()),
        "bytes": stats.get("bytes_limit"),
    }


def work(args) -> dict:
    """The worker's side: what is measured, by its name and arguments."""
    what, *how = args.worker
    if what != "pytorch":
        devices.setup()
    if what == "where":
        return where()
    if what == "peak":
        return peak(*how)
    if what == "train":
        return train(args, int(how[0]), how[1])
    if what == "scores":
        return scores(args, *how)
    return pytorch(args, *how)
