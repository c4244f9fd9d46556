"""Parameters and a Dataset to representation Tables: one pass over the images for a cohort."""

import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P
from tqdm import tqdm

from dbench.base import Dataset, Table
from dbench.codes import tabled
from dbench.data.grid import standardised
from dbench.training.members import each, stack
from dbench.training.programs import Program

BLOCK = 64  # images at a time on one device; results do not depend on the number of devices
BLOCKS = 128  # blocks a call on one device, between two moves of the progress bar


def seen(program: Program, dataset: Dataset) -> tuple[Any, Callable]:
    """What the model encodes, as arrays and a gather: the images, or the factors themselves."""
    if program.build().sees_factors:
        return standardised(dataset), take
    return dataset.arrays, program.gather


def take(values: jax.Array, rows: jax.Array) -> jax.Array:
    """values [n, k], rows [b] -> [b, k]."""
    return values[rows]


@partial(jax.jit, static_argnames=("program", "mesh", "gather"))
def _encode(program: Program, mesh: Mesh, gather: Callable, arrays, numbers, params, rows):
    """rows [blocks, BLOCK], spread over the devices -> mean, logvar [blocks, m, BLOCK, d].

    The images of a block are drawn once and encoded by all m members.
    """

    def local(arrays, numbers, params, rows):
        def block(rows):
            images = gather(arrays, rows)
            return each(lambda n, p: program.build(n).encode(p, images), numbers, params)

        return jax.lax.map(block, rows)

    return jax.shard_map(
        local,
        mesh=mesh,
        in_specs=(P(), P(), P(), P("device")),
        out_specs=P("device"),
        check_vma=False,
    )(arrays, numbers, params, rows)


def encode(
    dataset: Dataset,
    program: Program,
    numbers: Sequence[dict],
    params: Sequence,
    mesh: Mesh,
    *,
    label: str = "encode",
    rows: np.ndarray | None = None,
) -> list[Table]:
    """Encodes every image, in order, or `rows`, by each of m models of one program.

    `numbers` and `params` are one a model. Factors with one value only are left out. `label` stands
    before the progress bar and the line with images per second, on stderr.
    """
    everywhere = NamedSharding(mesh, P())
    arrays, gather = seen(program, dataset)
    arrays = jax.device_put(arrays, everywhere)
    members = jax.device_put((stack(numbers), stack(params)), everywhere)
    wanted = np.arange(dataset.size) if rows is None else rows
    size = len(wanted)
    span = BLOCK * min(BLOCKS * mesh.size, -(-size // BLOCK))
    span = -(-span // (BLOCK * mesh.size)) * BLOCK * mesh.size
    means: list[np.ndarray] = []
    logvars: list[np.ndarray] = []
    began = time.monotonic()
    with tqdm(total=size, desc=label, unit=" images", leave=False, disable=None) as bar:
        for first in range(0, size, span):
            some = wanted[np.minimum(np.arange(first, first + span), size - 1)]
            some = jax.device_put(
                some.reshape(-1, BLOCK).astype(np.int32), NamedSharding(mesh, P("device"))
            )
            mean, logvar = _encode(program, mesh, gather, arrays, *members, some)
            count = min(span, size - first)
            for parts, values in ((means, mean), (logvars, logvar)):
                if values is None:
                    continue
                by_member = np.asarray(values).swapaxes(0, 1)  # [m, blocks, BLOCK, d]
                parts.append(by_member.reshape(len(params), span, -1)[:, :count])
            bar.update(count)
    seconds, count = time.monotonic() - began, size * len(params)
    models = f" by {len(params)} models" if len(params) > 1 else ""
    tqdm.write(f"{label}: {size:,} images{models}, {count / seconds:,.0f} codes/s", file=sys.stderr)
    codes = np.concatenate(means, axis=1)
    spread = np.concatenate(logvars, axis=1) if logvars else [None] * len(params)
    table = tabled.table(dataset, codes[0], rows=wanted)  # the factors are those of all
    pairs = zip(codes, spread, strict=True)
    return [table._replace(mean=mean, logvar=logvar) for mean, logvar in pairs]
