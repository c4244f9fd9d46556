"""How well a model reconstructs images."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from dbench.base import Dataset, Score, numpy_rng
from dbench.codes.encode import BLOCK, seen
from dbench.errors import InputError
from dbench.scoring.trained_model import TrainedModel
from dbench.training.programs import Program


@partial(jax.jit, static_argnames=("program", "mesh", "gather"))
def _errors(program: Program, mesh: Mesh, gather, numbers: dict, arrays, params, rows, keys):
    """rows [blocks, BLOCK] and keys [blocks] -> nats and squared errors [blocks, BLOCK] each."""
    model = program.build(numbers)
    decode = model.decode
    assert decode is not None  # as it has a likelihood

    def block(arrays, params, rows, key):
        images = program.gather(arrays[0], rows)
        mean, logvar = model.encode(params, gather(arrays[1], rows))
        z = mean
        if logvar is not None:
            z += jnp.exp(logvar / 2.0) * jax.random.normal(key, mean.shape)
        p = decode(params, z)
        inside = jnp.clip(p, 2.0**-24, 1.0 - 2.0**-24)  # as a float, p may have become 0 or 1
        nats = -(images * jnp.log(inside) + (1.0 - images) * jnp.log1p(-inside))
        return nats.sum(axis=(1, 2, 3)), ((p - images) ** 2).sum(axis=(1, 2, 3))

    def local(arrays, params, rows, keys):
        return jax.lax.map(lambda given: block(arrays, params, *given), (rows, keys))

    return jax.shard_map(
        local,
        mesh=mesh,
        in_specs=(P(), P(), P("device"), P("device")),
        out_specs=P("device"),
        check_vma=False,
    )(arrays, params, rows, keys)


def reconstructs(program: Program, _dataset: Dataset) -> None:
    """An InputError if the model has no likelihood."""
    if not program.build().likelihood:
        raise InputError(f"reconstruction needs p(x given z), which {program.model} has not")


def reconstruction(
    run: TrainedModel,
    *,
    rows: int = 10_000,
    among: np.ndarray | None = None,
) -> Score:
    """Reconstruction error of a trained model, lower is better: E_x E_q(z|x)[-log p(x|z)], nats.

    Bernoulli pixels, summed over an image; one sample of z for each of `rows` distinct images,
    drawn by the key (all, if there are fewer) of the rows `among` [none: of all]. Range [0, inf);
    for grey pixels the least is their entropy. `stderr`: over images. Parts: `squared_error`, the
    sum over pixels of (p - x)^2. The term of the ELBO in Kingma and Welling, 2014, eq. 7, which
    Kim and Mnih 2018 plot scores against.
    """
    reconstructs(run.program, run.dataset)
    arrays, gather = seen(run.program, run.dataset)
    size = run.dataset.size if among is None else len(among)
    count = min(rows, size)
    drawn = numpy_rng(run.key).choice(size, count, replace=False).astype(np.int32)
    drawn = drawn if among is None else among[drawn].astype(np.int32)
    span = BLOCK * run.mesh.size
    filled = np.resize(drawn, -(-count // span) * span).reshape(-1, BLOCK)
    keys = jax.random.split(run.key, len(filled))
    everywhere, shared = NamedSharding(run.mesh, P()), NamedSharding(run.mesh, P("device"))
    nats, squared = _errors(
        run.program,
        run.mesh,
        gather,
        run.numbers,
        *jax.device_put(((run.dataset.arrays, arrays), run.params), everywhere),
        *jax.device_put((filled, keys), shared),
    )
    nats, squared = (np.asarray(x, np.float64).ravel()[:count] for x in (nats, squared))
    stderr = float(nats.std(ddof=1) / np.sqrt(count))
    return Score(float(nats.mean()), stderr, {"squared_error": float(squared.mean())})
