"""Parameters and a Dataset to a representation Table: one pass over all images."""

import sys
import time
from functools import partial

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P
from tqdm import tqdm

from dbench.base import Dataset, Table
from dbench.train import Program

BLOCK = 64  # images at a time on one device; results do not depend on the number of devices
BLOCKS = 128  # blocks a call on one device, between two moves of the progress bar


@partial(jax.jit, static_argnames=("program", "mesh"))
def _encode(program: Program, mesh: Mesh, numbers: dict, arrays, params, rows):
    """rows [blocks, BLOCK], spread over the devices -> mean, logvar [blocks, BLOCK, d]."""
    model = program.build(numbers)

    def local(arrays, params, rows):
        return jax.lax.map(lambda r: model.encode(params, program.gather(arrays, r)), rows)

    return jax.shard_map(
        local,
        mesh=mesh,
        in_specs=(P(), P(), P("device")),
        out_specs=P("device"),
        check_vma=False,
    )(arrays, params, rows)


def encode(
    dataset: Dataset,
    program: Program,
    numbers: dict,
    params,
    mesh: Mesh,
    *,
    label: str = "encode",
    rows: np.ndarray | None = None,
) -> Table:
    """Encodes every image once, in order, or `rows`. Factors with one value only are left out.

    `label` stands before the progress bar and the line with images per second, on stderr.
    """
    everywhere = NamedSharding(mesh, P())
    arrays = jax.device_put(dataset.arrays, everywhere)
    params = jax.device_put(params, everywhere)
    wanted = np.arange(dataset.size) if rows is None else rows
    size = len(wanted)
    span = BLOCK * min(BLOCKS * mesh.size, -(-size // BLOCK))
    span = -(-span // (BLOCK * mesh.size)) * BLOCK * mesh.size
    means, logvars = [], []
    began = time.monotonic()
    with tqdm(total=size, desc=label, unit=" images", leave=False, disable=None) as bar:
        for first in range(0, size, span):
            some = wanted[np.minimum(np.arange(first, first + span), size - 1)]
            some = jax.device_put(
                some.reshape(-1, BLOCK).astype(np.int32), NamedSharding(mesh, P("device"))
            )
            mean, logvar = _encode(program, mesh, numbers, arrays, params, some)
            count = min(span, size - first)
            means.append(np.asarray(mean).reshape(span, -1)[:count])
            logvars.append(np.asarray(logvar).reshape(span, -1)[:count])
            bar.update(count)
    seconds = time.monotonic() - began
    tqdm.write(f"{label}: {size:,} images, {size / seconds:,.0f} images/s", file=sys.stderr)
    varying = [k for k, size in enumerate(dataset.sizes) if size > 1]
    return Table(
        np.concatenate(means),
        np.asarray(dataset.factors[wanted][:, varying]),
        np.concatenate(logvars),
        tuple(dataset.names[k] for k in varying),
    )
