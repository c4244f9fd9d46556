"""Members of a cohort on the devices: all do one thing, each with its own numbers."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh
from jax.sharding import PartitionSpec as P


def each(function: Callable, *members: Any) -> Any:
    """`function` of every member on this device, each leaf of `members` [m, ...].

    On a CPU they take turns: vmap gains nothing there and would change their arithmetic.
    """
    if jax.default_backend() == "cpu":
        return jax.lax.map(lambda member: function(*member), members)
    return jax.vmap(function)(*members)


def spread(function: Callable, mesh: Mesh) -> Callable:
    """`function(shared, *member)` over members [m, ...] sharded on the mesh."""

    def call(shared, *members):
        def local(shared, *members):
            return each(lambda *member: function(shared, *member), *members)

        specs = (P(), *(P("device") for _ in members))
        return jax.shard_map(
            local, mesh=mesh, in_specs=specs, out_specs=P("device"), check_vma=False
        )(shared, *members)

    return call


def stack(trees: Sequence) -> Any:
    """Trees of one structure as one, on the host, each leaf [m, ...]."""
    return jax.tree.map(lambda *leaves: np.stack(leaves), *trees)
